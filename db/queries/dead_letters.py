"""What waits in the outbox, what failed and is tried again, and what gave up: events due at the end of time."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
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
    SELECT o.kind, count(*), min(o.id), max(o.id), max(o.attempts), (SELECT l.error FROM outbox l
        WHERE l.{_LANES} AND l.due_at = ?1 AND l.kind = o.kind ORDER BY l.id DESC LIMIT 1)
    FROM outbox o WHERE o.{_LANES} AND o.due_at = ?1 GROUP BY o.kind ORDER BY o.kind
""")
OF_KINDS = SQL(f"""
    SELECT id, attempts, error FROM outbox WHERE {_LANES} AND due_at = ?1 AND kind IN {{texts:2}} ORDER BY id LIMIT ?3
""")
# ``?3`` is one event's id, or 0 for all of the kinds, of which ``?5`` come behind ``?4``.
_CHOSEN = f"""
    FROM outbox WHERE {_LANES} AND due_at = ?1 AND kind IN {{texts:2}} AND (CAST(?3 AS bigint) = 0 OR id = ?3)
        AND id > ?4 ORDER BY id LIMIT ?5
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


class BacklogRow(NamedTuple):
    """How many events are due in each lane, have given up, or have failed and are tried again.

    ``short_since`` and ``leased_since``: when the oldest that is due became so; ``failing_id``: of the oldest of those.
    """

    short_due: int
    short_since: int | None
    leased_due: int
    leased_since: int | None
    given_up: int
    failing: int
    failing_id: int | None


class KindRow(NamedTuple):
    """Events of a kind that gave up: how many, the first and last id, most attempts, and the last one's error."""

    kind: str
    total: int
    oldest: int
    newest: int
    attempts: int
    error: str | None


class DeadLetterRow(NamedTuple):
    id: int
    attempts: int
    error: str | None


class DroppedRow(NamedTuple):
    """``handle`` is of whoever dropped it, "" for none."""

    id: int
    kind: str
    attempts: int
    error: str | None
    dropped_at: int
    handle: str
    reason: str


class Chosen(NamedTuple):
    """Events that gave up: one by its id, or with 0 the first ``limit`` of these kinds behind the id ``after``."""

    kinds: Sequence[str]
    event: int
    after: int
    limit: int


async def backlog(now: int, never: int) -> BacklogRow:
    with DB.off_loop():
        row = await DB.one(BACKLOG, now, never)
    assert row is not None
    return BacklogRow(*row)


async def kinds(never: int) -> list[KindRow]:
    """What gave up, by the kinds as they are stored."""
    with DB.off_loop():
        return [KindRow(*row) for row in await DB.fetch(KINDS, never)]


async def of_kinds(never: int, kinds: Sequence[str], limit: int) -> list[DeadLetterRow]:
    """The oldest that gave up."""
    return [DeadLetterRow(*row) for row in await DB.fetch(OF_KINDS, never, DB.texts(kinds), limit)]


async def retry(never: int, chosen: Chosen, now: int) -> list[int]:
    """Makes events that gave up due as if they were new. Returns ids."""
    return [row[0] for row in await DB.fetch(RETRY, never, *_parameters(chosen), now)]


async def drop(never: int, chosen: Chosen, now: int, by: int | None, reason: str) -> list[int]:
    """Removes events that gave up and notes them; call it while writing. Returns ids."""
    noted = [row[0] for row in await DB.fetch(NOTE, never, *_parameters(chosen), now, by, reason)]
    if noted:
        await DB.fetch(DELETE, DB.ids(noted))
    return noted


def _parameters(chosen: Chosen) -> tuple[object, ...]:
    return DB.texts(chosen.kinds), chosen.event, chosen.after, chosen.limit


async def forget(before: int, limit: int) -> list[int]:
    """Forgets what was dropped before then. Returns ids."""
    return [row[0] for row in await DB.fetch(FORGET, before, limit)]


async def dropped(limit: int) -> list[DroppedRow]:
    """The last that were dropped, newest first."""
    return [DroppedRow(*row) for row in await DB.fetch(DROPPED, limit)]
