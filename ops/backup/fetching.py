"""Bringing a backup to this machine, and making sure of all of it before anything is done with it.

What is there already, from a try that was stopped, is not brought again.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from archive import records
from archive.told import Told
from db.threads import run_blocking
from domain.core import side
from ops.backup import batches, chain, pictures, sealing, vault
from ops.backup import manifest as manifests
from ops.backup.errors import Nothing, OtherFormat
from ops.backup.manifest import Chain, Manifest, Piece
from ops.backup.sealing import Identities
from ops.backup.stage import is_whole
from ops.backup.vault import Vault


class Found(msgspec.Struct, frozen=True):
    """A manifest, the key that signed it, and what it is signed over."""

    manifest: Manifest
    key: bytes


class Fetched(msgspec.Struct, frozen=True):
    """A whole backup on this machine. ``until``: up to when it is whole.

    ``segments`` are sealed, in order, each with whether it needs the next one.
    """

    found: Found
    archive: Path
    segments: list[tuple[Path, bool]]
    end: Chain | None
    until: int


async def choose(at: Vault, number: int, key: bytes | None) -> Found:
    """A manifest by its number, 0 for the newest. Errors: ``Nothing``, ``Truncated``, and those of its words."""
    numbers = await at.manifests()
    if not numbers:
        raise Nothing("There is no backup at %(place)s.", place=at.name)
    number = number or numbers[0]
    if number not in numbers:
        raise Nothing("There is no backup %(number)s at %(place)s: `parvis backup list` says which there are.",
                      number=number, place=at.name)  # fmt: skip
    manifest, public = await manifests.read(at, number, key)
    if manifest.archive != records.FORMAT:
        words = "Backup %(number)s is of archive format %(found)s, and this version of Parvis reads %(format)s: "
        words += "use the version that made it (%(app)s)."
        raise OtherFormat(words, number=number, found=manifest.archive, format=records.FORMAT, app=manifest.app)
    return Found(manifest, public)


async def fetch(at: Vault, found: Found, identity: Identities, folder: Path, last: int, told: Told) -> Fetched:
    """Brings everything but the pictures; changes after segment ``last`` are left out, unless it is 0.

    Errors: ``Problem`` of each kind; nothing outside ``folder`` is touched.
    """
    manifest = found.manifest
    await run_blocking(folder.mkdir, parents=True, exist_ok=True)
    await vault.check_room(folder, int(1.2 * manifest.bytes) + sum(piece.bytes for piece in manifest.parts))
    files = await _parts(at, manifest.parts, folder, told)
    await pictures.read_list(at, manifest.media)
    archive = folder / "archive"
    read = 0

    def on(count: int) -> None:
        nonlocal read
        read += count
        told("opening", read, sum(piece.bytes for piece in manifest.parts))

    await run_blocking(sealing.unseal_parts, (file.open("rb") for file in files), archive, identity, on)
    segments, end, until = await _segments(at, found, identity, folder, last, told)
    return Fetched(found, archive, segments, end, until or manifest.at)


async def _parts(at: Vault, parts: Sequence[Piece], folder: Path, told: Told) -> list[Path]:
    done = 0

    async def bring(piece: Piece) -> Path:
        nonlocal done
        file = folder / piece.sha256
        if not await run_blocking(is_whole, file, piece):
            body = await pictures.piece(at, piece)
            with vault.room():
                await run_blocking(_write, file, body)
        done += 1
        told("fetching", done, len(parts))
        return file

    return await side.by_side(parts, bring)


def _write(file: Path, body: bytes) -> None:
    half = file.with_suffix(".half")
    half.write_bytes(body)
    half.rename(file)


async def _segments(
    at: Vault, found: Found, identity: Identities, folder: Path, last: int, told: Told
) -> tuple[list[tuple[Path, bool]], Chain | None, int]:
    """Each is opened once here, so that one that can't be read is found before anything is touched."""
    manifest = found.manifest
    files: list[tuple[Path, bool]] = []
    end, until = manifest.chain, 0
    if end is None:
        return files, None, 0
    async for link in chain.follow(at, end, manifest.until, found.key, last):
        batches.unpacked(sealing.unseal(link.body, identity, f"Segment {link.words.number}"))
        file = folder / f"segment-{link.words.number}"
        with vault.room():
            await run_blocking(file.write_bytes, link.body)
        files.append((file, link.words.more))
        end, until = link.after, link.words.at
        told("changes", len(files), 0)
    return files, end, until
