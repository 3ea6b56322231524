"""Leaving a host: it stops writing, sends the last changes, and says in a last manifest where they end."""

import asyncio

import msgspec

from archive.told import Told
from db.queries import objects as queries
from domain.core.leases import Lease
from domain.keeping import handover
from ops.backup import copier, following, loading, making
from ops.backup.copier import Copier
from ops.backup.errors import Busy
from ops.backup.making import Maker
from ops.backup.manifest import Manifest

# Every process looks once in handover.LOOK seconds; what is in hand by then ends.
GRACE = 3.0
# How long it waits for a backup that is being made, in seconds: nobody can write meanwhile.
PATIENCE = 60
BATCH = 500


async def evacuate(maker: Maker, url: str, told: Told) -> Manifest:
    """Leaves the network read-only, with everything at ``maker``'s place. Errors: ``Problem``, and then it goes on."""
    base = await _base(maker)
    if base is None and maker.follows:
        # While people still write: what takes long is done before they have to stop.
        base = await maker.run(told)
    await handover.hold_still()
    try:
        await asyncio.sleep(GRACE)
        return await (_finish(maker, base, url, told) if base else maker.run(told))
    except BaseException:
        await asyncio.shield(handover.go_on())
        raise


async def _base(maker: Maker) -> Manifest | None:
    """The newest backup, if the changes since are a chain that goes on."""
    newest = await maker.newest()
    end = await following.end(maker.vault.name) if maker.follows else None
    if newest is None or newest.chain is None or end is None or newest.chain.writer != end.writer:
        return None
    return newest


async def _finish(maker: Maker, base: Manifest, url: str, told: Told) -> Manifest:
    told("last changes", 0, 0)
    # Nothing is removed there meanwhile: no manifest names yet what is sent now.
    async with Lease(making.LEASE).held(PATIENCE) as had:
        if not had:
            raise Busy("A backup is being made, or old ones removed, just now: try again when that is done.")
        async with copier.still():
            await Copier(url, maker.recipients).catch_up()
            end = await following.end(maker.vault.name)
        media, _ = await making.bring_media(maker.vault, maker.recipients, await _files(), told)
        words = {"number": base.number + 1, "media": media, "until": end, "after": await loading.counts()}
        return await making.publish(maker.vault, msgspec.structs.replace(base, **words))


async def _files() -> dict[str, int]:
    """The keys of all files that something uses, and their bytes."""
    return {row[0]: row[3] async for rows in queries.used(BATCH) for row in rows}
