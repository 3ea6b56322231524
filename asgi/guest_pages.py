"""A short cache of guests' pages: everybody who is not signed in sees the same ones."""

import re
from collections.abc import Callable

from asgi.asgi_types import App, Message, Receive, Scope, Send
from asgi.cache import BUDGET, ENTRY_BYTES, TtlCache
from asgi.responses import Response
from asgi.visits import Visit
from domain.core import replica_reads
from settings import Settings

# What a cached page takes in memory beside its address and body, in bytes.
PAGE_OVERHEAD = 1000
# Pages that may come from a replica that lags behind. Others may follow a change just made, such as a mailed link.
SHARED = ("/@", "/public", "/tags/", "/people", "/about", "/terms")
# The queries that links to guests' pages have. Pages with others are not cached, so that nobody can fill the cache.
LINKED = re.compile(rb"(?:(?:before|after|sort)=[\w.-]{1,40}(?:&(?!$)|$)){0,3}")
# Path, query, language, theme, whether it is a fragment, whether to save data.
Key = tuple[bytes, bytes, str, str, bool, bool]


class GuestPagesMiddleware:
    """ASGI: answers a guest's GET from the cache while its page is fresh; `asgi.responses.Response` adds pages to it.

    ``app``, which makes the pages, is set after construction: its own parts need this object to drop pages.
    ``is_fragment`` says whether a request asks for a part of a page, which is cached apart from the whole page.
    """

    app: App

    def __init__(self, settings: Settings, is_fragment: Callable[[Scope], bool]) -> None:
        self._is_fragment = is_fragment
        self._replica = bool(settings.replica_url)
        self.pages: TtlCache[Key, Response] = TtlCache(settings.guest_cache_ms / 1000, BUDGET, _weigh)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.pages.seconds:
            visit: Visit = scope["state"]["visit"]
            if not visit.viewer.signed_in and scope["method"] == "GET":
                if (found := self.pages.get(self._key(scope, visit))) is not None:
                    await found(scope, receive, send)
                    return
                scope["state"]["guests"] = self
                if self._replica and (scope["path"] == "/" or scope["path"].startswith(SHARED)):
                    await self._make_from_replica(scope, receive, send)
                    return
        await self.app(scope, receive, send)

    async def _make_from_replica(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answers from the replica, which may lag behind; what it does not have yet is read from the primary."""
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

    def keep(self, scope: Scope, response: Response) -> None:
        """Caches a shared page for the next guest, unless its query is none that our links have."""
        if LINKED.fullmatch(scope["query_string"]):
            self.pages.put(self._key(scope, scope["state"]["visit"]), response)

    def _key(self, scope: Scope, visit: Visit) -> Key:
        # The path as it was sent, since links in the page repeat it; the request guard rewrites the other one.
        path, query = scope["raw_path"], scope["query_string"]
        return path, query, visit.locale, visit.theme, self._is_fragment(scope), visit.saver


def _weigh(key: Key, response: Response) -> int:
    return ENTRY_BYTES + PAGE_OVERHEAD + sum(map(len, key[:2])) + len(response.body)
