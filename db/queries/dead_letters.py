"""What waits in the outbox, what failed and is tried again, and what gave up: events due at the end of time."""

from db.engine import DB, Row
from db.queries.outbox import LEASED, SHORT
from db.sql import SQL

# More than this many are not counted.
MOST = 100_000
_LANES = f"lane IN ({SHORT}, {LEASED})"


def _count(where: str) -> str:
    return f"(SELECT count(*) FROM (SELECT 1 FROM outbox WHERE {where} LIMIT {MOST}) few)"


def _lane(lane: int) -> str:
    due = f"lane = {lane} AND due_at <= ?1"
    return f"{_count(due)}, (SELECT min(due_at) FROM outbox WHERE {due})"


_FAILING = "attempts > 0 AND due_at < ?2"
BACKLOG = SQL(f"""
    SELECT {_lane(SHORT)}, {_lane(LEASED)}, {_count(f"{_LANES} AND due_at = ?2")}, {_count(_FAILING)},
        (SELECT min(id) FROM outbox WHERE {_FAILING})
""")
KINDS = SQL(f"""
    SELECT o.kind, count(*), min(o.id), max(o.attempts), (SELECT l.error FROM outbox l
        WHERE l.{_LANES} AND l.due_at = ?1 AND l.kind = o.kind ORDER BY l.id DESC LIMIT 1)
    FROM outbox o WHERE o.{_LANES} AND o.due_at = ?1 GROUP BY o.kind ORDER BY o.kind
""")
OF_KIND = SQL(f"""
    SELECT id, attempts, error FROM outbox WHERE {_LANES} AND due_at = ?1 AND kind = ?2 ORDER BY id LIMIT ?3
""")
# ``?3`` is one event's id, or 0 for all of the kind, of which ``?5`` come behind ``?4``.
_CHOSEN = f"""
    FROM outbox WHERE {_LANES} AND due_at = ?1 AND kind = ?2 AND (CAST(?3 AS bigint) = 0 OR id = ?3) AND id > ?4
    ORDER BY id LIMIT ?5
"""
_RETRY = "UPDATE outbox SET due_at = ?6, attempts = 0, lease_token = NULL WHERE id IN (SELECT id {}) RETURNING id"
RETRY = SQL(_RETRY.format(_CHOSEN), _RETRY.format(f"{_CHOSEN} FOR UPDATE"))
_NOTE = """
    INSERT INTO dropped_event (id, kind, attempts, error, dropped_at, dropped_by, reason)
    SELECT id, kind, attempts, error, CAST(?6 AS bigint), CAST(?7 AS bigint), CAST(?8 AS text) {} RETURNING id
"""
# Locked, so that nobody has them tried again before they are deleted.
NOTE = SQL(_NOTE.format(_CHOSEN), _NOTE.format(f"{_CHOSEN} FOR UPDATE"))
DELETE = SQL("DELETE FROM outbox WHERE id IN {ids:1}")
FORGET = SQL("""
    DELETE FROM dropped_event WHERE id IN
        (SELECT id FROM dropped_event WHERE dropped_at < ?1 ORDER BY dropped_at LIMIT ?2) RETURNING id
""")
DROPPED = SQL("""
    SELECT d.id, d.kind, d.attempts, d.error, d.dropped_at, coalesce(a.handle, ''), d.reason
    FROM dropped_event d LEFT JOIN account a ON a.id = d.dropped_by ORDER BY d.dropped_at DESC, d.id DESC LIMIT ?1
""")


async def backlog(now: int, never: int) -> Row:
    """``(short due, oldest of them, leased due, oldest of them, given up, failing, id of the oldest of them)``.

    Of those that are due the oldest by ``due_at``; None for none.
    """
    with DB.off_loop():
        row = await DB.one(BACKLOG, now, never)
    assert row is not None
    return row


async def kinds(never: int) -> list[Row]:
    """``(kind, how many, the oldest's id, most attempts, the newest's error)`` of what gave up."""
    with DB.off_loop():
        return await DB.fetch(KINDS, never)


async def of_kind(never: int, kind: str, limit: int) -> list[Row]:
    """``(id, attempts, error)`` of the oldest that gave up."""
    return await DB.fetch(OF_KIND, never, kind, limit)


async def retry(never: int, kind: str, event: int, after: int, limit: int, now: int) -> list[int]:
    """Makes one event that gave up (0: the first of the kind behind ``after``) due as if it was new. Returns ids."""
    return [row[0] for row in await DB.fetch(RETRY, never, kind, event, after, limit, now)]


async def drop(
    never: int, kind: str, event: int, after: int, limit: int, now: int, by: int | None, reason: str
) -> list[int]:
    """Removes one event that gave up (0: the first of the kind behind ``after``) and notes it; call it while writing.

    Returns ids.
    """
    noted = [row[0] for row in await DB.fetch(NOTE, never, kind, event, after, limit, now, by, reason)]
    if noted:
        await DB.fetch(DELETE, DB.ids(noted))
    return noted


async def forget(before: int, limit: int) -> list[int]:
    """Forgets what was dropped before then. Returns ids."""
    return [row[0] for row in await DB.fetch(FORGET, before, limit)]


async def dropped(limit: int) -> list[Row]:
    """``(id, kind, attempts, error, dropped_at, handle, reason)``, newest first; "" for no handle."""
    return await DB.fetch(DROPPED, limit)
