"""Holds posts: their author alone sees them, marked as awaiting review, and nobody is told of them.

A hold ends when a moderator has decided about the post, or when its author edits it and nothing holds what it says
then. From then on ``measures.refresh`` publishes it as soon as it is visible: what a moderator has hidden until it is
edited is only told of after the edit.
"""

from db.queries import holds as queries
from db.queries import posts
from domain.core import clock, events, ids
from domain.core.moderation_events import HoldEnded
from domain.posts import measures
from domain.posts.screening import Verdict


async def put(post: int, verdict: Verdict) -> None:
    """Within a transaction that has written the post: holds it, if the verdict says so."""
    if verdict.hold is not None:
        await queries.put(post, verdict.hold, verdict.filter, clock.now())
        await measures.refresh(post, ids.new())


async def edited(post: int, verdict: Verdict) -> bool:
    """Within a transaction that has changed the post: holds it, or no longer. Returns whether it is held."""
    if verdict.hold is not None:
        await put(post, verdict)
        return True
    if await queries.decide(post, clock.now()):
        await measures.refresh(post, ids.new())
    return False


async def decided(post: int, mark: int) -> None:
    """Within a transaction: a moderator has decided about the post; ``mark`` is what they have decided."""
    await posts.lock(post)
    if await queries.decide(post, clock.now()):
        await measures.refresh(post, mark)
        await events.record(HoldEnded(post))


async def restored(post: int) -> None:
    """Within a transaction that has brought a deleted post back: publishes it, if its hold has ended meanwhile."""
    hold = await queries.of_post(post)
    if hold is not None and hold.decided_at is not None:
        await measures.refresh(post, ids.new())
