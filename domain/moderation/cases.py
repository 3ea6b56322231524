"""The moderators' queue and its cases.

A case is claimed by one moderator at a time, under a lease. A claim ends with the decision, when it is given back, when
its holder signs out, takes a break or moderates no longer, or with its time.
"""

import msgspec

from db.engine import DB
from db.queries import case_queue, filter_hits, upstream
from db.queries import cases as queries
from db.queries.case_queue import ANY, CasePlace, QueueFigures, RowScope
from db.queries.cases import CaseRow
from domain.accounts import profiles
from domain.core import access, clock, cursors, permissions
from domain.core.access import Viewer
from domain.core.cursors import Page, QueuePlace
from domain.core.errors import Conflict, NotFound, Refused
from domain.core.retries import retried
from domain.media import profile_images
from domain.media.attachments import Attachment
from domain.media.profile_images import ProfileImage
from domain.moderation import (
    care,
    case_history,
    case_messages,
    case_notes,
    deciding,
    decisions,
    evidence,
    precedents,
    proposals,
    queued_cases,
    reports,
    restrictions,
    sanctions,
    staff,
    statements,
)
from domain.moderation.care import UNLIMITED, HardLimits
from domain.moderation.case_history import EarlierCase
from domain.moderation.case_messages import CaseMessage
from domain.moderation.case_notes import CaseNote
from domain.moderation.evidence import Evidence
from domain.moderation.kinds import CaseState, Severity, StatementKind, SubjectKind
from domain.moderation.precedents import Precedents
from domain.moderation.proposals import Proposal
from domain.moderation.queued_cases import EVERYTHING, Queue, QueuedCase, QueueScope
from domain.moderation.reports import CaseReport
from domain.moderation.restrictions import PostNow
from domain.moderation.sanctions import AccountSanctions
from domain.moderation.statements import Statement

CLAIM_MINUTES = 20
# Cases that one moderator has at a time: who takes more gives back those that they took first.
MOST_CLAIMED = 10
# Cases on a page of the queue.
QUEUED = 100


class CaseView(msgspec.Struct, frozen=True):
    """A case as a moderator works on it. ``refusal`` is why this one may not decide it, None if they may.

    Whoever may not is shown neither reports nor notes: they would tell the reported what others say of them. ``post``
    is the post that it is about, or None, and ``now`` what has become of it. ``handle`` is that of the account now, ""
    once it has left, ``language`` what it reads, ``points`` those that count for it now, ``sanctions`` what is in force
    against it, and ``in_force`` what is of it and its posts by other cases; ``proposal`` waits for a second moderator.
    ``pictures`` are the media of a post that may be removed, ``profile`` those of a profile, ``rules`` the names of the
    rules that reports and filters name. ``reports`` and ``earlier`` are their first pages.
    """

    case: QueuedCase
    state: CaseState
    version: int
    account: int
    post: int | None
    now: PostNow | None
    handle: str
    claimed_until: int
    evidence: list[Evidence]
    reports: Page[CaseReport]
    statements: list[Statement]
    earlier: Page[EarlierCase]
    points: int
    sanctions: AccountSanctions
    in_force: list[Statement]
    language: str
    offered: tuple[StatementKind, ...]
    pictures: tuple[Attachment, ...]
    profile: dict[ProfileImage, Attachment]
    offered_sanctions: tuple[StatementKind, ...]
    refusal: Refused | None
    proposal: Proposal | None
    notes: list[CaseNote]
    messages: list[CaseMessage]
    rules: frozenset[str]
    precedents: Precedents


async def queue(viewer: Viewer, cursor: str = "", scope: QueueScope = EVERYTHING) -> Queue:
    """What is open, but what the viewer is a party to: urgent cases first, then those that are due first.

    Whoever moderates alone sees that too. The figures are of all cases, whatever the scope. Errors: ``SignedOut``,
    ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    now, alone, place = clock.now(), await staff.is_alone(), CasePlace(*cursors.queue_place(cursor))
    more = await case_queue.queue(viewer.id, QUEUED + 1, place, _scope(scope), alone=alone)
    rows = more[:QUEUED]
    contents = await evidence.newest(row.id for row in rows)
    authors = await proposals.authors([row.id for row in rows])
    answered = await case_messages.waiting([row.id for row in rows])
    found_by = await filter_hits.of_cases([row.id for row in rows])
    complaints = await upstream.of_cases([row.id for row in rows])
    found = [
        msgspec.structs.replace(
            queued_cases.of_row(row, viewer, now, contents.get(row.id), authors.get(row.id)),
            answered=row.id in answered,
            found_by=tuple(one.name for one in found_by.get(row.id, ())),
            complaint=complaints.get(row.id),
        )
        for row in rows
    ]
    figures = await case_queue.figures(viewer.id, now, alone=alone)
    return Queue(figures, found, cursors.after(_place(rows[-1])) if len(more) > QUEUED else "")


def _scope(scope: QueueScope) -> RowScope:
    return RowScope(scope.rule, ANY if scope.kind is None else scope.kind)


def _place(row: CaseRow) -> QueuePlace:
    return QueuePlace(int(row.severity < Severity.URGENT), row.due_at, row.severity, row.weight, row.id)


async def count_open(viewer: Viewer) -> int:
    """How many cases are open in the queue of whoever moderates; 0 for others."""
    return (await figures(viewer)).open if permissions.may_moderate(viewer) is None else 0


async def figures(viewer: Viewer) -> QueueFigures:
    """What is open in the viewer's queue. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return await case_queue.figures(viewer.id, clock.now(), alone=await staff.is_alone())


