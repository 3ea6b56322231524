"""Notices as their member sees them."""

from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

import msgspec

from db.engine import DB
from db.queries import notification_writes
from db.queries import notifications as queries
from domain.accounts import profiles
from domain.accounts.profiles import Relation
from domain.core import ids, signals
from domain.core.access import Viewer, member
from domain.core.cursors import SIZE, Page
from domain.core.pacing import Pace
from domain.core.retries import retried
from domain.notifications.grouping import GROUPED
from domain.notifications.kinds import ACCEPTED, FOLLOW, MENTION, NAMES, QUOTE, REPLY, REPOST, REQUEST, VOTE
from domain.posts import views
from domain.posts.views import PostView

Shelf = Literal["all", "mentions", "votes", "reposts", "follows"]
SHELVES: dict[Shelf, tuple[int, ...]] = {
    "all": tuple(NAMES),
    "mentions": (MENTION, REPLY, QUOTE),
    "votes": (VOTE,),
    "reposts": (REPOST,),
    "follows": (FOLLOW, REQUEST, ACCEPTED),
}
# How much of what is kept apart one page shows.
APART = 200
# Notices marked as read per transaction, so that others come in between when there are very many.
READ_AT_ONCE = 1000


class Face(NamedTuple):
    id: int
    handle: str
    name: str
    hue: int
    picture: str


class NoticeView(msgspec.Struct, frozen=True):
    """One line of somebody's notifications.

    ``kind`` is one of ``domain.notifications.kinds``; ``count`` people are behind it, ``actor`` the last of them and
    ``others`` up to three more; ``post`` is what was said, or voted on; ``entry`` is its place; ``at`` is in Unix
    milliseconds; ``relation`` is what lies between the member and the actor.
    """

    id: int
    kind: int
    entry: int
    at: int
    count: int
    unread: bool
    actor: Face
    others: tuple[Face, ...]
    post: PostView | None
    relation: Relation = Relation.NONE


class SetAside(msgspec.Struct, frozen=True):
    """One person's notices that are kept apart, newest first."""

    person: Face
    notices: list[NoticeView]


async def page(viewer: Viewer, shelf: Shelf = "all", before: int | None = None) -> Page[NoticeView]:
    """The member's notices, newest first."""
    member(viewer)
    asked = viewer.id, before or ids.LAST, SIZE + 1
    rows = await (queries.page(*asked) if shelf == "all" else queries.shelf(*asked, SHELVES[shelf]))
    return Page(await _views(viewer, rows[:SIZE]), rows[SIZE - 1][2] if len(rows) > SIZE else None)


async def since(account: int, entry: int, limit: int) -> list[NoticeView]:
    """The newest ``limit`` after an entry, newest first."""
    return await _views(_as(account), await queries.since(account, entry, limit))


async def one(account: int, notice: int) -> NoticeView | None:
    """None when it is not there any more, or not to be seen."""
    row = await queries.one(account, notice)
    found = await _views(_as(account), [row]) if row else []
    return found[0] if found else None


async def unread(account: int) -> int:
    """How many are unread, at most 100."""
    return await queries.count_unread(account)


async def aside(account: int) -> int:
    """Of how many people notices are kept apart, at most 100."""
    return await queries.count_aside(account)


async def read(viewer: Viewer, upto: int, shelf: Shelf = "all") -> int:
    """Marks what stands at an entry or below as read; how many are unread now."""
    member(viewer)
    pace = Pace()
    while len(entries := await _read_some(viewer, upto, shelf)) == READ_AT_ONCE:
        upto = min(entries) - 1
        await pace.rest()
    return await unread(viewer.id)


@retried
async def _read_some(viewer: Viewer, upto: int, shelf: Shelf) -> list[int]:
    async with DB.writing():
        await queries.hold(viewer.id)
        entries = await queries.read(viewer.id, upto, SHELVES[shelf], READ_AT_ONCE)
        if entries:
            signals.send(signals.NOTICES, viewer.id)
    return entries


async def set_aside(viewer: Viewer) -> list[SetAside]:
    """Whose notices are kept apart, and which."""
    found: dict[int, SetAside] = {}
    for view in await _views(member(viewer), await queries.aside(viewer.id, APART)):
        found.setdefault(view.actor.id, SetAside(view.actor, [])).notices.append(view)
    return list(found.values())


@retried
async def let_through(viewer: Viewer, actor: int) -> None:
    """Puts a person's notices among the others, on top and unread; what comes of them later goes there too.

    Errors: ``NotFound`` for somebody who is not there.
    """
    await profiles.by_id(member(viewer), actor)
    async with DB.writing():
        await queries.hold(viewer.id)
        await notification_writes.share_posts_apart(viewer.id, actor)
        await notification_writes.allow(viewer.id, actor)
        for notice, kind, post in await notification_writes.apart(viewer.id, actor):
            group = await notification_writes.group(viewer.id, kind, post or 0) if kind in GROUPED else None
            if group is None:
                await notification_writes.let_in(notice, ids.new())
            else:
                await notification_writes.join(notice, group[0], ids.new())
        signals.send(signals.NOTICES, viewer.id)


@retried
async def dismiss(viewer: Viewer, actor: int) -> None:
    """Puts away what is kept apart of a person; what comes later is kept apart again."""
    member(viewer)
    async with DB.writing():
        await queries.hold(viewer.id)
        await notification_writes.dismiss(viewer.id, actor)
        signals.send(signals.NOTICES, viewer.id)


def _as(account: int) -> Viewer:
    """The member as far as it matters to what they may see."""
    return Viewer(id=account, restricted=True)


async def _views(viewer: Viewer, rows: Sequence[Sequence[Any]]) -> list[NoticeView]:
    posts = await views.load(viewer, list({row[5] for row in rows if row[5] is not None}))
    faces = await _faces(row[0] for row in rows)
    return [
        _view(viewer, row, faces[row[0]], posts.get(row[5]))
        for row in rows
        # Something may have gone between the two reads.
        if row[0] in faces and (row[5] is None or row[5] in posts)
    ]


async def _faces(notices: Iterable[int]) -> dict[int, list[Face]]:
    wanted = list(notices)
    found: dict[int, list[Face]] = {}
    for row in await queries.people(wanted) if wanted else ():
        found.setdefault(row[0], []).append(Face(*row[1:]))
    return found


def _view(viewer: Viewer, row: Sequence[Any], faces: list[Face], post: PostView | None) -> NoticeView:
    notice, kind, entry, people, unread, _, actor, follows, asked = row
    return NoticeView(
        id=notice,
        kind=kind,
        entry=entry,
        at=ids.time_of(entry),
        count=max(people, len(faces)),
        unread=bool(unread),
        actor=faces[0],
        others=tuple(faces[1:]),
        post=post,
        relation=profiles.relation(viewer, actor, follows, asked, 0),
    )
