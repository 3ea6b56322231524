"""What filters do to posts: the screen that ``domain.posts.screening`` looks at posts with.

Of several filters that hit, the one with the strictest outcome counts, unless one that allows hits as well. Whether a
post waits for a moderator is said by :func:`hold_reason` alone.
"""

from collections.abc import Sequence

import msgspec

from db.engine import DB
from db.queries import cases, filter_hits
from db.queries import filters as queries
from db.queries.cases import NewCase
from db.queries.filter_hits import HitRow
from domain.core import clock, ids
from domain.core.access import Viewer
from domain.core.blocking import run_blocking
from domain.core.retries import retried
from domain.moderation import (
    case_alerts,
    clocks,
    evidence,
    filter_cache,
    filter_findings,
    filters,
    known_pictures,
    subjects,
)
from domain.moderation.filter_engine import Failure, Hit
from domain.moderation.filter_fields import PostFields
from domain.moderation.filter_kinds import AgeGroup, FilterOutcome, FilterState, HitMode
from domain.moderation.filters import FilterView
from domain.moderation.kinds import CaseState, Severity, SubjectKind
from domain.posts.screening import PASSED, Finding, HoldReason, Nudged, ScreenedPost, Verdict

# With these a moderator has to look at the post.
FOR_MODERATORS = frozenset({FilterOutcome.CASE, FilterOutcome.COVER, FilterOutcome.HOLD})


async def look(viewer: Viewer, post: ScreenedPost) -> Verdict:
    """What comes of a post. Errors: ``Nudged``."""
    hits, failed = await _looked(viewer, post)
    verdict = _verdict(hits, failed)
    if verdict is not PASSED and (acting := acting_of(hits)) and acting.outcome is FilterOutcome.NUDGE:
        await _nudge(viewer, post, acting)
    return verdict


def hold_reason(acting: FilterView | None) -> HoldReason | None:
    """Why a post waits for a moderator, None if it does not; ``acting`` is the filter whose outcome counts."""
    return HoldReason.FILTER if acting is not None and acting.outcome is FilterOutcome.HOLD else None


def _verdict(hits: Sequence[FilterView], failed: Sequence[FilterView]) -> Verdict:
    acting = acting_of(hits)
    hold = hold_reason(acting)
    if not hits and not failed and hold is None:
        return PASSED
    by = acting.id if acting and hold is HoldReason.FILTER else None
    return Verdict(hold, by, _findings(hits), failed=_findings(failed))


def _findings(views: Sequence[FilterView]) -> tuple[Finding, ...]:
    return tuple(Finding(one.id, one.version) for one in views)


def acting_of(hits: Sequence[FilterView]) -> FilterView | None:
    """Of filters that hit, the live one whose outcome counts; None where nothing is to be done."""
    live = [one for one in hits if one.state is FilterState.LIVE]
    if not live or any(one.outcome is FilterOutcome.ALLOW for one in live):
        return None
    return max(live, key=lambda one: (one.outcome, -one.id))


async def _looked(viewer: Viewer, post: ScreenedPost) -> tuple[list[FilterView], list[FilterView]]:
    """The filters that hit, and those that fail for this post, which are no hits."""
    running = await filter_cache.running()
    if not running.compiled:
        return [], []
    fields, check = await _fields(viewer, post), running.compiled.check
    found = await run_blocking(check, fields) if running.compiled.may_take_long(fields) else check(fields)
    hits, failed = ([running.views[one.filter.id] for one in found if isinstance(one, kind)] for kind in (Hit, Failure))
    return hits, failed


async def _fields(viewer: Viewer, post: ScreenedPost) -> PostFields:
    now = clock.now()
    return PostFields(
        text=post.text,
        cover=post.cover,
        descriptions=post.descriptions,
        pictures=len(post.descriptions),
        known_pictures=await known_pictures.shown_in(post.media),
        is_reply=post.is_reply,
        account_age=max(0, now - ids.time_of(viewer.id)) // clock.HOUR_MS,
        trust=viewer.trust,
        posts_last_hour=await filter_hits.posted(viewer.id, ids.first(now - clock.HOUR_MS)),
        language=viewer.reading.locale,
    )


