"""The file of a large export is written by a process of its own.

Reading and checking rows is Python's work, and so is half of writing them: two cores take a third less time than one.
``python -m archive.apart FILE`` reads steps (``archive.writing``) from its standard input, each behind its length in
four bytes, and says on its standard output what went wrong. When its input ends it keeps what it has and ends too, so
that it never outlives the export.
"""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from archive import file, garbage
from archive.heads import WrongArchive
from archive.writing import Step, Writing

Take = Callable[[Step], Awaitable[None]]
LENGTH = 4


class _Failed(msgspec.Struct):
    """A ``WrongArchive`` on its way to the other process."""

    words: str
    code: str
    params: dict[str, Any]


class _Gone(Exception):
    """The other process takes nothing more."""


@asynccontextmanager
async def here(path: Path) -> AsyncIterator[Take]:
    """Writes in this process, for what is over before another one would have begun. Errors: ``WrongArchive``."""
    with file.making(path) as made:
        writing = Writing(made)

        async def take(step: Step) -> None:
            await asyncio.to_thread(writing.take, step)

        yield take


@asynccontextmanager
async def apart(path: Path) -> AsyncIterator[Take]:
    """Writes in a process of its own, one batch behind. Errors: ``WrongArchive``, at any later step or at the end."""
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "archive.apart", str(path),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdin is not None
    pipe, encoder = child.stdin, msgspec.msgpack.Encoder()

    async def take(step: Step) -> None:
        sent = encoder.encode(step)
        pipe.write(len(sent).to_bytes(LENGTH, "big") + sent)
        try:
            await pipe.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise _Gone from None

    gone = False
    try:
        yield take
    except _Gone:
        gone = True
    finally:
        pipe.close()
        said, _ = await asyncio.shield(child.communicate())
    if said:
        failed = msgspec.msgpack.decode(said, type=_Failed)
        raise WrongArchive(failed.words, code=failed.code, **failed.params)
    if gone or child.returncode:
        why = f"the process that writes it ended with status {child.returncode}"
        raise WrongArchive("%(file)s can't be written: %(why)s", file=str(path), why=why)


def _steps(pipe: BinaryIO) -> Iterator[Step]:
    decoder = msgspec.msgpack.Decoder[Step](Step)
    while length := int.from_bytes(pipe.read(LENGTH), "big"):
        sent = pipe.read(length)
        if len(sent) < length:
            return
        yield decoder.decode(sent)


def main(path: Path) -> None:
    # Who interrupts the export ends this too, by the end of its input.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with garbage.seldom(), file.making(path) as made:
            writing = Writing(made)
            for step in _steps(sys.stdin.buffer):
                writing.take(step)
    except WrongArchive as error:
        sys.stdout.buffer.write(msgspec.msgpack.encode(_Failed(error.words, error.code, error.params)))
        raise SystemExit(1) from None


if __name__ == "__main__":
    main(Path(sys.argv[1]))
