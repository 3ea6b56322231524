"""What pages on the web say of themselves, by their addresses."""

from collections.abc import Iterable

from db.engine import DB, Row
from db.queries.visibility import post_exists
from db.sql import SQL

BY_IDS = SQL("SELECT id, url, title, description, site, media FROM link_preview WHERE id IN {ids:1} AND state = 1")
BY_URL = SQL("SELECT id, state, fetched_at FROM link_preview WHERE url_key = ?1")
ADD = SQL("INSERT INTO link_preview (id, url_key, url) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
STATE = SQL("SELECT url, state, fetched_at FROM link_preview WHERE id = ?1")
FOUND = SQL("""
    UPDATE link_preview SET state = 1, title = ?2, description = ?3, site = ?4, media = ?5, fetched_at = ?6
    WHERE id = ?1 RETURNING id
""")
# What was found once is shown on, when the page can't be had for a while.
NOTHING = SQL("UPDATE link_preview SET state = CASE state WHEN 1 THEN 1 ELSE 2 END, fetched_at = ?2 WHERE id = ?1")
WRITTEN = SQL(f"SELECT p.text, p.quote, p.attachments, p.link_preview FROM post p WHERE p.id = ?1 AND {post_exists()}")
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


async def by_ids(cards: Iterable[int]) -> list[Row]:
    """``(id, url, title, description, site, media)`` of those that were found."""
    return await DB.fetch(BY_IDS, DB.ids(cards))


async def by_url(url_key: str) -> Row | None:
    """``(id, state, fetched_at)``."""
    return await DB.one(BY_URL, url_key)


async def add(card: int, url_key: str, url: str) -> None:
    """Notes that a page is asked for, unless it was before."""
    await DB.fetch(ADD, card, url_key, url)


async def state(card: int) -> Row | None:
    """``(url, state, fetched_at)``."""
    return await DB.one(STATE, card)


async def found(card: int, title: str, description: str, site: str, media: int | None, now: int) -> bool:
    """False when the card is gone."""
    return await DB.one(FOUND, card, title, description, site, media, now) is not None


async def nothing(card: int, now: int) -> None:
    await DB.fetch(NOTHING, card, now)


async def written(post: int) -> Row | None:
    """``(text, quote, attachments, card)`` of a post that is there."""
    return await DB.one(WRITTEN, post)


async def show(post: int, card: int | None) -> bool:
    """Gives a post a preview, or none; whether that changed it."""
    if card is None:
        return await DB.one(HIDE, post) is not None
    return await DB.one(SHOW, post, card) is not None


async def unused(before: int, older_than: int, limit: int) -> list[Row]:
    """``(id, media)`` of previews with ids below ``older_than`` that no post shows, fetched ``before`` (Unix ms)."""
    return await DB.fetch(UNUSED, before, limit, older_than)


async def orphans(older_than: int, limit: int) -> list[int]:
    """Pictures with ids below ``older_than`` that were made for previews and that none shows."""
    return [row[0] for row in await DB.fetch(ORPHANS, older_than, limit)]


async def delete(cards: Iterable[int]) -> None:
    await DB.fetch(DELETE, DB.ids(cards))
