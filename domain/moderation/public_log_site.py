"""Verifies the public log of another site, over HTTP, or as a folder has it that was exported."""

import asyncio
from pathlib import Path

from adapters import addresses
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
    """Recomputes the log of the network at an address, which may be this machine's own; without a ``key``, by the one
    that the site itself gives.

    Errors: ``WrongLog``, ``WrongNote``.
    """
    async with Outgoing(loopback=addresses.is_loopback(url)) as out:
        return await _verify(_reader(out, url), key, seen)


async def verify_folder(folder: Path, key: VerifierKey | None = None, seen: SeenLog | None = None) -> SeenLog:
    """The same of files that `parvis log export` has written. Errors: ``WrongLog``, ``WrongNote``."""

    async def read(path: str) -> bytes:
        try:
            with (folder / path).open("rb") as source:
                body = source.read(MAX_FILE + 1)
        except OSError as error:
            raise WrongLog(f"{path} can't be read in {folder}: {error.strerror}.") from None
        if len(body) > MAX_FILE:
            raise WrongLog(f"{path} is larger than any file of a log.")
        return body

    return await _verify(read, key, seen)


async def _verify(read: Read, key: VerifierKey | None, seen: SeenLog | None) -> SeenLog:
    if key is None:
        key = notes.read_key((await read(public_log_files.KEY)).decode(errors="replace"))
    return await public_log_checks.verify(read, key, seen)


def _refusal(base: str, path: str, error: Unreachable) -> str:
    if isinstance(error.__cause__, addresses.WrongAddress | addresses.NotPublic):
        return (
            f"{base} is not asked: give the https address of a network on the internet, http://127.0.0.1 with its port"
            " for one on this machine, or a folder that `parvis log export` has written."
        )
    return f"{path} can't be had from there: {error}."


def _reader(out: Outgoing, url: str) -> Read:
    base = url.rstrip("/").removesuffix("/log")

    async def read(path: str) -> bytes:
        for _ in range(TRIES):
            try:
                found = await out.fetch(f"{base}/log/{path}", MAX_FILE, SECONDS)
            except Unreachable as error:
                raise WrongLog(_refusal(base, path, error)) from None
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
