"""The network's rules: versions, what each says, and who has accepted which."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class RuleRow(NamedTuple):
    """A rule, in the order of RULES; ``texts`` is JSON, ``jury`` 0 or 1."""

    number: int
    name: str
    severity: int
    category: str
    points: int
    jury: int
    texts: str


class RulebookRow(NamedTuple):
    """A version of the rules; ``published_at`` in Unix milliseconds."""

    version: int
    published_at: int


LATEST = SQL("SELECT version, published_at FROM rulebook ORDER BY version DESC LIMIT 1")
ONE = SQL("SELECT version, published_at FROM rulebook WHERE version = ?1")
BEFORE = SQL("SELECT version, published_at FROM rulebook WHERE version < ?1 ORDER BY version DESC LIMIT ?2")
RULES = SQL("""
    SELECT number, name, severity, category, points, jury, texts FROM rule WHERE version = ?1 ORDER BY number
""")
ADD_BOOK = SQL("INSERT INTO rulebook (version, published_at) VALUES (?1, ?2)")
ADD_RULE = SQL("""
    INSERT INTO rule (version, number, name, severity, category, points, jury, texts)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
""")
# Never back to an earlier version, whichever request comes last.
ACCEPT = SQL("UPDATE account SET rules_version = ?2 WHERE id = ?1 AND rules_version < ?2")


async def latest() -> RulebookRow | None:
    """The version in force; None where nothing has been published."""
    row = await DB.one(LATEST)
    return RulebookRow._make(row) if row is not None else None


async def one(version: int) -> RulebookRow | None:
    row = await DB.one(ONE, version)
    return RulebookRow._make(row) if row is not None else None


async def before(version: int, limit: int) -> list[RulebookRow]:
    """Versions below one, the newest first."""
    return list(map(RulebookRow._make, await DB.fetch(BEFORE, version, limit)))


async def rules(version: int) -> list[RuleRow]:
    """The rules of a version, in the order of their numbers."""
    return list(map(RuleRow._make, await DB.fetch(RULES, version)))


async def add(book: RulebookRow, rules: Sequence[RuleRow]) -> None:
    """Within a transaction: publishes a version. Errors: ``ConstraintViolation`` when another has its number."""
    await DB.fetch(ADD_BOOK, *book)
    for rule in rules:
        await DB.fetch(ADD_RULE, book.version, *rule)


async def accept(account: int, version: int) -> None:
    await DB.fetch(ACCEPT, account, version)
