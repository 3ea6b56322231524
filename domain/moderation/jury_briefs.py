"""What jurors read: their summonses, what they are to judge without the names of people, and how it ended."""

from collections.abc import Collection

import msgspec

from db.queries import cases, jury_pool, reports
from db.queries import juries as queries
from db.queries.juries import JurorRow, JuryRow
from domain.core import clock, cursors, ids
from domain.core.access import Viewer, member
from domain.core.cursors import SIZE, Page
from domain.core.errors import NotFound
from domain.media.file_types import MediaKind
from domain.moderation import evidence, juries, jury_audits, jury_notices, rules, statements
from domain.moderation.clearing import Clearing, Person, handles_in
from domain.moderation.evidence import Evidence
from domain.moderation.juries import Seat
from domain.moderation.jury_kinds import DisputeState, JuryState, JuryVote, SeatState
from domain.moderation.kinds import Party, SubjectKind
from domain.moderation.rules import Rule
from domain.moderation.statements import Statement


class ListedSeat(msgspec.Struct, frozen=True):
    """A seat in the list of one's own. ``jury`` is None while it goes on; times are Unix milliseconds.

    ``audit`` says whether an audit was passed; it is None for a jury, and until the juror has voted.
    """

    id: int
    state: SeatState
    ends_at: int
    drawn_at: int
    jury: JuryState | None
    closed_at: int | None
    audit: bool | None = None


class ClearedPost(msgspec.Struct, frozen=True):
    """A post without names: ``who`` is "Person B"."""

    who: str
    text: str


class ClearedMedia(msgspec.Struct, frozen=True):
    """A picture, video or sound; ``still``, ``moving`` and ``play`` are keys of files, "" without."""

    kind: MediaKind
    alt: str
    still: str
    moving: str
    play: str


class Brief(msgspec.Struct, frozen=True):
    """What is to be judged, without names, handles and profile pictures.

    ``decided`` is all that was decided, ``rule`` the one that was broken, in the version ``rule_version``. With
    ``missed`` no breach was found, and somebody who reported it has appealed: then the rule is the one that they named.
    The subject is by ``who``; ``context`` is what it answered to, or the newest posts of an account.
    """

    subject: SubjectKind
    decided: list[Statement]
    rule: Rule
    rule_version: int
    facts: str
    explanation: str
    appeal: str
    who: str
    text: str
    cover: str | None
    context: list[ClearedPost]
    media: list[ClearedMedia]
    missed: bool = False


class AuditResult(msgspec.Struct, frozen=True):
    """An audit that a juror has taken: what was decided, ``why``, and what they say against it ("" for nothing)."""

    passed: bool
    reversed: bool
    why: str
    dispute: str
    dispute_state: DisputeState | None
    withdrawn: bool


class Summons(msgspec.Struct, frozen=True):
    """A seat as its juror sees it. ``brief`` is None unless they can still answer, ``audit`` unless it was one and they
    have voted. ``vote`` and ``reason`` are what they have answered.
    """

    seat: ListedSeat
    version: int
    brief: Brief | None
    audit: AuditResult | None
    vote: JuryVote | None = None
    reason: str = ""


async def open_summonses(viewer: Viewer) -> list[ListedSeat]:
    """What waits for the viewer's answer, the first that is due first. Errors: ``SignedOut``."""
    rows = [row for row in await queries.summoned(member(viewer).id) if row.ends_at > clock.now()]
    return await _listed(sorted(rows, key=lambda row: row.ends_at))


async def history(viewer: Viewer, cursor: str = "") -> Page[ListedSeat]:
    """All that the viewer was drawn for, the newest first. Errors: ``SignedOut``."""
    rows = await queries.mine(member(viewer).id, cursors.below(cursor), SIZE + 1)
    found = await _listed(rows[:SIZE])
    return Page(found, cursors.after(found[-1].id) if len(rows) > SIZE else "")


async def _listed(rows: list[JurorRow]) -> list[ListedSeat]:
    sat = await queries.by_appeals(sorted({row.jury for row in rows}))
    return [_seat(row, sat[row.jury]) for row in rows]


def _seat(row: JurorRow, jury: JuryRow) -> ListedSeat:
    """Whoever gave their seat up, or let it lapse, is not told how it ended. A vote that was set aside looks as any."""
    state, told = SeatState(row.state), row.state in jury_notices.TOLD and not row.audit
    if state is SeatState.SET_ASIDE:
        state = SeatState.VOTED
    if state is SeatState.SUMMONED and row.ends_at <= clock.now():
        state = SeatState.LAPSED
    ended = JuryState(jury.state) if told and jury.state != JuryState.SITTING else None
    closed_at = jury.closed_at if ended else None
    audit = not jury_audits.has_failed(row, jury) if row.audit and state is SeatState.VOTED else None
    return ListedSeat(row.id, state, row.ends_at, ids.time_of(row.id), ended, closed_at, audit)


