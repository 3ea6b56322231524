"""Link previews: what pages on the web say about themselves, by their addresses."""

from collections.abc import Iterable
from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import post_exists
from db.sql import SQL


class PreviewRow(NamedTuple):
    """What a page said; ``media`` is its picture."""

    id: int
    url: str
    title: str
    description: str
    site: str
    media: int | None


class PreviewState(NamedTuple):
    """``fetched_at`` (Unix milliseconds) is when the page was last asked, whatever it answered."""

    id: int
    url: str
    state: int
    fetched_at: int


class PreviewedPost(NamedTuple):
    """What decides which preview a post shows."""

    text: str
    quote: int | None
    attachments: int
    card: int | None


class UnusedPreview(NamedTuple):
    id: int
    media: int | None


BY_IDS = SQL("SELECT id, url, title, description, site, media FROM card WHERE id IN {ids:1} AND state = 1")
BY_URL = SQL("SELECT id, url, state, fetched_at FROM card WHERE url_key = ?1")
ADD = SQL("INSERT INTO card (id, url_key, url) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
STATE = SQL("SELECT id, url, state, fetched_at FROM card WHERE id = ?1")
FOUND = SQL("""
    UPDATE card SET state = 1, title = ?2, description = ?3, site = ?4, media = ?5, fetched_at = ?6 WHERE id = ?1
    RETURNING id
""")
# A preview that was found is kept while the page can't be had.
NOTHING = SQL("UPDATE card SET state = CASE state WHEN 1 THEN 1 ELSE 2 END, fetched_at = ?2 WHERE id = ?1")
WRITTEN = SQL(f"SELECT p.text, p.quote, p.attachments, p.card FROM post p WHERE p.id = ?1 AND {post_exists()}")
SHOW = SQL("UPDATE post SET card = ?2 WHERE id = ?1 AND (card IS NULL OR card <> ?2) RETURNING id")
HIDE = SQL("UPDATE post SET card = NULL WHERE id = ?1 AND card IS NOT NULL RETURNING id")
UNUSED = SQL("""
    SELECT c.id, c.media FROM card c WHERE c.fetched_at < ?1 AND c.id < ?3
    AND NOT EXISTS (SELECT 1 FROM post p WHERE p.card = c.id) ORDER BY c.id LIMIT ?2
""")
# Left over from a failure between storing the two, or from a page that was asked again.
ORPHANS = SQL("""
    SELECT m.id FROM media m WHERE m.purpose = 3 AND m.id < ?1
    AND NOT EXISTS (SELECT 1 FROM card c WHERE c.media = m.id) ORDER BY m.id LIMIT ?2
""")
DELETE = SQL("DELETE FROM card WHERE id IN {ids:1}")


async def by_ids(cards: Iterable[int]) -> list[PreviewRow]:
    """Those of the previews whose pages had something to say."""
    return [PreviewRow._make(row) for row in await DB.fetch(BY_IDS, DB.ids(cards))]


async def by_url(url_key: str) -> PreviewState | None:
    row = await DB.one(BY_URL, url_key)
    return None if row is None else PreviewState._make(row)


async def add(card: int, url_key: str, url: str) -> None:
    """Adds a preview that is to be fetched, unless there is one of this page."""
    await DB.fetch(ADD, card, url_key, url)


async def state(card: int) -> PreviewState | None:
    row = await DB.one(STATE, card)
    return None if row is None else PreviewState._make(row)


async def found(card: int, title: str, description: str, site: str, media: int | None, now: int) -> bool:
    """Stores what the page said; False when the preview is gone."""
    return await DB.one(FOUND, card, title, description, site, media, now) is not None


async def nothing(card: int, now: int) -> None:
    """Notes that the page could not be had, or had nothing to say."""
    await DB.fetch(NOTHING, card, now)


async def written(post: int) -> PreviewedPost | None:
    """None when the post does not exist."""
    row = await DB.one(WRITTEN, post)
    return None if row is None else PreviewedPost._make(row)


async def show(post: int, card: int | None) -> bool:
    """Gives a post a preview, or none. Returns whether that changed the post."""
    if card is None:
        return await DB.one(HIDE, post) is not None
    return await DB.one(SHOW, post, card) is not None


async def unused(before: int, older_than: int, limit: int) -> list[UnusedPreview]:
    """Previews with ids below ``older_than`` that no post shows, fetched ``before`` (Unix milliseconds)."""
    return [UnusedPreview._make(row) for row in await DB.fetch(UNUSED, before, limit, older_than)]


async def orphans(older_than: int, limit: int) -> list[int]:
    """Pictures with ids below ``older_than`` that were made for previews, and that none has."""
    return [row[0] for row in await DB.fetch(ORPHANS, older_than, limit)]


async def delete(cards: Iterable[int]) -> None:
    await DB.fetch(DELETE, DB.ids(cards))
