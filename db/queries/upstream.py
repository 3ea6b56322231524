"""Complaints from upstream: taking one, the desk's queue, claims, what they are about, and closing."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from db.engine import DB, Row
from db.sql import SQL


class ComplaintRow(NamedTuple):
    """A complaint, in the order of its columns; times are Unix milliseconds."""

    id: int
    sender: int
    name: str
    email: str
    reference: str
    words: str
    locale: str
    channel: int
    verified: int
    state: int
    received_at: int
    deadline_at: int | None
    due_at: int
    claimed_by: int | None
    claimed_until: int
    version: int
    closed_at: int | None
    purge_at: int


# The place of what comes after all others, see :func:`queue`.
UNSURE_REST = 2


class AddressRow(NamedTuple):
    """An address of a complaint, in the order of its columns; all but the first three are None for what is not here."""

    complaint: int
    place: int
    address: str
    subject_kind: int | None
    subject: int | None
    account: int | None
    mod_case: int | None


_COLUMNS = ", ".join(f"c.{field}" for field in ComplaintRow._fields)
ADD = SQL(f"""
    INSERT INTO complaint ({", ".join(ComplaintRow._fields)})
    VALUES ({", ".join(f"?{at}" for at in range(1, len(ComplaintRow._fields) + 1))})
""")
_ONE = f"SELECT {_COLUMNS} FROM complaint c WHERE c.id = ?1"
ONE = SQL(_ONE)
LOCK = SQL(_ONE, f"{_ONE} FOR UPDATE")
# An order of an authority (Sender 2) comes first, then what is due first. The index complaint_order has this order.
_ORDER = "(c.sender <> 2), c.due_at, c.id"
# By the public form (Channel 1), and nobody has made sure of the sender: whoever says that they are an authority. These
# come after all others, so that no stranger can keep anybody from their place.
_UNSURE = "(c.channel = 1 AND c.verified = 0)"
# What is open, and not about what is the moderator's own.
_MINE = "EXISTS (SELECT 1 FROM complaint_address a WHERE a.complaint = c.id AND a.account = ?1)"
QUEUE = SQL(f"""
    SELECT {_COLUMNS} FROM complaint c WHERE c.state = 1 AND (c.sender <> 2) >= (?3 = 1)
        AND ({_ORDER}) > (?3 = 1, ?4, ?5) AND NOT {_UNSURE} AND NOT {_MINE} ORDER BY {_ORDER} LIMIT ?2
""")
UNSURE = SQL(f"""
    SELECT {_COLUMNS} FROM complaint c WHERE c.state = 1 AND {_UNSURE} AND (c.due_at, c.id) > (?3, ?4) AND NOT {_MINE}
    ORDER BY c.due_at, c.id LIMIT ?2
""")
OPEN_ONES = SQL(f"SELECT {_COLUMNS} FROM complaint c WHERE c.state = 1 ORDER BY {_UNSURE}, {_ORDER}")
# Nobody else has it. It comes back once its cases are decided: until then it can't be closed.
FIRST_FREE = SQL(f"""
    SELECT {_COLUMNS} FROM complaint c WHERE c.state = 1 AND NOT {_MINE}
        AND (c.claimed_by IS NULL OR c.claimed_by = ?1 OR c.claimed_until <= ?2)
        AND NOT EXISTS (
            SELECT 1 FROM complaint_address o JOIN mod_case m ON m.id = o.mod_case
            WHERE o.complaint = c.id AND m.state = 1)
        AND {_UNSURE} = (?3 = 1)
    ORDER BY {_ORDER} LIMIT 1
""")
CLOSED = SQL(f"""
    SELECT {_COLUMNS} FROM complaint c WHERE c.closed_at IS NOT NULL AND c.state = 2 AND NOT {_MINE}
        AND (c.closed_at, c.id) < (?3, ?4) ORDER BY c.closed_at DESC, c.id DESC LIMIT ?2
""")
IS_PARTY = SQL(f"SELECT 1 FROM complaint c WHERE c.id = ?2 AND {_MINE}")
FIGURES = SQL(f"""
    SELECT count(*), coalesce(sum(CASE WHEN c.due_at < ?2 THEN 1 ELSE 0 END), 0) FROM complaint c
    WHERE c.state = 1 AND NOT {_MINE}
""")
CLAIM = SQL("""
    UPDATE complaint SET claimed_by = ?2, claimed_until = ?3
    WHERE id = ?1 AND state = 1 AND (claimed_by IS NULL OR claimed_by = ?2 OR claimed_until <= ?4) RETURNING id
