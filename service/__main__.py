"""`python -m service` is `cos`."""

from service.cli import main

main()