async def read(viewer: Viewer, case: int) -> CaseView:
    """A case with all that is needed to decide it. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    row = await queries.one(case)
    if row is None or row.state == CaseState.WAITING:
        raise NotFound
    kept = await evidence.of_case(case)
    refusal = await deciding.refusal(viewer, row)
    now = await restrictions.now(row.post) if row.post is not None else None
    said = Page[CaseReport]([]) if refusal else await reports.of_case(case)
    complaint = None if refusal else (await upstream.of_cases([case])).get(case)
    finders = (await filter_hits.of_cases([case])).get(case, [])
    queued = queued_cases.of_row(row, viewer, clock.now(), kept[0].content if kept else None)
    named = frozenset() if refusal else frozenset([one.rule.name for one in said.items] + [one.rule for one in finders])
    return CaseView(
        case=msgspec.structs.replace(queued, found_by=tuple(one.name for one in finders), complaint=complaint),
        state=CaseState(row.state),
        version=row.version,
        account=row.account,
        post=row.post,
        now=now,
        handle=next((card.handle for card in (await profiles.cards([row.account])).values()), ""),
        claimed_until=row.claimed_until,
        evidence=kept,
        reports=said,
        statements=await statements.of_case(case),
        earlier=Page([]) if refusal else await case_history.earlier(row),
        points=await statements.points(row.account),
        sanctions=await sanctions.of_account(row.account),
        in_force=[] if refusal else await statements.in_force(row.account, case),
        language=await queries.language_of(row.account) or "",
        offered=decisions.OFFERED[SubjectKind(row.subject_kind)],
        pictures=_pictures(row, now),
        profile=await profile_images.shown(row.account) if row.subject_kind == SubjectKind.ACCOUNT else {},
        offered_sanctions=await sanctions.offered(row.account),
        refusal=refusal,
        proposal=None if refusal else await proposals.of_case(viewer, case),
        notes=[] if refusal else await case_notes.of_case(viewer, case),
        messages=[] if refusal else await case_messages.of_case(case),
        rules=named,
        precedents=await precedents.of_case(row, named),
    )


def _pictures(row: CaseRow, now: PostNow | None) -> tuple[Attachment, ...]:
    """Of a post, all that it has; where one picture was reported, that one."""
    media = now.media if now is not None else ()
    return media if row.subject_kind == SubjectKind.POST else tuple(one for one in media if one.id == row.subject)


async def first_free(
    viewer: Viewer, most_hard: HardLimits = UNLIMITED, scope: QueueScope = EVERYTHING
) -> CaseRow | None:
    """The case that :func:`claim_next` would claim. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    easy = await care.has_enough(viewer, most_hard)
    return await case_queue.first_free(viewer.id, clock.now(), _scope(scope), alone=await staff.is_alone(), easy=easy)


@retried
async def claim_next(viewer: Viewer, most_hard: HardLimits = UNLIMITED, scope: QueueScope = EVERYTHING) -> int | None:
    """Claims the first case of the queue, or of a part of it, that is free for this moderator, and returns its id; None
    when there is none.

    ``most_hard`` is how much that is hard to look at the network lets a moderator have in a day: more than that, or
    than they want themselves, is not offered. Errors: ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    now, alone = clock.now(), await staff.is_alone()
    until = now + CLAIM_MINUTES * clock.MINUTE_MS
    async with DB.writing():
        # It has whoever asks twice at once wait, who gets no more than is offered then.
        await staff.check_role(viewer)
        easy = await care.has_enough(viewer, most_hard)
        found = await case_queue.claim_next(viewer.id, until, now, _scope(scope), alone=alone, easy=easy)
        if found is not None:
            await _note_claim(viewer, found, until)
    return found


async def _note_claim(viewer: Viewer, case: int, until: int) -> None:
    """Within a transaction that has claimed a case: gives those back that are more than one may have."""
    await care.note_claim(viewer.id, case, until)
    for other in await case_queue.release_beyond(viewer.id, case, clock.now(), MOST_CLAIMED):
        await care.note_release(viewer.id, other)


@retried
async def claim(viewer: Viewer, case: int, most_hard: HardLimits = UNLIMITED, *, beyond: bool = False) -> None:
    """Claims a case, or makes an own claim last longer. ``beyond``: even if it is hard to look at, and more than
    :func:`claim_next` would offer.

    Errors: ``NotFound``, ``Forbidden`` for one's own case, ``Conflict`` while somebody else has it, or without
    ``beyond``.
    """
    access.require(permissions.may_moderate(viewer))
    row = await queries.one(case)
    if row is None or row.state == CaseState.WAITING:
        raise NotFound
    access.require(await deciding.refusal(viewer, row))
    if not beyond:
        await care.require_within(viewer, case, most_hard)
    now = clock.now()
    until, alone = now + CLAIM_MINUTES * clock.MINUTE_MS, await staff.is_alone()
    async with DB.writing():
        if not await case_queue.claim(case, viewer.id, until, now, alone=alone):
            raise Conflict("Another moderator has this case, or it has been decided.")
        await staff.check_role(viewer)
        await _note_claim(viewer, case, until)


@retried
async def release(viewer: Viewer, case: int) -> None:
    """Gives a claim back; harmless without one."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        await queries.release(case, viewer.id)
        await care.note_release(viewer.id, case)
