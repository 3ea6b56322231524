"""Leases: what only one process at a time may do, until its lease ends."""

from db.engine import DB
from db.sql import SQL

TAKE = SQL("""
    INSERT INTO lease (name, holder, until) VALUES (?1, ?2, ?3)
    ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until
    WHERE lease.until < ?4 RETURNING holder
""")
RENEW = SQL("UPDATE lease SET until = ?3 WHERE name = ?1 AND holder = ?2 RETURNING holder")
GIVE_BACK = SQL("DELETE FROM lease WHERE name = ?1 AND holder = ?2")


async def take(name: str, holder: str, until: int, now: int) -> bool:
    """Takes a lease; False while another holder has it. Times are Unix milliseconds.

    >>> await take("backup", "a1b2", until=now + 15_000, now=now)
    True
    """
    return await DB.one(TAKE, name, holder, until, now) is not None


async def renew(name: str, holder: str, until: int) -> bool:
    """Extends a lease; False when another holder has taken it since."""
    return await DB.one(RENEW, name, holder, until) is not None


async def give_back(name: str, holder: str) -> None:
    """Ends a lease before its time, unless another holder has it."""
    await DB.fetch(GIVE_BACK, name, holder)
