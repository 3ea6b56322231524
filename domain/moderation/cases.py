"""The moderators' queue and its cases.

A case is claimed by one moderator at a time, under a lease. A claim ends with the decision, when it is given back, or
with its time.
"""

import msgspec

from db.engine import DB
from db.queries import cases as queries
from db.queries import filter_hits, upstream
from db.queries.cases import CaseRow, QueueFigures
from domain.accounts import profiles
from domain.core import access, clock, ids, permissions
from domain.core.access import Viewer
from domain.core.errors import Conflict, NotFound, Refused
from domain.core.retries import retried
from domain.media import profile_images
from domain.media.attachments import Attachment
from domain.media.profile_images import ProfileImage
from domain.moderation import (
    care,
    case_messages,
    case_notes,
    deciding,
    decisions,
    evidence,
    precedents,
    proposals,
    reports,
    restrictions,
    sanctions,
    staff,
    statements,
    weights,
)
from domain.moderation.case_messages import CaseMessage
from domain.moderation.case_notes import CaseNote
from domain.moderation.evidence import Content, Evidence
from domain.moderation.kinds import CaseState, Severity, StatementKind, SubjectKind
from domain.moderation.precedents import Precedents
from domain.moderation.proposals import Proposal
from domain.moderation.reports import CaseReport
from domain.moderation.restrictions import PostNow
from domain.moderation.sanctions import AccountSanctions
from domain.moderation.statements import Statement
from domain.moderation.weights import ReportWeight

CLAIM_MINUTES = 20
# Cases on the page of the queue, reports on that of a case, and earlier cases of the same account there.
QUEUED, REPORTS, EARLIER = 100, 50, 20


class QueuedCase(msgspec.Struct, frozen=True):
    """A case in the queue. ``due_at`` in Unix milliseconds; ``mine``: the viewer has it, ``claimed``: somebody does.

    ``proposed``: a suspension for good waits for a second moderator, ``by_viewer``: it is the viewer who proposed it.
    ``weight`` is that of its reports, ``found_by`` are the names of the filters that have found it. ``answered``:
    somebody has answered what moderators wrote, and none has replied. ``complaint`` is one from upstream that it was
    opened for.
    """

    id: int
    kind: SubjectKind
    severity: Severity
    reports: int
    opened_at: int
    due_at: int
    overdue: bool
    claimed: bool
    mine: bool
    content: Content | None
    weight: ReportWeight = ReportWeight.SOME
    proposed: bool = False
    by_viewer: bool = False
    answered: bool = False
    found_by: tuple[str, ...] = ()
    complaint: int | None = None


class Queue(msgspec.Struct, frozen=True):
    figures: QueueFigures
    cases: list[QueuedCase]


class EarlierCase(msgspec.Struct, frozen=True):
    """Another case about the same account, and its decisions, newest first."""

    id: int
    kind: SubjectKind
    state: CaseState
    opened_at: int
    statements: list[Statement]


class CaseView(msgspec.Struct, frozen=True):
    """A case as a moderator works on it. ``refusal`` is why this one may not decide it, None if they may.

    Whoever may not is shown neither reports nor notes: they would tell the reported what others say of them. ``post``
    is the post that it is about, or None, and ``now`` what has become of it. ``handle`` is that of the account now, ""
    once it has left, ``language`` what it reads, ``points`` those that count for it now, and ``sanctions`` what is in
    force against it; ``proposal`` waits for a second moderator. ``pictures`` are the media of a post that may be
    removed, ``profile`` those of a profile, ``rules`` the names of the rules that reports and filters name.
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
    reports: list[CaseReport]
    statements: list[Statement]
    earlier: list[EarlierCase]
    points: int
    sanctions: AccountSanctions
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


async def queue(viewer: Viewer) -> Queue:
    """What is open: urgent cases first, then those that are due first. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    now = clock.now()
    rows = await queries.queue(QUEUED)
    contents = await evidence.newest(row.id for row in rows)
    authors = await proposals.authors([row.id for row in rows])
    answered = await case_messages.waiting([row.id for row in rows])
    found_by = await filter_hits.of_cases([row.id for row in rows])
    complaints = await upstream.of_cases([row.id for row in rows])
    found = [
        msgspec.structs.replace(
            _queued(row, viewer, now, contents.get(row.id), authors.get(row.id)),
            answered=row.id in answered,
            found_by=tuple(one.name for one in found_by.get(row.id, ())),
            complaint=complaints.get(row.id),
        )
        for row in rows
    ]
    return Queue(await queries.figures(now), found)


