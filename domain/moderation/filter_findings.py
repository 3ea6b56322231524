"""What filters have found: the cases that they open, and what becomes of posts in them without a person."""

from collections.abc import Sequence

from db.queries import cases, filter_hits, restrictions
from domain.core import clock
from domain.moderation import actions, clocks, evidence, rules
from domain.moderation.actions import Action, Author, Finding
from domain.moderation.filter_kinds import FilterOutcome
from domain.moderation.filters import FilterView
from domain.moderation.kinds import Severity, StatementKind
from domain.moderation.reports import NamedRule
from domain.moderation.rules import Rule


async def rule_of(one: FilterView) -> tuple[int, Rule] | None:
    """The rule that a filter enforces, in the version of the rules that is in force; None once it is gone."""
    book = await rules.current()
    return next(((book.version, rule) for rule in book.rules if rule.name == one.rule_name), None)


async def severity_of(one: FilterView) -> Severity:
    """How bad what it finds is: as its rule says, ordinary where the rule is gone."""
    found = await rule_of(one)
    return found[1].severity if found else Severity.ORDINARY


async def note(case: int, found_by: Sequence[FilterView], acting: FilterView | None, *, fresh: bool) -> None:
    """Within a transaction that has locked the case: says which filters have found it, and covers the post if that is
    what the ``acting`` one does. ``fresh``: there is evidence of a revision that was not there.
    """
    now = clock.now()
    severity = await severity_of(acting) if acting else Severity.ORDINARY
    await cases.count_report(case, severity, clocks.due_at(severity, now), fresh=fresh, by=0, weight=0)
    for one in found_by:
        await filter_hits.find(case, one.id, now)
    if acting is not None and acting.outcome is FilterOutcome.COVER:
        await _cover(case, acting)


async def _cover(case: int, acting: FilterView) -> None:
    """Covers the post by a decision of its own, unless it is covered. Where the rule is gone, a moderator has to."""
    row, rule = await cases.lock(case), await rule_of(acting)
    if row is None or row.post is None or rule is None:
        return
    if StatementKind.COVER in await restrictions.kinds(row.post):
        return
    finding = Finding(NamedRule(rule[0], rule[1].number), acting.facts)
    await actions.take(row, [Action(StatementKind.COVER)], finding, Author(None), await evidence.of_case(case))
