"""Votes: up on posts, up and down on replies. A person has one per post, and may change or remove it.

What a vote notifies is in domain/notifications/reactions.py.
"""

from enum import IntEnum

from db.engine import DB, ConstraintViolation
from db.queries import votes as queries
from domain.core import access, events, permissions, signals
from domain.core.access import Viewer, member
from domain.core.errors import NotFound
from domain.core.retries import retried
from domain.posts import views


class Vote(IntEnum):
    """UP and DOWN are stored; NONE has no row."""

    DOWN = -1
    NONE = 0
    UP = 1


@retried
async def cast(viewer: Viewer, post: int, vote: Vote) -> None:
    """Votes, or removes the vote with NONE.

    Errors: ``NotFound``, ``Forbidden`` (down on a first post), ``Conflict`` for a post that nobody else sees yet.
    """
    view = await views.get(member(viewer), post)
    is_reply = view.parent is not None
    access.require(permissions.may_vote(viewer, down=vote is Vote.DOWN, is_reply=is_reply))
    if vote is not Vote.NONE:
        access.require(views.may_build_on(view))
    try:
        async with DB.writing():
            if await queries.cast(viewer.id, post, vote) and view.author != viewer.id:
                await events.record(events.Voted(post=post, account=viewer.id))
            signals.send(signals.Kind.POST, post)
    except ConstraintViolation:
        raise NotFound from None  # purged since it was loaded
