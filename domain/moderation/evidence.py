"""What was reported, kept as it was: text, pictures by reference, and what it answered to.

A case has one piece of evidence for each revision that was reported, of many the first and the newest ones, and of each
report the first and the last: whoever has a post reported after each edit pushes out nothing of that. Deleting
the subject does not delete it; its date does, which is set when the case closes.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from db.engine import DB
from db.queries import appeals, case_messages, case_notes, cases, juries, objects, reports
from db.queries import evidence as queries
from db.queries.evidence import EvidenceRow
from domain.core import clock, ids
from domain.core.errors import NotFound
from domain.core.pacing import Pace
from domain.core.retries import retried
from domain.media import storage
from domain.media.file_types import MediaKind
from domain.media.storage import PendingRemoval

# How long evidence is kept once its case is closed: an appeal may come for six months (DSA, article 20).
KEPT_DAYS = 200
BATCH = 50
# Revisions that a case keeps at most, and how many of these are its first ones: whoever has a post reported after each
# edit would fill it otherwise. First of those that no report holds, then of all together.
MOST, FIRST = 20, 5
MOST_OF_ALL, FIRST_OF_ALL = 120, 60
# The largest content, in code points of JSON: four long descriptions of pictures and four texts.
MAX_JSON = 400_000

# A report and its evidence are written within so many milliseconds of each other.
TOGETHER = 1000


class Excerpt(msgspec.Struct, frozen=True):
    """A post that belongs to the context: one that was replied to or quoted, or a recent one of the account."""

    handle: str
    text: str
    written_at: int


class KeptMedia(msgspec.Struct, frozen=True):
    """A picture, video or sound; sizes in pixels, 0 where they are not known."""

    kind: MediaKind
    alt: str
    width: int
    height: int


class KeptFile(msgspec.Struct, frozen=True):
    """A stored file of the media at ``place``: its widest ``still``, or what is ``moving`` or can ``play``."""

    place: int
    name: str
    key: str


class Content(msgspec.Struct, frozen=True):
    """A post, or an account: then ``text`` is its bio. Times are in Unix milliseconds."""

    handle: str
    name: str
    text: str
    cover: str | None
    written_at: int
    context: tuple[Excerpt, ...] = ()
    media: tuple[KeptMedia, ...] = ()
    links: tuple[str, ...] = ()


class Snapshot(msgspec.Struct, frozen=True):
    """A subject at one moment. ``revision`` is the version of the post; of an account, which has none, it is the second
    since ids begin (``is_dated``): there it is another one whenever it says something else than the one before.
    """

    revision: int
    content: Content
    files: tuple[KeptFile, ...] = ()
    is_dated: bool = False


class Evidence(msgspec.Struct, frozen=True):
    """A snapshot that is kept; ``taken_at`` in Unix milliseconds."""

    id: int
    revision: int
    content: Content
    files: tuple[KeptFile, ...]
    sha256: str
    taken_at: int

    def file(self, place: int, name: str) -> str:
        """The key of a file, "" if there is none."""
        return next((one.key for one in self.files if (one.place, one.name) == (place, name)), "")


async def keep(case: int, snapshot: Snapshot, holder: int | None = None) -> bool:
    """Within a transaction that has locked the case: keeps a snapshot. False if this revision is kept already.

    ``holder`` is the report or the complaint that it is kept for. Of more than MOST that nothing holds the oldest goes
    that is none of the FIRST; the sweep of files (``storage.collect``) removes what nothing else uses. Errors:
    ``NotFound`` when a picture was deleted meanwhile.
    """
    return (await keep_all([(case, snapshot)], holder))[0]


async def keep_all(found: Iterable[tuple[int, Snapshot]], holder: int | None = None) -> list[bool]:
    """The same for several cases, all of them locked. Errors: ``NotFound``."""
    files: list[tuple[KeptFile, int]] = []
    fresh, kept = [], list(found)
    for case, snapshot in kept:
        content = msgspec.json.encode(snapshot.content).decode()
        sha256 = _hash(content, snapshot.files)
        revision = await _revision(case, snapshot, sha256)
        row = EvidenceRow(ids.new(), revision, content, sha256, clock.LAST)
        fresh.append(await queries.add(case, row))
        files += [(file, row.id) for file in snapshot.files if fresh[-1]]
        if holder is not None:
            await queries.hold(case, revision, holder)
    # Objects are locked by key.
    for file, row_id in sorted(files, key=lambda one: one[0].key):
        if not await objects.hold(file.key):
            raise NotFound
        await queries.add_file(row_id, file.place, file.name, file.key)
    for case, _ in kept:
        await _drop_surplus(case)
    return fresh


async def _revision(case: int, snapshot: Snapshot, sha256: str) -> int:
    if not snapshot.is_dated:
        return snapshot.revision
    last, said = await queries.last(case)
    return last if sha256 == said else max(snapshot.revision, last + 1)


async def _drop_surplus(case: int) -> None:
    for first, most, unheld in ((FIRST, MOST, True), (FIRST_OF_ALL, MOST_OF_ALL, False)):
        for surplus in await queries.surplus(case, first, most, unheld=unheld):
            await storage.release(await queries.drop(surplus))


def _hash(content: str, files: Sequence[KeptFile]) -> str:
    """SHA-256 of the content and of the keys of its files, which are keyed hashes of their bytes."""
    return hashlib.sha256("\n".join([content, *(file.key for file in files)]).encode()).hexdigest()


async def of_case(case: int) -> list[Evidence]:
    """What is kept of a case, the newest revision first; empty once it is purged."""
    files: dict[int, list[KeptFile]] = {}
    for file in await queries.files(case):
        files.setdefault(file.evidence, []).append(KeptFile(file.place, file.name, file.key))
    return [
        Evidence(
            row.id,
            row.revision,
            msgspec.json.decode(row.content, type=Content),
            tuple(files.get(row.id, ())),
            row.sha256,
            ids.time_of(row.id),
        )
        for row in await queries.of_case(case)
    ]


async def count_waiting(first: int, most: int) -> int:
    """How many pieces of evidence, with ids from ``first`` on, are of cases that wait; at most ``most``."""
    return await queries.count_waiting(first, most)


async def newest(cases: Iterable[int]) -> dict[int, Content]:
    """The newest content of each case that has any left."""
    rows = await queries.newest(list(cases))
    return {row.mod_case: msgspec.json.decode(row.content, type=Content) for row in rows}


async def seen(cases: Mapping[int, int]) -> dict[int, Content]:
    """Of each case what whoever reported it had before them at a time (Unix milliseconds): nothing that came later."""
    found = {}
    for row in await queries.of_cases(list(cases)):
        # A report and its evidence are written at once, and either may come first.
        if row.mod_case not in found or ids.time_of(row.id) <= cases[row.mod_case] + TOGETHER:
            found[row.mod_case] = msgspec.json.decode(row.content, type=Content)
    return found


def kept_until(closed_at: int) -> int:
    """Until when what belongs to a case is kept; both in Unix milliseconds."""
    return closed_at + KEPT_DAYS * clock.DAY_MS


async def expire(case: int, at: int) -> None:
    """Within a transaction: has the evidence of a case purged at ``at`` (Unix milliseconds), and with it the names and
    addresses of guests who have reported it.
    """
    await queries.expire(case, at)
    await reports.expire_guests(case, at)


async def purge_due() -> int:
    """Deletes evidence whose date has come, with files that nothing else uses. Returns how much."""
    pace, purged = Pace(), 0
    while due := await queries.due(clock.now(), BATCH):
        for one in due:
            await _purge(one)
            await pace.rest()
        purged += len(due)
    return purged


async def _purge(evidence: int) -> None:
    await storage.remove_all(await _drop(evidence))


@retried
async def _drop(evidence: int) -> list[PendingRemoval]:
    async with DB.writing():
        case = await queries.case_of(evidence)
        if case is None:
            return []
        # Whoever opens it again has locked it, and keeps what it has.
        await cases.lock(case)
        if not await queries.is_due(evidence, clock.now()):
            return []
        keys = await queries.drop(evidence)
        # What was said of it goes with it.
        await reports.forget_words(case)
        await appeals.forget_words(case)
        await juries.forget_reasons(case)
        await case_notes.forget(case)
        await case_messages.forget(case)
        return await storage.release(keys)
