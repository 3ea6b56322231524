"""The command `parvis`, also as ``python -m app``."""

import sys


def main() -> None:
    # A server runs for months: it does without the libraries of the other commands, which take 15 MB of memory.
    if sys.argv[1:2] == ["serve"]:
        from app import serve

        if (options := serve.read(sys.argv[2:])) is not None:
            serve.serve(options)
            return
    from app import cli

    cli.main()


if __name__ == "__main__":
    main()
