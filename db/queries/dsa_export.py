"""Statements of reasons with what the DSA Transparency Database asks for besides."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries.statements import StatementRow
from db.sql import SQL


class SubmittedRow(NamedTuple):
    """A statement, what its case is about (a ``SubjectKind``), how many people have reported that and how many filters
    found it, 1 if moderators searched for it (a bulk decision), the ``MediaKind`` of what it removes of a post, and the
    handle and name that the account has now; None for what is not, or is gone.
    """

    made: StatementRow
    subject_kind: int
    reports: int
    filters: int
    searched: int
    media_kind: int | None
    handle: str | None
    name: str | None


class ContentRow(NamedTuple):
    """What a case was about at one revision, as JSON."""

    mod_case: int
    revision: int
    content: str


_FIELDS = StatementRow._fields
BETWEEN = SQL(f"""
    SELECT {", ".join(f"s.{field}" for field in _FIELDS)}, c.subject_kind, c.reports,
        (SELECT count(*) FROM filter_finding n WHERE n.mod_case = c.id),
        (SELECT count(*) FROM bulk_statement b WHERE b.statement = s.id), m.kind, a.handle, a.name
    FROM statement s JOIN mod_case c ON c.id = s.mod_case LEFT JOIN account a ON a.id = s.account
        LEFT JOIN media m ON m.id = s.media
    WHERE s.id >= ?1 AND s.id < ?2 ORDER BY s.id LIMIT ?3
""")
CONTENTS = SQL("SELECT mod_case, revision, content FROM evidence WHERE mod_case IN {ids:1}")
REVERSALS = SQL("SELECT reverses, id FROM statement WHERE reverses IN {ids:1}")


async def between(first: int, end: int, limit: int) -> list[SubmittedRow]:
    """The first statements from the id ``first`` on that are before the id ``end``."""
    rows = await DB.fetch(BETWEEN, first, end, limit)
    return [SubmittedRow(StatementRow._make(row[: len(_FIELDS)]), *row[len(_FIELDS) :]) for row in rows]


async def contents(cases: Sequence[int]) -> list[ContentRow]:
    """What is kept of these cases."""
    return list(map(ContentRow._make, await DB.fetch(CONTENTS, DB.ids(cases)))) if cases else []


async def reversals(statements: Sequence[int]) -> dict[int, int]:
    """For those of these statements that were taken back: by which one."""
    return {row[0]: row[1] for row in await DB.fetch(REVERSALS, DB.ids(statements))} if statements else {}
