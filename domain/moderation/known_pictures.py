"""Pictures that moderators know: a list of hashes, by which they are found again once resized or packed anew.

No picture is kept for it. A filter may ask which of them a post shows, once a second moderator has agreed to what one
has added; where nobody else moderates, they may themselves after three days. What joins or leaves them is noted in the
history of those filters, and in the public log where they are live.
"""

from collections.abc import Sequence

import msgspec

from db.engine import DB, ConstraintViolation
from db.queries import filters
from db.queries import known_pictures as queries
from db.queries.known_pictures import KnownPictureRow
from domain.core import access, events, ids, permissions, signals, text_parsing
from domain.core.access import Viewer
from domain.core.blocking import run_blocking
from domain.core.cursors import SIZE, Page, after, below
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, collect
from domain.core.moderation_events import WorkWaits
from domain.core.pacing import Pace
from domain.core.remembered import Remembered
from domain.core.retries import retried
from domain.moderation import filter_expressions, filter_history, staff
from domain.moderation.filter_kinds import FilterAction

MAX_NAME, MAX_NOTE = 60, 500
CHANGED = Conflict("Somebody has agreed to this picture meanwhile, or whoever added it no longer moderates.")
# At most so many of the bits of a hash (domain/media/pdq.py) differ between two files of one picture.
NEAR = 31
# Pictures that are compared before others get the event loop.
BATCH = 2000


class KnownPicture(msgspec.Struct, frozen=True):
    """``name`` is what filters call it, together with others of that name; ``added_at`` in Unix milliseconds.

    ``waits``: nobody has agreed to it yet; ``refusal`` is why the viewer may not. ``mine``: the viewer has added it.
    ``case`` is the one that showed it.
    """

    id: int
    name: str
    note: str
    added_at: int
    waits: bool
    refusal: Refused | None
    mine: bool
    case: int | None


# The number that is a hash, and the name of each.
_KNOWN: Remembered[list[tuple[int, str]]] = Remembered(signals.Kind.FILTERS, [])


async def listed(viewer: Viewer, cursor: str = "") -> Page[KnownPicture]:
    """The newest first. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    rows = await queries.listed(below(cursor), SIZE + 1)
    alone = await staff.is_alone()
    found = [_view(viewer, row, alone=alone) for row in rows[:SIZE]]
    return Page(found, after(found[-1].id) if len(rows) > SIZE else "")


def _view(viewer: Viewer, row: KnownPictureRow, *, alone: bool) -> KnownPicture:
    refusal = _refusal(viewer, row, alone=alone) if row.waits else None
    mine = row.author == viewer.id
    return KnownPicture(
        row.id, row.name, row.note, ids.time_of(row.id), bool(row.waits), refusal, mine, case=row.mod_case
    )


async def count_waiting(viewer: Viewer) -> int:
    """How many wait for the viewer to agree. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return await queries.count_waiting(viewer.id)


@retried
async def add(viewer: Viewer, picture: str, name: str, note: str = "") -> int:
    """Adds a picture that a case keeps, by the key of its stored file. Returns its id.

    Errors: ``SignedOut``, ``NotFound``, ``Invalid`` with the fields, ``Conflict`` for one that is known.
    """
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(name=(name, MAX_NAME), note=(note, MAX_NOTE))
    name, note = text_parsing.line(name), text_parsing.clean(note)
    found = await queries.seen(picture)
    collect(
        name=text_parsing.too_long(name, MAX_NAME) if name else Invalid("Give it a name, for filters."),
        note=text_parsing.too_long(note, MAX_NOTE),
        picture=None if found else Invalid("This picture can’t be recognised: it is deleted, too plain, or too old."),
    )
    assert found is not None
    known = KnownPictureRow(ids.new(), name, note, found.pdq, viewer.id, found.mod_case, waits=1, second=None)
    try:
        async with DB.unique():
            await staff.check_role(viewer)
            await queries.add(known)
            await events.record(WorkWaits())
    except ConstraintViolation:
        raise Conflict("This picture is known already.") from None
    return known.id


@retried
async def agree(viewer: Viewer, picture: int) -> None:
    """Has filters look for what another moderator has added.

    Errors: ``SignedOut``, ``NotFound``, ``Forbidden`` for what the viewer has added, ``Conflict`` when somebody has
    agreed already, whoever added it no longer moderates, or it is too early for whoever moderates alone.
    """
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        row = await queries.lock(picture)
        if row is None:
            raise NotFound
        # Accounts are locked by id, also by another one who agrees to the viewer's.
        both = sorted({viewer.id, row.author or viewer.id})
        if not row.waits or row.author is None or not all([await staff.still_moderates(one) for one in both]):
            raise CHANGED
        access.require(_refusal(viewer, row, alone=await staff.is_alone()))
        await queries.agree(picture, viewer.id)
        await _note(row.author, second=viewer.id)


def _refusal(viewer: Viewer, row: KnownPictureRow, *, alone: bool) -> Refused | None:
    """Why the viewer may not agree to a picture that waits; ``alone``: nobody else moderates."""
    return staff.own_refusal(
        viewer,
        row.author,
        ids.time_of(row.id),
        alone=alone,
        another=Forbidden("You added this picture: another moderator has to agree to it."),
        early=Conflict(
            "A picture that nobody else has seen is looked for after %(hours)s hours.", hours=staff.ALONE_HOURS
        ),
    )


@retried
async def remove(viewer: Viewer, picture: int) -> None:
    """Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        row = await _lock(viewer, picture)
        await queries.remove(picture)
        if not row.waits:
            await _note(viewer.id)


async def _lock(viewer: Viewer, picture: int) -> KnownPictureRow:
    """Within a transaction. Errors: ``NotFound``."""
    row = await queries.lock(picture)
    if row is None:
        raise NotFound
    await staff.check_role(viewer)
    return row


async def _note(author: int, second: int | None = None) -> None:
    """Within a transaction: has filters look for other pictures, and notes so where they run."""
    for row in await filters.running():
        if not row.failed and await run_blocking(_asks, row.condition):
            await filter_history.add(row, FilterAction.PICTURES_CHANGED, author)
            if second is not None:
                await filter_history.add(row, FilterAction.PICTURES_AGREED, second)
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
        _KNOWN.keep(reading, [(int(row.pdq, 16), row.name) for row in await queries.agreed()])
    return _KNOWN.value


async def is_alike(picture: str, post: int) -> bool:
    """Whether a post shows a picture like one that a case keeps, by the key of its file."""
    found = await queries.seen(picture)
    if found is None:
        return False
    shown = await queries.hashes_of_posts([post])
    return any((int(row.pdq, 16) ^ int(found.pdq, 16)).bit_count() <= NEAR for row in shown)


async def alike(picture: str, since: int) -> list[int]:
    """The posts that show a picture like one that a case keeps, by the key of its file: those that were sent from the
    id ``since`` on. Empty for one that can't be recognised.
    """
    found = await queries.seen(picture)
    if found is None:
        return []
    wanted, posts, pace, last = int(found.pdq, 16), dict[int, None](), Pace(), since
    while rows := await queries.hashed(last, BATCH):
        posts |= {row.post: None for row in rows if (int(row.pdq, 16) ^ wanted).bit_count() <= NEAR}
        last = rows[-1].id
        await pace.step()
    return list(posts)
