"""What pages on the web say of themselves, by their addresses."""

from collections.abc import Iterable
from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import post_exists, post_told
from db.sql import SQL
from db.tables.media import LinkPreviewState

BY_IDS = SQL(f"""
    SELECT id, url, title, description, site, media FROM link_preview
    WHERE id IN {{ids:1}} AND state = {LinkPreviewState.FOUND}
""")
BY_URL = SQL("SELECT id, url, state, fetched_at FROM link_preview WHERE url_key = ?1")
ADD = SQL("INSERT INTO link_preview (id, url_key, url) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
STATUS = SQL("SELECT id, url, state, fetched_at FROM link_preview WHERE id = ?1")
FOUND = SQL(f"""
    UPDATE link_preview SET state = {LinkPreviewState.FOUND}, title = ?2, description = ?3, site = ?4, media = ?5,
        fetched_at = ?6 WHERE id = ?1 RETURNING id
""")
# What was found once is shown on, when the page can't be had for a while.
NOTHING = SQL(f"""
    UPDATE link_preview SET fetched_at = ?2,
        state = CASE state WHEN {LinkPreviewState.FOUND} THEN state ELSE {LinkPreviewState.NOTHING} END WHERE id = ?1
""")
CONTENT = SQL(f"""
    SELECT p.text, p.quote, p.attachments, p.link_preview FROM post p
    WHERE p.id = ?1 AND {post_exists()} AND {post_told()}
""")
SHOW = SQL(
    "UPDATE post SET link_preview = ?2 WHERE id = ?1 AND (link_preview IS NULL OR link_preview <> ?2) RETURNING id"
)
HIDE = SQL("UPDATE post SET link_preview = NULL WHERE id = ?1 AND link_preview IS NOT NULL RETURNING id")
UNUSED = SQL("""
    SELECT c.id, c.media FROM link_preview c WHERE c.fetched_at < ?1 AND c.id < ?3
    AND NOT EXISTS (SELECT 1 FROM post p WHERE p.link_preview = c.id) ORDER BY c.id LIMIT ?2
""")
# Of a fault between the two, or of a page that was asked again.
ORPHANS = SQL("""
    SELECT m.id FROM media m WHERE m.purpose = 3 AND m.id < ?1
    AND NOT EXISTS (SELECT 1 FROM link_preview c WHERE c.media = m.id) ORDER BY m.id LIMIT ?2
""")
DELETE = SQL("DELETE FROM link_preview WHERE id IN {ids:1}")


class PreviewRow(NamedTuple):
    """What was found; ``media`` is the picture's id, None without one."""

    id: int
    url: str
    title: str
    description: str
    site: str
    media: int | None


class PreviewStatus(NamedTuple):
    """``state`` is a ``LinkPreviewState``; ``fetched_at``: Unix milliseconds, 0 before the first time."""

    id: int
    url: str
    state: int
    fetched_at: int


class FoundPreview(NamedTuple):
    """What a page says of itself, as parameters of FOUND."""

    id: int
    title: str
    description: str
    site: str
    media: int | None
    fetched_at: int


class PostContent(NamedTuple):
    """What decides whether a post has a link preview; ``attachments``: how many there are."""

    text: str
    quote: int | None
    attachments: int
    link_preview: int | None


class UnusedPreview(NamedTuple):
    id: int
    media: int | None


async def by_ids(previews: Iterable[int]) -> list[PreviewRow]:
    """Those of the previews that were found."""
    return [PreviewRow(*row) for row in await DB.fetch(BY_IDS, DB.ids(previews))]


async def by_url(url_key: str) -> PreviewStatus | None:
    row = await DB.one(BY_URL, url_key)
    return PreviewStatus(*row) if row else None


async def status(preview: int) -> PreviewStatus | None:
    row = await DB.one(STATUS, preview)
    return PreviewStatus(*row) if row else None


async def add(preview: int, url_key: str, url: str) -> None:
    """Notes that a page is to be fetched, unless it was noted before."""
    await DB.fetch(ADD, preview, url_key, url)


async def found(preview: FoundPreview) -> bool:
    """Notes what a page says; False when the preview was deleted meanwhile."""
    return await DB.one(FOUND, *preview) is not None


async def nothing(preview: int, now: int) -> None:
    """Notes that a page says nothing, or could not be had; what was found before stays."""
    await DB.fetch(NOTHING, preview, now)


async def content(post: int) -> PostContent | None:
    """None for a post that is gone or deleted."""
    row = await DB.one(CONTENT, post)
    return PostContent(*row) if row else None


async def show(post: int, preview: int | None) -> bool:
    """Gives a post a preview, or none; whether that changed it."""
    if preview is None:
        return await DB.one(HIDE, post) is not None
    return await DB.one(SHOW, post, preview) is not None


async def unused(before: int, older_than: int, limit: int) -> list[UnusedPreview]:
    """Previews with ids below ``older_than`` that no post shows, fetched ``before`` (Unix milliseconds)."""
    return [UnusedPreview(*row) for row in await DB.fetch(UNUSED, before, limit, older_than)]


async def orphans(older_than: int, limit: int) -> list[int]:
    """Pictures with ids below ``older_than`` that were made for previews and that none shows."""
    return [row[0] for row in await DB.fetch(ORPHANS, older_than, limit)]


async def delete(previews: Iterable[int]) -> None:
    await DB.fetch(DELETE, DB.ids(previews))
