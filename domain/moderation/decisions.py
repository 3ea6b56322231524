"""Decides cases. A decision is a statement of reasons: nothing is done to a post or a member without one."""

import msgspec

from db.engine import DB
from db.queries import cases as queries
from db.queries import posts
from db.queries.cases import CaseRow
from db.queries.statements import StatementRow
from domain.core import access, clock, events, ids, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, NotFound, Refused, collect
from domain.core.retries import retried
from domain.core.translatable import N_
from domain.media import attachments
from domain.moderation import evidence, reports, restrictions, rules, staff, statements
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
    """A moderator's decision on a case; ``kind`` is None while they have chosen none.

    ``version`` is that of the case that they have seen, ``post_version`` that of the post, where it is about one.

    Where a rule was broken, ``rule`` says which, ``facts`` what happened, and ``explanation`` why the rule applies, if
    its own words don't. ``names_nobody``: the moderator has looked at words that are also names of those concerned.
    """

    kind: StatementKind | None
    version: int
    rule: NamedRule | None = None
    facts: str = ""
    explanation: str = ""
    names_nobody: bool = False
    post_version: int | None = None


@retried
async def decide(viewer: Viewer, case: int, decision: Decision) -> int:
    """Decides a case that no other moderator has: writes the statement, does what it says and closes the case.

    Returns the statement's id. Errors: ``NotFound``, ``Forbidden``, ``Invalid`` with the fields, ``Conflict`` when
    another moderator has the case, or it has changed since this one saw it.
    """
    access.require(permissions.may_moderate(viewer))
    _check_sizes(decision.facts, decision.explanation)
    async with DB.writing():
        row = await _decidable(viewer, case, decision.version)
        if row.post is not None and decision.post_version not in (None, (await restrictions.now(row.post)).version):
            raise Conflict("The post has been edited since you opened this page. What you wrote is below.")
        kept = await evidence.of_case(case)
        kind = decision.kind
        if kind is None or kind not in OFFERED[SubjectKind(row.subject_kind)]:
            problem = Invalid("Choose one of the decisions.")
            raise Invalid(problem.words, fields={"kind": problem})
        stored = await _checked(decision, kept)
        if kind is StatementKind.POST_REMOVAL:
            await _remove(row)
        statement = await _write(viewer, row, kind, stored, kept)
        closed = clock.now()
        until = evidence.kept_until(closed)
        await queries.close(case, CaseState.DECIDED, closed)
        await evidence.expire(case, until)
        await reports.expire_guests(case, until)
        await events.record(events.CaseDecided(case=case, statement=statement))
    return statement


async def _decidable(viewer: Viewer, case: int, version: int) -> CaseRow:
    """The case, locked, if it is the viewer's to decide and still what they have seen."""
    row = await queries.lock(case)
    if row is None or row.state == CaseState.WAITING:
        raise NotFound
    if row.state != CaseState.OPEN:
        raise Conflict("This case has been decided meanwhile. What you wrote is below.")
    access.require(await refusal(viewer, row))
    if row.claimed_by not in (None, viewer.id) and row.claimed_until > clock.now():
        raise Conflict("Another moderator has this case now. What you wrote is below.")
    if row.version != version:
        raise Conflict("This case has changed since you opened it. Look at it again. What you wrote is below.")
    return row


async def refusal(viewer: Viewer, row: CaseRow) -> Refused | None:
    """Why a moderator may not decide a case: it is about them, or they have reported it."""
    reported_it, alone = await queries.is_reported_by(row.id, viewer.id), await staff.is_alone()
    return permissions.may_decide(viewer, row.account, reported_it=reported_it, alone=alone)


def _check_sizes(facts: str, explanation: str) -> None:
    text_parsing.check_sizes(facts=(facts, MAX_FACTS), explanation=(explanation, MAX_EXPLANATION))


async def _checked(decision: Decision, kept: list[Evidence]) -> Decision:
    """The decision as it is stored.

    Errors: ``Invalid`` with the fields ``rule``, ``facts``, ``explanation`` and ``names_nobody``.
    """
    if decision.kind is StatementKind.NO_BREACH:
        return msgspec.structs.replace(decision, rule=None, facts="", explanation="")
    facts, explanation = text_parsing.clean(decision.facts), text_parsing.clean(decision.explanation)
    collect(
        rule=await _rule_problem(decision.rule),
        facts=statements.text_problem(facts, MAX_FACTS) if facts else Invalid(WHY),
        explanation=statements.text_problem(explanation, MAX_EXPLANATION),
        names_nobody=_names_problem(f"{facts}\n{explanation}", decision.names_nobody, kept),
    )
    return msgspec.structs.replace(decision, facts=facts, explanation=explanation)


