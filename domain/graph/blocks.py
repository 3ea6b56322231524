"""Blocking works both ways: neither of the two sees anything of the other."""

from db.engine import DB
from db.queries import graph as queries
from db.queries import notification_writes, timelines
from domain.accounts import profiles
from domain.core import access, permissions, signals
from domain.core.access import Viewer, member
from domain.core.retries import retried
from domain.graph import follows


@retried
async def block(viewer: Viewer, account: int) -> None:
    """Blocks, and ends the follows and requests between the two. Errors: ``NotFound``, ``Forbidden`` for oneself."""
    member(viewer)
    other = await profiles.by_id(viewer, account)
    access.require(permissions.may_block(viewer, other.id))
    async with DB.writing():
        await notification_writes.lock(viewer.id, account)
        await queries.lock(viewer.id, account)
        await queries.block(viewer.id, account)
        both = sorted(((viewer.id, account), (account, viewer.id)))
        for one, two in both:
            await follows.remove(one, two)
            await follows.unask(one, two)
            await notification_writes.disallow(one, two)
        await notification_writes.drop_between(viewer.id, account)
        for one, two in both:
            await timelines.drop_person(one, two)
            signals.send(signals.Kind.VIEWER, one)
            signals.send(signals.Kind.NOTICES, one)


@retried
async def unblock(viewer: Viewer, account: int) -> None:
    """Removes the viewer's block; it does not restore follows."""
    member(viewer)
    async with DB.writing():
        await queries.unblock(viewer.id, account)
