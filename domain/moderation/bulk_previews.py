"""Previews of bulk decisions: what was found is fixed at that moment, so that the decision acts on what was seen."""

from collections.abc import Sequence

import msgspec

from db.engine import DB
from db.queries import bulk as queries
from db.queries import bulk_candidates
from db.queries.bulk import BulkRow, SubjectRow
from domain.core import access, clock, ids, permissions
from domain.core.access import Viewer
from domain.core.cursors import SIZE, Page, after, below
from domain.core.errors import Conflict, NotFound
from domain.core.retries import retried
from domain.core.trust import TrustLevel
from domain.moderation import appeal_eligibility, bulk_search, evidence, rules, statements
from domain.moderation.bulk_kinds import MOST, BulkState, BulkSubjectState, Criteria
from domain.moderation.kinds import StatementKind, SubjectKind
from domain.moderation.rules import Rule

# How long a preview can be decided on, and subjects on a page.
PREVIEW_MS, SHOWN = clock.HOUR_MS, 50
# From when on an account is old, and has many followers.
OLD_DAYS, MANY_FOLLOWERS = 30, 10


class Accounts(msgspec.Struct, frozen=True):
    """Whose the chosen subjects are: how many accounts, and which of them are no newcomers.

    ``old``: for longer than OLD_DAYS; ``followed``: by MANY_FOLLOWERS; ``trusted``: of a level of trust above the
    second; ``sanctioned``: with breaches that count.
    """

    all: int
    old: int
    followed: int
    trusted: int
    sanctioned: int


class ShownSubject(msgspec.Struct, frozen=True):
    """A subject as its moderator sees it; ``text`` and ``handle`` are "" once they are gone. ``id`` is that of the
    post or the account, ``made_at`` when the account was made (Unix milliseconds).
    """

    place: int
    id: int
    state: BulkSubjectState
    text: str
    handle: str
    followers: int
    made_at: int


class Bulk(msgspec.Struct, frozen=True):
    """A bulk decision, or the preview of one; ``mine``: the viewer has begun it. Times are Unix milliseconds.

    ``counts`` are of its subjects, by state. ``rule`` is None while nothing is decided. ``undo_until``: it can be taken
    back until then.
    """

    id: int
    mine: bool
    state: BulkState
    kind: SubjectKind
    criteria: Criteria
    left_out: int
    expires_at: int
    lapsed: bool
    counts: dict[BulkSubjectState, int]
    action: StatementKind | None
    days: int
    rule: Rule | None
    rule_version: int
    facts: str
    explanation: str
    decided_at: int
    undo_until: int
    undo_words: str

    @property
    def found(self) -> int:
        return sum(self.counts.values())

    def count(self, state: BulkSubjectState) -> int:
        return self.counts.get(state, 0)


class BulkPage(msgspec.Struct, frozen=True):
    """A bulk decision with some of its subjects; ``page`` counts from 1, of ``pages``. ``accounts`` is None once it is
    decided.
    """

    bulk: Bulk
    subjects: list[ShownSubject]
    page: int
    pages: int
    accounts: Accounts | None


async def begin(viewer: Viewer, kind: SubjectKind, criteria: Criteria) -> int:
    """Searches, and keeps what was found. Returns the preview's id.

    Errors: ``SignedOut``, ``NotFound``, ``Invalid`` with the fields.
    """
    access.require(permissions.may_moderate(viewer))
    found = await bulk_search.find(viewer, kind, criteria)
    bulk, said = ids.new(), msgspec.json.encode(criteria).decode()
    row = BulkRow(bulk, viewer.id, BulkState.PREVIEW, kind, said, found.left_out, clock.now() + PREVIEW_MS)
    subjects = [
        SubjectRow(bulk, place, one.id, one.account, one.version, BulkSubjectState.CHOSEN)
        for place, one in enumerate(found.subjects)
    ]
    await _keep(row, subjects)
    return bulk


@retried
async def _keep(row: BulkRow, subjects: Sequence[SubjectRow]) -> None:
    async with DB.writing():
        await queries.add(row, subjects)


