"""Home: what the people one follows publish and repost, newest first, nothing else."""

from collections.abc import Sequence

from db.engine import DB
from db.queries import home_activity, timeline_filling, timeline_updates
from db.queries import timelines as queries
from db.queries.home_activity import NOTHING_READY
from db.tables.timelines import HomeState
from domain.core import cursors, ids
from domain.core.access import Viewer, member
from domain.core.cursors import SIZE, Page
from domain.core.retries import retried
from domain.posts import reads, views
from domain.posts.views import PostSummary
from domain.timelines import activity


async def read(viewer: Viewer, cursor: str = "") -> Page[PostSummary]:
    """One page. The ready part comes first; below its floor the page is put together from everyone followed."""
    floor = await activity.opened(member(viewer))
    below = cursors.below(cursor)
    wanted = (SIZE + 1, viewer.reading.hide_reposts, viewer.reading.hide_replies)
    found: Sequence[PostSummary] = []
    if below > floor:
        found = await queries.ready(viewer, below, *wanted)
        if viewer.home.follows_wide:
            found = _merge(found, await queries.wide(viewer, below, *wanted))
        if found and found[-1].entry <= floor:
            # Copies that came late may lie below the floor, where not everybody's are.
            found = [post for post in found if post.entry > floor]
    if len(found) <= SIZE and floor:
        found = _merge(found, await queries.older(viewer, min(below, floor + 1), *wanted))
    shown = views.page(found)
    await reads.count(viewer, len(shown.items))
    return shown


async def newer(viewer: Viewer, since: int, limit: int) -> list[PostSummary]:
    """The newest entries above ``since``, as the page would show them; of very wide authors only a page's worth."""
    floor = await activity.opened(member(viewer))
    hide = (viewer.reading.hide_reposts, viewer.reading.hide_replies)
    if since < floor:
        return await queries.recent(viewer, since, limit, *hide)
    found = await timeline_updates.home(viewer, since, limit, *hide)
    if viewer.home.follows_wide:
        wide = await queries.wide(viewer, ids.LAST, SIZE + 1, *hide)
        entries = {post.entry: post for post in (*found, *wide) if post.entry > since}
        found = [entries[entry] for entry in sorted(entries, reverse=True)]
    return found


async def reached(source: int, viewers: list[int]) -> list[int]:
    """Those of ``viewers`` whose home has what ``source`` publishes."""
    return await timeline_updates.followers_among(source, viewers)


def _merge(one: Sequence[PostSummary], other: Sequence[PostSummary]) -> list[PostSummary]:
    """Two lists as one, newest first, each entry once, a page long."""
    entries = {post.entry: post for post in (*one, *other)}
    return [entries[entry] for entry in sorted(entries, reverse=True)[: SIZE + 1]]


async def followed(viewer: int, followee: int, length: int) -> None:
    """Brings a newly followed person's posts into a home timeline, as far down as it is kept ready.

    Safe to repeat. ``length`` is how many entries a timeline keeps.
    """
    async with DB.writing():
        floor = await queries.floor(viewer)
        if not await queries.follow_stands(viewer, followee):
            return
        if floor == NOTHING_READY:
            found = await home_activity.activity(viewer)
            if found is None or found.state is not HomeState.FILLING:
                return
            # Who fills it may have read before this follow, and its floor is not known yet.
            floor = 0
        await queries.backfill(viewer, followee, floor, ids.LAST, length + 1)
        await queries.trim(viewer, length)


async def trim_all(length: int, batch: int = 200) -> None:
    """Cuts every home timeline back to ``length`` entries, a batch of people per transaction."""
    last = 0
    while viewers := await timeline_filling.viewers_after(last, batch):
        await _trim(viewers, length)
        last = viewers[-1]


@retried
async def _trim(viewers: Sequence[int], length: int) -> None:
    async with DB.writing():
        for viewer in viewers:
            await queries.trim(viewer, length)