""")
RELEASE = SQL("UPDATE complaint SET claimed_by = NULL, claimed_until = 0 WHERE id = ?1 AND claimed_by = ?2")
RELEASE_ALL = SQL("UPDATE complaint SET claimed_by = NULL, claimed_until = 0 WHERE claimed_by = ?1")
# A complaint that counts from now on, or counts again.
OPEN = SQL("""
    UPDATE complaint SET state = 1, received_at = ?2, due_at = ?3, purge_at = ?4, closed_at = NULL,
        version = version + 1 WHERE id = ?1
""")
VERIFY = SQL("UPDATE complaint SET verified = ?2, due_at = ?3, version = version + 1 WHERE id = ?1")
CORRECT = SQL("""
    UPDATE complaint SET sender = ?2, name = ?3, locale = ?4, deadline_at = ?5, due_at = ?6, version = version + 1
    WHERE id = ?1
""")
TOUCH = SQL("UPDATE complaint SET version = version + 1 WHERE id = ?1")
CLOSE = SQL("""
    UPDATE complaint SET state = 2, closed_at = ?2, purge_at = ?3, version = version + 1, claimed_by = NULL,
        claimed_until = 0 WHERE id = ?1
""")
# Anybody can give somebody else's address in the public form (Channel 1): that counts once it is confirmed.
SENT_SINCE = SQL("""
    SELECT count(*) FROM complaint WHERE email = ?1 AND id >= ?2 AND (channel = 1) = (?3 = 1)
        AND (channel <> 1 OR verified > 0)
""")
DUE = SQL("SELECT id FROM complaint WHERE purge_at <= ?1 ORDER BY purge_at LIMIT ?2")
DELETE = SQL("DELETE FROM complaint WHERE id = ?1 AND purge_at <= ?2")
ADD_ADDRESS = SQL("""
    INSERT INTO complaint_address (complaint, place, address, subject_kind, subject, account, mod_case)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
""")
_ADDRESSES = "SELECT complaint, place, address, subject_kind, subject, account, mod_case FROM complaint_address"
ADDRESSES = SQL(f"{_ADDRESSES} WHERE complaint = ?1 ORDER BY place")
LINK = SQL("""
    UPDATE complaint_address SET mod_case = ?4, rule_version = ?5, rule_number = ?6
    WHERE complaint = ?1 AND subject_kind = ?2 AND subject = ?3
""")
NAMES = SQL("""
    SELECT 1 FROM complaint_address a JOIN complaint c ON c.id = a.complaint
    WHERE a.subject_kind = ?1 AND a.subject = ?2 AND c.state < 2 AND c.id <> ?3 LIMIT 1
""")
OF_CASES = SQL("SELECT mod_case, min(complaint) FROM complaint_address WHERE mod_case IN {ids:1} GROUP BY mod_case")
OF_CASE = SQL("SELECT DISTINCT complaint FROM complaint_address WHERE mod_case = ?1 ORDER BY complaint")
# A trusted flagger (Sender 3) has brought a case up, and a moderator has made sure of it (Verified 2): by the link only
# a mailbox is confirmed, whatever its owner says that they are.
FLAGGERS = SQL("""
    SELECT a.mod_case, min(c.name) FROM complaint_address a JOIN complaint c ON c.id = a.complaint
    WHERE a.mod_case IN {ids:1} AND c.sender = 3 AND c.verified = 2 GROUP BY a.mod_case
""")


async def add(row: ComplaintRow) -> None:
    await DB.fetch(ADD, *row)


async def one(complaint: int) -> ComplaintRow | None:
    return _row(await DB.one(ONE, complaint))


async def lock(complaint: int) -> ComplaintRow | None:
    """Within a transaction: the complaint, which nobody else can change until its end."""
    return _row(await DB.one(LOCK, complaint))


def _row(row: Row | None) -> ComplaintRow | None:
    return None if row is None else ComplaintRow._make(row)


async def queue(moderator: int, limit: int, rest: int, due_at: int, complaint: int) -> list[ComplaintRow]:
    """Open complaints after a place that the moderator is no party to: those of authorities (``rest`` 0), then by when
    they are due (1), then those by the public form that nobody has made sure of (2).
    """
    sure = await DB.fetch(QUEUE, moderator, limit, rest, due_at, complaint) if rest < UNSURE_REST else []
    if len(sure) < limit:
        after = (due_at, complaint) if rest == UNSURE_REST else (0, 0)
        sure = [*sure, *await DB.fetch(UNSURE, moderator, limit - len(sure), *after)]
    return list(map(ComplaintRow._make, sure))


async def open_ones() -> list[ComplaintRow]:
    """All that are open, in the same order."""
    return list(map(ComplaintRow._make, await DB.fetch(OPEN_ONES)))


async def first_free(moderator: int, now: int) -> ComplaintRow | None:
    """The first that nobody else has, that the moderator is no party to, and that waits for no decision."""
    sure = await DB.one(FIRST_FREE, moderator, now, 0)
    return _row(sure or await DB.one(FIRST_FREE, moderator, now, 1))


async def closed(moderator: int, limit: int, before: int, complaint: int) -> list[ComplaintRow]:
    """The last that were closed and that the moderator is no party to, below one that was closed at ``before``."""
    return list(map(ComplaintRow._make, await DB.fetch(CLOSED, moderator, limit, before, complaint)))


async def is_party(moderator: int, complaint: int) -> bool:
    """Whether a complaint is about what is the moderator's own."""
    return await DB.one(IS_PARTY, moderator, complaint) is not None


