"""The tabs of a profile: posts, replies, media and, for its owner, votes."""

from typing import Literal

from db.queries import posts as queries
from domain.core import ids
from domain.core.access import Viewer
from domain.core.cursors import SIZE, Page
from domain.core.errors import NotFound
from domain.posts import views
from domain.posts.views import PostSummary

Tab = Literal["posts", "replies", "media", "votes"]


async def read(viewer: Viewer, account: int, tab: Tab, before: int | None = None) -> Page[PostSummary]:
    """One page of a tab, newest first. Errors: ``NotFound`` for somebody else's votes."""
    cursor = before or ids.LAST
    if tab == "posts":
        return views.page(await queries.by_author(viewer, account, cursor, SIZE + 1))
    if tab == "replies":
        return views.page(await queries.replies_by(viewer, account, cursor, SIZE + 1))
    if tab == "media":
        return views.page(await queries.with_media(viewer, account, cursor, SIZE + 1))
    if account != viewer.id:
        raise NotFound
    return views.page(await queries.voted(viewer, cursor, SIZE + 1))