async def listed(viewer: Viewer, cursor: str = "") -> Page[Bulk]:
    """Bulk decisions, the newest first, and the viewer's previews. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    rows = await queries.listed(viewer.id, below(cursor), clock.now(), SIZE + 1)
    found = [await _view(viewer, row) for row in rows[:SIZE]]
    return Page(found, after(found[-1].id) if len(rows) > SIZE else "")


async def count_waiting(viewer: Viewer) -> int:
    """How many wait for the viewer to agree, if they moderate; 0 for others."""
    return await queries.count_waiting(viewer.id, clock.now()) if permissions.may_moderate(viewer) is None else 0


async def read(viewer: Viewer, bulk: int, page: int = 1) -> BulkPage:
    """A page of a bulk decision. Errors: ``SignedOut``, ``NotFound``, also for another moderator's preview."""
    row = await shown(viewer, bulk)
    view = await _view(viewer, row)
    pages = max(1, -(-view.found // SHOWN))
    page = min(max(page, 1), pages)
    rows = await queries.subjects(bulk, (page - 1) * SHOWN, page * SHOWN)
    undecided = view.state in (BulkState.PREVIEW, BulkState.WAITING)
    return BulkPage(view, await _shown(view.kind, rows), page, pages, await _accounts(bulk) if undecided else None)


async def shown(viewer: Viewer, bulk: int) -> BulkRow:
    """A bulk decision that the viewer may see. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    row = await queries.one(bulk)
    if row is None or (row.state == BulkState.PREVIEW and row.author != viewer.id):
        raise NotFound
    return row


def has_lapsed(row: BulkRow) -> bool:
    """Whether it was not decided, or agreed to, in time."""
    return row.state in (BulkState.PREVIEW, BulkState.WAITING) and row.expires_at <= clock.now()


async def _view(viewer: Viewer, row: BulkRow) -> Bulk:
    counts = {BulkSubjectState(state): count for state, count in (await queries.counts(row.id)).items()}
    rule = None
    if row.rule_version is not None and row.rule_number is not None:
        rule = (await rules.of_version(row.rule_version)).rule(row.rule_number)
    return Bulk(
        id=row.id,
        mine=row.author == viewer.id,
        state=BulkState(row.state),
        kind=SubjectKind(row.subject_kind),
        criteria=msgspec.json.decode(row.criteria, type=Criteria),
        left_out=row.left_out,
        expires_at=row.expires_at,
        lapsed=has_lapsed(row),
        counts=counts,
        action=None if row.kind is None else StatementKind(row.kind),
        days=row.days,
        rule=rule,
        rule_version=row.rule_version or 0,
        facts=row.facts,
        explanation=row.explanation,
        decided_at=row.decided_at or 0,
        undo_until=appeal_eligibility.until(row.decided_at) if row.decided_at else 0,
        undo_words=row.undo_words,
    )


async def _shown(kind: SubjectKind, rows: Sequence[SubjectRow]) -> list[ShownSubject]:
    texts = await bulk_candidates.texts([row.subject for row in rows]) if kind is SubjectKind.POST else {}
    people = {one.id: one for one in await bulk_candidates.samples([row.account for row in rows])}
    found = []
    for row in rows:
        person = people.get(row.account)
        handle, followers = (person.handle, person.followers) if person else ("", 0)
        state = BulkSubjectState(row.state)
        text = texts.get(row.subject, "")
        found.append(ShownSubject(row.place, row.subject, state, text, handle, followers, ids.time_of(row.account)))
    return found


async def _accounts(bulk: int) -> Accounts:
    people = await bulk_candidates.samples(found := await queries.accounts(bulk))
    old, counted = ids.first(clock.now() - OLD_DAYS * clock.DAY_MS), statements.POINTS_DAYS * clock.DAY_MS
    return Accounts(
        all=len(found),
        old=sum(one.id < old for one in people),
        followed=sum(one.followers >= MANY_FOLLOWERS for one in people),
        trusted=sum(one.trust >= TrustLevel.MEMBER for one in people),
        sanctioned=await bulk_candidates.count_with_breaches(found, ids.first(clock.now() - counted)),
    )


async def lock(viewer: Viewer, bulk: int, state: BulkState) -> BulkRow:
    """Within a transaction: a bulk decision, locked.

    Errors: ``SignedOut``, ``NotFound``, ``Conflict`` when it is in another state, or has lapsed.
    """
    await queries.lock(bulk)
    row = await shown(viewer, bulk)
    if row.state != state:
        raise Conflict("This has been decided meanwhile.")
    if has_lapsed(row):
        raise Conflict("It was not decided in time. Search again: something may have changed.")
    return row


@retried
async def choose(viewer: Viewer, bulk: int, page: int, chosen: Sequence[int]) -> None:
    """Takes those of a page out that are not among ``chosen``, which are places, and puts these back.

    Errors: ``NotFound``, ``Conflict`` once it is decided, or has lapsed.
    """
    async with DB.writing():
        await lock(viewer, bulk, BulkState.PREVIEW)
        page = min(page, MOST // SHOWN + 1)
        await queries.choose(bulk, (page - 1) * SHOWN, page * SHOWN, chosen)


async def forget_old() -> int:
    """Deletes previews that have lapsed, and what was found for decisions that can't be taken back any more.

    Returns how much.
    """
    # They are shown for a while, so that what was written there is not lost.
    lapsed = await queries.drop_lapsed(clock.now() - PREVIEW_MS)
    return lapsed + await queries.forget_subjects(clock.now() - evidence.KEPT_DAYS * clock.DAY_MS)
