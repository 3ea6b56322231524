"""Decides cases. A decision is a statement of reasons: nothing is done to a post or a member without one."""

import msgspec

from db.engine import DB
from db.queries import cases as queries
from db.queries.cases import CaseRow
from db.queries.statements import StatementRow
from domain.core import access, clock, events, ids, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, NotFound, Refused, collect
from domain.core.retries import retried
from domain.core.translatable import N_
from domain.media import attachments
from domain.moderation import evidence, reports, restrictions, rules, statements
from domain.moderation.evidence import Evidence
from domain.moderation.kinds import CaseState, StatementKind, SubjectKind
from domain.moderation.reports import NamedRule
from domain.moderation.statements import MAX_EXPLANATION, MAX_FACTS

# What a moderator may decide, by what the case is about.
OFFERED: dict[SubjectKind, tuple[StatementKind, ...]] = {
    SubjectKind.POST: (StatementKind.NO_BREACH, StatementKind.WARNING, StatementKind.POST_REMOVAL),
    SubjectKind.MEDIA: (StatementKind.NO_BREACH, StatementKind.WARNING, StatementKind.POST_REMOVAL),
    SubjectKind.ACCOUNT: (StatementKind.NO_BREACH, StatementKind.WARNING),
}
WHY = N_("Say why, in words that the member will read.")


class Decision(msgspec.Struct, frozen=True):
    """A moderator's decision on a case. ``version`` is that of the case that they have seen.

    Where a rule was broken, ``rule`` says which, ``facts`` what happened, and ``explanation`` why the rule applies, if
    its own words don't.
    """

    kind: StatementKind
    version: int
    rule: NamedRule | None = None
    facts: str = ""
    explanation: str = ""


@retried
async def decide(viewer: Viewer, case: int, decision: Decision) -> int:
    """Decides a case that the viewer has claimed: writes the statement, does what it says and closes the case.

    Returns the statement's id. Errors: ``NotFound``, ``Forbidden``, ``Invalid`` with the fields, ``Conflict`` when the
    claim has ended, or the case has changed since the moderator saw it.
    """
    access.require(permissions.may_moderate(viewer))
    _check_sizes(decision.facts, decision.explanation)
    async with DB.writing():
        row = await _claimed(viewer, case, decision.version)
        kept = await evidence.of_case(case)
        if decision.kind not in OFFERED[SubjectKind(row.subject_kind)]:
            raise Invalid("Choose one of the decisions.")
        await _check(decision, case, kept)
        if decision.kind is StatementKind.POST_REMOVAL:
            await restrictions.remove_post(await _post(row))
        statement = await _write(viewer, row, decision, kept)
        closed = clock.now()
        until = closed + evidence.KEPT_DAYS * evidence.DAY_MS
        await queries.close(case, CaseState.DECIDED, closed)
        await evidence.expire(case, until)
        await reports.close(case, until)
        await events.record(events.CaseDecided(case=case, statement=statement))
    return statement


async def _claimed(viewer: Viewer, case: int, version: int) -> CaseRow:
    """The case, locked, if it is the viewer's to decide and still what they have seen."""
    row = await queries.lock(case)
    if row is None or row.state == CaseState.WAITING:
        raise NotFound
    if row.state != CaseState.OPEN:
        raise Conflict("This case has been decided meanwhile.")
    reported_it = await queries.is_reported_by(case, viewer.id)
    access.require(permissions.may_decide(viewer, row.account, reported_it=reported_it))
    if row.claimed_by != viewer.id or row.claimed_until <= clock.now():
        raise Conflict("You no longer have this case: take it again. What you wrote is below.")
    if row.version != version:
        raise Conflict("This case has changed since you opened it. Look at it again. What you wrote is below.")
    return row


def _check_sizes(facts: str, explanation: str) -> None:
    text_parsing.check_sizes(facts=(facts, MAX_FACTS), explanation=(explanation, MAX_EXPLANATION))


async def _check(decision: Decision, case: int, kept: list[Evidence]) -> None:
    """Errors: ``Invalid`` with the fields ``rule``, ``facts`` and ``explanation``."""
    if decision.kind is StatementKind.NO_BREACH:
        return
    names, facts = await _names(case, kept), text_parsing.clean(decision.facts)
    collect(
        rule=await _rule_problem(decision.rule),
        facts=statements.text_problem(facts, MAX_FACTS, names) if facts else Invalid(WHY),
        explanation=statements.text_problem(text_parsing.clean(decision.explanation), MAX_EXPLANATION, names),
    )


async def _rule_problem(rule: NamedRule | None) -> Refused | None:
    if rule is not None:
        try:
            (await rules.of_version(rule.version)).rule(rule.number)
        except NotFound:
            pass
        else:
            return None
    return Invalid("Choose the rule that was broken.")


async def _names(case: int, kept: list[Evidence]) -> list[str]:
    """Handles and names of those whom a case concerns."""
    return [name for one in kept for name in (one.content.handle, one.content.name)] + await reports.names(case)


async def _post(row: CaseRow) -> int:
    """The post that a case is about; 0 for that of a picture which is gone."""
    if row.subject_kind == SubjectKind.POST:
        return row.subject
    return await attachments.post_of(row.subject) or 0


async def _write(viewer: Viewer, row: CaseRow, decision: Decision, kept: list[Evidence]) -> int:
    breach = decision.kind is not StatementKind.NO_BREACH
    rule = decision.rule if breach else None
    statement = ids.new()
    made = StatementRow(
        id=statement,
        puid=str(statement),
        mod_case=row.id,
        account=row.account,
        kind=decision.kind,
        rule_version=rule.version if rule else None,
        rule_number=rule.number if rule else None,
        facts=text_parsing.clean(decision.facts) if breach else "",
        explanation=text_parsing.clean(decision.explanation) if breach else "",
        source=await reports.source(row.id),
        revision=kept[0].revision if kept else 0,
        content_at=ids.time_of(row.subject),
        author=viewer.id,
        reverses=None,
    )
    return await statements.add(made)


@retried
async def reverse(viewer: Viewer, statement: int, explanation: str) -> int:
    """Takes a removal back: the post is where it was, and its author is told why. Returns the new statement's id.

    Errors: ``NotFound``, ``Forbidden``, ``Invalid``, ``Conflict`` when it has been reversed.
    """
    access.require(permissions.may_moderate(viewer))
    _check_sizes("", explanation)
    before = await statements.row(statement)
    async with DB.writing():
        row = await queries.lock(before.mod_case)
        assert row is not None
        access.require(permissions.may_decide(viewer, row.account, reported_it=False))
        if not await statements.is_in_force(before):
            raise Conflict("There is nothing to take back: this decision is not in force.")
        names = await _names(row.id, await evidence.of_case(row.id))
        words = text_parsing.clean(explanation)
        problem = statements.text_problem(words, MAX_EXPLANATION, names) if words else Invalid(WHY)
        collect(explanation=problem)
        await restrictions.restore_post(await _post(row))
        reversal = ids.new()
        made = before._replace(
            id=reversal,
            puid=str(reversal),
            kind=StatementKind.POST_RESTORATION,
            explanation=words,
            author=viewer.id,
            reverses=statement,
        )
        await statements.add(made)
        await queries.touch(row.id)
        await events.record(events.CaseDecided(case=row.id, statement=reversal))
    return reversal
