"""Verifies the public log of another site, over HTTP."""

import asyncio

from adapters.http import Outgoing, Unreachable
from domain.core import notes
from domain.core.notes import VerifierKey
from domain.moderation import public_log_checks, public_log_files
from domain.moderation.public_log_checks import MAX_FILE, Read, SeenLog, WrongLog

# How long a file may take, and how long to wait before the next try of one that the site refuses for now, in seconds.
SECONDS, PAUSE = 20, 3.0
TRIES = 100
TOO_MANY = 429


async def verify(url: str, key: VerifierKey | None = None, seen: SeenLog | None = None) -> SeenLog:
    """Recomputes the log of the network at an address; without a ``key``, by the one that the site itself gives.

    Errors: ``WrongLog``, ``WrongNote``.
    """
    async with Outgoing() as out:
        read = _reader(out, url)
        if key is None:
            key = notes.read_key((await read(public_log_files.KEY)).decode(errors="replace"))
        return await public_log_checks.verify(read, key, seen)


def _reader(out: Outgoing, url: str) -> Read:
    base = url.rstrip("/").removesuffix("/log")

    async def read(path: str) -> bytes:
        for _ in range(TRIES):
            try:
                found = await out.fetch(f"{base}/log/{path}", MAX_FILE, SECONDS)
            except Unreachable as error:
                raise WrongLog(f"{path} can't be had from there: {error}.") from None
            if found.status != TOO_MANY:
                break
            await asyncio.sleep(PAUSE)
        else:
            raise WrongLog(f"The site goes on refusing {path}: too many requests.")
        if found.status != 200:
            raise WrongLog(f"{path} is missing: the site answers {found.status}.")
        if found.cut:
            raise WrongLog(f"{path} is larger than any file of a log.")
        return found.body

    return read
