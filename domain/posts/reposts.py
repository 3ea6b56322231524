"""Reposts: showing a public post to one's own followers."""

from db.engine import DB, ConstraintViolation
from db.queries import reposts as queries
from db.queries import timelines
from domain.core import access, events, ids, permissions, signals
from domain.core.access import Viewer, member
from domain.core.errors import NotFound
from domain.core.retries import retried
from domain.posts import views


@retried
async def put(viewer: Viewer, post: int) -> None:
    """Reposts; a second time changes nothing. Errors: ``NotFound``, ``Forbidden`` for a post that is not public,
    ``Conflict`` for one that nobody else sees yet.
    """
    view = await views.get(member(viewer), post)
    access.require(permissions.may_repost(viewer, is_open=view.open) or views.may_build_on(view))
    identifier = ids.new()
    try:
        async with DB.writing():
            if await queries.add(identifier, viewer.id, post):
                await timelines.put(viewer.id, identifier, post, view.author, viewer.id)
                await events.record(
                    events.Reposted(repost=identifier, post=post, author=view.author, account=viewer.id)
                )
                signals.send(signals.Kind.POST, post)
    except ConstraintViolation:
        raise NotFound from None  # purged since it was loaded


@retried
async def withdraw(viewer: Viewer, post: int) -> None:
    """Removes the viewer's repost; without one it changes nothing."""
    member(viewer)
    async with DB.writing():
        removed = await queries.remove(viewer.id, post)
        if removed is not None:
            await timelines.withdraw(viewer.id, removed)
            await events.record(events.Unreposted(post=post, account=viewer.id))
            signals.send(signals.Kind.POST, post)
