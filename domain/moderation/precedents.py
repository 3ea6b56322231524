"""Precedents: what was decided of late about others under the rules that a case is reported under, so that like cases
are decided alike.
"""

from collections.abc import Collection

import msgspec

from db.queries import precedents as queries
from db.queries.cases import CaseRow
from db.queries.precedents import PrecedentScope
from domain.core import clock, ids
from domain.moderation import statements
from domain.moderation.kinds import StatementKind
from domain.moderation.statements import Statement

DAYS = 180
SHOWN = 5


class KindCount(msgspec.Struct, frozen=True):
    """How often something was decided."""

    kind: StatementKind
    count: int


class Precedents(msgspec.Struct, frozen=True):
    """The newest decisions about subjects of the same kind, and how often each kind was decided within ``DAYS``."""

    newest: list[Statement] = []
    counts: list[KindCount] = []


async def of_case(row: CaseRow, named: Collection[str]) -> Precedents:
    """For a case under rules of these names. Nothing about the same account, whose cases are shown beside it."""
    rules = sorted(named)
    if not rules:
        return Precedents()
    scope = PrecedentScope(ids.first(clock.now() - DAYS * clock.DAY_MS), row.subject_kind, row.account)
    return Precedents(
        await statements.by_ids(await queries.newest(rules, scope, SHOWN)),
        [KindCount(StatementKind(one.kind), one.statements) for one in await queries.counts(rules, scope)],
    )
