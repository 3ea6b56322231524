"""The command `parvis`, also as ``python -m app``."""

import gc
import os
import sys


def main() -> None:
    """Runs a command, and ends the process with its status."""
    try:
        _run()
    except SystemExit as ended:
        if not isinstance(ended.code, int | None):
            raise
        _end(ended.code or 0)
    _end(0)


def _run() -> None:
    # Other accounts of this machine can't read the database, pictures, archives and backups that are made from now on.
    os.umask(0o077)
    # A server runs for months: it does without the libraries of the other commands, which take 15 MB of memory.
    if sys.argv[1:2] == ["serve"]:
        # Importing makes objects that stay: looking for garbage among them meanwhile is a tenth of the time of a start.
        # Whatever begins to serve enables it again.
        gc.disable()
        from app import serve

        if (options := serve.read(sys.argv[2:])) is not None:
            serve.serve(options)
            return
        # No well-formed command line: the other commands' parser says what is wrong with it.
        gc.enable()
    from app import cli

    cli.main()


def _end(status: int) -> None:
    """Without the interpreter's own end, during which a thread of obstore's may still call into it, and abort.

    PyO3/pyo3-async-runtimes, issue 40, describes it. Commands that used Ceph twice failed here after their last words,
    which fits; no abort was seen as such, nor in 140 runs made to look for one.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
