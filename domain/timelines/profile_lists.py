"""The tabs of a profile: posts, replies, media and, for its owner, votes."""

from enum import StrEnum
from typing import assert_never

from db.queries import posts as queries
from domain.core import access, cursors, permissions
from domain.core.access import Viewer
from domain.core.cursors import SIZE, Page
from domain.posts import views
from domain.posts.views import PostSummary


class Tab(StrEnum):
    """The lists on a profile."""

    POSTS = "posts"
    REPLIES = "replies"
    MEDIA = "media"
    VOTES = "votes"


async def read(viewer: Viewer, account: int, tab: Tab, cursor: str = "") -> Page[PostSummary]:
    """One page of a tab, newest first. Errors: ``NotFound`` for somebody else's votes."""
    below = cursors.below(cursor)
    match tab:
        case Tab.POSTS:
            return views.page(await queries.by_author(viewer, account, below, SIZE + 1))
        case Tab.REPLIES:
            return views.page(await queries.replies_by(viewer, account, below, SIZE + 1))
        case Tab.MEDIA:
            return views.page(await queries.with_media(viewer, account, below, SIZE + 1))
        case Tab.VOTES:
            access.require(permissions.may_see_votes(viewer, account))
            return views.page(await queries.voted(viewer, below, SIZE + 1))
        case _:
            assert_never(tab)
