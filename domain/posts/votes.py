"""Votes: up on posts, up and down on replies. A person has one per post, and may change or remove it."""

from db.engine import DB, ConstraintViolation
from db.queries import votes as queries
from domain.core import events, signals
from domain.core.access import Viewer, member
from domain.core.errors import Forbidden, NotFound
from domain.core.retries import retried
from domain.posts import views


@retried
async def cast(viewer: Viewer, post: int, value: int) -> None:
    """Votes 1 or -1, or removes the vote with 0. Errors: ``NotFound``, ``Forbidden`` (down on a first post)."""
    view = await views.get(member(viewer), post)
    if value < 0 and view.parent is None:
        raise Forbidden("Only replies can be voted down.")
    try:
        async with DB.writing():
            if await queries.cast(viewer.id, post, value) and view.author != viewer.id:
                await events.record(events.Voted(post=post, account=viewer.id))
            signals.send(signals.POST, post)
    except ConstraintViolation:
        raise NotFound from None  # purged since it was loaded
