"""Which backups are kept: the newest of each of the last days, weeks and months, and what those need."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import msgspec

from db.queries import backups
from db.queries import objects as queries
from domain.core import signing
from domain.core.leases import Lease
from ops.backup import making, pictures, repository
from ops.backup.errors import Problem, StoreBusy
from ops.backup.manifest import Manifest, read_manifest
from ops.backup.repository import Repository

BATCH = 500


class Keep(msgspec.Struct, frozen=True):
    """How many days, weeks and months back a backup of each is kept."""

    daily: int
    weekly: int
    monthly: int


class Removed(msgspec.Struct):
    """How many of each."""

    backups: int = 0
    parts: int = 0
    pictures: int = 0
    segments: int = 0


Spans = tuple[tuple[Callable[[datetime], str], int], ...]


def kept(manifests: Iterable[Manifest], keep: Keep) -> list[Manifest]:
    """Those to keep, newest first: always the newest, and the newest of each span."""
    ordered = sorted(manifests, key=lambda one: one.number, reverse=True)
    spans: Spans = (
        (lambda at: f"{at:%Y-%m-%d}", keep.daily), (lambda at: f"{at:%G-%V}", keep.weekly),
        (lambda at: f"{at:%Y-%m}", keep.monthly),
    )  # fmt: skip
    chosen = {one.number for one in ordered[:1]}
    for name, many in spans:
        newest: dict[str, int] = {}
        for one in ordered:
            newest.setdefault(name(datetime.fromtimestamp(one.at / 1000, UTC)), one.number)
        chosen |= set(list(newest.values())[:many])
    return [one for one in ordered if one.number in chosen]


async def prune(at: Repository, keep: Keep) -> Removed:
    """Removes what is not kept, manifests first, so that what stands is whole at every moment.

    Errors: ``Problem``, and when a manifest can't be read nothing is removed, for it may name anything.
    """
    async with Lease(making.LEASE).held() as had:
        if not had:
            raise StoreBusy("A backup is being made just now: prune when it is done.")
        manifests = await _read_all(at)
        stay = kept(manifests, keep)
        removed = Removed()
        for one in manifests:
            if one not in stay:
                await at.delete(repository.manifest(one.number))
                removed.backups += 1
        await _parts(at, stay, removed)
        await _pictures(at, stay, removed)
        await _segments(at, stay, removed)
        return removed


async def _read_all(at: Repository) -> list[Manifest]:
    """Errors: ``Problem`` when one can't be read: nothing is removed that it may need."""
    key = await signing.public_key()
    found = [(await read_manifest(at, number, key))[0] for number in await at.manifests()]
    if not found:
        raise Problem("There is no backup at %(place)s: nothing is removed.", place=at.name)
    return found


async def _parts(at: Repository, stay: list[Manifest], removed: Removed) -> None:
    named = {piece.sha256 for one in stay for piece in (*one.parts, one.media.list)}
    for path in [path async for path, _ in at.folder(repository.PARTS)]:
        if path.rpartition("/")[2] not in named:
            await at.delete(path)
            removed.parts += 1


async def _pictures(at: Repository, stay: list[Manifest], removed: Removed) -> None:
    """Those that no kept backup names, nor this network just now: the copy may have brought them a second ago."""
    there = {path.rpartition("/")[2]: path async for path, _ in at.folder(repository.MEDIA)}
    for one in stay:
        for key in await pictures.read_list(at, one.media):
            there.pop(key, None)
    async for rows in queries.used(BATCH):
        for row in rows:
            there.pop(row.key, None)
    for path in there.values():
        await at.delete(path)
        removed.pictures += 1


async def _segments(at: Repository, stay: list[Manifest], removed: Removed) -> None:
    """Those that come before every kept backup of their chain; chains that no kept backup is of go whole."""
    copied = await backups.replication_state()
    # A first backup that was stopped, and goes on later, has no manifest yet.
    first = {copied.writer: copied.number} if copied else {}
    if copied and not any(one.chain and one.chain.writer == copied.writer for one in stay):
        first[copied.writer] = 0
    for one in stay:
        if one.chain:
            first[one.chain.writer] = min(one.chain.number, first.get(one.chain.writer, one.chain.number))
    for writer, number, path in [one async for one in at.segments()]:
        if writer not in first or number <= first[writer]:
            await at.delete(path)
            removed.segments += 1
