"""Where `cos` begins, and `python -P -m service`: without -P Python looks for `service` in the working directory first.

Nothing is imported here that some system may not have.
"""

from __future__ import annotations

import os
import sys

PRIVATE = 0o077
"""What is written here may name children: it is for the user it runs as alone."""

NOT_HERE = "CoS Desk runs on Linux and macOS. On Windows, run it in WSL or with Docker: docs/install.md tells you how."


def main() -> None:
    """`cos`; on Windows a sentence."""
    if sys.platform == "win32":
        sys.stderr.write(f"cos: {NOT_HERE}\n")
        sys.exit(2)
    from service.cli import main as cos

    os.umask(PRIVATE)
    cos()


if __name__ == "__main__":
    main()
