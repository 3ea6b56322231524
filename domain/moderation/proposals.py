"""Suspensions for good: one moderator proposes, another agrees. Until then nothing is done, and nobody is told."""

from collections.abc import Sequence

import msgspec

from db.engine import DB
from db.queries import cases
from db.queries import proposals as queries
from db.queries.cases import CaseRow
from db.queries.proposals import ProposalRow
from domain.core import access, clock, events, permissions
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, NotFound, collect
from domain.core.moderation_events import WorkWaits
from domain.core.retries import retried
from domain.moderation import actions, care, deciding, evidence, rules, sanctions, staff
from domain.moderation.actions import Action, Author, Finding
from domain.moderation.kinds import StatementKind
from domain.moderation.reports import NamedRule
from domain.moderation.rules import Rule


class Proposal(msgspec.Struct, frozen=True):
    """A suspension for good that a moderator has proposed; ``mine``: it was the viewer. ``proposed_at`` in Unix
    milliseconds; ``removes_post``: the post is removed with it.
    """

    rule: Rule
    rule_version: int
    facts: str
    explanation: str
    removes_post: bool
    proposed_at: int
    mine: bool


async def of_case(viewer: Viewer, case: int) -> Proposal | None:
    """What waits for a second moderator in a case."""
    row = await queries.of_case(case)
    if row is None:
        return None
    rule = (await rules.of_version(row.rule_version)).rule(row.rule_number)
    return Proposal(
        rule,
        row.rule_version,
        row.facts,
        row.explanation,
        bool(row.removes_post),
        row.proposed_at,
        row.author == viewer.id,
    )


async def authors(found: Sequence[int]) -> dict[int, int]:
    """Who has proposed a suspension in each of these cases where somebody has."""
    return await queries.authors(found)


async def add(viewer: Viewer, row: CaseRow, finding: Finding, *, removes_post: bool) -> None:
    """Within a transaction that has locked the case: proposes, in place of what was proposed before, and gives the case
    back.

    Errors: ``Invalid`` where nobody else could agree, ``Conflict`` for an account that can't be sanctioned.
    """
    if await staff.is_alone():
        collect(sanction=Invalid("This takes two moderators, and this network has one."))
    await sanctions.check_can_sanction(row.account)
    assert finding.rule is not None
    await queries.drop(row.id)
    made = ProposalRow(
        row.id,
        viewer.id,
        finding.rule.version,
        finding.rule.number,
        finding.facts,
        finding.explanation,
        int(removes_post),
        clock.now(),
    )
    await queries.add(made)
    await cases.release(row.id, viewer.id)
    await cases.touch(row.id)
    await events.record(WorkWaits())


@retried
async def agree(
    viewer: Viewer, case: int, version: int, post_version: int | None = None, *, newest: bool = False
) -> int:
    """Suspends for good, as another moderator has proposed. Returns the id of the statement.

    ``version`` and ``post_version`` are what the moderator has seen; ``newest`` as in ``Decision``. A post that its
    author has deleted since then is not removed.

    Errors: as ``decisions.decide``; ``Conflict`` when there is no such proposal any more, or it is the viewer's own.
    """
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        row = await deciding.lock(viewer, case, version, newest=newest)
        proposal = await queries.of_case(case)
        if proposal is None or proposal.author == viewer.id or not await staff.still_moderates(proposal.author):
            raise Conflict("There is nothing here for you to agree to: look at the case again.")
        await deciding.check_seen(row, post_version, newest=newest)
        await care.note_decision(viewer.id, case)
        taken = [Action(StatementKind.PERMANENT_SUSPENSION)]
        if proposal.removes_post and await actions.is_there(row):
            taken.insert(0, Action(StatementKind.POST_REMOVAL))
        finding = Finding(NamedRule(proposal.rule_version, proposal.rule_number), proposal.facts, proposal.explanation)
        await queries.drop(case)
        kept = await evidence.of_case(case)
        statement = await actions.take(row, taken, finding, Author(proposal.author, viewer.id), kept)
        await actions.close(case)
    return statement


@retried
async def withdraw(viewer: Viewer, case: int) -> None:
    """Takes the viewer's own proposal back; the case is anybody's again. Errors: ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        row, proposal = await cases.lock(case), await queries.of_case(case)
        if row is None or proposal is None or proposal.author != viewer.id:
            raise NotFound
        await queries.drop(case)
        await cases.touch(case)


async def drop(case: int) -> None:
    """Within a transaction: forgets a proposal, since the case is decided otherwise."""
    await queries.drop(case)
