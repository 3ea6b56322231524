"""Live streams: a hub per process knows the pages that are open here, and sends each what is new for it.

Counts are never added up from signals. A signal marks the streams that it may concern; what they are sent is looked up
as their members may see it (web/live_updates.py), and again every BEAT seconds: a lost signal delays an update only.
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
from web.live_updates import EVERYTHING, LiveTopic, PageKind, PageState, SentState

LOG = structlog.get_logger()

# Seconds between two updates of a stream without a signal. They also show proxies that the connection is in use.
BEAT = 25.0
# Seconds between two updates of a stream however many signals come; more when there are thousands of streams.
PACE, PACE_PER_STREAM = 1.0, 0.00025
# Streams of one member; one more ends the oldest.
STREAMS_PER_MEMBER = 12
# Streams that are updated at a time: more than one only helps where the database is a round trip away.
WORKERS = 4
StreamIndex = dict[int, dict["Stream", None]]


class Stream:
    """One open page.

    ``topics`` are the bits of the ``LiveTopic`` to look up next, ``changed`` the posts that POSTS is about. ``pending``
    are the events to be sent, the newest about each thing, however slowly the browser reads.
    """

    __slots__ = ("account", "beat_at", "changed", "ended", "locale", "next_at", "page", "pending", "queued", "root",
                 "sent", "token", "topics", "viewer", "wake")  # fmt: skip

    def __init__(
        self, viewer: Viewer, token: str, locale: str, page: PageState, sent: SentState, root: int = 0
    ) -> None:
        self.account, self.viewer, self.token, self.locale = viewer.id, viewer, token, locale
        self.page, self.sent, self.root = page, sent, root
        self.pending: dict[tuple[str, int], bytes] = {}
        self.wake = asyncio.Event()
        self.ended = False
        # A plain int: thousands of streams are marked per signal, and flags take ten times as long to combine.
        self.topics = 0
        self.changed: set[int] = set()
        # Whether the stream is in the hub's queue, or will be at ``next_at``.
        self.queued = False
        self.next_at = 0.0
        self.beat_at = 0.0

    def emit(self, name: str, data: object, post: int = 0) -> None:
        """Has an event sent. An earlier one of the name, or about the ``post``, that is still pending is dropped."""
        key = ("post" if post else name, post)
        self.pending.pop(key, None)
        self.pending[key] = b"event: " + name.encode() + b"\ndata: " + msgspec.json.encode(data)
        self.wake.set()

    def take(self) -> bytes:
        """The pending events as bytes of the stream; a comment when there are none, to show that it lives."""
        self.wake.clear()
        events, self.pending = self.pending.values(), {}
        mark = b"\nid: " + self.sent.encode(self.page) + b"\n\n"
        return b"".join(event + mark for event in events) or b":\n\n"

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
        # Sources that published, whose followers among the open homes are still to be found.
        self._sources: set[int] = set()
        self._queue: deque[Stream] = deque()
        self._work_waits = asyncio.Event()

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def full(self) -> bool:
        return self.closed or len(self._streams) >= self.limit

    def enter(self, stream: Stream, topics: LiveTopic) -> None:
        """Adds a stream, and has the topics looked up for it at once."""
        if self.closed:
            stream.end()
        own = self._by_account.get(stream.account, {})
        if len(own) >= STREAMS_PER_MEMBER:
            oldest = next(iter(own))
            oldest.emit("bye", {})
            oldest.end()
            self.leave(oldest)
        self._streams[stream] = None
        for index, key in self._keys(stream):
            index.setdefault(key, {})[stream] = None
        if stream.page.at is PageKind.PUBLIC:
            self._public[stream] = None
        stream.beat_at = monotonic() + random.uniform(0.5, 1) * BEAT
        self._mark([stream], topics)

    def leave(self, stream: Stream) -> None:
        """Removes a stream; harmless when it is gone already."""
        if self._streams.pop(stream, stream) is stream:
            return
        for index, key in self._keys(stream):
            streams = index[key]
            del streams[stream]
            if not streams:
                del index[key]
        self._public.pop(stream, None)

    def _keys(self, stream: Stream) -> Iterable[tuple[StreamIndex, int]]:
        yield self._by_account, stream.account
        if stream.page.at is PageKind.HOME:
            yield self._by_home, stream.account
        if stream.root:
            yield self._by_root, stream.root
        for post in stream.page.posts:
            yield self._by_post, post

    def close(self) -> None:
        """Ends every stream and takes no more: the process stops."""
        self.closed = True
        for stream in self._streams:
            stream.end()

    def receive(self, kind: str, a: int, b: int) -> None:
        """Marks the streams that a signal may concern; ignores a kind that only a newer version knows."""
        if not self._streams:
            return
        match kind:
            case signals.Kind.HOME:
                self._add_source(a)
            case signals.Kind.PUBLIC:
                self._mark(self._public, LiveTopic.FEED)
            case signals.Kind.THREAD:
                self._mark(self._by_root.get(a, ()), LiveTopic.REPLIES)
            case signals.Kind.POST:
                self._mark_post(a)
            case signals.Kind.NOTICES:
                self._mark(self._by_account.get(a, ()), LiveTopic.VIEWER)
            case signals.Kind.VIEWER:
                self._mark_everything(self._by_account.get(a, ()), EVERYTHING)
            case signals.Kind.MISSED:
                self._spread_beats()

    def _spread_beats(self) -> None:
        """Has every stream updated within the next seconds, not all of them at once."""
        now = monotonic()
        for stream in self._streams:
            stream.beat_at = min(stream.beat_at, now + random.uniform(0, 1 + len(self._streams) / 1000))

    def _add_source(self, source: int) -> None:
        if self._by_home:
            self._sources.add(source)
            self._work_waits.set()

    def _mark_post(self, post: int) -> None:
        streams = self._by_post.get(post, ())
        for stream in streams:
            stream.changed.add(post)
        self._mark(streams, LiveTopic.POSTS)

    def _mark_everything(self, streams: Iterable[Stream], topics: LiveTopic) -> None:
        """``topics`` is EVERYTHING, for all posts of the pages, or that and SCHEDULED."""
        for stream in streams:
            stream.changed.update(stream.page.posts)
        self._mark(streams, topics)

    def _mark(self, streams: Iterable[Stream], topics: LiveTopic) -> None:
        """Has topics looked up for the streams: at once where that was not done for a while, else when it may."""
        bits = topics.value
        for stream in streams:
            stream.topics |= bits
            if not stream.queued:
                self._enqueue(stream)

    def _enqueue(self, stream: Stream) -> None:
        stream.queued = True
        delay = stream.next_at - monotonic()
        if delay > 0:
            asyncio.get_running_loop().call_later(delay, self._append, stream)
        else:
            self._append(stream)

    def _append(self, stream: Stream) -> None:
        self._queue.append(stream)
        self._work_waits.set()

    async def run(self) -> None:
        """Updates the streams, for ever."""
        signals.listen(self.receive)
        try:
            async with asyncio.TaskGroup() as tasks:
                for _ in range(WORKERS):
                    tasks.create_task(self._work())
                tasks.create_task(self._beat())
        finally:
            signals.unlisten(self.receive)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT / 50)
            now = monotonic()
            due = [stream for stream in self._streams if stream.beat_at <= now]
            self._mark_everything(due, EVERYTHING | LiveTopic.SCHEDULED)
            for stream in due:
                stream.beat_at = now + BEAT
                stream.wake.set()

    async def _work(self) -> None:
        while True:
            await self._work_waits.wait()
            if self._sources:
                await self._mark_followers()
            elif self._queue:
                await self._update(self._queue.popleft())
            else:
                self._work_waits.clear()
            # Statements may run on the event loop: let pages through between two streams.
            await asyncio.sleep(0)

    async def _mark_followers(self) -> None:
        """Marks the open homes of those who follow a source that published."""
        source = self._sources.pop()
        try:
            reached = await home.reached(source, list(self._by_home))
        except Exception:
            # The next beat makes up for it.
            LOG.exception("live.failed")
            return
        for account in reached:
            self._mark(self._by_home.get(account, ()), LiveTopic.FEED)

    async def _update(self, stream: Stream) -> None:
        topics, stream.topics = LiveTopic(stream.topics), 0
        changed, stream.changed = stream.changed, set()
        if LiveTopic.SCHEDULED not in topics:
            stream.next_at = monotonic() + PACE + PACE_PER_STREAM * len(self._streams)
        try:
            if not stream.ended:
                await live_updates.update(stream, topics, changed)
        except Exception:
            LOG.exception("live.failed")
        stream.queued = False
        if stream.topics and not stream.ended:
            self._enqueue(stream)
