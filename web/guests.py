"""Pages for guests, kept for a moment: everybody who is not signed in sees the same."""

from collections import OrderedDict
from time import monotonic

from litestar import Request

from domain.core import reading
from settings import Settings
from web import page
from web.page import Answer, Visit
from web.wire import App, Message, Receive, Scope, Send

KEPT = 500
# What everybody reads; other pages are of a deed just done, such as a link that was mailed.
SHARED = ("/@", "/public", "/tags/", "/people", "/about", "/terms")


class Guests:
    """ASGI: answers a guest's GET from memory while its page is fresh; `web.page.Answer` puts pages in.

    ``app``, which makes the others, is set once it is there: it tells these pages what to forget.
    """

    app: App

    def __init__(self, settings: Settings) -> None:
        self._fresh = settings.guest_cache_ms / 1000
        self._replica = bool(settings.replica_url)
        self._pages: OrderedDict[tuple[str, bytes, str, str, bool, bool], tuple[float, Answer]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self._fresh:
            visit: Visit = scope["state"]["visit"]
            if not visit.viewer.signed_in and scope["method"] == "GET":
                found = self._pages.get(_key(scope, visit))
                if found and found[0] > monotonic():
                    await found[1](scope, receive, send)
                    return
                scope["state"]["guests"] = self
                if self._replica and (scope["path"] == "/" or scope["path"].startswith(SHARED)):
                    await self._make_from_replica(scope, receive, send)
                    return
        await self.app(scope, receive, send)

    async def _make_from_replica(self, scope: Scope, receive: Receive, send: Send) -> None:
        """A page that may be a little behind; what is not there yet is looked for where it was written."""
        missing = False

        async def held(message: Message) -> None:
            nonlocal missing
            missing = missing or (message["type"] == "http.response.start" and message["status"] == 404)
            if not missing:
                await send(message)

        with reading.may_lag():
            await self.app({**scope, "state": dict(scope["state"])}, receive, held)
        if missing:
            await self.app(scope, receive, send)

    def keep(self, scope: Scope, answer: Answer) -> None:
        """Keeps a shared page for the next guest."""
        key = _key(scope, scope["state"]["visit"])
        self._pages[key] = (monotonic() + self._fresh, answer)
        self._pages.move_to_end(key)
        if len(self._pages) > KEPT:
            self._pages.popitem(last=False)

    def sweep(self) -> None:
        """Drops what is no longer fresh."""
        now = monotonic()
        for key in [key for key, (until, _) in self._pages.items() if until < now]:
            del self._pages[key]

    def clear(self) -> None:
        """Forgets everything, when a post is purged."""
        self._pages.clear()


def _key(scope: Scope, visit: Visit) -> tuple[str, bytes, str, str, bool, bool]:
    fragment = page.is_fragment(Request(scope))
    return scope["path"], scope["query_string"], visit.locale, visit.theme, fragment, visit.saver
