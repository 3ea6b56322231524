"""Open pages: one hub per process knows which pages are open here and has each told what became new for it.

Nothing is counted up. A signal only marks the streams that it may concern; what is then told is looked up as their
members may see it (web/live_updates.py), and again every BEAT seconds: a lost signal delays an update and loses none.
"""

import asyncio
import random
from collections import deque
from collections.abc import Iterable
from time import monotonic

import msgspec
import structlog

from domain.core import signals
from domain.core.access import Viewer
from domain.timelines import home
from web import live_updates
from web.live_updates import EVERYTHING, FEED, POSTS, REPLIES, UNASKED, VIEWER, PageState, SentState

LOG = structlog.get_logger()

# Seconds between two looks at a stream without a signal, which are also its sign of life through proxies.
BEAT = 25.0
# Seconds between two looks at a stream however many signals come; more when there are thousands.
PACE, PACE_OF_ONE = 1.0, 0.00025
# Streams of one member; one more ends the oldest.
EACH = 12
# How many streams are looked at at a time: more than one only helps where the database is a round trip away.
AT_ONCE = 4
StreamIndex = dict[int, dict["Stream", None]]


class Stream:
    """One open page. ``said`` is what waits to be sent, the newest word on each thing, however slowly it is read."""

    __slots__ = ("account", "beat_at", "changed", "ended", "locale", "next_at", "root", "said", "sight", "token",
                 "told", "viewer", "waiting", "wake", "want")  # fmt: skip

    def __init__(
        self, viewer: Viewer, token: str, locale: str, sight: PageState, told: SentState, root: int = 0
    ) -> None:
        self.account, self.viewer, self.token, self.locale = viewer.id, viewer, token, locale
        self.sight, self.told, self.root = sight, told, root
        self.said: dict[tuple[str, int], bytes] = {}
        self.wake = asyncio.Event()
        self.ended = False
        self.want = 0
        self.changed: set[int] = set()
        # Whether it stands in the hub's queue, or will when ``next_at`` comes.
        self.waiting = False
        self.next_at = 0.0
        self.beat_at = 0.0

    def say(self, name: str, value: object, about: int = 0) -> None:
        """Has an event sent; ``about`` is the post that it is about."""
        kind = "post" if about else name
        self.said.pop((kind, about), None)
        self.said[kind, about] = b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(value)
        self.wake.set()

    def take(self) -> bytes:
        """All that waits, as bytes of the stream; a comment when nothing does, to show that it lives."""
        self.wake.clear()
        said, self.said = self.said.values(), {}
        mark = b"\nid: " + self.told.encode(self.sight) + b"\n\n"
        return b"".join(one + mark for one in said) or b":\n\n"

    def end(self) -> None:
        self.ended = True
        self.wake.set()


