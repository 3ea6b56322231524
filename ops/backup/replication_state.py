"""Whether replication runs, and where its chain of segments ends."""

from secrets import token_hex

import structlog

from archive import records
from db import changes
from db.engine import DB
from db.queries import backups as queries
from domain.core import clock, signing
from ops.backup.errors import TakenOver
from ops.backup.manifest import Chain, read_manifest
from ops.backup.repository import Repository

LOG = structlog.get_logger()


def _writer() -> str:
    """A chain has one format from its first segment to its last."""
    return f"{records.FORMAT}-{token_hex(8)}"


async def end(place: str) -> Chain | None:
    """Where the chain to a place ends; None when there is none, or none of this version's format."""
    row = await queries.replication_state()
    if row is None or row.place != place or row.writer.partition("-")[0] != str(records.FORMAT):
        return None
    return Chain(row.writer, row.number, row.head)


async def check_alone(at: Repository) -> None:
    """Errors: ``TakenOver`` when another host has made backups of this network since this one's last; ``Problem``.

    Two hosts that both think that they are the network would each cover up what the other has.
    """
    own, good = await end(at.name), await queries.last_good(at.name)
    numbers = await at.manifests()
    if own is None or good is None or good.number is None or not numbers or numbers[0] <= good.number:
        return
    newest, _ = await read_manifest(at, numbers[0], await signing.public_key())
    if newest.chain is None or newest.chain.writer != own.writer:
        raise TakenOver(
            "Another host makes backups of this network at %(place)s (number %(number)s is not from here), so nothing"
            " is copied from here any more. Stop this one if the other has taken over. If this one is right:"
            " parvis backup run --take-over",
            place=at.name, number=newest.number,
        )  # fmt: skip


async def take_over(place: str) -> None:
    """Begins anew with the next backup, whoever else has made some."""
    if await end(place):
        await queries.end()


async def begin(place: str) -> Chain:
    """Has changes noted, and gives where the chain ends: a new one, unless there is one."""
    await changes.note({table: records.key(table) for table in records.TABLES})
    if (found := await end(place)) is not None:
        return found
    writer = _writer()
    async with DB.writing():
        await queries.begin(place, writer, clock.now())
        # All that was noted before is in the backup that begins the chain.
        await queries.drop_all()
    return Chain(writer, 0, "")


async def agree(place: str) -> None:
    """At the start: a copy that is under way goes on; where the settings name no place for it ("") it ends."""
    if place and await end(place):
        await changes.note({table: records.key(table) for table in records.TABLES})
    elif not place and await queries.replication_state():
        LOG.warning("replication.ended", reason="PARVIS_BACKUP_URL is not set")
        async with DB.writing():
            await changes.ignore()
            await queries.end()
            await queries.drop_all()
