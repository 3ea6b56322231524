"""Pictures that moderators know: a list of hashes, by which they are found again once resized or packed anew.

No picture is kept for it. A filter may ask which of them a post shows. What is added or removed is noted in the history
of those that do, and in the public log where they are live.
"""

from collections.abc import Sequence

import msgspec

from db.engine import DB, ConstraintViolation
from db.queries import filters
from db.queries import known_pictures as queries
from db.queries.known_pictures import KnownPictureRow
from domain.core import access, ids, permissions, signals, text_parsing
from domain.core.access import Viewer
from domain.core.blocking import run_blocking
from domain.core.cursors import SIZE, Page, after, below
from domain.core.errors import Conflict, Invalid, NotFound, collect
from domain.core.pacing import Pace
from domain.core.remembered import Remembered
from domain.core.retries import retried
from domain.moderation import filter_expressions, filter_history
from domain.moderation.filter_kinds import FilterAction

MAX_NAME, MAX_NOTE = 60, 500
# At most so many of the bits of a hash (domain/media/pdq.py) differ between two files of one picture.
NEAR = 31
# Pictures that are compared before others get the event loop.
BATCH = 2000


class KnownPicture(msgspec.Struct, frozen=True):
    """``name`` is what filters call it, together with others of that name; ``added_at`` in Unix milliseconds."""

    id: int
    name: str
    note: str
    added_at: int


# The number that is a hash, and the name of each.
_KNOWN: Remembered[list[tuple[int, str]]] = Remembered(signals.Kind.FILTERS, [])


async def listed(viewer: Viewer, cursor: str = "") -> Page[KnownPicture]:
    """The newest first. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    rows = await queries.listed(below(cursor), SIZE + 1)
    found = [KnownPicture(row.id, row.name, row.note, ids.time_of(row.id)) for row in rows[:SIZE]]
    return Page(found, after(found[-1].id) if len(rows) > SIZE else "")


@retried
async def add(viewer: Viewer, picture: str, name: str, note: str = "") -> int:
    """Adds a picture that a case keeps, by the key of its stored file. Returns its id.

    Errors: ``SignedOut``, ``NotFound``, ``Invalid`` with the fields, ``Conflict`` for one that is known.
    """
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(name=(name, MAX_NAME), note=(note, MAX_NOTE))
    name, note = text_parsing.line(name), text_parsing.clean(note)
    found = await queries.hash_of_file(picture)
    collect(
        name=text_parsing.too_long(name, MAX_NAME) if name else Invalid("Give it a name, for filters."),
        note=text_parsing.too_long(note, MAX_NOTE),
        picture=None if found else Invalid("This picture can’t be recognised: it is deleted, too plain, or too old."),
    )
    known = KnownPictureRow(ids.new(), name, note, found, viewer.id)
    try:
        async with DB.unique():
            await queries.add(known)
            await _note(viewer)
    except ConstraintViolation:
        raise Conflict("This picture is known already.") from None
    return known.id


@retried
async def remove(viewer: Viewer, picture: int) -> None:
    """Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        if not await queries.remove(picture):
            raise NotFound
        await _note(viewer)


async def _note(viewer: Viewer) -> None:
    """Within a transaction: has filters look for other pictures, and notes so where they run."""
    for row in await filters.running():
        if not row.failed and await run_blocking(_asks, row.condition):
            await filter_history.add(row, FilterAction.PICTURES_CHANGED, viewer.id)
    filter_history.changed()


def _asks(condition: str) -> bool:
    """Whether a condition asks for known pictures."""
    return not filter_expressions.needs(condition).fields.isdisjoint(("known_picture", "known_pictures"))


async def shown_in(media: Sequence[int]) -> tuple[str, ...]:
    """The names of the known pictures that are among these media, each once. Reads nothing where none is known."""
    known = await _known() if media else []
    return _names(known, await queries.hashes_of(media) if known else [])


async def of_posts(posts: Sequence[int]) -> dict[int, tuple[str, ...]]:
    """The same for posts with pictures: nothing for those that show no known one."""
    known, hashes = await _known() if posts else [], dict[int, list[str]]()
    for row in await queries.hashes_of_posts(posts) if known else []:
        hashes.setdefault(row.post, []).append(row.pdq)
    return {post: names for post, found in hashes.items() if (names := _names(known, found))}


def _names(known: Sequence[tuple[int, str]], hashes: Sequence[str]) -> tuple[str, ...]:
    numbers = [int(one, 16) for one in hashes]
    return tuple({name: None for one, name in known if any((one ^ other).bit_count() <= NEAR for other in numbers)})


async def _known() -> list[tuple[int, str]]:
    if not _KNOWN.is_fresh():
        reading = _KNOWN.begin()
        _KNOWN.keep(reading, [(int(row.pdq, 16), row.name) for row in await queries.everything()])
    return _KNOWN.value


async def is_alike(picture: str, post: int) -> bool:
    """Whether a post shows a picture like one that a case keeps, by the key of its file."""
    found = await queries.hash_of_file(picture)
    shown = await queries.hashes_of_posts([post]) if found else []
    return any((int(row.pdq, 16) ^ int(found, 16)).bit_count() <= NEAR for row in shown)


async def alike(picture: str, since: int) -> list[int]:
    """The posts that show a picture like one that a case keeps, by the key of its file: those that were sent from the
    id ``since`` on. Empty for one that can't be recognised.
    """
    found = await queries.hash_of_file(picture)
    if not found:
        return []
    wanted, posts, pace, last = int(found, 16), dict[int, None](), Pace(), since
    while rows := await queries.hashed(last, BATCH):
        posts |= {row.post: None for row in rows if (int(row.pdq, 16) ^ wanted).bit_count() <= NEAR}
        last = rows[-1].id
        await pace.step()
    return list(posts)
