"""Holds what newcomers post while the brake is on or in a crisis, and lets it go once nothing is on.

A post that a filter has found something in waits for a moderator instead, whatever becomes of the brake.
"""

import msgspec

from db.engine import DB
from db.queries import holds as queries
from domain.core import text_parsing
from domain.core.access import Viewer
from domain.core.pacing import Pace
from domain.core.retries import retried
from domain.moderation import brake
from domain.posts import holds
from domain.posts.screening import HoldReason, Screen, ScreenedPost, Verdict

# Posts let go before others get their turn.
BATCH = 50


def beside(screen: Screen) -> Screen:
    """Another way to look at posts, and the brake."""

    async def look(viewer: Viewer, post: ScreenedPost) -> Verdict:
        verdict = await screen.look(viewer, post)
        return held(verdict) if await holds_back(viewer, post) else verdict

    async def confirm(viewer: Viewer, post: ScreenedPost, verdict: Verdict) -> Verdict:
        confirmed = await screen.confirm(viewer, post, verdict)
        return held(confirmed) if await holds_back(viewer, post) else confirmed

    return Screen(look, confirm, screen.settle)


def held(verdict: Verdict) -> Verdict:
    """The same with a hold of the brake, where there is no other."""
    return verdict if verdict.hold is not None else msgspec.structs.replace(verdict, hold=HoldReason.BRAKE)


async def holds_back(viewer: Viewer, post: ScreenedPost) -> bool:
    """Whether others don't see a post until nothing is on any more."""
    now = await brake.state()
    if not now.on:
        return False
    has_links = any(piece.kind == "link" for piece in text_parsing.pieces(post.text))
    return now.holds(viewer, has_links=has_links, has_media=bool(post.descriptions), is_reply=post.is_reply)


async def release() -> int:
    """Publishes what the brake has held, once nothing is on. Safe to repeat, by several. Returns how many it saw."""
    found, pace = 0, Pace()
    while not (await brake.state()).on and (waiting := await queries.of_reason(HoldReason.BRAKE, BATCH)):
        for post in waiting:
            await _let_go(post)
            await pace.rest()
        found += len(waiting)
    return found


@retried
async def _let_go(post: int) -> None:
    async with DB.writing():
        await holds.lifted(post)
