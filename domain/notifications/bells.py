"""Bells: a notification of every new post of somebody one follows."""

from db.engine import DB
from db.queries import bells as queries
from db.queries import graph
from domain.accounts import profiles
from domain.core.access import Viewer, member
from domain.core.errors import Forbidden
from domain.core.retries import retried


@retried
async def add(viewer: Viewer, account: int) -> None:
    """Adds a bell. Errors: ``NotFound``; ``Forbidden`` for an account that the viewer does not follow, or has muted."""
    other = await profiles.by_id(member(viewer), account)
    if not other.following:
        raise Forbidden("Follow @%(handle)s first: a bell is for people you follow.", handle=other.handle)
    if other.muted:
        raise Forbidden("You muted @%(handle)s. Unmute first to be told of new posts.", handle=other.handle)
    async with DB.writing():
        # The lock and the statement's own conditions cover an unfollow or a mute since the checks above.
        await graph.lock(viewer.id, other.id)
        await queries.add(viewer.id, other.id)


@retried
async def remove(viewer: Viewer, account: int) -> None:
    """Removes a bell; without one nothing changes."""
    member(viewer)
    async with DB.writing():
        await queries.remove(viewer.id, account)
