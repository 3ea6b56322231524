"""Deletes from a restored network what was deleted after the moment of which it is, as far as the store knows.

What the store knows are segments of changes that the restore has left out: those behind ``--last`` or a gap, and those
of other hosts' chains. Each that takes a post, an account or a picture away is heeded; that something is not in a later
backup is no reason, since it may have been lost on the way. Segments that were pruned can't be asked.
"""

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable

import msgspec

from archive.apply_changes import RowChange
from db.engine import DB
from db.queries import media as queries
from db.tables.accounts import Account
from db.tables.media import Media
from db.tables.posts import Post
from domain.accounts import closing
from domain.core.events import AccountLeft
from domain.media import attachments, storage
from domain.posts import account_purge, deletion
from ops.backup import batches, envelope, repository, sealing, segment_log
from ops.backup.errors import Problem, StoreUnavailable, Tampered
from ops.backup.fetching import FetchedBackup
from ops.backup.manifest import Segment
from ops.backup.repository import Repository
from ops.backup.sealing import Identities

NOT_SIGNED = "%(name)s is not what was signed: it was cut or changed."


def _was_deleted(change: RowChange) -> bool:
    row = change.row
    return row is None or (row.get("deleted_at") or row.get("left_at")) is not None


class Deleted(msgspec.Struct):
    """Ids of what was deleted; ``unknown`` says in words where nothing is known."""

    account: set[int] = msgspec.field(default_factory=set)
    post: set[int] = msgspec.field(default_factory=set)
    media: set[int] = msgspec.field(default_factory=set)
    unknown: list[str] = []

    def heed(self, changes: Iterable[RowChange]) -> None:
        """Later changes count: what was deleted may have been brought back."""
        for change in changes:
            if change.table in ("account", "post", "media"):
                found: set[int] = getattr(self, change.table)
                (found.add if _was_deleted(change) else found.discard)(change.key[0])


class Purged(msgspec.Struct, frozen=True):
    """How many accounts, posts (with those of the accounts) and pictures were deleted again."""

    accounts: int = 0
    posts: int = 0
    pictures: int = 0
    unknown: list[str] = []


async def deleted_since(at: Repository, fetched: FetchedBackup, identity: Identities) -> Deleted:
    """What the segments say that were not applied. Errors: ``StoreUnavailable``."""
    chains: dict[str, list[int]] = defaultdict(list)
    async for writer, number, _ in at.segments():
        chains[writer].append(number)
    deleted, later = Deleted(), list[tuple[int, list[RowChange]]]()
    for writer, numbers in chains.items():
        async for one in _later(at, fetched, identity, writer, sorted(numbers, reverse=True), deleted.unknown):
            later.append(one)
    for _, changes in sorted(later, key=lambda one: one[0]):
        deleted.heed(changes)
    return deleted


class _Gaps:
    """What of one chain is not known, from its end to its beginning: segments in a row are said as one."""

    def __init__(self, writer: str, unknown: list[str]) -> None:
        self._writer, self._unknown = writer, unknown
        self._first = self._last = 0
        self._why = ""

    def note(self, first: int, last: int, why: str) -> None:
        """Segments ``first`` to ``last``, which come before those noted until now."""
        if self._first == last + 1 and self._why == why:
            self._first = first
            return
        self.close()
        self._first, self._last, self._why = first, last, why

    def close(self) -> None:
        """Says what was noted."""
        if self._first:
            many = self._last > self._first
            which = f"segments {self._first} to {self._last}" if many else f"segment {self._first}"
            self._unknown.append(f"{which} of chain {self._writer} {'are' if many else 'is'} {self._why}")
        self._first = 0


async def _later(
    at: Repository, fetched: FetchedBackup, identity: Identities, writer: str, numbers: list[int], unknown: list[str]
) -> AsyncIterator[tuple[int, list[RowChange]]]:
    """``(when, changes)`` of a chain's segments that come after what was restored, the last first."""
    gaps = _Gaps(writer, unknown)
    try:
        async for one in _read_back(at, fetched, identity, writer, numbers, gaps):
            yield one
    finally:
        gaps.close()


async def _read_back(
    at: Repository, fetched: FetchedBackup, identity: Identities, writer: str, numbers: list[int], gaps: _Gaps
) -> AsyncIterator[tuple[int, list[RowChange]]]:
    own = fetched.end is not None and fetched.end.writer == writer
    done = fetched.end.number if own and fetched.end else 0
    above = 0
    for number in numbers:
        if number <= done:
            break
        if above and number != above - 1:
            gaps.note(number + 1, above - 1, "missing")
        above = number
        try:
            words, body = await _signed(at, fetched, writer, number)
            # Its time is signed and not sealed: older ones need no key, and are not looked at.
            if not own and words.at <= fetched.until:
                return
            changes = _changes(words, body, identity)
        except StoreUnavailable:
            raise
        except Problem as error:
            # The same words for each of them.
            gaps.note(number, number, f"not readable: {error.words % {**error.params, 'name': 'it'}}")
            continue
        yield words.at, changes
    if above > done + 1:
        gaps.note(done + 1, above - 1, "missing")


async def _signed(at: Repository, fetched: FetchedBackup, writer: str, number: int) -> tuple[Segment, bytes]:
    """The words of a segment, which this network signed, and its sealed body, of which nothing is known yet."""
    raw = await at.get(repository.segment(writer, number))
    words, _, body = envelope.opened(raw, Segment, f"Segment {number}", fetched.found.key)
    if (words.writer, words.number) != (writer, number):
        raise Tampered(NOT_SIGNED, name=f"Segment {number}")
    return words, body


def _changes(words: Segment, body: bytes, identity: Identities) -> list[RowChange]:
    """What a segment holds, which need not follow from one that is there."""
    name = f"Segment {words.number}"
    if repository.digest(body) != words.sha256:
        raise Tampered(NOT_SIGNED, name=name)
    segment_log.check_format(words)
    return batches.unpacked(sealing.unseal(body, identity, name), words.archive)


async def purge(deleted: Deleted) -> Purged:
    """Deletes it again, with all that hangs on it; where pictures lie must be settled."""
    before = await Post.count()
    for post in sorted(deleted.post):
        await deletion.purge_now(post)
    accounts = [await _purge_account(account) for account in sorted(deleted.account)]
    posts = before - await Post.count()
    pictures = [await _purge_picture(media) for media in sorted(deleted.media)]
    return Purged(sum(accounts), posts, sum(pictures), deleted.unknown)


async def _purge_account(account: int) -> bool:
    if not await Account.exists().where(Account.id == account):
        return False
    async with DB.writing():
        await closing.disappear(account)
    await account_purge.purge(AccountLeft(account))
    return True


async def _purge_picture(media: int) -> bool:
    row = await Media.select(Media.post).where(Media.id == media).first()
    if row is None:
        return False
    async with DB.writing():
        await queries.unshow(media, row["post"])
        going = await attachments.drop([media])
    await storage.remove_all(going)
    return True
