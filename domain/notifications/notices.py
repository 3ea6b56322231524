"""Notices as their member sees them: lists, counts, marking as read, and what is set aside."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from db.engine import DB
from db.queries import notification_writes
from db.queries import notifications as queries
from db.queries.notification_writes import SetAsideRow
from db.queries.notifications import NoticeRow
from domain.accounts import profiles
from domain.accounts.profiles import Relation
from domain.core import clock, cursors, ids, signals
from domain.core.access import Viewer, member
from domain.core.cursors import SIZE, Page
from domain.core.pacing import Pace
from domain.core.retries import retried
from domain.notifications import grouping, kinds
from domain.notifications.grouping import Cause
from domain.notifications.kinds import NotificationKind, Tab
from domain.posts import views
from domain.posts.views import PostView

# The most notices that the page of what is set aside shows.
MOST_SET_ASIDE = 200
# Notices marked as read per transaction, so that others come in between when there are very many.
READ_AT_ONCE = 1000


class Face(NamedTuple):
    """Somebody in a notice."""

    id: int
    handle: str
    name: str
    hue: int
    avatar_small: str


class NoticeView(msgspec.Struct, frozen=True):
    """One line of somebody's notifications.

    ``count`` people are behind it, ``actor`` the last of them and ``others`` up to three more; what the network itself
    did has no actor and a count of 0. ``post`` is the post that was written, or voted on; ``entry`` is its place in the
    list; ``at`` is in Unix milliseconds, and the day's beginning (UTC) for a kind that is dated by the day;
    ``relation`` is what the member has to do with the actor.
    """

    id: int
    kind: NotificationKind
    entry: int
    at: int
    count: int
    unread: bool
    actor: Face | None
    others: tuple[Face, ...]
    post: PostView | None
    relation: Relation = Relation.NONE


class SetAside(msgspec.Struct, frozen=True):
    """One person's notices that are set aside, newest first."""

    person: Face
    notices: list[NoticeView]


async def page(viewer: Viewer, tab: Tab = "all", cursor: str = "") -> Page[NoticeView]:
    """The member's notices, newest first."""
    account, below, limit = member(viewer).id, cursors.below(cursor), SIZE + 1
    if tab == "all":
        rows = await queries.page(account, below, limit)
    else:
        rows = await queries.page_of_kinds(account, below, limit, kinds.in_tab(tab))
    return Page(await _views(viewer, rows[:SIZE]), cursors.after(rows[SIZE - 1].entry) if len(rows) > SIZE else "")


async def since(account: int, entry: int, limit: int) -> list[NoticeView]:
    """The newest ``limit`` after an entry, newest first."""
    return await _views(_as(account), await queries.since(account, entry, limit))


async def one(account: int, notice: int) -> NoticeView | None:
    """None when it does not exist (any more), or may not be seen."""
    row = await queries.one(account, notice)
    found = await _views(_as(account), [row]) if row else []
    return found[0] if found else None


async def unread(account: int) -> int:
    """The number of unread notices, at most 100."""
    return await queries.count_unread(account)


async def people_set_aside(account: int) -> int:
    """The number of people whose notices are set aside, at most 100."""
    return await queries.count_set_aside(account)


async def read(viewer: Viewer, upto: int, tab: Tab = "all") -> int:
    """Marks the notices of a tab at or below an entry as read. Returns the number of those that are unread now."""
    member(viewer)
    pace = Pace()
    while len(entries := await _read_some(viewer, upto, tab)) == READ_AT_ONCE:
        upto = min(entries) - 1
        await pace.rest()
    return await unread(viewer.id)


@retried
async def _read_some(viewer: Viewer, upto: int, tab: Tab) -> list[int]:
    async with DB.writing():
        await notification_writes.lock(viewer.id)
        entries = await notification_writes.mark_read(viewer.id, upto, kinds.in_tab(tab), READ_AT_ONCE)
        if entries:
            signals.send(signals.Kind.NOTICES, viewer.id)
    return entries


