"""Decides cases. A decision is a statement of reasons: nothing is done to a post or a member without one."""

import msgspec

from db.engine import DB
from db.queries.cases import CaseRow
from domain.core import access, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.errors import Invalid, Refused, collect
from domain.core.retries import retried
from domain.core.translatable import N_
from domain.moderation import (
    actions,
    care,
    deciding,
    evidence,
    proposals,
    reversals,
    rules,
    sanctions,
    statements,
    wording,
)
from domain.moderation.actions import Action, Author, Finding
from domain.moderation.evidence import Evidence
from domain.moderation.kinds import MEASURES, SANCTIONS, TIMED, StatementKind, SubjectKind
from domain.moderation.reports import NamedRule
from domain.moderation.statements import MAX_EXPLANATION, MAX_FACTS
from domain.posts.measures import PostLabel

UNSEEN = N_("Nobody will see the post of an account that is suspended for good: choose one or the other.")
UNSEEN_PROFILE = N_("Nobody will see the profile of an account that is suspended for good: choose one or the other.")
STAYS = N_("This is for a post that stays: choose one or the other.")
WITHOUT_BREACH = N_("Without a breach no picture is removed: choose one or the other.")
_ON_POST = (
    StatementKind.NO_BREACH,
    StatementKind.WARNING,
    StatementKind.HIDE_UNTIL_EDITED,
    StatementKind.POST_REMOVAL,
)
# What a moderator may decide about the subject of a case, by what it is.
OFFERED: dict[SubjectKind, tuple[StatementKind, ...]] = {
    SubjectKind.POST: _ON_POST,
    SubjectKind.MEDIA: _ON_POST,
    SubjectKind.ACCOUNT: (StatementKind.NO_BREACH, StatementKind.WARNING),
}
# What may be done to a profile, beside that.
PROFILE_MEASURES = frozenset({StatementKind.MEDIA_REMOVAL})


class Decision(msgspec.Struct, frozen=True):
    """A moderator's decision on a case; ``kind`` is None while they have chosen none.

    ``version`` is that of the case that they have seen, ``post_version`` that of the post, where it is about one.

    Where a rule was broken, ``rule`` says which, ``facts`` what happened, and ``explanation`` why the rule applies, if
    its own words don't. ``names_nobody``: the moderator has looked at words that are also names of those concerned.
    ``sanction`` is what is done about the account besides, for ``days`` days if it ends. ``measures`` are what is done
    to a post that stays, or to a profile, in place of a warning: a label is ``label``, what is taken out are ``media``.
    ``newest``: it is so whatever the post says by now, where its author keeps editing it.
    """

    kind: StatementKind | None
    version: int
    rule: NamedRule | None = None
    facts: str = ""
    explanation: str = ""
    names_nobody: bool = False
    post_version: int | None = None
    sanction: StatementKind | None = None
    days: int | None = None
    measures: frozenset[StatementKind] = frozenset()
    label: PostLabel | None = None
    media: tuple[int, ...] = ()
    newest: bool = False


@retried
async def decide(viewer: Viewer, case: int, decision: Decision) -> int | None:
    """Decides a case that no other moderator has: writes the statements, does what they say and closes the case.

    Returns the id of the last statement, None for a suspension for good, which another moderator has to agree to.
    Errors: ``NotFound``, ``Forbidden``, ``Invalid`` with the fields, ``Conflict`` when another moderator has the case,
    or it has changed since this one saw it.
    """
    access.require(permissions.may_moderate(viewer))
    check_sizes(decision.facts, decision.explanation)
    async with DB.writing():
        row = await deciding.lock(viewer, case, decision.version, newest=decision.newest)
        await deciding.check_seen(row, decision.post_version, newest=decision.newest)
        await care.note_decision(viewer.id, case)
        kept = await evidence.of_case(case)
        finding = await checked(row, decision, kept)
        if decision.sanction is StatementKind.PERMANENT_SUSPENSION:
            await proposals.add(viewer, row, finding, removes_post=decision.kind is StatementKind.POST_REMOVAL)
            return None
        await proposals.drop(case)
        if decision.kind is StatementKind.NO_BREACH:
            await reversals.take_back_automatic(viewer, row)
        statement = await actions.take(row, actions_of(decision), finding, Author(viewer.id), kept, decision.days or 0)
        await actions.close(case)
    return statement


