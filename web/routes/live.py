"""The event stream of an open page."""

import asyncio
import contextlib
import random
from typing import Any

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
from web.live import Stream
from web.live_updates import EVERYTHING, POSTS, POSTS_MOST, PageState

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # nginx would keep events back until it has enough of them.
    (b"x-accel-buffering", b"no"),
]
PLACES = ("home", "public", "thread")
# Milliseconds after which a browser whose stream ended comes back: not all of them at the same moment.
AGAIN = (1000, 5000)
# Seconds that a reader may take in nothing before the stream ends.
PATIENCE = 30
BUSY_SECONDS = 30


@get("/live")
async def live(request: Request) -> ASGIApp:
    """What becomes new for a member while a page is open, as server-sent events; nothing for guests.

    ``?at=home|public|thread|none&root=POST&since=ENTRY&from=ENTRY&posts=IDS``; ``fresh=1`` of a page that was drawn
    just now, whose posts have nothing new.
    """
    viewer = page.viewer(request)
    if not viewer.signed_in:
        return Response(b"", 204, ())
    shared = state.of(request)
    if shared.hub.full:
        return Response(b"", 503, ((b"retry-after", str(BUSY_SECONDS).encode()),))
    sight = _sight(request)
    told = live_updates.resumed(request.headers.get("last-event-id", ""))
    token = parse_cookies(header(request.scope, b"cookie")).get(shared.cookies.session, "")
    stream = Stream(viewer, token, page.locale(request), sight, told, await _root(viewer, sight))
    want = EVERYTHING
    if forms.query(request, "fresh") and told.unread < 0:
        want &= ~POSTS
    else:
        stream.changed.update(sight.posts)
    return _Live(shared.hub, stream, want)


def _sight(request: Request) -> PageState:
    asked = {name: forms.query(request, name) for name in ("at", "root", "since", "from", "posts")}
    posts = (ids.parse(one) for one in asked["posts"].split(",", POSTS_MOST)[:POSTS_MOST])
    return PageState(
        at=asked["at"] if asked["at"] in PLACES else "none",
        post=ids.parse(asked["root"]) or 0,
        since=ids.parse(asked["since"]) or 0,
        floor=ids.parse(asked["from"]) or 0,
        posts=tuple(dict.fromkeys(post for post in posts if post is not None)),
    )


async def _root(viewer: Viewer, sight: PageState) -> int:
    """The first post of the thread on the page; 0 where there is none, or none for this member."""
    if sight.at != "thread" or not sight.post:
        return 0
    try:
        return (await views.get(viewer, sight.post)).root
    except NotFound:
        return 0


class _Live:
    """The stream itself, until the reader goes or the stream is ended."""

    def __init__(self, hub: Any, stream: Stream, want: int) -> None:
        self._hub, self._stream, self._want = hub, stream, want

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stream = self._stream
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        hello = f"retry: {random.randint(*AGAIN)}\nevent: hello\ndata: {{}}\n\n"
        await _send(send, hello.encode())
        self._hub.enter(stream, self._want)
        watching = asyncio.create_task(_until_gone(receive, stream))
        try:
            while not stream.ended:
                await stream.wake.wait()
                await _send(send, stream.take())
        except TimeoutError:
            pass
        finally:
            self._hub.leave(stream)
            watching.cancel()
        with contextlib.suppress(TimeoutError):
            await _send(send, b"", more=False)


async def _send(send: Send, body: bytes, *, more: bool = True) -> None:
    async with asyncio.timeout(PATIENCE):
        await send({"type": "http.response.body", "body": body, "more_body": more})


async def _until_gone(receive: Receive, stream: Stream) -> None:
    """Ends the stream when the reader's connection does."""
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()


HANDLERS = [live]