def _token(one: FilterView) -> str:
    return f"{one.id}.{one.version}"


@retried
async def _nudge(viewer: Viewer, post: ScreenedPost, one: FilterView) -> None:
    """Errors: ``Nudged``, unless the author has been asked already."""
    if post.sent_anyway != _token(one):
        async with DB.writing():
            await _add_hit(viewer, one, HitMode.LIVE, None)
        raise Nudged(one.facts, _token(one))


async def confirm(viewer: Viewer, post: ScreenedPost, verdict: Verdict) -> Verdict:
    """Within a transaction that has locked nothing yet: the verdict without filters that were changed or switched off
    meanwhile. The others are locked, and the case that it opens.
    """
    hits, failed = await _still(verdict)
    confirmed = _verdict(hits, failed)
    if not _needs_moderator(hits):
        return confirmed
    return msgspec.structs.replace(confirmed, case=await _open_case(viewer, post, hits))


async def _still(verdict: Verdict) -> tuple[list[FilterView], list[FilterView]]:
    """Within a transaction: of the filters that hit and of those that fail the ones that still run as they did, and do
    until its end."""
    versions = {one.filter: one.version for one in (*verdict.found, *verdict.failed)}
    views = map(filters.view, await queries.share(list(versions)))
    still = [one for one in views if one.runs and one.version == versions[one.id]]
    failed = {one.filter for one in verdict.failed}
    return [one for one in still if one.id not in failed], [one for one in still if one.id in failed]


def _needs_moderator(hits: Sequence[FilterView]) -> bool:
    acting = acting_of(hits)
    return hold_reason(acting) is not None or (acting is not None and acting.outcome in FOR_MODERATORS)


async def _open_case(viewer: Viewer, post: ScreenedPost, hits: Sequence[FilterView]) -> int:
    """The open case of a post, locked."""
    acting = acting_of(hits)
    severity = await filter_findings.severity_of(acting) if acting else Severity.ORDINARY
    due_at = clocks.due_at(severity, clock.now())
    new = NewCase(ids.new(), SubjectKind.POST, post.post, viewer.id, post.post, severity, CaseState.OPEN, due_at)
    case = await cases.open_case(new)
    await case_alerts.opened(new, case)
    return case


async def settle(viewer: Viewer, post: ScreenedPost, verdict: Verdict) -> None:
    """Within the same transaction, once the post is written: notes hits and failures, and brings the post before
    moderators."""
    hits, failed = await _still(verdict)
    acting = acting_of(hits)
    for one in failed:
        await _add_hit(viewer, one, HitMode.FAILED, post.post)
    for one in hits:
        anyway = one is acting and one.outcome is FilterOutcome.NUDGE
        mode = HitMode.LIVE if one.state is FilterState.LIVE else HitMode.SHADOW
        await _add_hit(viewer, one, HitMode.SENT_ANYWAY if anyway else mode, post.post)
    if (case := verdict.case) is not None:
        snapshot = await subjects.snapshot_for_author(viewer.id, post.post)
        fresh = await evidence.keep(case, snapshot)
        live = [one for one in hits if one.state is FilterState.LIVE and one.outcome in FOR_MODERATORS]
        await filter_findings.note(case, live, acting, fresh=fresh)


async def _add_hit(viewer: Viewer, one: FilterView, mode: HitMode, post: int | None) -> None:
    age = age_group(clock.now() - ids.time_of(viewer.id))
    await filter_hits.add(HitRow(ids.new(), one.id, mode, post, viewer.reading.locale, viewer.trust, age))


def age_group(age: int) -> AgeGroup:
    """``age`` of an account in milliseconds."""
    days = age // clock.DAY_MS
    ends = ((1, AgeGroup.DAY), (7, AgeGroup.WEEK), (30, AgeGroup.MONTH))
    return next((group for end, group in ends if days < end), AgeGroup.OLDER)