def actions_of(decision: Decision) -> list[Action]:
    """What a checked decision does: a measure, or a sanction, takes the place of a warning."""
    found = []
    if decision.kind not in (None, StatementKind.WARNING):
        found.append(Action(decision.kind))
    if StatementKind.MEDIA_REMOVAL in decision.measures:
        found += [Action(StatementKind.MEDIA_REMOVAL, media=media) for media in decision.media]
    if StatementKind.COVER in decision.measures:
        found.append(Action(StatementKind.COVER))
    if StatementKind.LABEL in decision.measures:
        found.append(Action(StatementKind.LABEL, label=decision.label))
    if StatementKind.LIMIT in decision.measures:
        found.append(Action(StatementKind.LIMIT))
    if decision.sanction is not None:
        found.append(Action(decision.sanction))
    return found or [Action(StatementKind.WARNING)]


def check_sizes(facts: str, explanation: str) -> None:
    """Errors: ``Invalid``."""
    text_parsing.check_sizes(facts=(facts, MAX_FACTS), explanation=(explanation, MAX_EXPLANATION))


async def checked(row: CaseRow, decision: Decision, kept: list[Evidence]) -> Finding:
    """Why it is decided, as it is stored.

    Errors: ``Invalid`` with the fields ``kind``, ``measures``, ``sanction``, ``days``, ``rule``, ``facts``,
    ``explanation`` and ``names_nobody``.
    """
    kind = decision.kind
    if kind not in OFFERED[SubjectKind(row.subject_kind)] and (kind is not None or not decision.measures):
        collect(kind=Invalid("Choose one of the decisions."))
    collect(
        measures=_measures_problem(row, decision), sanction=_sanction_problem(decision), days=_days_problem(decision)
    )
    if kind is StatementKind.NO_BREACH:
        return Finding()
    facts, explanation = text_parsing.clean(decision.facts), text_parsing.clean(decision.explanation)
    collect(
        rule=await rule_problem(decision.rule),
        facts=wording.required(facts, MAX_FACTS),
        explanation=statements.text_problem(explanation, MAX_EXPLANATION),
        names_nobody=wording.names_problem(f"{facts}\n{explanation}", decision.names_nobody, kept),
    )
    return Finding(decision.rule, facts, explanation)


def _measures_problem(row: CaseRow, decision: Decision) -> Refused | None:
    measures = decision.measures
    if not measures:
        return None
    if not measures <= (PROFILE_MEASURES if row.post is None else MEASURES):
        return Invalid("Choose one of the decisions.")
    if decision.kind not in (None, StatementKind.WARNING):
        return Invalid(WITHOUT_BREACH if row.post is None else STAYS)
    if decision.sanction is StatementKind.PERMANENT_SUSPENSION:
        return Invalid(UNSEEN_PROFILE if row.post is None else UNSEEN)
    if StatementKind.LABEL in measures and decision.label is None:
        return Invalid("Choose what the label says.")
    return _media_problem(row, decision) if StatementKind.MEDIA_REMOVAL in measures else None


def _media_problem(row: CaseRow, decision: Decision) -> Refused | None:
    """A case about one picture decides about that one."""
    others = [media for media in decision.media if row.subject_kind == SubjectKind.MEDIA and media != row.subject]
    return Invalid("Choose the picture that is removed.") if others or not decision.media else None


def _sanction_problem(decision: Decision) -> Refused | None:
    if decision.sanction is None:
        return None
    if decision.sanction not in SANCTIONS:
        return Invalid("Choose one of the decisions.")
    if decision.sanction is StatementKind.PERMANENT_SUSPENSION and decision.kind is StatementKind.HIDE_UNTIL_EDITED:
        return Invalid(UNSEEN)
    harmless = decision.kind is StatementKind.NO_BREACH
    return Invalid("Without a breach there is nothing to do about the account.") if harmless else None


def _days_problem(decision: Decision) -> Refused | None:
    is_missing = decision.sanction in TIMED and decision.days not in sanctions.DAYS
    return Invalid("Choose for how long.") if is_missing else None


async def rule_problem(rule: NamedRule | None) -> Refused | None:
    """Only rules in force can be broken."""
    book = await rules.current()
    known = rule is not None and rule.version == book.version and any(one.number == rule.number for one in book.rules)
    return None if known else Invalid("Choose the rule that was broken.")
