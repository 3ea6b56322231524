"""What is new for an open page, looked up as its member may see it, and said when it was not said before."""

import zlib
from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import msgspec

from domain.accounts import sessions
from domain.core import ids
from domain.core.access import Viewer
from domain.posts import threads, views
from domain.posts.views import PostSummary
from domain.timelines import home, public
from web import i18n, post_rendering

# What a look may be about.
FEED, REPLIES, POSTS, VIEWER = 1, 2, 4, 8
EVERYTHING = FEED | REPLIES | POSTS | VIEWER
# A look that no signal asked for.
UNASKED = 16
# Counted this far; more is "99+".
MOST = 100
# A copy may come into a home after newer ones: so far below the newest entry one looks, in milliseconds. In a thread
# only what was being written while the page was drawn can come late.
LATE_HOME, LATE_REPLY = 600_000, 2_000
# Posts of a page that are kept up to date.
POSTS_MOST = 40


class PageState(msgspec.Struct, frozen=True):
    """What a page shows: ``at`` is home, public, thread or none; ``post`` the one whose thread it is.

    ``since`` is its newest entry, ``floor`` its oldest, or 0; ``posts`` are ids.
    """

    at: str = "none"
    post: int = 0
    since: int = 0
    floor: int = 0
    posts: tuple[int, ...] = ()


class SentState(msgspec.Struct):
    """What a page has been told: counts, and a sum of each post's figures. ``unread`` -1: nothing yet.

    ``before`` is the sum of all of them that a stream which was cut had been told.
    """

    feed: int = 0
    replies: int = 0
    unread: int = -1
    figures: dict[int, int] = {}
    before: int | None = None

    def encode(self, sight: PageState) -> bytes:
        """As an event's id, from which :func:`resumed` goes on."""
        whole = _all(self.figures) if len(self.figures) == len(sight.posts) else ""
        return f"{self.feed}.{self.replies}.{self.unread}.{whole}".encode()


class LiveStream(Protocol):
    """What is told: a stream of web/live.py."""

    viewer: Viewer
    token: str
    locale: str
    sight: PageState
    told: SentState
    root: int

    def say(self, name: str, value: object, about: int = 0) -> None: ...

    def end(self) -> None: ...


def resumed(mark: str) -> SentState:
    """What the last event that came through said; nothing for a mark that is none of ours."""
    parts = mark[:80].split(".")
    if len(parts) != 4 or not all(part.removeprefix("-").isdecimal() for part in parts[:3]):
        return SentState()
    before = int(parts[3]) if parts[3].isdecimal() else None
    return SentState(int(parts[0]), int(parts[1]), int(parts[2]), {}, before)


async def look(stream: LiveStream, want: int, changed: Iterable[int]) -> None:
    """Looks up what is wanted and says what differs from what was told; ends a stream whose session is over."""
    if want & VIEWER:
        viewer = await sessions.viewer(stream.token)
        if not viewer.signed_in:
            stream.end()
            return
        stream.viewer = viewer
        _notices(stream)
    if want & FEED and stream.sight.at in ("home", "public"):
        await _feed(stream)
    if want & REPLIES and stream.root:
        await _replies(stream)
    if want & POSTS and changed:
        await _posts(stream, list(changed))


def _notices(stream: LiveStream) -> None:
    unread = stream.viewer.counts.unread
    if unread != stream.told.unread:
        stream.told.unread = unread
        stream.say("notices", {"unread": unread})


async def _feed(stream: LiveStream) -> None:
    sight, viewer = stream.sight, stream.viewer
    since = _below(sight.since, LATE_HOME, sight.floor or sight.since)
    read = home.newer if sight.at == "home" else public.newer
    count = _count(stream, await read(viewer, since, MOST + POSTS_MOST))
    if count != stream.told.feed:
        stream.told.feed = count
        words = i18n.translations(stream.locale).ngettext("%(num)s new post", "%(num)s new posts", count)
        stream.say("feed", {"count": count, "text": words % {"num": _short(count)}})


async def _replies(stream: LiveStream) -> None:
    sight = stream.sight
    since = late(sight.since)
    found = await threads.newer(stream.viewer, sight.post, stream.root, since, MOST + POSTS_MOST)
    count = _count(stream, [reply.post for reply in found])
    if count != stream.told.replies:
        stream.told.replies = count
        words = i18n.translations(stream.locale).ngettext("%(num)s new reply", "%(num)s new replies", count)
        stream.say("replies", {"count": count, "text": words % {"num": _short(count)}})


def late(since: int) -> int:
    """Where to begin in a thread of which a page showed everything up to ``since``, but for what came late."""
    return _below(since, LATE_REPLY, 0)


def _below(since: int, late_ms: int, floor: int) -> int:
    """Where to begin: a while before ``since``, but not below ``floor``, where the page shows nothing."""
    return max(since - (late_ms << ids.RANDOM_BITS), floor - 1, 0) if since else 0


def _count(stream: LiveStream, found: Sequence[PostSummary]) -> int:
    """How many posts are new: not on the page, and not the reader's own doing."""
    me, shown = stream.viewer.id, stream.sight.posts
    own = (view.id for view in found if (view.actor or view.author) == me)
    return min(len({view.id for view in found}.difference(own, shown)), MOST)


def _short(count: int) -> str:
    return f"{MOST - 1}+" if count >= MOST else str(count)


async def _posts(stream: LiveStream, changed: list[int]) -> None:
    """Says the figures of posts, or that they are gone, where that is not what was said last."""
    found = await views.look(stream.viewer, changed)
    told = stream.told
    now = {post: _sum(post, found.get(post)) for post in changed}
    if told.before is not None and not told.figures and len(now) == len(stream.sight.posts):
        if _all(now) == told.before:
            told.figures = now
        told.before = None
    for post, figures in now.items():
        if told.figures.get(post) != figures:
            told.figures[post] = figures
            _figures(stream, post, found.get(post))


def _sum(post: int, view: PostSummary | None) -> int:
    what = view[6:10] if view is not None else "gone"
    return zlib.crc32(f"{post} {what}".encode())


def _all(figures: dict[int, int]) -> int:
    """One sum for all, whatever their order."""
    return sum(figures.values()) & 0xFFFFFFFF


def _figures(stream: LiveStream, post: int, view: PostSummary | None) -> None:
    if view is None:
        stream.say("gone", {"id": str(post)}, post)
        return
    numbers: dict[str, Any] = {
        "replies": view.replies,
        "reposts": view.reposts,
        "votes": view.ups,
        "downs": view.downs,
    }
    shown = {name: post_rendering.number(stream.locale, value) for name, value in numbers.items()}
    stream.say("post", {"id": str(post), **shown}, post)
