"""The event stream of an open page."""

import asyncio
import contextlib
import random

from litestar import get
from litestar.types import ASGIApp

from asgi.asgi_types import Receive, Request, Scope, Send, header
from asgi.responses import Response
from asgi.sessions import parse_cookies
from domain.core import ids
from domain.core.access import Viewer
from domain.core.errors import NotFound
from domain.posts import views
from web import forms, live_updates, page, state
from web.live import Hub, Stream
from web.live_updates import EVERYTHING, POSTS_MOST, LiveTopic, PageKind, PageState

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # nginx would keep events back until it has enough of them.
    (b"x-accel-buffering", b"no"),
]
PAGE_KINDS = {kind.value: kind for kind in PageKind}
# Milliseconds after which a browser whose stream ended reconnects, at random: not all of them at the same moment.
RECONNECT = (1000, 5000)
# Seconds for which a browser may read nothing before the stream ends.
PATIENCE = 30
BUSY_SECONDS = 30


@get("/live")
async def live(request: Request) -> ASGIApp:
    """Sends a member what becomes new while a page is open, as server-sent events; nothing to guests.

    ``?at=home|public|thread|none&root=POST&since=ENTRY&from=ENTRY&posts=IDS``; with ``fresh=1`` the page was made just
    now, and nothing is new of its posts.
    """
    viewer = page.viewer(request)
    if not viewer.signed_in or viewer.suspended_until:
        return Response(b"", 204, ())
    shared = state.of(request)
    if shared.hub.full:
        return Response(b"", 503, ((b"retry-after", str(BUSY_SECONDS).encode()),))
    shown = _page_state(request)
    sent = live_updates.resumed(request.headers.get("last-event-id", ""))
    token = parse_cookies(header(request.scope, b"cookie")).get(shared.cookies.session, "")
    stream = Stream(viewer, token, page.locale(request), shown, sent, await _root(viewer, shown))
    topics = EVERYTHING
    if forms.query(request, "fresh") and sent.unread < 0:
        topics &= ~LiveTopic.POSTS
    else:
        stream.changed.update(shown.posts)
    return _EventStream(shared.hub, stream, topics)


def _page_state(request: Request) -> PageState:
    asked = {name: forms.query(request, name) for name in ("at", "root", "since", "from", "posts")}
    posts = (ids.parse(one) for one in asked["posts"].split(",", POSTS_MOST)[:POSTS_MOST])
    return PageState(
        at=PAGE_KINDS.get(asked["at"], PageKind.NONE),
        post=ids.parse(asked["root"]) or 0,
        since=ids.parse(asked["since"]) or 0,
        floor=ids.parse(asked["from"]) or 0,
        posts=tuple(dict.fromkeys(post for post in posts if post is not None)),
    )


async def _root(viewer: Viewer, shown: PageState) -> int:
    """The first post of the thread on the page; 0 where there is none, or none for this member."""
    if shown.at is not PageKind.THREAD or not shown.post:
        return 0
    try:
        return (await views.get(viewer, shown.post)).root
    except NotFound:
        return 0


class _EventStream:
    """ASGI: sends a stream's events until the browser disconnects or the stream is ended."""

    def __init__(self, hub: Hub, stream: Stream, topics: LiveTopic) -> None:
        self._hub, self._stream, self._topics = hub, stream, topics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stream = self._stream
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        hello = f"retry: {random.randint(*RECONNECT)}\nevent: hello\ndata: {{}}\n\n"
        await _send(send, hello.encode())
        self._hub.enter(stream, self._topics)
        disconnect = asyncio.create_task(_until_disconnected(receive, stream))
        try:
            while not stream.ended:
                await stream.wake.wait()
                await _send(send, stream.take())
        except TimeoutError:
            pass
        finally:
            self._hub.leave(stream)
            disconnect.cancel()
        with contextlib.suppress(TimeoutError):
            await _send(send, b"", more=False)


async def _send(send: Send, body: bytes, *, more: bool = True) -> None:
    async with asyncio.timeout(PATIENCE):
        await send({"type": "http.response.body", "body": body, "more_body": more})


async def _until_disconnected(receive: Receive, stream: Stream) -> None:
    """Ends the stream when the browser's connection ends."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


HANDLERS = [live]
