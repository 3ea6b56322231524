"""What complaints from upstream are about, kept when they come: deleting it afterwards does not end a complaint.

It is kept in the subject's case. Where none is open, one is made that waits, which nobody sees, until a moderator opens
it for a rule; it ends with the last complaint that names its subject. However many complaints name a subject, each of
its revisions is kept once.
"""

from collections.abc import Iterable

import structlog

from db.engine import DB
from db.queries import cases, reports
from db.queries import upstream as queries
from db.queries.cases import NewCase
from domain.core import clock, ids
from domain.core.errors import Busy, NotFound
from domain.moderation import evidence, upstream_addresses
from domain.moderation.evidence import Snapshot
from domain.moderation.kinds import CaseState, Severity
from domain.moderation.subjects import ReportedSubject, Subject
from domain.moderation.upstream_kinds import Verified

LOG = structlog.get_logger()

# What is kept in a day for cases that wait: by complaints of strangers, and by those whose sender has confirmed them.
STRANGERS, CONFIRMED = 2_000, 10_000
# Attempts, while files of what is kept are deleted.
TRIES = 3


async def keep(complaint: int, named: Iterable[Subject | None], verified: Verified) -> None:
    """Within a transaction that has locked the complaint: keeps what is there for it. What is gone is left out.

    ``verified``: how far its sender is known, by which no more than so much is kept in a day. Errors: ``Busy``.
    """
    subjects = _ordered(named)
    if not subjects or (verified is not Verified.BY_MODERATOR and await _is_full(verified)):
        return
    for _ in range(TRIES):
        found = await _loaded(subjects)
        try:
            async with DB.savepoint():
                await _keep(complaint, found)
        except NotFound:
            continue
        return
    raise Busy


def _ordered(named: Iterable[Subject | None]) -> list[Subject]:
    """Each once, in the order in which their cases are locked."""
    return sorted({one for one in named if one is not None}, key=lambda one: (one.kind, one.id))


async def _is_full(verified: Verified) -> bool:
    most = STRANGERS if verified is Verified.NOT else CONFIRMED
    since = ids.first(clock.now() - clock.DAY_MS)
    if full := await evidence.count_waiting(since, most) >= most:
        LOG.warning("upstream.evidence_full", most=most)
    return full


async def _loaded(subjects: list[Subject]) -> list[ReportedSubject]:
    found = []
    for subject in subjects:
        try:
            found.append(await upstream_addresses.load(subject))
        except NotFound:
            continue
    return found


async def _keep(complaint: int, found: list[ReportedSubject]) -> None:
    """Errors: ``NotFound`` when a picture was deleted meanwhile."""
    opened = [(await _open(one), one.snapshot) for one in found]
    for case, is_fresh in zip(opened, await evidence.keep_all(opened, complaint), strict=True):
        if is_fresh:
            # A moderator who has the case before them has not seen this revision.
            await cases.touch(case[0])


async def _open(found: ReportedSubject) -> int:
    """The case of a subject that is not closed, made to wait if need be, and locked."""
    subject = found.subject
    return await cases.open_case(
        NewCase(
            ids.new(),
            subject.kind,
            subject.id,
            found.account,
            found.post,
            Severity.ORDINARY,
            CaseState.WAITING,
            clock.LAST,
        )
    )


async def load(subject: Subject) -> ReportedSubject:
    """What is there now, or else what was kept of it last. Errors: ``NotFound``."""
    try:
        return await upstream_addresses.load(subject)
    except NotFound:
        row = await cases.last_kept(subject.kind, subject.id)
        if row is None:
            raise
    kept = (await evidence.of_case(row.id))[0]
    snapshot = Snapshot(kept.revision, kept.content, kept.files)
    return ReportedSubject(subject, row.account, kept.content.handle, kept.content.written_at, snapshot, post=row.post)


async def let_go(complaint: int, at: int) -> None:
    """Within a transaction that has closed the complaint: ends the cases that wait for it alone, and has what they keep
    purged at ``at`` (Unix milliseconds).
    """
    for one in _ordered(upstream_addresses.named(await queries.addresses(complaint))):
        case = await cases.lock_waiting(one.kind, one.id)
        if case is None or await reports.has_reports(case):
            continue
        if not await queries.names(one.kind, one.id, besides=complaint):
            await cases.close(case, CaseState.VOID, clock.now())
            await evidence.expire(case, at)
