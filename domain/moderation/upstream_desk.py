"""The desk where moderators work on complaints from upstream: by when they are due, under a lease as with cases."""

import msgspec

from db.engine import DB
from db.queries import cases
from db.queries import upstream as queries
from db.queries.upstream import AddressRow, ComplaintRow
from domain.core import access, clock, cursors, permissions
from domain.core.access import GUEST, Viewer
from domain.core.cursors import Page, QueuePlace
from domain.core.errors import Conflict, Forbidden, NotFound
from domain.core.retries import retried
from domain.moderation import care, staff, statements, upstream, upstream_addresses, upstream_letters, upstream_trail
from domain.moderation.cases import CLAIM_MINUTES
from domain.moderation.kinds import CaseState, SubjectKind
from domain.moderation.statements import Statement
from domain.moderation.subjects import Subject
from domain.moderation.upstream_kinds import Channel, ComplaintState, EntryKind, Sender, Verified
from domain.moderation.upstream_letters import Letter
from domain.moderation.upstream_trail import TrailEntry, TrailMail
from domain.posts import views

# Complaints on a page: open ones, and those that were closed.
QUEUED, CLOSED = 100, 20


class ListedComplaint(msgspec.Struct, frozen=True):
    """A complaint in the list. Times in Unix milliseconds; ``mine``: the viewer has it, ``claimed``: somebody does."""

    id: int
    sender: Sender
    name: str
    reference: str
    words: str
    state: ComplaintState
    verified: Verified
    received_at: int
    due_at: int
    closed_at: int | None
    overdue: bool
    claimed: bool
    mine: bool


class Desk(msgspec.Struct, frozen=True):
    open: Page[ListedComplaint]
    closed: Page[ListedComplaint]


class DeskFigures(msgspec.Struct, frozen=True):
    """How many complaints are open, and how many of those are overdue."""

    open: int
    overdue: int


class ComplaintAddress(msgspec.Struct, frozen=True):
    """An address; ``subject`` is what was there when it came. ``case`` is what was opened for it, ``decided`` what was
    decided there since, and ``before`` what other cases decided about it that is in force;
    ``removed``: moderators have taken it away, in whatever case.
    """

    place: int
    address: str
    subject: Subject | None
    case: int | None = None
    case_state: CaseState | None = None
    decided: tuple[Statement, ...] = ()
    before: tuple[Statement, ...] = ()
    removed: bool = False

    @property
    def can_open(self) -> bool:
        """Whether a case can be opened for it: it is something of ours, none is open, and it is not removed already."""
        return self.subject is not None and self.case_state is not CaseState.OPEN and not self.removed


class ComplaintView(msgspec.Struct, frozen=True):
    """A complaint as a moderator works on it. ``claimed_until`` and ``deadline_at`` in Unix milliseconds."""

    listed: ListedComplaint
    email: str
    locale: str
    channel: Channel
    deadline_at: int | None
    claimed_until: int
    version: int
    addresses: list[ComplaintAddress]
    trail: list[TrailEntry]
    mails: list[TrailMail]
    letters: list[Letter]
    # The posts among them that the viewer can see in their threads.
    seen: frozenset[int]

    @property
    def waits(self) -> bool:
        """Whether one of its cases is still to be decided."""
        return any(one.case_state is CaseState.OPEN for one in self.addresses)


async def desk(viewer: Viewer, cursor: str = "", closed: str = "") -> Desk:
    """What is open, orders of authorities first, then what is due first, then what nobody has made sure of, and what
    was closed last, but what is about the viewer's own. ``cursor`` is of the first list, ``closed`` of the second one.

    Errors: ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    after = cursors.queue_place(cursor, last_rest=queries.UNSURE_REST)
    before = cursors.queue_place(closed, cursors.BACK, queries.UNSURE_REST)
    waiting = await queries.queue(viewer.id, QUEUED + 1, after.rest, after.due_at, after.id)
    gone = await queries.closed(viewer.id, CLOSED + 1, before.due_at, before.id)
    return Desk(_page(waiting, QUEUED, viewer), _page(gone, CLOSED, viewer))


def _page(rows: list[ComplaintRow], size: int, viewer: Viewer) -> Page[ListedComplaint]:
    """A page of ``size`` of these, by when they are due or were closed."""
    shown = [_listed(row, viewer) for row in rows[:size]]
    if len(rows) <= size:
        return Page(shown)
    last = rows[size - 1]
    at = last.due_at if last.closed_at is None else last.closed_at
    return Page(shown, cursors.after(QueuePlace(rest(last), at, 0, 0, last.id)))


def rest(row: ComplaintRow) -> int:
    """Where an open complaint has its place: an order of an authority first, and last what nobody has made sure of."""
    return int(row.sender != Sender.AUTHORITY) if upstream.is_sure(row) else queries.UNSURE_REST


async def first_free(viewer: Viewer) -> ComplaintRow | None:
    """The complaint that comes first among those that nobody else has and that wait for no decision on a case.

    Errors: ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    return await queries.first_free(viewer.id, clock.now())


async def open_ones() -> list[ListedComplaint]:
    """All that is open, in the same order, for whoever works on the server itself."""
    return [_listed(row, GUEST) for row in await queries.open_ones()]


