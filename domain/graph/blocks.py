"""Blocking: two-way and complete. Neither sees anything of the other, anywhere."""

from db.engine import DB
from db.queries import graph as queries
from db.queries import notification_writes, timelines
from domain.accounts import profiles
from domain.core import signals
from domain.core.access import Viewer, member
from domain.core.errors import Forbidden
from domain.core.retries import retried
from domain.graph import follows


@retried
async def block(viewer: Viewer, account: int) -> None:
    """Blocks, and ends what ties the two. Errors: ``NotFound``, ``Forbidden`` for oneself."""
    member(viewer)
    other = await profiles.by_id(viewer, account)
    if other.id == viewer.id:
        raise Forbidden("You can't block yourself.")
    async with DB.writing():
        await notification_writes.hold(viewer.id, account)
        await queries.lock(viewer.id, account)
        await queries.block(viewer.id, account)
        both = sorted(((viewer.id, account), (account, viewer.id)))
        for one, two in both:
            await follows.sever(one, two)
            await follows.unask(one, two)
            await notification_writes.disallow(one, two)
        await notification_writes.drop_between(viewer.id, account)
        for one, two in both:
            await timelines.drop_person(one, two)
            signals.send(signals.VIEWER, one)
            signals.send(signals.NOTICES, one)


@retried
async def unblock(viewer: Viewer, account: int) -> None:
    """Lifts one's own block; follows do not come back by themselves."""
    member(viewer)
    async with DB.writing():
        await queries.unblock(viewer.id, account)
