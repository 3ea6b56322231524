"""Muting: the muted are not told, and may go on reading and replying."""

from db.engine import DB
from db.queries import graph as queries
from domain.accounts import profiles
from domain.core.access import Viewer, member
from domain.core.errors import Forbidden


async def mute(viewer: Viewer, account: int) -> None:
    """Keeps somebody out of one's timelines and threads. Errors: ``NotFound``, ``Forbidden`` for oneself."""
    member(viewer)
    other = await profiles.by_id(viewer, account)
    if other.id == viewer.id:
        raise Forbidden("You can't mute yourself.")
    async with DB.writing():
        await queries.mute(viewer.id, account)


async def unmute(viewer: Viewer, account: int) -> None:
    member(viewer)
    async with DB.writing():
        await queries.unmute(viewer.id, account)