class Hub:
    """The streams of one process, at most ``limit``."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.closed = False
        self._streams: dict[Stream, None] = {}
        self._by_account: StreamIndex = {}
        self._by_home: StreamIndex = {}
        self._by_root: StreamIndex = {}
        self._by_post: StreamIndex = {}
        self._public: dict[Stream, None] = {}
        self._sources: set[int] = set()
        self._due: deque[Stream] = deque()
        self._some = asyncio.Event()

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def full(self) -> bool:
        return self.closed or len(self._streams) >= self.limit

    def enter(self, stream: Stream, want: int) -> None:
        """Takes a stream in, and has it told at once what is new."""
        if self.closed:
            stream.end()
        mine = self._by_account.get(stream.account, {})
        if len(mine) >= EACH:
            oldest = next(iter(mine))
            oldest.say("bye", {})
            oldest.end()
            self.leave(oldest)
        self._streams[stream] = None
        for shelf, key in self._places(stream):
            shelf.setdefault(key, {})[stream] = None
        if stream.sight.at == "public":
            self._public[stream] = None
        stream.beat_at = monotonic() + random.uniform(0.5, 1) * BEAT
        self.mark(stream, want)

    def leave(self, stream: Stream) -> None:
        """Forgets a stream; harmless when it is gone already."""
        if self._streams.pop(stream, stream) is stream:
            return
        for shelf, key in self._places(stream):
            found = shelf[key]
            del found[stream]
            if not found:
                del shelf[key]
        self._public.pop(stream, None)

    def _places(self, stream: Stream) -> Iterable[tuple[StreamIndex, int]]:
        yield self._by_account, stream.account
        if stream.sight.at == "home":
            yield self._by_home, stream.account
        if stream.root:
            yield self._by_root, stream.root
        for post in stream.sight.posts:
            yield self._by_post, post

    def close(self) -> None:
        """Ends every stream and takes no more: the process stops."""
        self.closed = True
        for stream in self._streams:
            stream.end()

    def hear(self, kind: str, a: int, b: int) -> None:
        """A signal: marks the streams that it may concern."""
        if not self._streams:
            return
        if kind == signals.HOME and self._by_home:
            self._sources.add(a)
            self._some.set()
        elif kind == signals.POST:
            for stream in self._by_post.get(a, ()):
                stream.changed.add(a)
                self.mark(stream, POSTS)
        elif kind == signals.VIEWER:
            for stream in self._by_account.get(a, ()):
                self._refresh(stream)
        elif kind == signals.MISSED:
            self._spread()
        elif kind in (signals.PUBLIC, signals.THREAD, signals.NOTICES):
            streams, want = {
                signals.PUBLIC: (self._public, FEED),
                signals.THREAD: (self._by_root.get(a, {}), REPLIES),
                signals.NOTICES: (self._by_account.get(a, {}), VIEWER),
            }[kind]
            self._mark_all(streams, want)

    def _spread(self) -> None:
        """Looks at every stream within the next seconds, not at all of them now."""
        now = monotonic()
        for stream in self._streams:
            stream.beat_at = min(stream.beat_at, now + random.uniform(0, 1 + len(self._streams) / 1000))

    def _refresh(self, stream: Stream, why: int = 0) -> None:
        stream.changed.update(stream.sight.posts)
        self.mark(stream, EVERYTHING | why)

    def _mark_all(self, streams: Iterable[Stream], want: int) -> None:
        for stream in streams:
            self.mark(stream, want)

    def mark(self, stream: Stream, want: int) -> None:
        """Has a stream looked at: at once if that has not happened for a while, else when it may."""
        stream.want |= want
        if stream.waiting:
            return
        stream.waiting = True
        delay = stream.next_at - monotonic()
        if delay > 0:
            asyncio.get_running_loop().call_later(delay, self._queue, stream)
        else:
            self._queue(stream)

    def _queue(self, stream: Stream) -> None:
        self._due.append(stream)
        self._some.set()

    async def run(self) -> None:
        """Tells the streams, for ever."""
        signals.listen(self.hear)
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(AT_ONCE):
                    tasks.create_task(self._work())
                tasks.create_task(self._beat())
        finally:
            signals.unlisten(self.hear)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT / 50)
            now = monotonic()
            for stream in [stream for stream in self._streams if stream.beat_at <= now]:
                stream.beat_at = now + BEAT
                self._refresh(stream, UNASKED)
                stream.wake.set()

    async def _work(self) -> None:
        while True:
            await self._some.wait()
            if self._sources:
                await self._find_readers()
            elif self._due:
                await self._look(self._due.popleft())
            else:
                self._some.clear()
            # Statements may run on the event loop: let pages through between two streams.
            await asyncio.sleep(0)

    async def _find_readers(self) -> None:
        """Whose home has something new: of the members with a home open here, those who follow who published."""
        source = self._sources.pop()
        try:
            reached = await home.reached(source, list(self._by_home))
        except Exception:
            # What they are not told now they are at the next beat.
            LOG.exception("live.failed")
            return
        for account in reached:
            self._mark_all(self._by_home.get(account, ()), FEED)

    async def _look(self, stream: Stream) -> None:
        want, stream.want = stream.want, 0
        changed, stream.changed = stream.changed, set()
        if not want & UNASKED:
            stream.next_at = monotonic() + PACE + PACE_OF_ONE * len(self._streams)
        try:
            if not stream.ended:
                await live_updates.look(stream, want, changed)
        except Exception:
            LOG.exception("live.failed")
        stream.waiting = False
        if stream.want and not stream.ended:
            self.mark(stream, 0)
