"""Carries out bulk decisions, and takes them back: each subject in a transaction of its own, which decides its case.

Safe to repeat, and by several workers: whoever has locked a subject that waits is the only one who acts on it. What has
changed since it was seen is passed by, and counted.
"""

from collections.abc import Sequence

import msgspec

from db.engine import DB
from db.queries import appeals, bulk, cases, posts, proposals
from db.queries.bulk import BulkRow, SubjectRow
from db.queries.cases import CaseRow, NewCase
from domain.core import clock, events, ids
from domain.core.access import Viewer
from domain.core.errors import Conflict, Refused
from domain.core.moderation_events import BulkDue
from domain.core.pacing import Pace
from domain.core.retries import retried
from domain.moderation import (
    actions,
    bulk_log,
    bulk_search,
    care,
    clocks,
    evidence,
    restrictions,
    reversals,
    rules,
    sanctions,
    staff,
    statements,
    subjects,
    weights,
)
from domain.moderation.actions import Action, Author, Finding
from domain.moderation.bulk_kinds import BulkState, BulkSubjectState, Criteria
from domain.moderation.bulk_log import Part
from domain.moderation.evidence import Snapshot
from domain.moderation.kinds import CaseState, Severity, StatementKind, SubjectKind
from domain.moderation.reports import NamedRule
from domain.moderation.subjects import Subject

# Subjects that are looked up at a time.
BATCH = 50
CHANGED = Conflict("It has changed since then, or another moderator has decided about it.")


async def due(event: BulkDue) -> None:
    """Works on what is left of a bulk decision, and adds its entry to the public log at the end."""
    row = await bulk.one(event.bulk)
    if row is None or row.state != (BulkState.UNDOING if event.undo else BulkState.RUNNING):
        return
    pace, state = Pace(), BulkSubjectState.DECIDED if event.undo else BulkSubjectState.CHOSEN
    while places := await bulk.in_state(event.bulk, state, BATCH):
        for place in places:
            await (_take_back(event.bulk, place) if event.undo else _decide(event.bulk, place))
            await pace.rest()
    await _finish(event.bulk, undo=event.undo)


async def go_on() -> None:
    """Has each one be worked on again that was begun an hour ago and is not done: whatever became of its event, what
    was decided gets its entry in the public log.
    """
    for number, undo in await bulk.unfinished(clock.now() - clock.HOUR_MS):
        async with DB.writing():
            await events.withdraw(BulkDue(number, undo=undo))
            await events.record(BulkDue(number, undo=undo))


async def _decide(number: int, place: int) -> None:
    row = await bulk.one(number)
    found = await bulk.subjects(number, place, place + 1)
    if row is None or row.state != BulkState.RUNNING or not found:
        return
    kind = SubjectKind(row.subject_kind)
    try:
        snapshot = (
            await subjects.load(Viewer(id=found[0].account, restricted=True), Subject(kind, found[0].subject))
        ).snapshot
    except Refused:
        snapshot = None
    await _settle(row, place, snapshot)


@retried
async def _settle(row: BulkRow, place: int, snapshot: Snapshot | None) -> None:
    async with DB.writing():
        subject = await bulk.lock_subject(row.id, place, BulkSubjectState.CHOSEN)
        if subject is None:
            return
        state = BulkSubjectState.SKIPPED
        if snapshot is not None:
            try:
                async with DB.savepoint():
                    await _act(row, subject, snapshot)
                state = BulkSubjectState.DECIDED
            except Refused:
                # Deleted, decided or taken by somebody else meanwhile.
                pass
        await bulk.set_subject(row.id, place, state)


async def _act(row: BulkRow, subject: SubjectRow, snapshot: Snapshot) -> None:
    """Errors: ``Refused`` for what has changed since it was seen."""
    assert row.kind is not None
    assert row.rule_version is not None
    assert row.rule_number is not None
    named = NamedRule(row.rule_version, row.rule_number)
    case = await _case(row, subject, named)
    await _check(row, named, case, subject)
    await evidence.keep(case.id, await _newest(case, subject, snapshot))
    kept = await evidence.of_case(case.id)
    finding, author = Finding(named, row.facts, row.explanation), Author(row.author, row.second)
    action = Action(StatementKind(row.kind))
    await actions.take(case, [action], finding, author, kept, row.days, Part(row.id, subject.place))
    await actions.close(case.id)
    if case.claimed_by is not None:
        await care.note_release(case.claimed_by, case.id)


async def _newest(case: CaseRow, subject: SubjectRow, snapshot: Snapshot) -> Snapshot:
    """A post that is locked may have been edited since it was read. Errors: ``NotFound``."""
    if case.post is None or (await restrictions.now(case.post)).version == snapshot.revision:
        return snapshot
    return await subjects.snapshot_for_author(subject.account, case.post)


