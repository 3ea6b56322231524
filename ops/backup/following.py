"""Whether a copy follows every change, and where its chain ends."""

from secrets import token_hex

import structlog

from archive import records
from db import changes
from db.engine import DB
from db.queries import copies as queries
from domain.core import clock
from ops.backup.manifest import Chain

LOG = structlog.get_logger()


def _writer() -> str:
    """A chain has one format from its first segment to its last."""
    return f"{records.FORMAT}-{token_hex(8)}"


async def end(place: str) -> Chain | None:
    """Where the chain to a place ends; None when there is none, or none of this version's format."""
    row = await queries.copying()
    if row is None or row[0] != place or row[1].partition("-")[0] != str(records.FORMAT):
        return None
    return Chain(*row[1:4])


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
    elif not place and await queries.copying():
        LOG.warning("copy.ended", reason="PARVIS_BACKUP_URL is not set")
        async with DB.writing():
            await changes.ignore()
            await queries.end()
            await queries.drop_all()
