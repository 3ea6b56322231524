"""The senders whom the operator knows: whose mails are a host's, a registrar's, and so on."""

from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class KnownRow(NamedTuple):
    pattern: str
    sender: int
    name: str


ALL = SQL("SELECT pattern, sender, name FROM known_sender ORDER BY pattern")
NAMED = SQL("""
    SELECT pattern, sender, name FROM known_sender WHERE pattern IN (?1, ?2) ORDER BY length(pattern) DESC LIMIT 1
""")
COUNT_OTHERS = SQL("SELECT count(*) FROM known_sender WHERE pattern <> ?1")
PUT = SQL("""
    INSERT INTO known_sender (pattern, sender, name) VALUES (?1, ?2, ?3)
    ON CONFLICT (pattern) DO UPDATE SET sender = excluded.sender, name = excluded.name
""")
DROP = SQL("DELETE FROM known_sender WHERE pattern = ?1")


async def everyone() -> list[KnownRow]:
    return list(map(KnownRow._make, await DB.fetch(ALL)))


async def named(email: str, domain: str) -> KnownRow | None:
    """Whom an address, or else its domain, is known to belong to."""
    row = await DB.one(NAMED, email, domain)
    return None if row is None else KnownRow._make(row)


async def count_others(pattern: str) -> int:
    """How many are known besides this one."""
    return int(await DB.value(COUNT_OTHERS, pattern))


async def put(row: KnownRow) -> None:
    await DB.fetch(PUT, *row)


async def drop(pattern: str) -> None:
    await DB.fetch(DROP, pattern)
