"""Appeals: what the sanctioned, and those who reported, say against a decision.

They may do so for six calendar months (Digital Services Act, article 20), once for each decision. A jury hears it
(``juries``), or another moderator than the one who decided answers in words (``appeal_decisions``). All who reported
something are one side: they get one answer, and whoever would appeal after it is told what it was.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from db.engine import DB, ConstraintViolation
from db.queries import appeals as queries
from db.queries import cases, juries, reports, statements
from db.queries.appeals import AppealRow, LeftAppeal, NewAppeal
from db.queries.juries import JuryRow
from db.queries.statements import StatementRow
from domain.core import clock, cursors, events, ids, text_parsing
from domain.core.access import Viewer, account_holder
from domain.core.cursors import SIZE, Page
from domain.core.errors import Conflict, Invalid, NotFound, Refused, collect
from domain.core.moderation_events import WorkWaits
from domain.core.pacing import Pace
from domain.core.retries import retried
from domain.moderation import clocks, evidence, jury_seating
from domain.moderation.appeal_eligibility import Eligibility, fallen, refusal, until
from domain.moderation.jury_kinds import Hearing, JuryState
from domain.moderation.kinds import BREACHES, AppealState, CaseState, Party, StatementKind
from domain.moderation.rules import Rule
from domain.moderation.statements import decision_of, found_harmless, rules_of

MAX_WORDS = 2000
DUE_MS = clocks.OTHER_HOURS * clock.HOUR_MS
# Appeals in a pass of the sweep.
BATCH = 100


class OwnAppeal(msgspec.Struct, frozen=True):
    """An appeal as whoever lodged it sees it; ``answer`` is "" until there is one. ``hearing`` says who hears it.

    Times are Unix milliseconds.
    """

    state: AppealState
    words: str
    answer: str
    lodged_at: int
    decided_at: int | None
    hearing: Hearing


class ListedAppeal(msgspec.Struct, frozen=True):
    """An appeal in the list of one's own: ``kind`` and ``rule`` are the decision's (None where no rule was broken)."""

    id: int
    party: Party
    statement: int
    kind: StatementKind
    rule: Rule | None
    own: OwnAppeal


class AppealStatus(msgspec.Struct, frozen=True):
    """Whether a decision can be appealed by the viewer until ``until`` (Unix milliseconds), or why it can't, and what
    they have said against it. ``pictured``: it is about pictures that no jury sees. ``answer`` is what others of the
    same side were told, "" for nothing.
    """

    until: int
    refusal: Refused | None
    own: OwnAppeal | None
    pictured: bool = False
    answer: str = ""

    @property
    def offered(self) -> bool:
        return self.refusal is None


async def of_statements(viewer: Viewer, made: Iterable[int]) -> dict[int, AppealStatus]:
    """For each of these decisions about the viewer: what they may say, or have said, against it."""
    rows = await statements.by_ids(list(made))
    return await _statuses(viewer, rows, {row.id: _concerned(viewer, row) for row in rows}, {})


def _concerned(viewer: Viewer, row: StatementRow) -> Party | None:
    return Party.SANCTIONED if row.account == viewer.id and row.kind in BREACHES else None


async def of_cases(viewer: Viewer, reported: Sequence[int]) -> dict[int, AppealStatus]:
    """The same for what the viewer has reported: by case, for those where nothing was found, or all was taken back."""
    rows = await found_harmless(reported)
    told = await reports.told(viewer.id, reported)
    found = await _statuses(viewer, rows, {row.id: Party.REPORTER for row in rows}, told)
    return {row.mod_case: found[row.id] for row in rows}


async def _statuses(
    viewer: Viewer,
    rows: Sequence[StatementRow],
    parties: Mapping[int, Party | None],
    told: Mapping[int, int],
) -> dict[int, AppealStatus]:
    """By statement; ``told`` is when reporters of each case were told, which may be long after the decision."""
    everything = await statements.of_cases(sorted({row.mod_case for row in rows}))
    own, fallen_ = await _own_by_decision(viewer, everything), fallen(everything)
    heard = await juries.by_appeals([one.id for one in own.values()])
    reported = [row.id for row in rows if parties[row.id] is Party.REPORTER]
    answers = await queries.turned_down(reported, Party.REPORTER)
    now = clock.now()
    found = {}
    for row in rows:
        told_at = told.get(row.mod_case, ids.time_of(row.id))
        facts = Eligibility(
            parties[row.id], told_at, row.id not in fallen_, own.get(decision_of(row)), answers.get(row.id, "")
        )
        said = _own(facts.own, heard) if facts.own else None
        together = [one for one in everything if decision_of(one) == decision_of(row)]
        found[row.id] = AppealStatus(
            until(facts.told_at),
            refusal(facts, now),
            said,
            pictured=not jury_seating.is_seen(together),
            answer="" if said else facts.answer,
        )
    return found


async def _own_by_decision(viewer: Viewer, rows: Sequence[StatementRow]) -> dict[tuple[int, int], AppealRow]:
    """The viewer's appeals: one is against all the statements that were made together."""
    decisions = {row.id: decision_of(row) for row in rows}
    return {decisions[one.statement]: one for one in await queries.by(viewer.id, list(decisions))}


def _own(row: AppealRow, heard: Mapping[int, JuryRow]) -> OwnAppeal:
    hearing = hearing_of(heard.get(row.id), Party(row.party))
    return OwnAppeal(AppealState(row.state), row.words, row.answer, ids.time_of(row.id), row.decided_at, hearing)


