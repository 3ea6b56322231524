"""What pages on the web say of themselves, by their addresses."""

from collections.abc import Iterable

from db.engine import DB, Row
from db.sql import SQL

BY_IDS = SQL("SELECT id, url, title, description, site, media FROM card WHERE id IN {ids:1} AND state = 1")
BY_URL = SQL("SELECT id, state, fetched_at FROM card WHERE url_key = ?1")
ADD = SQL("INSERT INTO card (id, url_key, url) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")
STATE = SQL("SELECT url, state, fetched_at FROM card WHERE id = ?1")
FOUND = SQL("""
    UPDATE card SET state = ?2, title = ?3, description = ?4, site = ?5, media = ?6, fetched_at = ?7 WHERE id = ?1
""")
MEDIA = SQL("SELECT media FROM card WHERE id = ?1")
WRITTEN = SQL("SELECT text, quote, attachments, card FROM post WHERE id = ?1 AND deleted_at IS NULL")
SHOW = SQL("UPDATE post SET card = ?2 WHERE id = ?1 AND (card IS NULL OR card <> ?2) RETURNING id")
HIDE = SQL("UPDATE post SET card = NULL WHERE id = ?1 AND card IS NOT NULL RETURNING id")
UNUSED = SQL("""
    SELECT c.id, c.media FROM card c WHERE c.fetched_at < ?1
    AND NOT EXISTS (SELECT 1 FROM post p WHERE p.card = c.id) ORDER BY c.id LIMIT ?2
""")
DELETE = SQL("DELETE FROM card WHERE id IN {ids:1}")


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


async def found(card: int, state: int, title: str, description: str, site: str, media: int | None, now: int) -> None:
    await DB.fetch(FOUND, card, state, title, description, site, media, now)


async def media_of(card: int) -> int | None:
    return await DB.value(MEDIA, card)  # type: ignore[no-any-return]


async def written(post: int) -> Row | None:
    """``(text, quote, attachments, card)`` of a post that is there."""
    return await DB.one(WRITTEN, post)


async def show(post: int, card: int | None) -> bool:
    """Gives a post a preview, or none; whether that changed it."""
    if card is None:
        return await DB.one(HIDE, post) is not None
    return await DB.one(SHOW, post, card) is not None


async def unused(before: int, limit: int) -> list[Row]:
    """``(id, media)`` of previews that no post shows and that were fetched before a time (Unix milliseconds)."""
    return await DB.fetch(UNUSED, before, limit)


async def delete(cards: Iterable[int]) -> None:
    await DB.fetch(DELETE, DB.ids(cards))