def _names_problem(text: str, names_nobody: bool, kept: list[Evidence]) -> Refused | None:
    """A statement may be published: it names nobody."""
    name = None if names_nobody else statements.named_in(text, _names(kept))
    return Invalid("“%(name)s” is also the name of somebody whom this case concerns.", name=name) if name else None


async def _rule_problem(rule: NamedRule | None) -> Refused | None:
    """Only rules in force can be broken."""
    book = await rules.current()
    known = rule is not None and rule.version == book.version and any(one.number == rule.number for one in book.rules)
    return None if known else Invalid("Choose the rule that was broken.")


def _names(kept: list[Evidence]) -> list[str]:
    """Handles and names of those whom the evidence shows.

    Not of those who reported it: moderators don't know them, and would learn by what is refused who they are.
    """
    contents = [one.content for one in kept]
    excerpts = [excerpt.handle for content in contents for excerpt in content.context]
    return [*excerpts, *(name for content in contents for name in (content.handle, content.name))]


async def _remove(row: CaseRow) -> None:
    """Errors: ``Invalid`` where there is nothing to remove."""
    gone = row.subject_kind == SubjectKind.MEDIA and await attachments.post_of(row.subject) != row.post
    if row.post is None or gone or not await restrictions.remove_post(row.post):
        raise Invalid("It is no longer there: its author has deleted it. You can still give a warning.")


async def _write(viewer: Viewer, row: CaseRow, kind: StatementKind, decision: Decision, kept: list[Evidence]) -> int:
    rule = decision.rule
    statement = ids.new()
    made = StatementRow(
        id=statement,
        puid=str(statement),
        mod_case=row.id,
        account=row.account,
        post=row.post,
        kind=kind,
        rule_version=rule.version if rule else None,
        rule_number=rule.number if rule else None,
        facts=decision.facts,
        explanation=decision.explanation,
        source=await reports.source(row.id),
        revision=kept[0].revision if kept else 0,
        content_at=ids.time_of(row.subject),
        author=viewer.id,
        reverses=None,
    )
    return await statements.add(made)


@retried
async def reverse(viewer: Viewer, statement: int, explanation: str, *, names_nobody: bool = False) -> int:
    """Takes a removal back: the post is where it was, unless another removal of it is in force.

    Its author, and those who reported it, are told. Returns the new statement's id. Errors: ``NotFound``,
    ``Forbidden``, ``Invalid`` with the fields, ``Conflict`` when it has been reversed.
    """
    access.require(permissions.may_moderate(viewer))
    _check_sizes("", explanation)
    before = await statements.row(statement)
    async with DB.writing():
        row = await queries.lock(before.mod_case)
        assert row is not None
        access.require(await refusal(viewer, row))
        if not await statements.is_in_force(before):
            raise Conflict("There is nothing to take back: this decision is not in force.")
        words, kept = text_parsing.clean(explanation), await evidence.of_case(row.id)
        collect(
            explanation=statements.text_problem(words, MAX_EXPLANATION) if words else Invalid(WHY),
            names_nobody=_names_problem(words, names_nobody, kept),
        )
        reversal = await _write_reversal(viewer, before, words)
        await queries.touch(row.id)
        await events.record(events.CaseDecided(case=row.id, statement=reversal))
    return reversal


async def _write_reversal(viewer: Viewer, before: StatementRow, words: str) -> int:
    if before.post is not None:
        # Of two removals that are taken back at once, the second sees the first.
        await posts.lock(before.post)
    reversal = ids.new()
    made = before._replace(
        id=reversal,
        puid=str(reversal),
        kind=StatementKind.POST_RESTORATION,
        explanation=words,
        author=viewer.id,
        reverses=before.id,
    )
    await statements.add(made)
    if before.post is not None and not await statements.is_removed(before.post):
        await restrictions.restore_post(before.post)
    return reversal
