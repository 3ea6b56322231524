"""The lists on a person's page."""

from typing import Literal

from db.queries import posts as queries
from domain.core import ids
from domain.core.access import Viewer
from domain.core.errors import NotFound
from domain.core.pages import SIZE, Page
from domain.posts import views
from domain.posts.views import PostView

Tab = Literal["posts", "replies", "votes"]


async def read(viewer: Viewer, account: int, tab: Tab, before: int | None = None) -> Page[PostView]:
    """One page of a tab. Errors: ``NotFound`` for somebody else's votes."""
    cursor = before or ids.LAST
    if tab == "posts":
        return await views.page(viewer, await queries.by_author(viewer.id, account, cursor, SIZE + 1))
    if tab == "replies":
        return await views.page(viewer, await queries.replies_by(viewer.id, account, cursor, SIZE + 1))
    if account != viewer.id:
        raise NotFound
    return await views.page(viewer, await queries.voted(viewer.id, cursor, SIZE + 1))
