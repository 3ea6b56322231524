"""The outbox: events are added with the change that caused them, taken in order, and deleted with their effect.

It has two lanes. Short events are worked on in the transaction that deletes them. Leased events are claimed first: a
claim moves ``due_at`` to the end of the lease and sets a new ``lease_token``, without which nobody can renew the lease
or write down what became of the event.
"""

from collections.abc import Iterable
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL
from db.tables.outbox import Lane

ADD = SQL("INSERT INTO outbox (id, kind, payload, due_at, lane) VALUES (?1, ?2, ?3, ?4, ?5)")
ANY_DUE = SQL("SELECT 1 FROM outbox WHERE lane = ?1 AND due_at <= ?2 LIMIT 1")
_DUE = "FROM outbox WHERE lane = {} AND due_at <= ?1 ORDER BY due_at, id LIMIT ?2"
_UNLOCKED_DUE = f"{_DUE} FOR UPDATE SKIP LOCKED"
_TAKE = "SELECT id, kind, payload, attempts"
TAKE = SQL(f"{_TAKE} {_DUE.format(Lane.SHORT)}", f"{_TAKE} {_UNLOCKED_DUE.format(Lane.SHORT)}")
# Of the oldest few hundred only, so that a long queue of others is not read again and again.
TAKE_OF = SQL(
    f"""
    {_TAKE} FROM outbox WHERE id IN (
        SELECT id FROM outbox WHERE lane = {Lane.SHORT} AND due_at <= ?1 ORDER BY due_at, id LIMIT 200)
        AND id <> ?3 AND kind IN {{texts:2}}
    ORDER BY due_at, id LIMIT ?4 FOR UPDATE SKIP LOCKED
    """
)
DONE = SQL("DELETE FROM outbox WHERE id = ?1")
PUT_OFF = SQL("UPDATE outbox SET due_at = ?3, attempts = ?4, error = ?5 WHERE id = ?1 AND attempts = ?2")
WITHDRAW = SQL("DELETE FROM outbox WHERE kind = ?1 AND payload = ?2")
INTO_LEASED_LANE = SQL(f"UPDATE outbox SET lane = {Lane.LEASED} WHERE id = ?1")

_CLAIM = """
    UPDATE outbox SET due_at = ?3, lease_token = ?4 WHERE id IN (SELECT id {}) RETURNING id, kind, payload, attempts
"""
CLAIM = SQL(_CLAIM.format(_DUE.format(Lane.LEASED)), _CLAIM.format(_UNLOCKED_DUE.format(Lane.LEASED)))
RENEW = SQL("UPDATE outbox SET due_at = ?3 WHERE id = ?1 AND lease_token = ?2 RETURNING id")
COMPLETE = SQL("DELETE FROM outbox WHERE id = ?1 AND lease_token = ?2 RETURNING id")
RELEASE = SQL("""
    UPDATE outbox SET due_at = ?3, attempts = ?4, error = ?5, lease_token = NULL
    WHERE id = ?1 AND lease_token = ?2 RETURNING id
""")


class NewEvent(NamedTuple):
    """A row for ADD, in its order; ``due_at``: Unix milliseconds."""

    id: int
    kind: str
    payload: str
    due_at: int
    lane: Lane


class EventRow(NamedTuple):
    """An event that was taken; ``attempts``: how often it has failed."""

    id: int
    kind: str
    payload: str
    attempts: int


async def add(event: NewEvent) -> None:
    await DB.fetch(ADD, *event)


async def withdraw(kind: str, payload: str) -> None:
    """Removes what has not been worked on yet."""
    await DB.fetch(WITHDRAW, kind, payload)


async def any_due(lane: Lane, now: int) -> bool:
    """A cheap look before taking the write lock."""
    return await DB.one(ANY_DUE, lane, now) is not None


async def take(now: int, limit: int) -> list[EventRow]:
    """Short events that are due; locked on PostgreSQL until the transaction ends."""
    return [EventRow(*row) for row in await DB.fetch(TAKE, now, limit)]


async def take_of(now: int, kinds: Iterable[str], besides: int, limit: int) -> list[EventRow]:
    """Some more of the oldest that are of these kinds; PostgreSQL only."""
    return [EventRow(*row) for row in await DB.fetch(TAKE_OF, now, DB.texts(kinds), besides, limit)]


async def done(identifier: int) -> None:
    """Deletes a short event that was taken in this transaction."""
    await DB.fetch(DONE, identifier)


async def put_off(identifier: int, before: int, due_at: int, attempts: int, error: str) -> None:
    """Puts off a short event, unless another worker has done so since it had ``before`` attempts."""
    await DB.fetch(PUT_OFF, identifier, before, due_at, attempts, error)


async def into_leased_lane(identifier: int) -> None:
    await DB.fetch(INTO_LEASED_LANE, identifier)


async def claim(now: int, limit: int, until: int, token: int) -> list[EventRow]:
    """Takes a lease, until ``until``, on leased events that are due."""
    return [EventRow(*row) for row in await DB.fetch(CLAIM, now, limit, until, token)]


async def renew(identifier: int, token: int, until: int) -> bool:
    """Extends a lease; False when it was taken over, or the event is gone."""
    return await DB.one(RENEW, identifier, token, until) is not None


async def complete(identifier: int, token: int) -> bool:
    """Deletes a leased event; False when its lease was taken over, and nothing is written."""
    return await DB.one(COMPLETE, identifier, token) is not None


async def release(identifier: int, token: int, due_at: int, attempts: int, error: str | None) -> bool:
    """Ends a lease and puts the event off; False when the lease was taken over, and nothing is written."""
    return await DB.one(RELEASE, identifier, token, due_at, attempts, error) is not None
