"""Does what decisions say: writes the statements of reasons, and acts on the post and the account in the same
transaction.
"""

from collections.abc import Sequence

import msgspec

from db.queries import cases
from db.queries.cases import CaseRow
from db.queries.statements import StatementRow
from domain.core import clock, events, ids
from domain.core.errors import Invalid
from domain.media import attachments
from domain.moderation import appeals, effects, reports, restrictions, sanctions, statements
from domain.moderation.bulk_log import Part
from domain.moderation.evidence import Evidence
from domain.moderation.kinds import ON_POSTS, SANCTIONS, Automation, CaseState, StatementKind, SubjectKind
from domain.moderation.reports import NamedRule
from domain.posts import holds
from domain.posts.measures import PostLabel


class Finding(msgspec.Struct, frozen=True):
    """Why something is decided: the rule that was broken, what happened, and why the rule applies ("" if it says so).

    Where no rule was broken, all of it is empty.
    """

    rule: NamedRule | None = None
    facts: str = ""
    explanation: str = ""


class Action(msgspec.Struct, frozen=True):
    """What is done: a kind of statement, with the ``label`` that a post gets, or the ``media`` that is taken out of it
    or of a profile.
    """

    kind: StatementKind
    label: PostLabel | None = None
    media: int | None = None


class Author(msgspec.Struct, frozen=True):
    """The moderator who decides, and the one who has agreed, where it takes two: ids of accounts.

    ``id`` is None where no person has decided.
    """

    id: int | None
    second: int | None = None

    @property
    def automation(self) -> Automation:
        return Automation.FULLY if self.id is None else Automation.NOT_AUTOMATED


async def take(
    row: CaseRow,
    actions: Sequence[Action],
    finding: Finding,
    author: Author,
    kept: Sequence[Evidence],
    days: int = 0,
    part: Part | None = None,
) -> int:
    """Within a transaction that has locked the case: does all of ``actions`` for one finding, and has everybody told.

    ``kept`` is the case's evidence, ``days`` how long a sanction lasts. ``part``: it is one of many that are decided at
    once, by one action. Returns the id of the last statement. Errors: ``Invalid`` where the post or picture that is to
    be removed is gone, ``Conflict`` for an account that can't be sanctioned.
    """
    source, revision = await reports.source(row.id), kept[0].revision if kept else 0
    now = clock.now()
    # Ids of one moment have no order by themselves.
    numbers = sorted(ids.new(now) for _ in actions)
    for action, statement in zip(actions, numbers, strict=True):
        kind = action.kind
        ends = sanctions.ends_at(kind, days, now)
        await _prepare(row, action)
        made = StatementRow(
            id=statement,
            puid=str(statement),
            mod_case=row.id,
            account=row.account,
            post=row.post,
            kind=kind,
            rule_version=finding.rule.version if finding.rule else None,
            rule_number=finding.rule.number if finding.rule else None,
            facts=finding.facts,
            explanation=finding.explanation,
            source=source,
            revision=revision,
            content_at=ids.time_of(_content(row, action)),
            author=author.id,
            reverses=None,
            ends_at=ends,
            second=author.second,
            label=action.label,
            media=action.media,
            automation=author.automation,
        )
        await statements.add(made, part=part)
        await effects.refresh(made, statement)
        if ends is not None:
            await sanctions.schedule_end(row.account, ends)
    if row.subject_kind == SubjectKind.POST and author.automation is not Automation.FULLY:
        await holds.decided(row.subject, numbers[-1])
    await events.record(events.CaseDecided(case=row.id, statement=numbers[-1]))
    return numbers[-1]


def _content(row: CaseRow, action: Action) -> int:
    """The id of what a statement is about: of a profile whose picture is removed, that picture."""
    return action.media if action.media is not None and row.subject_kind == SubjectKind.ACCOUNT else row.subject


async def is_there(row: CaseRow) -> bool:
    """Whether the post that a case is about, or the picture of it, has not been deleted."""
    return row.post is not None and not await _lacks_picture(row) and (await restrictions.now(row.post)).there


async def _lacks_picture(row: CaseRow) -> bool:
    """Whether a case is about a picture that its post no longer has."""
    return row.subject_kind == SubjectKind.MEDIA and await attachments.post_of(row.subject) != row.post


async def _prepare(row: CaseRow, action: Action) -> None:
    if row.subject_kind == SubjectKind.ACCOUNT and action.kind is StatementKind.MEDIA_REMOVAL:
        await restrictions.check_profile(row.account, action.media)
    elif action.kind in ON_POSTS:
        await restrictions.check(row.post, action.kind, action.media)
        if await _lacks_picture(row):
            raise Invalid(restrictions.GONE)
    elif action.kind in SANCTIONS:
        await sanctions.check_can_sanction(row.account)


async def close(case: int) -> None:
    """Within a transaction: closes a decided case; what is kept of it goes on a date from now on, unless it is kept
    for an appeal.
    """
    await cases.close(case, CaseState.DECIDED, clock.now())
    await appeals.let_evidence_go(case)
