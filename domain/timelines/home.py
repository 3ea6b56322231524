"""Home: what the people one follows publish and repost, newest first, nothing else."""

from collections.abc import Sequence
from typing import Any

from db.engine import DB
from db.queries import timeline_updates
from db.queries import timelines as queries
from domain.core import ids
from domain.core.access import Viewer, member
from domain.core.cursors import SIZE, Page
from domain.core.retries import retried
from domain.posts import views
from domain.posts.views import PostSummary


async def read(viewer: Viewer, before: int | None = None) -> Page[PostSummary]:
    """One page. The ready part comes first; below its floor the page is put together from everyone followed."""
    member(viewer)
    cursor = before or ids.LAST
    ask = (SIZE + 1, viewer.reading.hide_reposts, viewer.reading.hide_replies)
    rows: Sequence[Any] = []
    if cursor > viewer.home.floor:
        rows = await queries.ready(viewer, cursor, *ask)
        if viewer.home.follows_wide:
            rows = _merge(rows, await queries.wide(viewer, cursor, *ask))
        if rows and rows[-1][0] <= viewer.home.floor:
            # Copies that came late may lie below the floor, where not everybody's are.
            rows = [row for row in rows if row[0] > viewer.home.floor]
    if len(rows) <= SIZE and viewer.home.floor:
        rows = _merge(rows, await queries.older(viewer, min(cursor, viewer.home.floor + 1), *ask))
    return views.page(rows)


async def newer(viewer: Viewer, since: int, limit: int) -> list[PostSummary]:
    """The newest entries above ``since``, as the page would show them; of very wide authors only a page's worth."""
    member(viewer)
    rows = await timeline_updates.home(viewer, since, limit, viewer.reading.hide_reposts, viewer.reading.hide_replies)
    if viewer.home.follows_wide:
        wide = await queries.wide(viewer, ids.LAST, SIZE + 1, viewer.reading.hide_reposts, viewer.reading.hide_replies)
        entries = {row[0]: row for row in (*rows, *wide) if row[0] > since}
        rows = [entries[entry] for entry in sorted(entries, reverse=True)]
    return rows


async def reached(source: int, viewers: list[int]) -> list[int]:
    """Those of ``viewers`` whose home has what ``source`` publishes."""
    return await timeline_updates.followers_among(source, viewers)


def _merge(one: Sequence[Any], other: Sequence[Any]) -> list[Any]:
    """Two lists of rows as one, newest first, each entry once, a page long."""
    entries = {row[0]: row for row in (*one, *other)}
    return [entries[entry] for entry in sorted(entries, reverse=True)[: SIZE + 1]]


async def followed(viewer: int, followee: int, length: int) -> None:
    """Brings a newly followed person's posts into a home timeline, as far down as it is kept ready.

    Safe to repeat. ``length`` is how many entries a timeline keeps.
    """
    async with DB.writing():
        floor = await queries.floor(viewer)
        if not await queries.follow_stands(viewer, followee):
            return
        await queries.backfill(viewer, followee, floor, ids.LAST, length + 1)
        await queries.trim(viewer, length)


async def trim_all(length: int, batch: int = 200) -> None:
    """Cuts every home timeline back to ``length`` entries, a batch of people per transaction."""
    last = 0
    while viewers := await queries.viewers_after(last, batch):
        await _trim(viewers, length)
        last = viewers[-1]


@retried
async def _trim(viewers: Sequence[int], length: int) -> None:
    async with DB.writing():
        for viewer in viewers:
            await queries.trim(viewer, length)