async def count_open(viewer: Viewer) -> int:
    """How many cases are open, for whoever may see them; 0 for others."""
    return (await queries.figures(clock.now())).open if permissions.may_moderate(viewer) is None else 0


def _queued(
    row: CaseRow, viewer: Viewer, now: int, content: Content | None, proposed_by: int | None = None
) -> QueuedCase:
    claimed = row.claimed_by is not None and row.claimed_until > now
    return QueuedCase(
        id=row.id,
        kind=SubjectKind(row.subject_kind),
        severity=Severity(row.severity),
        reports=row.reports,
        opened_at=ids.time_of(row.id),
        due_at=row.due_at,
        overdue=row.state == CaseState.OPEN and row.due_at < now,
        claimed=claimed,
        mine=claimed and row.claimed_by == viewer.id,
        content=content,
        weight=weights.in_words(row.weight, row.reports),
        proposed=proposed_by is not None,
        by_viewer=proposed_by == viewer.id,
    )


async def read(viewer: Viewer, case: int) -> CaseView:
    """A case with all that is needed to decide it. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    row = await queries.one(case)
    if row is None or row.state == CaseState.WAITING:
        raise NotFound
    kept = await evidence.of_case(case)
    refusal = await deciding.refusal(viewer, row)
    now = await restrictions.now(row.post) if row.post is not None else None
    said = [] if refusal else await reports.of_case(case, REPORTS)
    complaint = None if refusal else (await upstream.of_cases([case])).get(case)
    finders = (await filter_hits.of_cases([case])).get(case, [])
    queued = _queued(row, viewer, clock.now(), kept[0].content if kept else None)
    named = frozenset() if refusal else frozenset([one.rule.name for one in said] + [one.rule for one in finders])
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
        earlier=[] if refusal else await _earlier(row),
        points=await statements.points(row.account),
        sanctions=await sanctions.of_account(row.account),
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


async def _earlier(row: CaseRow) -> list[EarlierCase]:
    rows = await queries.of_account(row.account, row.id, EARLIER)
    decided = await statements.of_cases([one.id for one in rows])
    return [
        EarlierCase(one.id, SubjectKind(one.subject_kind), CaseState(one.state), ids.time_of(one.id), decided[one.id])
        for one in rows
    ]


async def has_before(viewer: Viewer, due_at: int, most_hard: int | None = None) -> bool:
    """Whether a case that is free for this moderator comes before other work that is due at ``due_at``.

    An urgent one always does. ``due_at`` in Unix milliseconds, ``most_hard`` as in :func:`claim_next`. Errors:
    ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    easy = await care.has_enough(viewer, most_hard)
    row = await queries.first_free(viewer.id, clock.now(), alone=await staff.is_alone(), easy=easy)
    return row is not None and (row.severity == Severity.URGENT or row.due_at <= due_at)


@retried
async def claim_next(viewer: Viewer, most_hard: int | None = None) -> int | None:
    """Claims the first case of the queue that is free for this moderator, and returns its id; None when there is none.

    ``most_hard`` is how many cases that are hard to look at the network lets a moderator have in a day, None for any
    number: more than that, or than they want themselves, are not offered. Errors: ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    now, easy = clock.now(), await care.has_enough(viewer, most_hard)
    until, alone = now + CLAIM_MINUTES * clock.MINUTE_MS, await staff.is_alone()
    async with DB.writing():
        found = await queries.claim_next(viewer.id, until, now, alone=alone, easy=easy)
        if found is not None:
            await care.note_work(viewer.id, found)
    return found


@retried
async def claim(viewer: Viewer, case: int, most_hard: int | None = None, *, beyond: bool = False) -> None:
    """Claims a case, or makes an own claim last longer. ``beyond``: even if it is one more that is hard to look at than
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
        if not await queries.claim(case, viewer.id, until, now, alone=alone):
            raise Conflict("Another moderator has this case, or it has been decided.")
        await care.note_work(viewer.id, case)


async def release(viewer: Viewer, case: int) -> None:
    """Gives a claim back; harmless without one."""
    access.require(permissions.may_moderate(viewer))
    await queries.release(case, viewer.id)
