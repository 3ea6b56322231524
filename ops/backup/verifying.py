"""Verifies a backup: reads everything its manifest names and compares the hashes."""

import asyncio
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from archive.progress import OnProgress
from db.blocking import run_blocking
from ops.backup import fetching, pictures, repository, sealing, segment_log
from ops.backup.errors import Problem, Tampered, Truncated
from ops.backup.manifest import Manifest
from ops.backup.repository import Repository
from ops.backup.sealing import Identities


class Verified(msgspec.Struct, frozen=True):
    """What was looked at; ``until``: the moment up to which it is whole, Unix milliseconds."""

    manifest: Manifest
    key: bytes
    segments: int
    until: int


async def verify(
    at: Repository, number: int, key: bytes | None, identity: Identities | None, on_progress: OnProgress
) -> Verified:
    """Reads a backup, 0 for the newest; with an ``identity`` all of it is decrypted too.

    Errors: ``Problem``: the first thing that is not as it should be.
    """
    found = await fetching.choose(at, number, key)
    manifest = found.manifest
    await (_opened_parts(at, manifest, identity, on_progress) if identity else _parts(at, manifest, on_progress))
    await _media(at, manifest, identity, on_progress)
    segments, until = 0, manifest.at
    if manifest.chain:
        async for link in segment_log.follow(at, manifest.chain, manifest.until, found.key):
            if identity:
                sealing.unseal(link.body, identity, f"Segment {link.words.number}")
            segments, until = segments + 1, link.words.at
            on_progress("changes", segments, 0)
    return Verified(manifest, found.key, segments, until)


async def _parts(at: Repository, manifest: Manifest, on_progress: OnProgress) -> None:
    for place, piece in enumerate(manifest.parts, 1):
        await pictures.piece(at, piece)
        on_progress("parts", place, len(manifest.parts))


async def _opened_parts(at: Repository, manifest: Manifest, identity: Identities, on_progress: OnProgress) -> None:
    """Each is fetched when the one before is decrypted; what comes of it is kept nowhere."""
    loop = asyncio.get_running_loop()
    problems: list[Problem] = []

    def opened() -> Iterator[BinaryIO]:
        for place, piece in enumerate(manifest.parts, 1):
            try:
                body = asyncio.run_coroutine_threadsafe(pictures.piece(at, piece), loop).result()
            except Problem as problem:
                # Whoever decrypts makes an error of their own of it.
                problems.append(problem)
                raise
            loop.call_soon_threadsafe(on_progress, "parts", place, len(manifest.parts))
            yield io.BytesIO(body)

    try:
        await run_blocking(sealing.unseal_parts, opened(), Path(os.devnull), identity, lambda _: None)
    except Exception:
        if problems:
            raise problems[0] from None
        raise


async def _media(at: Repository, manifest: Manifest, identity: Identities | None, on_progress: OnProgress) -> None:
    keys = await pictures.read_list(at, manifest.media)
    there = {path.rpartition("/")[2]: size async for path, size in at.folder(repository.MEDIA)}
    if missing := [key for key in keys if key not in there]:
        words = "%(count)s of %(total)s pictures are missing at %(place)s, the first is %(first)s."
        raise Truncated(words, count=len(missing), total=len(keys), place=at.name, first=repository.media(missing[0]))
    for place, key in enumerate(keys if identity else (), 1):
        try:
            sealing.decrypt(await at.get(repository.media(key)), identity or (), repository.media(key))
        except Tampered:
            words = "The picture %(path)s is damaged. Delete it at %(place)s: the next backup brings it again."
            raise Tampered(words, path=repository.media(key), place=at.name) from None
        on_progress("pictures", place, len(keys))
