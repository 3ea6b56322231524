"""Cases of any age, and what everybody reads of the brake."""

from db.engine import DB
from db.sql import SQL
from domain.core import clock, ids
from domain.moderation import brake, public_log_page
from domain.moderation.kinds import CaseState
from tests.helpers.people import LiveNetwork, Member

CASE = SQL("""
    INSERT INTO mod_case (id, subject_kind, subject, account, post, severity, state, reports, due_at, claimed_until,
        version, closed_at)
    VALUES (?1, 0, ?1, ?2, NULL, ?3, ?4, 0, ?5, 0, 1, ?6)
""")


async def opened(account: int, count: int = 1, severity: int = 2, due_at: int | None = None) -> None:
    """Cases about an account that a filter has found, due in an hour or at ``due_at``."""
    due = clock.now() + clock.HOUR_MS if due_at is None else due_at
    for _ in range(count):
        await DB.fetch(CASE, ids.new(), account, severity, CaseState.OPEN, due, None)


async def close_all() -> None:
    await DB.fetch(SQL("UPDATE mod_case SET state = 2, closed_at = ?1 WHERE state = 1"), clock.now())


async def is_on() -> bool:
    """As a process knows it that has just begun."""
    brake.forget()
    return (await brake.state()).on


async def logged(network: LiveNetwork) -> list[tuple[str, str]]:
    """What the public log says of switches, the first of them first: kind and reason."""
    await network.settle()
    found = (await public_log_page.read()).items
    return [
        (one.kind, one.content.reason)
        for one in reversed(found)
        if one.content and one.kind.startswith(("brake", "crisis"))
    ]


async def two_moderators(network: LiveNetwork) -> tuple[Member, Member]:
    return await network.moderator(), await network.moderator("max")
