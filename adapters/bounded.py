"""Bounds itself and becomes another program: ``python -I -S bounded.py SECONDS CLOCK MEMORY OUTPUT program ...``.

Kept to the standard library's smallest parts: it is started for every picture. See adapters/children.py.
"""

import os
import resource
import signal
import sys


def main(arguments: list[str]) -> None:
    seconds, clock, memory, output = map(int, arguments[:4])
    program = arguments[4:]
    os.nice(19)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    # What is written into, and not what is mapped of programs and libraries.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Ends it even when whoever started it is gone.
    signal.alarm(clock)
    os.execvp(program[0], program)  # noqa: S606 - a list, put together in adapters/children.py's callers


if __name__ == "__main__":
    main(sys.argv[1:])
