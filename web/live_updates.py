"""Live updates: looks up what is new for an open page, as its member may see it, and sends what was not sent yet."""

import zlib
from collections.abc import Iterable, Sequence
from enum import IntFlag, StrEnum
from typing import Any, Protocol, assert_never

import msgspec

from domain.accounts import sessions
from domain.core import ids
from domain.core.access import Viewer
from domain.posts import threads, views
from domain.posts.views import PostSummary
from domain.timelines import home, public
from web import i18n, post_rendering


class LiveTopic(IntFlag):
    """What to look up for a page. SCHEDULED is no topic: it says that time asks for the update, and no signal."""

    FEED = 1
    REPLIES = 2
    POSTS = 4
    VIEWER = 8
    SCHEDULED = 16


EVERYTHING = LiveTopic.FEED | LiveTopic.REPLIES | LiveTopic.POSTS | LiveTopic.VIEWER
# Counted this far; more is "99+".
MOST = 100
# How far below the newest entry of the page to look, in milliseconds: a copy may come into a home after newer ones. In
# a thread only what was being written while the page was made can come late.
LATE_HOME, LATE_REPLY = 600_000, 2_000
# Posts of a page that are kept up to date.
POSTS_MOST = 40


class PageKind(StrEnum):
    """Which list a page has that may grow, by the word in the stream's address."""

    HOME = "home"
    PUBLIC = "public"
    THREAD = "thread"
    NONE = "none"


class PageState(msgspec.Struct, frozen=True):
    """What a page shows. ``post`` is the one whose thread it is, or 0; ``posts`` are ids.

    ``since`` is its newest entry, ``floor`` its oldest, or 0.
    """

    at: PageKind = PageKind.NONE
    post: int = 0
    since: int = 0
    floor: int = 0
    posts: tuple[int, ...] = ()


class SentState(msgspec.Struct):
    """What a page was sent last: counts, and a checksum of each post's figures. ``unread`` -1: nothing yet.

    ``resumed_sum`` is the sum over all posts that a stream which was cut had sent, until it is compared.
    """

    feed: int = 0
    replies: int = 0
    unread: int = -1
    figures: dict[int, int] = {}
    resumed_sum: int | None = None

    def encode(self, page: PageState) -> bytes:
        """As an event's id, from which :func:`resumed` goes on.

        >>> SentState(feed=2, unread=1).encode(PageState())
        b'2.0.1.0'
        """
        total = _total(self.figures) if len(self.figures) == len(page.posts) else ""
        return f"{self.feed}.{self.replies}.{self.unread}.{total}".encode()


class LiveStream(Protocol):
    """A stream of web/live.py."""

    viewer: Viewer
    token: str
    locale: str
    page: PageState
    sent: SentState
    root: int

    def emit(self, name: str, data: object, post: int = 0) -> None: ...

    def end(self) -> None: ...


def resumed(mark: str) -> SentState:
    """What the browser got before its stream was cut, by the id of the last event; nothing for any other text."""
    parts = mark[:80].split(".")
    if len(parts) != 4 or not all(part.removeprefix("-").isdecimal() for part in parts[:3]):
        return SentState()
    total = int(parts[3]) if parts[3].isdecimal() else None
    return SentState(int(parts[0]), int(parts[1]), int(parts[2]), {}, total)


async def update(stream: LiveStream, topics: LiveTopic, changed: Iterable[int]) -> None:
    """Looks topics up and emits what differs from what was sent; ends a stream whose session is over, or whose
    member is suspended.

    ``changed`` are the posts that POSTS is about.
    """
    if LiveTopic.VIEWER in topics:
        viewer = await sessions.viewer(stream.token)
        if not viewer.signed_in or viewer.suspended_until:
            stream.end()
            return
        stream.viewer = viewer
        _notices(stream)
    if LiveTopic.FEED in topics:
        await _feed(stream)
    if LiveTopic.REPLIES in topics and stream.root:
        await _replies(stream)
    if LiveTopic.POSTS in topics and changed:
        await _posts(stream, list(changed))


