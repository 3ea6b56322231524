"""Bringing a backup to this machine, and making sure of all of it before anything is done with it.

What is there already, from a try that was stopped, is not brought again.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from archive import formats, records
from archive.progress import OnProgress
from db.blocking import run_blocking
from domain.core import concurrency
from ops.backup import batches, pictures, repository, sealing, segment_log
from ops.backup.errors import NoBackup, OtherFormat
from ops.backup.manifest import ArchivePart, Chain, Manifest, read_manifest
from ops.backup.repository import Repository
from ops.backup.sealing import Identities
from ops.backup.staging import is_whole


class ChosenBackup(msgspec.Struct, frozen=True):
    """A manifest, the key that signed it, and what it is signed over."""

    manifest: Manifest
    key: bytes


class FetchedSegment(msgspec.Struct, frozen=True):
    """A sealed segment; ``archive``: the format of its rows; ``more``: it is whole only with the next one."""

    file: Path
    archive: int
    more: bool


class FetchedBackup(msgspec.Struct, frozen=True):
    """A whole backup on this machine; ``segments`` are in order. ``until``: up to when it is whole."""

    found: ChosenBackup
    archive: Path
    segments: list[FetchedSegment]
    end: Chain | None
    until: int


async def choose(at: Repository, number: int, key: bytes | None) -> ChosenBackup:
    """A manifest by its number, 0 for the newest. Errors: ``NoBackup``, ``Truncated``, and those of its words."""
    numbers = await at.manifests()
    if not numbers:
        raise NoBackup("There is no backup at %(place)s.", place=at.name)
    number = number or numbers[0]
    if number not in numbers:
        raise NoBackup("There is no backup %(number)s at %(place)s: `parvis backup list` says which there are.",
                      number=number, place=at.name)  # fmt: skip
    manifest, public = await read_manifest(at, number, key)
    if not formats.is_read(manifest.archive):
        raise OtherFormat(
            "Backup %(number)s is of archive format %(found)s, and this version of Parvis reads %(oldest)s to"
            " %(format)s: use the version that made it (%(app)s).",
            number=number, found=manifest.archive, oldest=formats.OLDEST, format=records.FORMAT, app=manifest.app,
        )  # fmt: skip
    return ChosenBackup(manifest, public)


async def fetch(
    at: Repository, found: ChosenBackup, identity: Identities, folder: Path, last: int, on_progress: OnProgress
) -> FetchedBackup:
    """Brings everything but the pictures; changes after segment ``last`` are left out, unless it is 0.

    Errors: ``Problem`` of each kind; nothing outside ``folder`` is touched.
    """
    manifest = found.manifest
    await run_blocking(folder.mkdir, parents=True, exist_ok=True)
    await repository.check_room(folder, int(1.2 * manifest.bytes) + sum(piece.bytes for piece in manifest.parts))
    files = await _parts(at, manifest.parts, folder, on_progress)
    await pictures.read_list(at, manifest.media)
    archive = folder / "archive"
    read = 0

    def on(count: int) -> None:
        nonlocal read
        read += count
        on_progress("opening", read, sum(piece.bytes for piece in manifest.parts))

    await run_blocking(sealing.unseal_parts, (file.open("rb") for file in files), archive, identity, on)
    segments, end, until = await _segments(at, found, identity, folder, last, on_progress)
    return FetchedBackup(found, archive, segments, end, until or manifest.at)


async def _parts(at: Repository, parts: Sequence[ArchivePart], folder: Path, on_progress: OnProgress) -> list[Path]:
    done = 0

    async def bring(piece: ArchivePart) -> Path:
        nonlocal done
        file = folder / piece.sha256
        if not await run_blocking(is_whole, file, piece):
            body = await pictures.piece(at, piece)
            with repository.room():
                await run_blocking(_write, file, body)
        done += 1
        on_progress("fetching", done, len(parts))
        return file

    return await concurrency.run_concurrently(parts, bring)


def _write(file: Path, body: bytes) -> None:
    half = file.with_suffix(".half")
    half.write_bytes(body)
    half.rename(file)


async def _segments(
    at: Repository, found: ChosenBackup, identity: Identities, folder: Path, last: int, on_progress: OnProgress
) -> tuple[list[FetchedSegment], Chain | None, int]:
    """Each is opened once here, so that one that can't be read is found before anything is touched."""
    manifest = found.manifest
    files: list[FetchedSegment] = []
    end, until = manifest.chain, 0
    if end is None:
        return files, None, 0
    async for link in segment_log.follow(at, end, manifest.until, found.key, last):
        body = sealing.unseal(link.body, identity, f"Segment {link.words.number}")
        batches.unpacked(body, link.words.archive)
        file = folder / f"segment-{link.words.number}"
        with repository.room():
            await run_blocking(file.write_bytes, link.body)
        files.append(FetchedSegment(file, link.words.archive, link.words.more))
        end, until = link.after, link.words.at
        on_progress("changes", len(files), 0)
    return files, end, until
