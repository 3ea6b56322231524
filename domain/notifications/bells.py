"""Bells: being told of every new post of somebody one follows."""

from db.engine import DB
from db.queries import notices as queries
from domain.accounts import profiles
from domain.core.access import Viewer, member
from domain.core.errors import Forbidden


async def ring(viewer: Viewer, account: int) -> None:
    """Puts a bell on somebody. Errors: ``NotFound``, ``Forbidden`` for whom one does not follow, or has muted."""
    other = await profiles.by_id(member(viewer), account)
    if not other.following:
        raise Forbidden("Follow @%(handle)s first: a bell is for people you follow.", handle=other.handle)
    if other.muted:
        raise Forbidden("You muted @%(handle)s. Unmute first to be told of new posts.", handle=other.handle)
    async with DB.writing():
        await queries.ring(viewer.id, other.id)


async def unring(viewer: Viewer, account: int) -> None:
    """Takes it down; without one it changes nothing."""
    member(viewer)
    async with DB.writing():
        await queries.unring(viewer.id, account)
