"""Muting: the muted account is not notified, and can still read and reply."""

from db.engine import DB
from db.queries import bells, notification_writes
from db.queries import graph as queries
from domain.accounts import profiles
from domain.core import access, permissions, signals
from domain.core.access import Viewer, member
from domain.core.retries import retried


@retried
async def mute(viewer: Viewer, account: int) -> None:
    """Hides an account from the viewer's timelines, threads and notifications.

    Errors: ``NotFound``, ``Forbidden`` for oneself.
    """
    member(viewer)
    other = await profiles.by_id(viewer, account)
    access.require(permissions.may_mute(viewer, other.id))
    async with DB.writing():
        await notification_writes.lock(viewer.id)
        await queries.lock(viewer.id, account)
        await bells.remove(viewer.id, account)
        await queries.mute(viewer.id, account)
        signals.send(signals.Kind.VIEWER, viewer.id)
        await notification_writes.drop(viewer.id, account)
        signals.send(signals.Kind.NOTICES, viewer.id)


@retried
async def unmute(viewer: Viewer, account: int) -> None:
    member(viewer)
    async with DB.writing():
        await queries.unmute(viewer.id, account)
