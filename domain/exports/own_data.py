"""What the network has of a member, for their download. Lists come a batch at a time: one may have millions of rows."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from enum import Enum
from typing import TypeVar

import msgspec

from db.queries import exports as queries
from db.queries.exports import AccountRow, EarlierTextRow, PostRow, RepostRow, VoteRow
from db.tables.posts import PostState
from domain.accounts.profiles import ProfileLink
from domain.core import ids
from domain.core.access import Viewer, account_holder
from domain.core.cursors import Page
from domain.core.errors import NotFound
from domain.core.visibility import Visibility
from domain.media import attachments
from domain.media.attachments import Attachment
from domain.moderation import appeals, case_messages, reports, statements
from domain.moderation.appeals import ListedAppeal
from domain.moderation.case_messages import ReceivedMessage
from domain.moderation.reports import OwnReport
from domain.moderation.statements import Statement

# Rows read at a time.
BATCH = 200

Item = TypeVar("Item")


class PeopleList(Enum):
    """A list of people that a member has."""

    FOLLOWING = queries.FOLLOWING
    FOLLOWERS = queries.FOLLOWERS
    BLOCKED = queries.BLOCKED
    MUTED = queries.MUTED


class OwnAccount(msgspec.Struct, frozen=True):
    """An account as it knows itself. ``avatar`` and ``header`` are keys of stored files, "" for none.

    ``terms`` and ``rules`` are the versions that it has accepted. Times are in Unix milliseconds.
    """

    id: int
    handle: str
    name: str
    bio: str
    bio_mentions: str
    links: tuple[ProfileLink, ...]
    private: bool
    locale: str
    theme: str
    email: str
    terms: int
    terms_at: int
    rules: int
    avatar: str
    header: str

    @property
    def created_at(self) -> int:
        return ids.time_of(self.id)


class EarlierText(msgspec.Struct, frozen=True):
    """What a post said before an edit, from ``written_at`` (Unix milliseconds) on."""

    text: str
    cover: str | None
    written_at: int


class OwnPost(msgspec.Struct, frozen=True):
    """A post, ``shown`` to others unless moderators have removed or hidden it.

    ``mentions`` are handles that exist, in lower case, each between spaces.
    ``own_parent``: it replies to another one of the same author. Media that moderators have removed are left out, and
    ``edited_at`` is None for a post that was never edited. Times are in Unix milliseconds.
    """

    id: int
    text: str
    mentions: str
    cover: str | None
    visibility: Visibility
    shown: bool
    parent: int | None
    own_parent: bool
    quote: int | None
    edited_at: int | None
    media: tuple[Attachment, ...]
    earlier: tuple[EarlierText, ...]

    @property
    def created_at(self) -> int:
        return ids.time_of(self.id)


async def account(viewer: Viewer) -> OwnAccount:
    """Errors: ``SignedOut``, ``NotFound`` for one that has just left."""
    row = await queries.account(account_holder(viewer).id)
    if row is None:
        raise NotFound
    return _account(row)


def _account(row: AccountRow) -> OwnAccount:
    return OwnAccount(
        id=row.id,
        handle=row.handle,
        name=row.name,
        bio=row.bio,
        bio_mentions=row.bio_mentions,
        links=msgspec.json.decode(row.links, type=tuple[ProfileLink, ...]),
        private=bool(row.private),
        locale=row.locale,
        theme=row.theme,
        email=row.email,
        terms=row.terms_version,
        terms_at=row.terms_at,
        rules=row.rules_version,
        avatar=row.avatar_large,
        header=row.header,
    )


async def posts(viewer: Viewer) -> AsyncIterator[list[OwnPost]]:
    """Batches of the viewer's posts, oldest first."""
    own = account_holder(viewer).id
    async for rows in _batches(lambda after: queries.posts(own, after, BATCH), lambda row: row.id):
        numbers = [row.id for row in rows]
        media = await attachments.of_posts(numbers)
        earlier: dict[int, list[EarlierTextRow]] = {}
        for text in await queries.earlier_texts(numbers):
            earlier.setdefault(text.post, []).append(text)
        yield [_post(row, own, media.get(row.id, ()), earlier.get(row.id, ())) for row in rows]


def _post(row: PostRow, own: int, media: tuple[Attachment, ...], earlier: Sequence[EarlierTextRow]) -> OwnPost:
    return OwnPost(
        id=row.id,
        text=row.text,
        mentions=row.mentions,
        cover=row.cover,
        visibility=Visibility(row.visibility),
        shown=row.state in (PostState.VISIBLE, PostState.LIMITED),
        parent=row.parent,
        own_parent=row.parent_author == own,
        quote=row.quote,
        edited_at=row.edited_at,
        media=media,
        earlier=tuple(EarlierText(one.text, one.cover, one.written_at) for one in earlier),
    )


async def reposts(viewer: Viewer) -> AsyncIterator[list[RepostRow]]:
    """Batches of what the viewer has reposted, oldest first."""
    own = account_holder(viewer).id
    async for rows in _batches(lambda after: queries.reposts(own, after, BATCH), lambda row: row.id):
        yield rows


async def votes(viewer: Viewer) -> AsyncIterator[list[VoteRow]]:
    """Batches of the viewer's votes, in the order of the posts."""
    own = account_holder(viewer).id
    async for rows in _batches(lambda after: queries.votes(own, after, BATCH), lambda row: row.post):
        yield rows


async def people(viewer: Viewer, which: PeopleList) -> AsyncIterator[list[str]]:
    """Batches of handles on one of the viewer's lists, the account that is here longest first."""
    own = account_holder(viewer).id
    async for rows in _batches(lambda after: queries.people(which.value, own, after, BATCH), lambda row: row.id):
        yield [row.handle for row in rows]


async def _batches(
    read: Callable[[int], Awaitable[list[Item]]], number: Callable[[Item], int]
) -> AsyncIterator[list[Item]]:
    """``read`` gives the rows after a number that rises, and ``number`` that of a row."""
    after = 0
    while rows := await read(after):
        yield rows
        after = number(rows[-1])


def decisions(viewer: Viewer) -> AsyncIterator[list[Statement]]:
    """Pages of the decisions about the viewer, newest first."""
    return _pages(lambda cursor: statements.mine(viewer, cursor))


def own_appeals(viewer: Viewer) -> AsyncIterator[list[ListedAppeal]]:
    """Pages of the viewer's appeals, newest first."""
    return _pages(lambda cursor: appeals.mine(viewer, cursor))


def own_reports(viewer: Viewer) -> AsyncIterator[list[OwnReport]]:
    """Pages of what the viewer has reported, newest first."""
    return _pages(lambda cursor: reports.mine(viewer, cursor))


def messages(viewer: Viewer) -> AsyncIterator[list[ReceivedMessage]]:
    """Pages of what moderators have written to the viewer, newest first."""
    return _pages(lambda cursor: case_messages.mine(viewer, cursor))


async def _pages(read: Callable[[str], Awaitable[Page[Item]]]) -> AsyncIterator[list[Item]]:
    page = await read("")
    yield page.items
    while page.next:
        page = await read(page.next)
        yield page.items
