"""The outbox: events are added with the deed, taken in order, and deleted with their effect."""

from db.engine import DB, Row
from db.sql import SQL

ADD = SQL("INSERT INTO outbox (id, kind, payload, due_at) VALUES (?1, ?2, ?3, ?4)")
TAKE = SQL(
    "SELECT id, kind, payload, attempts FROM outbox WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2",
    "SELECT id, kind, payload, attempts FROM outbox WHERE due_at <= ?1 ORDER BY due_at, id LIMIT ?2"
    " FOR UPDATE SKIP LOCKED",
)
ANY_DUE = SQL("SELECT 1 FROM outbox WHERE due_at <= ?1 LIMIT 1")
DONE = SQL("DELETE FROM outbox WHERE id IN {ids:1}")
LATER = SQL("UPDATE outbox SET due_at = ?2, attempts = ?3, error = ?4 WHERE id = ?1")


async def add(identifier: int, kind: str, payload: str, due_at: int) -> None:
    await DB.fetch(ADD, identifier, kind, payload, due_at)


async def any_due(now: int) -> bool:
    """A cheap look before taking the write lock."""
    return await DB.one(ANY_DUE, now) is not None


async def take(now: int, limit: int) -> list[Row]:
    """Rows ``(id, kind, payload, attempts)`` that are due; locked on PostgreSQL until the transaction ends."""
    return await DB.fetch(TAKE, now, limit)


async def done(ids: list[int]) -> None:
    if ids:
        await DB.fetch(DONE, DB.ids(ids))


async def later(identifier: int, due_at: int, attempts: int, error: str | None) -> None:
    await DB.fetch(LATER, identifier, due_at, attempts, error)
