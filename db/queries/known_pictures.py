"""Known pictures, by their hashes, and which pictures are like them."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class KnownPictureRow(NamedTuple):
    """A known picture, in the order of its columns; ``pdq`` is its hash, hexadecimal.

    ``waits``: 1 until a ``second`` moderator has agreed to it. ``mod_case`` is the case that showed it, if it is known.
    """

    id: int
    name: str
    note: str
    pdq: str
    author: int | None
    mod_case: int | None
    waits: int
    second: int | None


class SeenPictureRow(NamedTuple):
    """The hash of a picture that a case keeps, and the case."""

    pdq: str
    mod_case: int


class HashedRow(NamedTuple):
    """A picture of a post, with its hash."""

    id: int
    post: int
    pdq: str


_COLUMNS = ", ".join(KnownPictureRow._fields)
ADD = SQL(f"INSERT INTO known_picture ({_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")
_BY_ID = f"SELECT {_COLUMNS} FROM known_picture WHERE id = ?1"
LOCK = SQL(_BY_ID, f"{_BY_ID} FOR UPDATE")
REMOVE = SQL("DELETE FROM known_picture WHERE id = ?1")
AGREE = SQL("UPDATE known_picture SET waits = 0, second = ?2 WHERE id = ?1")
COUNT_WAITING = SQL("SELECT count(*) FROM known_picture WHERE waits = 1 AND author <> ?1")
DROP_WAITING_BY = SQL("DELETE FROM known_picture WHERE author = ?1 AND waits = 1")
AGREED = SQL(f"SELECT {_COLUMNS} FROM known_picture WHERE waits = 0 ORDER BY name, id")
LISTED = SQL(f"SELECT {_COLUMNS} FROM known_picture WHERE id < ?1 ORDER BY id DESC LIMIT ?2")
# Of a stored file that a case keeps; the newest case, where several do, but one that no page shows (CaseState.WAITING).
SEEN = SQL("""
    SELECT m.pdq, e.mod_case FROM rendition r JOIN media m ON m.id = r.media
    JOIN evidence_file f ON f.key = r.key JOIN evidence e ON e.id = f.evidence JOIN mod_case c ON c.id = e.mod_case
    WHERE r.key = ?1 AND m.pdq <> '' ORDER BY (c.state = 0), e.id DESC LIMIT 1
""")
HASHED = SQL("""
    SELECT m.id, m.post, m.pdq FROM media m
    WHERE m.id > ?1 AND m.pdq <> '' AND m.post IS NOT NULL AND m.removed = 0 ORDER BY m.id LIMIT ?2
""")
OF_POSTS = SQL("SELECT id, post, pdq FROM media WHERE post IN {ids:1} AND pdq <> '' AND removed = 0")
HASHES_OF = SQL("SELECT pdq FROM media WHERE id IN {ids:1} AND pdq <> ''")


async def add(row: KnownPictureRow) -> None:
    """Errors: ``ConstraintViolation`` when there is one with this hash."""
    await DB.fetch(ADD, *row)


async def lock(picture: int) -> KnownPictureRow | None:
    """Within a transaction: a picture that nobody else changes until its end."""
    row = await DB.one(LOCK, picture)
    return None if row is None else KnownPictureRow._make(row)


async def remove(picture: int) -> None:
    await DB.fetch(REMOVE, picture)


async def agree(picture: int, second: int) -> None:
    await DB.fetch(AGREE, picture, second)


async def count_waiting(account: int) -> int:
    """How many wait that others than this account have added."""
    return int(await DB.value(COUNT_WAITING, account))


async def drop_waiting_by(author: int) -> None:
    """Deletes what somebody has added and nobody has agreed to."""
    await DB.fetch(DROP_WAITING_BY, author)


async def agreed() -> list[KnownPictureRow]:
    """Those that two people have agreed to, by name."""
    return list(map(KnownPictureRow._make, await DB.fetch(AGREED)))


async def listed(below: int, limit: int) -> list[KnownPictureRow]:
    """The newest first, below an id."""
    return list(map(KnownPictureRow._make, await DB.fetch(LISTED, below, limit)))


async def seen(key: str) -> SeenPictureRow | None:
    """A picture that a case keeps, by the key of its file; None where nobody has it any more, or it has no hash."""
    row = await DB.one(SEEN, key)
    return None if row is None else SeenPictureRow._make(row)


async def hashed(after: int, limit: int) -> list[HashedRow]:
    """Pictures of posts that have a hash, from the one after ``after`` on."""
    return list(map(HashedRow._make, await DB.fetch(HASHED, after, limit)))


async def hashes_of(media: Sequence[int]) -> list[str]:
    """The hashes of those of these media that have one."""
    return [row[0] for row in await DB.fetch(HASHES_OF, DB.ids(media))] if media else []


async def hashes_of_posts(posts: Sequence[int]) -> list[HashedRow]:
    """The pictures of these posts that have a hash."""
    return list(map(HashedRow._make, await DB.fetch(OF_POSTS, DB.ids(posts)))) if posts else []
