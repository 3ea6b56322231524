"""The command `parvis` with requests to private addresses allowed: ``python -m tests.private serve``.

For tests and measurements whose push services and web pages are on this machine. Server processes that the command
starts import this module too, so they have the same.
"""

from adapters.addresses import GUARD
from app import cli

GUARD.open = True

if __name__ == "__main__":
    cli.main()
