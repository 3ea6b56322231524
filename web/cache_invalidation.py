"""What this process remembers of people and posts, and how it forgets."""

import asyncio

from asgi import responses
from asgi.guest_pages import GuestPagesMiddleware
from domain.core import signals
from web import avatars, filters, page, post_rendering
from web.routes import accounts

SWEEP_SECONDS = 60


class CacheInvalidation:
    """Every cache that holds something people wrote."""

    def __init__(self, guests: GuestPagesMiddleware) -> None:
        self._guests = guests

    async def keep_fresh(self) -> None:
        """Forgets what is purged, and lets nothing stay longer than it may, for ever."""
        signals.listen(self.receive)
        try:
            while True:
                await asyncio.sleep(SWEEP_SECONDS)
                post_rendering.sweep()
                self._guests.pages.sweep()
                self._forget_people()
        finally:
            signals.unlisten(self.receive)

    def receive(self, kind: str, a: int, b: int) -> None:
        """Drops every copy of what a signal of any process says is purged."""
        match kind:
            case signals.Kind.PURGED:
                self.forget_post(a)
            case signals.Kind.LEFT | signals.Kind.MISSED:
                self.forget_all()

    def forget_post(self, post: int) -> None:
        """After a post is purged."""
        post_rendering.forget(post)
        self._guests.pages.clear()
        responses.forget_compressed()
        page.forget_titles()

    def forget_all(self) -> None:
        """After an account is purged, whose name may stand anywhere."""
        post_rendering.forget_all()
        self._guests.pages.clear()
        self._forget_people()

    def _forget_people(self) -> None:
        responses.forget_compressed()
        page.forget_titles()
        accounts.FRAMES.clear()
        for cache in (avatars.avatar, filters.initials):
            cache.cache_clear()
