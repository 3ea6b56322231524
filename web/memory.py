"""What this process remembers of people and posts, and how it forgets."""

from web import feed, filters, page
from web.guests import Guests
from web.routes import accounts


class Memory:
    """Every cache that holds something people wrote."""

    def __init__(self, guests: Guests) -> None:
        self._guests = guests

    def forget_post(self, post: int) -> None:
        """After a post is purged."""
        feed.forget(post)
        self._guests.clear()

    def forget_all(self) -> None:
        """After an account is purged, whose name may stand anywhere."""
        feed.forget_all()
        self._guests.clear()
        page.clear_compressed()
        for cache in (accounts.profile_frame, page.avatar, filters.initials):
            cache.cache_clear()
