"""Every device that takes pushes is told of a move, in batches."""

from db.engine import DB
from db.queries import domain_migration as queries
from db.queries import push
from db.queries.push import PlannedPush
from domain.core import clock, events, ids
from domain.core.events import MoveAnnounced
from domain.domain_migration import announcements
from domain.notifications import deliveries

BATCH = 500


async def announced(event: MoveAnnounced) -> None:
    """Plans the pushes of one batch, and the next batch; void when there is a later notice."""
    if await queries.last() != event.number:
        return
    announcements.forget()
    now = clock.now()
    devices = await queries.to_tell(event.after, deliveries.MOST_FAILED, BATCH)
    for device in devices:
        await push.plan(PlannedPush(ids.new(), device, deliveries.MOVE, 0, 0, now))
    if len(devices) == BATCH:
        await events.record(MoveAnnounced(event.number, devices[-1]))
    DB.after_commit(deliveries.PLANNED)