async def figures(viewer: int, now: int) -> tuple[int, int]:
    """How many are open, and how many of those are overdue."""
    row = await DB.one(FIGURES, viewer, now)
    assert row is not None
    return row[0], row[1]


async def claim(complaint: int, moderator: int, until: int, now: int) -> bool:
    """False when somebody else has it, or it is not open."""
    return await DB.one(CLAIM, complaint, moderator, until, now) is not None


async def release(complaint: int, moderator: int) -> None:
    await DB.fetch(RELEASE, complaint, moderator)


async def release_all(moderator: int) -> None:
    """Gives back every complaint that somebody has."""
    await DB.fetch(RELEASE_ALL, moderator)


async def open_(complaint: int, received_at: int, due_at: int, purge_at: int) -> None:
    """Within a transaction that has locked it."""
    await DB.fetch(OPEN, complaint, received_at, due_at, purge_at)


async def verify(complaint: int, verified: int, due_at: int) -> None:
    """Within a transaction that has locked it."""
    await DB.fetch(VERIFY, complaint, verified, due_at)


async def correct(complaint: int, sender: int, name: str, locale: str, deadline_at: int | None, due_at: int) -> None:
    """Within a transaction that has locked it."""
    await DB.fetch(CORRECT, complaint, sender, name, locale, deadline_at, due_at)


async def touch(complaint: int) -> None:
    """Within a transaction: makes it another version."""
    await DB.fetch(TOUCH, complaint)


async def close(complaint: int, now: int, purge_at: int) -> None:
    """Within a transaction that has locked it."""
    await DB.fetch(CLOSE, complaint, now, purge_at)


async def sent_since(email: str, first: int, *, by_form: bool) -> int:
    """How many complaints with ids from ``first`` on are from a mail address: confirmed ones by the public form, or
    all others.
    """
    return int(await DB.value(SENT_SINCE, email, first, int(by_form)))


async def due(now: int, limit: int) -> list[int]:
    """The first complaints whose date has come."""
    return [row[0] for row in await DB.fetch(DUE, now, limit)]


async def delete(complaint: int, now: int) -> None:
    """Deletes a complaint, with all that is of it, if its date has come."""
    await DB.fetch(DELETE, complaint, now)


async def add_addresses(rows: Iterable[AddressRow]) -> None:
    for row in rows:
        await DB.fetch(ADD_ADDRESS, *row)


async def addresses(complaint: int) -> list[AddressRow]:
    return list(map(AddressRow._make, await DB.fetch(ADDRESSES, complaint)))


async def link(complaint: int, subject_kind: int, subject: int, case: int, rule_version: int, rule_number: int) -> None:
    """Within a transaction: notes the case that was opened for a subject, and under which rule."""
    await DB.fetch(LINK, complaint, subject_kind, subject, case, rule_version, rule_number)


async def names(subject_kind: int, subject: int, *, besides: int = 0) -> bool:
    """Whether a complaint that is not closed names a subject; ``besides`` this one."""
    return await DB.one(NAMES, subject_kind, subject, besides) is not None


async def of_cases(cases: Sequence[int]) -> dict[int, int]:
    """For those of these cases that a complaint is about: its first."""
    return {row[0]: row[1] for row in await DB.fetch(OF_CASES, DB.ids(cases))} if cases else {}


async def of_case(case: int) -> list[int]:
    """The complaints that are about a case."""
    return [row[0] for row in await DB.fetch(OF_CASE, case)]


async def flaggers(cases: Sequence[int]) -> dict[int, str]:
    """For those of these cases that a trusted flagger has brought up: who."""
    return {row[0]: row[1] for row in await DB.fetch(FLAGGERS, DB.ids(cases))} if cases else {}
