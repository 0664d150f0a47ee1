"""`python -P -m service` is `cos`; without -P Python looks for `service` in the working directory first."""

from service.cli import main

main()
