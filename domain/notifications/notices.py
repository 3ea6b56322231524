"""Notices as their member sees them."""

import msgspec

from domain.posts.views import PostView


class NoticeView(msgspec.Struct, frozen=True):
    """One line of somebody's notifications.

    ``kind`` is one of ``domain.notifications.kinds``; ``count`` people are behind it, ``actor`` the last of them and
    ``others`` up to three more ``(id, handle, name, hue)``; ``post`` is what was said, or voted on; ``entry`` is its
    place; ``at`` is in Unix milliseconds.
    """

    id: int
    kind: int
    entry: int
    at: int
    count: int
    unread: bool
    actor: tuple[int, str, str, int]
    others: tuple[tuple[int, str, str, int], ...]
    post: PostView | None