async def read(viewer: Viewer, juror: int, label: str) -> Summons:
    """One of the viewer's summonses. ``label`` is what people are called, see :class:`Clearing`.

    Errors: ``SignedOut``, ``NotFound``.
    """
    member(viewer)
    found = await juries.seat(juror)
    if found.juror.account != viewer.id:
        raise NotFound
    seat = _seat(found.juror, found.jury)
    goes_on = found.jury.state == JuryState.SITTING or found.juror.audit
    brief = await _brief(found, label) if seat.state is SeatState.SUMMONED and goes_on else None
    vote = JuryVote(found.juror.vote) if found.juror.vote is not None else None
    audit = await _audit(found, passed=seat.audit)
    return Summons(seat, found.juror.version, brief, audit, vote, found.juror.reason)


async def _audit(found: Seat, *, passed: bool | None) -> AuditResult | None:
    audit = await jury_audits.row(found.jury.appeal) if passed is not None else None
    if passed is None or audit is None:
        return None
    state = found.juror.dispute_state
    return AuditResult(
        passed,
        found.jury.state == JuryState.REVERSED,
        audit.why,
        found.juror.dispute,
        None if state is None else DisputeState(state),
        audit.withdrawn_at is not None,
    )


async def _brief(found: Seat, label: str) -> Brief:
    made = found.made
    kept = await evidence.of_case(made.mod_case)
    # What was judged; an archive may have brought a case without it.
    one = next((one for one in kept if one.revision == made.revision), kept[0] if kept else None)
    if one is None:
        raise NotFound
    decided, rule, version = await _judged(found)
    clearing = await _clearing(one, label)
    content, case = one.content, await cases.one(made.mod_case)
    assert case is not None
    subject = SubjectKind(case.subject_kind)
    shown = content.media if subject is not SubjectKind.ACCOUNT else ()
    brief = Brief(
        subject=subject,
        decided=decided,
        rule=rule,
        rule_version=version,
        who=clearing.person(content.handle),
        text=clearing.text(content.text),
        cover=None if content.cover is None else clearing.text(content.cover),
        context=[ClearedPost(clearing.person(past.handle), clearing.text(past.text)) for past in content.context],
        media=[
            ClearedMedia(
                media.kind,
                clearing.text(media.alt),
                *(one.file(place, name) for name in ("still", "moving", "play")),
            )
            for place, media in enumerate(shown)
        ],
        facts=clearing.text(made.facts),
        explanation=clearing.text(made.explanation),
        appeal="",
        missed=found.appeal.party == Party.REPORTER,
    )
    # Names that their owner has chosen since, or mentions only now, could blot words out of the evidence.
    # Whoever appeals may say their own.
    called = {case.account, found.appeal.appellant or case.account}
    clearing.learn(await _called(handles_in([found.appeal.words]), called))
    return msgspec.structs.replace(brief, appeal=clearing.text(found.appeal.words))


async def _judged(found: Seat) -> tuple[list[Statement], Rule, int]:
    """What was decided, and the rule, with its version, by which that is judged."""
    made, appeal = found.made, found.appeal
    if appeal.party == Party.REPORTER:
        report = await reports.by(made.mod_case, appeal.appellant or 0)
        if report is None:
            # They have left, and the jury ends.
            raise NotFound
        return [], (await rules.of_version(report.rule_version)).rule(report.rule_number), report.rule_version
    # Of an audit it is not told that the decision was taken back later.
    decided = [
        msgspec.structs.replace(other, reversed=False)
        for other in await statements.of_case(made.mod_case)
        if other.decided_at == ids.time_of(made.id)
    ]
    rule = decided[0].rule
    assert rule is not None
    return decided, rule, decided[0].rule_version


async def _clearing(one: Evidence, label: str) -> Clearing:
    """Knows whose the evidence is, by what they were called then, and everybody who wrote or is mentioned in it.

    Not those who reported it: a name that is taken out of a text would tell who they are.
    """
    content = one.content
    texts = [content.text, content.cover or "", *(past.text for past in content.context)]
    texts += [media.alt for media in content.media]
    handles = {*(past.handle.lower() for past in content.context), *handles_in(texts)} - {content.handle.lower()}
    written_by = [Person(content.handle, (content.name,)), *(Person(past.handle) for past in content.context)]
    return Clearing([*written_by, *await _called(handles)], label)


async def _called(handles: Collection[str], accounts: Collection[int] = ()) -> list[Person]:
    """Those with these handles, and these accounts, by what they are called now."""
    return [Person(one.handle, (one.name,)) for one in await jury_pool.names(accounts, handles)]
