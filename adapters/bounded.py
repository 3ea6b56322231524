"""Bounds itself and becomes another program: ``bounded.py SECONDS CLOCK MEMORY OUTPUT FILTER program ...``.

Kept to the standard library's smallest parts: it is started for every picture. See adapters/children.py.
"""

import binascii
import ctypes
import os
import resource
import signal
import sys

# Of prctl(2).
NO_NEW_PRIVS, SECCOMP, FILTER = 38, 22, 2
INSTRUCTION = 8


def main(arguments: list[str]) -> None:
    seconds, clock, memory, output = map(int, arguments[:4])
    system_calls, program = arguments[4], arguments[5:]
    os.nice(19)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    # What is written into, and not what is mapped of programs and libraries.
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (output, output))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # No program that it becomes gets more rights than it has, whatever its file says.
    give_up(system_calls)
    # Ends it even when whoever started it is gone.
    signal.alarm(clock)
    os.execvp(program[0], program)  # noqa: S606 - a list, put together in adapters/children.py's callers


class _Program(ctypes.Structure):
    """``struct sock_fprog``: how many instructions, and where they are."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def give_up(system_calls: str) -> None:
    """Gives up, for good, what a filter of adapters/sandbox.py refuses; "-" is none. Errors: ``OSError``."""
    _prctl(NO_NEW_PRIVS, 1)
    if system_calls != "-":
        code = binascii.a2b_base64(system_calls)
        _prctl(SECCOMP, FILTER, ctypes.byref(_Program(len(code) // INSTRUCTION, code)))


def _prctl(option: int, *values: object) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    given = [ctypes.c_ulong(value) if isinstance(value, int) else value for value in values]
    if libc.prctl(option, *given, *[ctypes.c_ulong(0)] * (4 - len(given))):
        raise OSError(ctypes.get_errno(), "prctl")


if __name__ == "__main__":
    main(sys.argv[1:])
