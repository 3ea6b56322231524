"""What this process remembers of people and posts, and how it forgets."""

import asyncio

from web import feed, filters, page
from web.guests import Guests
from web.routes import accounts

SWEEP_SECONDS = 60


class Memory:
    """Every cache that holds something people wrote."""

    def __init__(self, guests: Guests) -> None:
        self._guests = guests

    async def keep_fresh(self) -> None:
        """Lets nothing stay longer than it may, for ever: another process may have purged it."""
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            feed.sweep()
            self._guests.sweep()
            self._forget_people()

    def forget_post(self, post: int) -> None:
        """After a post is purged."""
        feed.forget(post)
        self._guests.clear()
        page.forget_titles()

    def forget_all(self) -> None:
        """After an account is purged, whose name may stand anywhere."""
        feed.forget_all()
        self._guests.clear()
        self._forget_people()

    def _forget_people(self) -> None:
        page.forget_titles()
        for cache in (accounts.profile_frame, page.avatar, filters.initials):
            cache.cache_clear()
