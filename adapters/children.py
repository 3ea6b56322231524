"""Programs run on what strangers sent: with bounded time, memory and output, at the lowest priority, under a filter of
system calls.

They get nothing of ours: neither the environment nor an open file but those they are given.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import msgspec

from adapters import bounded, sandbox

BOUNDED = str(Path(__file__).with_name("bounded.py"))
# What a program says of its failure, in bytes from the end.
SAID = 4000


class OtherVersion(Exception):
    """The code on disk is another version's: this process is about to be renewed."""


class ChildLimits(msgspec.Struct, frozen=True):
    """``seconds`` of CPU; ``memory`` and ``output`` (of each file) in bytes."""

    seconds: int
    memory: int
    output: int

    @property
    def clock(self) -> int:
        """Seconds by the clock: a child has the lowest priority, and the machine may be busy."""
        return max(2 * self.seconds, 40)


class Ended(msgspec.Struct):
    """A status, or a signal's number below zero; and the last of what was said on standard error."""

    status: int
    said: str


async def run(
    program: Sequence[str],
    limits: ChildLimits,
    *,
    stdin: BinaryIO | None = None,
    stdout: BinaryIO,
    files: Sequence[BinaryIO] = (),
) -> Ended:
    """Runs a program to its end, or to that of its time. ``files`` are open for it under the numbers they have here.

    Errors: ``OtherVersion``.
    """
    figures = (limits.seconds, limits.clock, limits.memory, limits.output)
    bounds = [bounded.PROTOCOL, *map(str, figures), sandbox.base()]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-I", "-S", BOUNDED, *bounds, *program,
        stdin=stdin.fileno() if stdin else asyncio.subprocess.DEVNULL,
        stdout=stdout.fileno(),
        stderr=asyncio.subprocess.PIPE,
        pass_fds=[file.fileno() for file in files],
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        cwd="/",
    )  # fmt: skip
    assert child.stderr is not None
    said = b""
    try:
        async with asyncio.timeout(limits.clock + 5):
            while chunk := await child.stderr.read(SAID):
                said = (said + chunk)[-SAID:]
            status = await child.wait()
    except TimeoutError:
        status = -signal.SIGALRM
    finally:
        with contextlib.suppress(ProcessLookupError):
            child.kill()
        await asyncio.shield(child.wait())
    if status == bounded.OTHER_VERSION:
        raise OtherVersion
    return Ended(status, said.decode(errors="replace"))
