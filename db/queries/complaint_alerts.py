"""Whom an authority's complaint was pushed to, who is next, and which may be pushed though nobody has proved them."""

from db.engine import DB
from db.queries.case_alerts import CAN_BE_TOLD, LAST_THERE
from db.queries.visibility import account_exists
from db.sql import SQL

# Sender.AUTHORITY is 2, ComplaintState.OPEN 1, Channel.ENTERED 2, Verified.BY_MODERATOR 2.
_WAITS = "c.state = 1 AND c.sender = 2"
# The operator knows the sender, as an authority.
_LISTED = """(c.email <> '' AND EXISTS (SELECT 1 FROM known_sender k WHERE k.sender = 2 AND (
    k.pattern = c.email OR substr(c.email, length(c.email) - length(k.pattern)) = '@' || k.pattern)))"""
# Not told yet, and no party to it.
NEXT = SQL(f"""
    SELECT a.id FROM moderator_care m JOIN account a ON a.id = m.account JOIN complaint c ON c.id = ?1
    WHERE {CAN_BE_TOLD}
        AND NOT EXISTS (SELECT 1 FROM complaint_address h WHERE h.complaint = c.id AND h.account = a.id)
        AND NOT EXISTS (SELECT 1 FROM complaint_alert t WHERE t.complaint = c.id AND t.account = a.id)
    ORDER BY {LAST_THERE} LIMIT 1
""")
TOLD = SQL("INSERT INTO complaint_alert (complaint, account, told_at) VALUES (?1, ?2, ?3)")
LAST = SQL("SELECT max(told_at) FROM complaint_alert WHERE complaint = ?1")
FORGET = SQL("DELETE FROM complaint_alert WHERE complaint = ?1")
FORGET_CLOSED = SQL("DELETE FROM complaint_alert WHERE complaint IN (SELECT id FROM complaint WHERE state <> 1)")
WAITS = SQL(f"""
    SELECT 1 FROM complaint c JOIN account a ON a.id = ?2
    WHERE c.id = ?1 AND {_WAITS} AND (c.claimed_by IS NULL OR c.claimed_until <= ?3)
        AND a.role <> 'member' AND {account_exists()}
""")
IS_LISTED = SQL(f"SELECT 1 FROM complaint c WHERE c.id = ?1 AND {_LISTED}")
# Of authorities that nobody has made sure of, with ids from ?2 on and below ?1. Either (?3) the operator knows them and
# their address is not confirmed; or not, and they may have confirmed one of their own.
UNPROVED_BEFORE = SQL(f"""
    SELECT count(*) FROM complaint c WHERE c.id >= ?2 AND c.id < ?1 AND c.sender = 2 AND c.channel <> 2
        AND c.verified <> 2 AND (c.verified = 0 OR ?3 = 0) AND (CASE WHEN {_LISTED} THEN 1 ELSE 0 END) = ?3
""")


async def next_moderator(complaint: int, now: int, *, most_failed: int) -> int | None:
    """Who is to be told next, None when all have been. ``now`` in Unix milliseconds."""
    found: int | None = await DB.value(NEXT, complaint, now, most_failed)
    return found


async def told(complaint: int, account: int, now: int) -> None:
    await DB.fetch(TOLD, complaint, account, now)


async def last_told_at(complaint: int) -> int | None:
    """When somebody was told last (Unix milliseconds)."""
    found: int | None = await DB.value(LAST, complaint)
    return found


async def forget(complaint: int) -> None:
    """Has everybody be told anew."""
    await DB.fetch(FORGET, complaint)


async def forget_closed() -> None:
    await DB.fetch(FORGET_CLOSED)


async def is_waiting(complaint: int, account: int, now: int) -> bool:
    """Whether an authority's complaint waits to be taken, and somebody moderates. ``now`` in Unix milliseconds."""
    return await DB.one(WAITS, complaint, account, now) is not None


async def is_listed(complaint: int) -> bool:
    """Whether the operator knows the sender of a complaint, or its domain, as an authority."""
    return await DB.one(IS_LISTED, complaint) is not None


async def unproved_before(complaint: int, first: int, *, listed: bool) -> int:
    """How many complaints with ids from ``first`` on came before this one, of authorities whom nobody has made sure of:
    of those whom the operator knows, or of others."""
    return int(await DB.value(UNPROVED_BEFORE, complaint, first, int(listed)))