def hearing_of(jury: JuryRow | None, party: Party) -> Hearing:
    """Who hears an appeal, by its jury, if it has had one."""
    if jury is None:
        return Hearing.MODERATOR
    if party is Party.REPORTER and jury.state == JuryState.REVERSED:
        return Hearing.AGAIN
    return {JuryState.REFERRED: Hearing.REFERRED, JuryState.VOID: Hearing.GONE}.get(JuryState(jury.state), Hearing.JURY)


async def mine(viewer: Viewer, cursor: str = "") -> Page[ListedAppeal]:
    """What the viewer has appealed, the newest first. Errors: ``SignedOut``."""
    rows = await queries.mine(account_holder(viewer).id, cursors.below(cursor), SIZE + 1)
    made = {row.id: row for row in await statements.by_ids([row.statement for row in rows])}
    named = await rules_of(made.values())
    heard = await juries.by_appeals([row.id for row in rows])
    found = [_listed(row, made[row.statement], named.get(row.statement), heard) for row in rows[:SIZE]]
    return Page(found, cursors.after(found[-1].id) if len(rows) > SIZE else "")


def _listed(row: AppealRow, made: StatementRow, rule: Rule | None, heard: Mapping[int, JuryRow]) -> ListedAppeal:
    return ListedAppeal(row.id, Party(row.party), made.id, StatementKind(made.kind), rule, _own(row, heard))


async def lodge(viewer: Viewer, statement: int, words: str) -> int:
    """Appeals a decision about the viewer, with all the statements that were made together. Returns the appeal's id.

    Errors: ``SignedOut``, ``NotFound``, ``Invalid`` on the field ``words``, ``Conflict`` with why it is not offered.
    """
    row = await statements.one(statement)
    if row is None or (party := _concerned(account_holder(viewer), row)) is None:
        raise NotFound
    return await _lodge(viewer, row, party, words)


async def lodge_for_report(viewer: Viewer, report: int, words: str) -> int:
    """Appeals the decision that what the viewer has reported breaks no rule. Returns and errors: as ``lodge``."""
    return await _lodge(viewer, await _reported(viewer, report), Party.REPORTER, words)


async def of_report(viewer: Viewer, report: int) -> AppealStatus:
    """What the viewer may say, or has said, against the outcome of their report. Errors: ``NotFound``."""
    row = await _reported(viewer, report)
    return (await of_cases(viewer, [row.mod_case]))[row.mod_case]


async def _reported(viewer: Viewer, report: int) -> StatementRow:
    """The decision that what the viewer has reported breaks no rule. Errors: ``SignedOut``, ``NotFound``."""
    found = await reports.one(report)
    if found is None or found.reporter != account_holder(viewer).id or found.outcome is None:
        raise NotFound
    rows = await found_harmless([found.mod_case])
    if not rows:
        raise NotFound
    return rows[0]


def cleaned(words: str) -> str:
    """The words of an appeal as they are stored. Errors: ``Invalid`` with the field ``words``."""
    text_parsing.check_sizes(words=(words, MAX_WORDS))
    words = text_parsing.clean(words)
    collect(words=text_parsing.too_long(words, MAX_WORDS) if words else Invalid("Say what is wrong with the decision."))
    return words


@retried
async def _lodge(viewer: Viewer, row: StatementRow, party: Party, words: str) -> int:
    words, now = cleaned(words), clock.now()
    new = NewAppeal(ids.new(now), row.id, party, viewer.id, words, now + DUE_MS)
    try:
        async with DB.writing():
            # Whoever decides on it, or takes it back, has locked the case too.
            await cases.lock(row.mod_case)
            told = await reports.told(viewer.id, [row.mod_case]) if party is Party.REPORTER else {}
            status = (await _statuses(viewer, [row], {row.id: party}, told))[row.id]
            if status.refusal is not None:
                raise status.refusal
            await add(new, row)
    except ConstraintViolation:
        raise Conflict("You have appealed this already.") from None
    return new.id


async def add(new: NewAppeal, made: StatementRow) -> None:
    """Within a transaction that has locked the case: has an appeal against a decision wait for who hears it. Whatever
    a guest has reported is for moderators.

    Errors: ``ConstraintViolation`` for a second one.
    """
    await queries.add(new)
    if new.party == Party.SANCTIONED:
        await jury_seating.convene(new.id, made)
    elif new.appellant is not None:
        await jury_seating.convene_for_reporter(new.id, made, new.appellant)
    await events.record(WorkWaits())
    # It is kept for as long as the appeal waits, and with it a guest's address for the answer.
    await evidence.expire(made.mod_case, clock.LAST)


async def let_evidence_go(case: int) -> None:
    """Within a transaction: has the evidence purged on a date from now on, unless an appeal waits, or the case is open
    again.
    """
    row = await cases.one(case)
    is_open = row is not None and row.state == CaseState.OPEN
    if not is_open and not await queries.has_open(case):
        await evidence.expire(case, evidence.kept_until(clock.now()))


async def close_left() -> int:
    """Closes appeals whose appellant has left, so that the evidence is not kept for them. Returns how many."""
    closed, pace = 0, Pace()
    while found := await queries.left(BATCH):
        for one in found:
            await _lapse(one)
        closed += len(found)
        await pace.rest()
    return closed


@retried
async def _lapse(one: LeftAppeal) -> None:
    async with DB.writing():
        await cases.lock(one.mod_case)
        await queries.lapse(one.id, clock.now())
        await jury_seating.close(one.id, JuryState.VOID)
        await let_evidence_go(one.mod_case)
