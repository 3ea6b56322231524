"""Bounds itself and becomes another program: ``bounded.py PROTOCOL SECONDS CLOCK MEMORY OUTPUT FILTER program ...``.

Kept to the standard library's smallest parts: it is started for every picture. See adapters/children.py.

A server that runs on while the code is brought up to date starts the children of the code on disk. Whatever it starts
names the protocol first; a child that speaks another one ends with OTHER_VERSION, and the server has people try again.
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
# To be changed with the arguments: never a number, which the first argument was before there were protocols.
PROTOCOL = "bounded-2"
# EX_TEMPFAIL of sysexits.h.
OTHER_VERSION = os.EX_TEMPFAIL


def main(arguments: list[str]) -> None:
    if arguments[0].isdigit():
        arguments = _from_unnamed(arguments)
    require(arguments[0], PROTOCOL)
    seconds, clock, memory, output = map(int, arguments[1:5])
    system_calls, program = arguments[5], arguments[6:]
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


def require(found: str, wanted: str) -> None:
    """Ends the child with OTHER_VERSION if it was started by another version's server."""
    if found != wanted:
        sys.exit(OTHER_VERSION)


def _from_unnamed(arguments: list[str]) -> list[str]:
    """The arguments of servers before there were protocols, SECONDS MEMORY OUTPUT program, as those of today."""
    seconds, memory, output, *program = arguments
    return [PROTOCOL, seconds, str(2 * int(seconds)), memory, output, "-", *program]


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
