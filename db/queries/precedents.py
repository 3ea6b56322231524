"""Earlier decisions under the same rules, whatever their numbers were in earlier versions."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class PrecedentScope(NamedTuple):
    """What to look for: decisions from the id ``since`` on, in cases about such subjects, of other accounts."""

    since: int
    subject_kind: int
    account: int


class KindCount(NamedTuple):
    """How often a ``StatementKind`` was decided."""

    kind: int
    statements: int


# Breaches: neither NO_BREACH (StatementKind 0) nor REVERSAL (3).
_FOUND = """
    FROM rule r JOIN statement s ON s.rule_version = r.version AND s.rule_number = r.number
    JOIN mod_case c ON c.id = s.mod_case
    WHERE r.name IN {texts:1} AND s.id >= ?2 AND c.subject_kind = ?3 AND s.account <> ?4 AND s.kind NOT IN (0, 3)
        AND s.rule_version IS NOT NULL
"""
NEWEST = SQL(f"SELECT s.id {_FOUND} ORDER BY s.id DESC LIMIT ?5")
COUNTS = SQL(f"SELECT s.kind, count(*) {_FOUND} GROUP BY s.kind ORDER BY count(*) DESC, s.kind")


async def newest(rules: Sequence[str], scope: PrecedentScope, limit: int) -> list[int]:
    """Ids of statements under rules of these names, the newest first."""
    return [row[0] for row in await DB.fetch(NEWEST, DB.texts(rules), *scope, limit)]


async def counts(rules: Sequence[str], scope: PrecedentScope) -> list[KindCount]:
    """What was decided under rules of these names, the most frequent first."""
    return [KindCount._make(row) for row in await DB.fetch(COUNTS, DB.texts(rules), *scope)]
