"""Pages for guests, kept for a moment: everybody who is not signed in sees the same."""

import re

from asgi.asgi_types import App, Message, Receive, Scope, Send
from asgi.cache import BUDGET, ENTRY_BYTES, TtlCache
from asgi.responses import Response
from domain.core import replica_reads
from settings import Settings
from web import page
from web.page import Visit

# What a page takes in memory beside its address and body, in bytes.
ANSWER = 1000
# What everybody reads; other pages are of a deed just done, such as a link that was mailed.
SHARED = ("/@", "/public", "/tags/", "/people", "/about", "/terms")
# The queries of links to guests' pages. Others are answered and not kept, so that no stranger fills the cache.
LINKED = re.compile(rb"(?:(?:before|after|sort)=[\w.-]{1,40}(?:&(?!$)|$)){0,3}")
# Path, query, language, theme, whether a fragment, whether data is saved.
Key = tuple[bytes, bytes, str, str, bool, bool]


class GuestPagesMiddleware:
    """ASGI: answers a guest's GET from memory while its page is fresh; `asgi.responses.Answer` puts pages in.

    ``app``, which makes the others, is set once it is there: it tells these pages what to forget.
    """

    app: App

    def __init__(self, settings: Settings) -> None:
        self._replica = bool(settings.replica_url)
        self.pages: TtlCache[Key, Response] = TtlCache(settings.guest_cache_ms / 1000, BUDGET, _weigh)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.pages.seconds:
            visit: Visit = scope["state"]["visit"]
            if not visit.viewer.signed_in and scope["method"] == "GET":
                if (found := self.pages.get(_key(scope, visit))) is not None:
                    await found(scope, receive, send)
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

        with replica_reads.may_lag():
            await self.app({**scope, "state": dict(scope["state"])}, receive, held)
        if missing:
            await self.app(scope, receive, send)

    def keep(self, scope: Scope, answer: Response) -> None:
        """Keeps a shared page for the next guest, unless its address has what our links don't have."""
        if LINKED.fullmatch(scope["query_string"]):
            self.pages.put(_key(scope, scope["state"]["visit"]), answer)


def _weigh(key: Key, answer: Response) -> int:
    return ENTRY_BYTES + ANSWER + sum(map(len, key[:2])) + len(answer.body)


def _key(scope: Scope, visit: Visit) -> Key:
    fragment = page.asks_for_fragment(scope)
    # The path as it was asked for, which the page's own links repeat: routing tidies the other one.
    return scope["raw_path"], scope["query_string"], visit.locale, visit.theme, fragment, visit.saver