async def from_network(
    account: int, subject: int, *, kind: NotificationKind = NotificationKind.NETWORK, post: int = 0
) -> None:
    """Notifies a member of something that the network itself has done; no account is named.

    ``subject`` is the id of what was done, such as a decision: a second call for the same one changes nothing. ``post``
    is the post it is about; a member who may not see that post gets no notice.

        await notices.from_network(author, decision.id, post=decision.post)

    Errors: ``ValueError`` for a kind that has an actor.
    """
    if kind.rules.has_actor:
        raise ValueError(f"{kind.name} has an actor")
    async with DB.writing():
        await notification_writes.lock(account)
        await grouping.add(Cause(account, kind, post, account, subject))


async def try_from_network(account: int, subject: int, *, kind: NotificationKind, post: int = 0) -> bool:
    """Within a transaction of a worker: the same, unless another transaction holds the account's notices.

    Returns False then, and the caller tries again later.
    """
    if not await notification_writes.try_lock(account):
        return False
    await grouping.add(Cause(account, kind, post, account, subject))
    return True


async def set_aside(viewer: Viewer) -> list[SetAside]:
    """What is set aside, by person."""
    found: dict[int, SetAside] = {}
    for view in await _views(member(viewer), await queries.set_aside(viewer.id, MOST_SET_ASIDE)):
        if view.actor is not None:
            found.setdefault(view.actor.id, SetAside(view.actor, [])).notices.append(view)
    return list(found.values())


@retried
async def let_through(viewer: Viewer, actor: int) -> None:
    """Moves a person's notices among the others, on top and unread; later ones go there too.

    Errors: ``NotFound`` for somebody who does not exist.
    """
    await profiles.by_id(member(viewer), actor)
    async with DB.writing():
        await notification_writes.lock(viewer.id)
        await notification_writes.share_posts_set_aside(viewer.id, actor)
        await notification_writes.allow(viewer.id, actor)
        for row in await notification_writes.set_aside(viewer.id, actor):
            await _let_through(viewer, row)
        signals.send(signals.Kind.NOTICES, viewer.id)


async def _let_through(viewer: Viewer, row: SetAsideRow) -> None:
    grouped = NotificationKind(row.kind).rules.grouped
    group = await notification_writes.group(viewer.id, row.kind, row.post or 0) if grouped else None
    if group is None:
        await notification_writes.let_through(row.id, ids.new())
    else:
        await notification_writes.join(row.id, group.id, ids.new())


@retried
async def dismiss(viewer: Viewer, actor: int) -> None:
    """Removes a person's notices from what is set aside; later ones are set aside again."""
    member(viewer)
    async with DB.writing():
        await notification_writes.lock(viewer.id)
        await notification_writes.dismiss(viewer.id, actor)
        signals.send(signals.Kind.NOTICES, viewer.id)


def _as(account: int) -> Viewer:
    """The member as far as it matters to what they may see."""
    return Viewer(id=account, restricted=True)


async def _views(viewer: Viewer, rows: Sequence[NoticeRow]) -> list[NoticeView]:
    posts = await views.load(viewer, list({row.post for row in rows if row.post is not None}))
    faces = await _faces(row.id for row in rows)
    return [
        _view(viewer, row, faces[row.id], None if row.post is None else posts[row.post])
        for row in rows
        # A person or a post may have gone since the rows were read.
        if row.id in faces and (row.post is None or row.post in posts)
    ]


async def _faces(notices: Iterable[int]) -> dict[int, list[Face]]:
    wanted = list(notices)
    found: dict[int, list[Face]] = {}
    for row in await queries.people(wanted) if wanted else ():
        found.setdefault(row.notice, []).append(Face(row.id, row.handle, row.name, row.hue, row.avatar_small))
    return found


def _view(viewer: Viewer, row: NoticeRow, faces: list[Face], post: PostView | None) -> NoticeView:
    kind = NotificationKind(row.kind)
    at, unread = ids.time_of(row.entry), bool(row.unread)
    if kind.rules.dated_by_day:
        at -= at % clock.DAY_MS
    if not kind.rules.has_actor:
        return NoticeView(row.id, kind, row.entry, at, 0, unread, None, (), post)
    return NoticeView(
        id=row.id,
        kind=kind,
        entry=row.entry,
        at=at,
        count=max(row.people, len(faces)),
        unread=unread,
        actor=faces[0],
        others=tuple(faces[1:]),
        post=post,
        relation=profiles.relation(viewer, row.actor, row.follows, row.requested, 0),
    )