async def _case(row: BulkRow, subject: SubjectRow, named: NamedRule) -> CaseRow:
    """Within a transaction: the open case of a subject, made if need be, and locked."""
    severity = await _severity(named)
    kind = SubjectKind(row.subject_kind)
    post = subject.subject if kind is SubjectKind.POST else None
    due_at = clocks.due_at(severity, clock.now())
    new = NewCase(ids.new(), kind, subject.subject, subject.account, post, severity, CaseState.OPEN, due_at)
    found = await cases.lock(await cases.open_case(new))
    assert found is not None
    return found


async def _severity(named: NamedRule) -> Severity:
    return (await rules.of_version(named.version)).rule(named.number).severity


async def _is_worse(case: CaseRow, named: NamedRule) -> bool:
    """Whether something worse was reported than what is decided, by somebody of whom enough is known: else whoever
    sends spam could keep it from being removed by reports of their own.
    """
    if case.state != CaseState.OPEN or case.severity < Severity.ILLEGAL or case.weight < weights.VOUCHED:
        return False
    return case.severity > await _severity(named)


async def _check(row: BulkRow, named: NamedRule, case: CaseRow, subject: SubjectRow) -> None:
    """Errors: ``Conflict`` when another moderator works on the case, something worse than what is decided was reported,
    or there is nothing to decide any more.
    """
    deciders = [one for one in (row.author, row.second) if one is not None]
    if row.author is None or case.account in deciders:
        raise CHANGED
    if await _is_worse(case, named):
        raise CHANGED
    if case.claimed_by not in (None, row.author) and case.claimed_until > clock.now():
        raise CHANGED
    if await proposals.of_case(case.id) is not None:
        raise CHANGED
    if await _have_reported(case.id, deciders):
        raise CHANGED
    if await (_post_changed(row, subject) if case.post is not None else _account_changed(row, subject)):
        raise CHANGED
    # Accounts are locked last.
    if not await _still_moderate(deciders):
        raise CHANGED


async def _still_moderate(deciders: Sequence[int]) -> bool:
    """Whether one of them does: what those want who were dismissed meanwhile is not carried out to its end."""
    return any([await staff.still_moderates(one) for one in sorted(deciders)])


async def _have_reported(case: int, deciders: Sequence[int]) -> bool:
    """Whether one of them has reported what a case is about, unless they moderate alone."""
    reported_it = [one for one in deciders if await cases.is_reported_by(case, one)]
    return bool(reported_it) and not await staff.is_alone()


async def _post_changed(row: BulkRow, subject: SubjectRow) -> bool:
    await posts.lock(subject.subject)
    now = await restrictions.now(subject.subject)
    if not now.there or now.removed or now.hidden or row.kind in await restrictions.in_force(subject.subject):
        return True
    # What was searched for is decided about, whatever else an author has edited since then.
    criteria = msgspec.json.decode(row.criteria, type=Criteria)
    return now.version != subject.version and not await bulk_search.still_finds(criteria, subject.subject, now.text)


async def _account_changed(row: BulkRow, subject: SubjectRow) -> bool:
    """Whether nothing would be added to what is in force against the account."""
    found = await sanctions.of_account(subject.account)
    until = clock.now() + row.days * clock.DAY_MS
    frozen = row.kind == StatementKind.FREEZE and found.frozen_until >= until
    return frozen or found.suspended_until >= until


@retried
async def _take_back(number: int, place: int) -> None:
    async with DB.writing():
        subject = await bulk.lock_subject(number, place, BulkSubjectState.DECIDED)
        row = await bulk.one(number)
        if subject is None or row is None or row.state != BulkState.UNDOING:
            return
        restored = await _restore(row, subject)
        await bulk.set_subject(number, place, BulkSubjectState.RESTORED if restored else BulkSubjectState.KEPT)


async def _restore(row: BulkRow, subject: SubjectRow) -> bool:
    """False where it was taken back before, or another moderator decides: it is under appeal, or who takes it back has
    reported it.
    """
    made = await bulk.made_of(row.id, subject.place)
    before = await statements.row(made) if made is not None else None
    if before is None or row.undone_by in (None, subject.account):
        return False
    await cases.lock(before.mod_case)
    if not await statements.is_reversible(before) or await appeals.are_open([before.id]):
        return False
    if await _have_reported(before.mod_case, [row.undone_by]):
        return False
    part = Part(row.id, subject.place, undo=True)
    reversal = await reversals.write(before, row.undo_words, row.undone_by, part)
    await events.record(events.CaseDecided(case=before.mod_case, statement=reversal))
    return True


@retried
async def _finish(number: int, *, undo: bool) -> None:
    async with DB.writing():
        row = await bulk.lock(number)
        if row is None or row.state != (BulkState.UNDOING if undo else BulkState.RUNNING):
            return
        entry = await (bulk_log.add_undo(row) if undo else bulk_log.add(row))
        await bulk.finish(number, entry, undo=undo)