def _notices(stream: LiveStream) -> None:
    unread = stream.viewer.counts.unread
    if unread != stream.sent.unread:
        stream.sent.unread = unread
        stream.emit("notices", {"unread": unread})


async def _feed(stream: LiveStream) -> None:
    page = stream.page
    match page.at:
        case PageKind.HOME:
            read = home.newer
        case PageKind.PUBLIC:
            read = public.newer
        case PageKind.THREAD | PageKind.NONE:
            return
        case _:
            assert_never(page.at)
    since = _below(page.since, LATE_HOME, page.floor or page.since)
    count = _count(stream, await read(stream.viewer, since, MOST + POSTS_MOST))
    if count != stream.sent.feed:
        stream.sent.feed = count
        words = i18n.translations(stream.locale).ngettext("%(num)s new post", "%(num)s new posts", count)
        stream.emit("feed", {"count": count, "text": words % {"num": _short(count)}})


async def _replies(stream: LiveStream) -> None:
    page = stream.page
    since = late(page.since)
    found = await threads.newer(stream.viewer, page.post, stream.root, since, MOST + POSTS_MOST)
    count = _count(stream, [reply.post for reply in found])
    if count != stream.sent.replies:
        stream.sent.replies = count
        words = i18n.translations(stream.locale).ngettext("%(num)s new reply", "%(num)s new replies", count)
        stream.emit("replies", {"count": count, "text": words % {"num": _short(count)}})


def late(since: int) -> int:
    """Where to begin in a thread of which a page showed everything up to ``since``, but for what came late."""
    return _below(since, LATE_REPLY, 0)


def _below(since: int, late_ms: int, floor: int) -> int:
    """Where to begin: a while before ``since``, but not below ``floor``, where the page shows nothing."""
    return max(since - (late_ms << ids.RANDOM_BITS), floor - 1, 0) if since else 0


def _count(stream: LiveStream, found: Sequence[PostSummary]) -> int:
    """How many posts are new: neither on the page, nor posted or reposted by the viewer."""
    me, shown = stream.viewer.id, stream.page.posts
    own = (view.id for view in found if (view.actor or view.author) == me)
    return min(len({view.id for view in found}.difference(own, shown)), MOST)


def _short(count: int) -> str:
    return f"{MOST - 1}+" if count >= MOST else str(count)


async def _posts(stream: LiveStream, changed: list[int]) -> None:
    """Emits the figures of posts, or that they are gone, where that differs from what was sent."""
    found = await views.summaries(stream.viewer, changed)
    sent = stream.sent
    now = {post: _checksum(post, found.get(post)) for post in changed}
    if sent.resumed_sum is not None and not sent.figures and len(now) == len(stream.page.posts):
        if _total(now) == sent.resumed_sum:
            sent.figures = now
        sent.resumed_sum = None
    for post, figures in now.items():
        if sent.figures.get(post) != figures:
            sent.figures[post] = figures
            _figures(stream, post, found.get(post))


def _checksum(post: int, view: PostSummary | None) -> int:
    what = view[6:10] if view is not None else "gone"
    return zlib.crc32(f"{post} {what}".encode())


def _total(figures: dict[int, int]) -> int:
    """One checksum for all, whatever their order."""
    return sum(figures.values()) & 0xFFFFFFFF


def _figures(stream: LiveStream, post: int, view: PostSummary | None) -> None:
    if view is None:
        stream.emit("gone", {"id": str(post)}, post)
        return
    numbers: dict[str, Any] = {
        "replies": view.replies,
        "reposts": view.reposts,
        "votes": view.ups,
        "downs": view.downs,
    }
    shown = {name: post_rendering.number(stream.locale, value) for name, value in numbers.items()}
    stream.emit("post", {"id": str(post), **shown}, post)
