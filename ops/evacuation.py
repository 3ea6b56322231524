"""Leaves a host: stops writing, sends the last segments, and signs a last manifest that says where they end."""

import asyncio

import msgspec

from archive.progress import OnProgress
from db.queries import objects as queries
from domain.backups import handover
from domain.core.leases import Lease
from ops.backup import loading, making, replication_state, replicator
from ops.backup.errors import StoreBusy
from ops.backup.making import Maker
from ops.backup.manifest import Manifest
from ops.backup.replicator import Replicator

# Every process looks once in handover.LOOK seconds; what is in hand by then ends.
GRACE = 3.0
# How long it waits for a backup that is being made, in seconds: nobody can write meanwhile.
PATIENCE = 60
BATCH = 500


async def evacuate(maker: Maker, url: str, on_progress: OnProgress) -> Manifest:
    """Leaves the network read-only, with everything at ``maker``'s place. Errors: ``Problem``, and then it goes on."""
    base = await _base(maker)
    if base is None and maker.follows:
        # While people still write: what takes long is done before they have to stop.
        base = await maker.run(on_progress)
    await handover.stop_writes()
    try:
        await asyncio.sleep(GRACE)
        return await (_finish(maker, base, url, on_progress) if base else maker.run(on_progress))
    except BaseException:
        await asyncio.shield(handover.resume_writes())
        raise


async def _base(maker: Maker) -> Manifest | None:
    """The newest backup, if the changes since are a chain that goes on."""
    newest = await maker.newest()
    end = await replication_state.end(maker.repository.name) if maker.follows else None
    if newest is None or newest.chain is None or end is None or newest.chain.writer != end.writer:
        return None
    return newest


async def _finish(maker: Maker, base: Manifest, url: str, on_progress: OnProgress) -> Manifest:
    on_progress("last changes", 0, 0)
    # Nothing is removed there meanwhile: no manifest names yet what is sent now.
    async with Lease(making.LEASE).held(PATIENCE) as had:
        if not had:
            raise StoreBusy("A backup is being made, or old ones removed, just now: try again when that is done.")
        async with replicator.still():
            await Replicator(url, maker.recipients).catch_up()
            end = await replication_state.end(maker.repository.name)
        media, _ = await making.bring_media(maker.repository, maker.recipients, await _files(), on_progress)
        words = {"number": base.number + 1, "media": media, "until": end, "after": await loading.counts()}
        return await making.publish(maker.repository, msgspec.structs.replace(base, **words))


async def _files() -> dict[str, int]:
    """The keys of all files that something uses, and their bytes."""
    return {row.key: row.bytes async for rows in queries.used(BATCH) for row in rows}
