"""The public timeline, and the posts with a hashtag."""

from db.queries import posts as queries
from db.queries import timeline_updates
from domain.core import cursors, text_parsing
from domain.core.access import Viewer
from domain.core.cursors import SIZE, Page
from domain.core.errors import NotFound
from domain.posts import reads, views
from domain.posts.views import PostSummary

# The longest tag, in code points.
MAX_TAG = 64


async def read(viewer: Viewer, cursor: str = "") -> Page[PostSummary]:
    """Public posts and quotes that are no replies, newest first, without people whom the viewer mutes or blocks."""
    shown = views.page(await queries.public(viewer, cursors.below(cursor), SIZE + 1))
    await reads.count(viewer, len(shown.items))
    return shown


async def newer(viewer: Viewer, since: int, limit: int) -> list[PostSummary]:
    """The newest of the public timeline above the id ``since``."""
    return await timeline_updates.public(viewer, since, limit)


async def tagged(viewer: Viewer, tag: str, cursor: str = "") -> Page[PostSummary]:
    """Posts with a hashtag, newest first: ``tagged(viewer, "Choir")``. Errors: ``NotFound`` for what can't be a tag."""
    key = text_parsing.tag_key(tag[: MAX_TAG + 1])
    if not key or len(key) > MAX_TAG or key != text_parsing.clean(key):
        raise NotFound
    return views.page(await queries.tagged(viewer, key, cursors.below(cursor), SIZE + 1))
