"""Bells: being told of every new post of somebody one follows."""

from db.engine import DB
from db.queries import graph
from db.queries import notifications as queries
from domain.accounts import profiles
from domain.core.access import Viewer, member
from domain.core.errors import Forbidden
from domain.core.retries import retried


@retried
async def ring(viewer: Viewer, account: int) -> None:
    """Puts a bell on somebody. Errors: ``NotFound``, ``Forbidden`` for whom one does not follow, or has muted."""
    other = await profiles.by_id(member(viewer), account)
    if not other.following:
        raise Forbidden("Follow @%(handle)s first: a bell is for people you follow.", handle=other.handle)
    if other.muted:
        raise Forbidden("You muted @%(handle)s. Unmute first to be told of new posts.", handle=other.handle)
    async with DB.writing():
        # An unfollow or a mute that came in between takes the bell down, or leaves none to put up.
        await graph.lock(viewer.id, other.id)
        await queries.ring(viewer.id, other.id)


@retried
async def unring(viewer: Viewer, account: int) -> None:
    """Takes it down; without one it changes nothing."""
    member(viewer)
    async with DB.writing():
        await queries.unring(viewer.id, account)