async def figures(viewer: Viewer) -> DeskFigures:
    """Of what the viewer's desk lists. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return DeskFigures(*await queries.figures(viewer.id, clock.now()))


def _listed(row: ComplaintRow, viewer: Viewer) -> ListedComplaint:
    now = clock.now()
    claimed = row.claimed_by is not None and row.claimed_until > now
    return ListedComplaint(
        id=row.id,
        sender=Sender(row.sender),
        name=row.name,
        reference=row.reference,
        words=row.words,
        state=ComplaintState(row.state),
        verified=Verified(row.verified),
        received_at=upstream.came_at(row),
        due_at=row.due_at,
        closed_at=row.closed_at,
        overdue=row.state == ComplaintState.OPEN and row.due_at < now,
        claimed=claimed,
        mine=claimed and row.claimed_by == viewer.id,
    )


async def read(viewer: Viewer, complaint: int) -> ComplaintView:
    """A complaint with its trail.

    Errors: ``SignedOut``, ``NotFound``, ``Forbidden`` for a party to it, who would read what is said of them.
    """
    access.require(permissions.may_moderate(viewer))
    view = await _view(viewer, complaint)
    await check_party(viewer, complaint)
    return view


async def shown(complaint: int) -> ComplaintView:
    """The same for whoever works on the server itself. Errors: ``NotFound``."""
    return await _view(GUEST, complaint)


async def _view(viewer: Viewer, complaint: int) -> ComplaintView:
    row = await queries.one(complaint)
    if row is None or row.state == ComplaintState.UNCONFIRMED:
        raise NotFound
    found = await addresses(complaint)
    posts = [one.subject.id for one in found if one.subject and one.subject.kind is SubjectKind.POST]
    return ComplaintView(
        listed=_listed(row, viewer),
        email=row.email,
        locale=row.locale,
        channel=Channel(row.channel),
        deadline_at=row.deadline_at,
        claimed_until=row.claimed_until,
        version=row.version,
        addresses=found,
        trail=await upstream_trail.of(complaint),
        mails=await upstream_trail.mails(complaint),
        letters=await upstream_letters.of(complaint),
        seen=frozenset(await views.load(viewer, posts)),
    )


async def check_party(viewer: Viewer, complaint: int) -> None:
    """Errors: ``Forbidden``."""
    if await queries.is_party(viewer.id, complaint):
        raise Forbidden("This complaint is about you: another moderator handles it.")


async def addresses(complaint: int) -> list[ComplaintAddress]:
    """What a complaint is about, with what was decided about it."""
    rows = await queries.addresses(complaint)
    linked = sorted({row.mod_case for row in rows if row.mod_case is not None})
    decided = await statements.of_cases(linked) if linked else {}
    states = {case: row.state for case in linked if (row := await cases.one(case)) is not None}
    found = [_address(row, states, decided) for row in rows]
    in_force = await upstream_addresses.in_force(one.subject for one in found if one.subject)
    return [_with_all(one, one.subject, in_force.get(one.subject, ())) if one.subject else one for one in found]


def _address(row: AddressRow, states: dict[int, int], decided: dict[int, list[Statement]]) -> ComplaintAddress:
    subject = None
    if row.subject_kind is not None and row.subject is not None:
        subject = Subject(SubjectKind(row.subject_kind), row.subject)
    if row.mod_case is None or row.mod_case not in states:
        return ComplaintAddress(row.place, row.address, subject)
    return ComplaintAddress(
        row.place, row.address, subject, row.mod_case, CaseState(states[row.mod_case]), tuple(decided[row.mod_case])
    )


def _with_all(address: ComplaintAddress, subject: Subject, in_force: tuple[Statement, ...]) -> ComplaintAddress:
    before = tuple(one for one in in_force if one.case != address.case)
    removed = upstream_addresses.is_removed(subject, in_force)
    return msgspec.structs.replace(address, before=before, removed=removed)


@retried
async def claim(viewer: Viewer, complaint: int) -> None:
    """Claims a complaint, or makes an own claim last longer.

    Errors: ``NotFound``, ``Forbidden`` for a party to it, ``Conflict`` while somebody else has it.
    """
    access.require(permissions.may_moderate(viewer))
    await check_party(viewer, complaint)
    now = clock.now()
    async with DB.writing():
        row = await queries.lock(complaint)
        if row is None or row.state == ComplaintState.UNCONFIRMED:
            raise NotFound
        await staff.check_role(viewer)
        is_new = row.claimed_by != viewer.id or row.claimed_until <= now
        if not await queries.claim(complaint, viewer.id, now + CLAIM_MINUTES * clock.MINUTE_MS, now):
            raise Conflict("Another moderator has this complaint, or it has been closed.")
        if is_new:
            await upstream_trail.add(complaint, EntryKind.CLAIMED)
        await care.note_work(viewer.id)


async def release(viewer: Viewer, complaint: int) -> None:
    """Gives a claim back; harmless without one."""
    access.require(permissions.may_moderate(viewer))
    await queries.release(complaint, viewer.id)


async def lock(viewer: Viewer | None, complaint: int, *, closed: bool = False) -> ComplaintRow:
    """Within a transaction: an open complaint, locked, if it is the viewer's to work on; ``closed``: or a closed one.

    None is whoever works on the server itself. ``staff.check_role`` comes after it, and after the lock of a case:
    accounts are locked last.

    Errors: ``NotFound``, ``Forbidden``, ``Conflict``.
    """
    row = await queries.lock(complaint)
    if row is None or row.state == ComplaintState.UNCONFIRMED:
        raise NotFound
    if viewer is not None:
        await check_party(viewer, complaint)
    if row.state == ComplaintState.CLOSED and not closed:
        raise Conflict("This complaint has been closed meanwhile.")
    if row.claimed_by not in (None, viewer and viewer.id) and row.claimed_until > clock.now():
        raise Conflict("Another moderator has this complaint.")
    return row


async def kept_mail(viewer: Viewer, complaint: int, mail: int) -> bytes:
    """What was kept of a mail. Errors: ``SignedOut``, ``NotFound``, ``Forbidden``."""
    access.require(permissions.may_moderate(viewer))
    await check_party(viewer, complaint)
    return await upstream_trail.kept(complaint, mail)
