"""Known pictures, by their hashes, and which pictures are like them."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class KnownPictureRow(NamedTuple):
    """A known picture, in the order of its columns; ``pdq`` is its hash, hexadecimal."""

    id: int
    name: str
    note: str
    pdq: str
    author: int | None


class HashedRow(NamedTuple):
    """A picture of a post, with its hash."""

    id: int
    post: int
    pdq: str


_COLUMNS = ", ".join(KnownPictureRow._fields)
ADD = SQL(f"INSERT INTO known_picture ({_COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5)")
REMOVE = SQL("DELETE FROM known_picture WHERE id = ?1 RETURNING id")
ALL = SQL(f"SELECT {_COLUMNS} FROM known_picture ORDER BY name, id")
LISTED = SQL(f"SELECT {_COLUMNS} FROM known_picture WHERE id < ?1 ORDER BY id DESC LIMIT ?2")
# Of a stored file that a case keeps.
HASH_OF_FILE = SQL("""
    SELECT m.pdq FROM rendition r JOIN media m ON m.id = r.media
    WHERE r.key = ?1 AND m.pdq <> '' AND EXISTS (SELECT 1 FROM evidence_file f WHERE f.key = r.key) LIMIT 1
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


async def remove(picture: int) -> bool:
    """False when there is none."""
    return await DB.one(REMOVE, picture) is not None


async def everything() -> list[KnownPictureRow]:
    """By name."""
    return list(map(KnownPictureRow._make, await DB.fetch(ALL)))


async def listed(below: int, limit: int) -> list[KnownPictureRow]:
    """The newest first, below an id."""
    return list(map(KnownPictureRow._make, await DB.fetch(LISTED, below, limit)))


async def hash_of_file(key: str) -> str:
    """The hash of a picture that a case keeps; "" where nobody has it any more, or it has none."""
    found: str | None = await DB.value(HASH_OF_FILE, key)
    return found or ""


async def hashed(after: int, limit: int) -> list[HashedRow]:
    """Pictures of posts that have a hash, from the one after ``after`` on."""
    return list(map(HashedRow._make, await DB.fetch(HASHED, after, limit)))


async def hashes_of(media: Sequence[int]) -> list[str]:
    """The hashes of those of these media that have one."""
    return [row[0] for row in await DB.fetch(HASHES_OF, DB.ids(media))] if media else []


async def hashes_of_posts(posts: Sequence[int]) -> list[HashedRow]:
    """The pictures of these posts that have a hash."""
    return list(map(HashedRow._make, await DB.fetch(OF_POSTS, DB.ids(posts)))) if posts else []
