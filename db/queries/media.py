"""Pictures, videos and sounds: whose they are, of which post, and who may have their files."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import VISIBLE, account_shown, post_shown, public_post
from db.sql import SQL

INSERT = SQL("""
    INSERT INTO media (id, account, key, purpose, kind, width, height, duration, hash, pdq)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
""")
INSERT_RENDITION = SQL("INSERT INTO rendition (media, name, key, width, height) VALUES (?1, ?2, ?3, ?4, ?5)")
BY_KEY = SQL("SELECT id FROM media WHERE account = ?1 AND key = ?2")

_FILES = """
    SELECT m.id AS media, m.kind, m.width, m.height, m.duration, m.alt, m.hash, m.post,
        r.name, r.key, r.width AS file_width, r.height AS file_height, o.type
    FROM media m JOIN rendition r ON r.media = m.id JOIN stored_object o ON o.key = r.key
"""
OF_POSTS = SQL(f"{_FILES} WHERE m.post IN {{ids:1}} AND m.removed = 0 ORDER BY m.post, m.place, m.id, r.width DESC")
OWN = SQL(f"""
    {_FILES} WHERE m.id IN {{ids:1}} AND m.account = ?2 AND m.purpose = 0 AND m.removed = 0
    ORDER BY m.id, r.width DESC
""")
BY_IDS = SQL(f"{_FILES} WHERE m.id IN {{ids:1}} ORDER BY m.id, r.width DESC")
ATTACH = SQL("""
    UPDATE media SET post = ?3, place = ?4, alt = ?5
    WHERE id = ?1 AND account = ?2 AND purpose = 0 AND removed = 0 AND (post IS NULL OR post = ?3) RETURNING kind
""")
WAITING = SQL("SELECT count(*) FROM media WHERE account = ?1 AND post IS NULL AND purpose = 0")
FILES_OF = SQL("SELECT r.key FROM rendition r WHERE r.media IN {ids:1}")
OF_POST = SQL("SELECT id FROM media WHERE post = ?1 ORDER BY place")
REMOVED_OF = SQL("SELECT id, kind, place FROM media WHERE post = ?1 AND removed = 1 ORDER BY place")
# The same file is stored once, so what was removed and is sent again has the files that it had.
SENT_AGAIN = SQL("""
    SELECT 1 FROM media n JOIN rendition r ON r.media = n.id JOIN rendition o ON o.key = r.key
    JOIN media m ON m.id = o.media AND m.removed = 1 AND m.account = ?2
    WHERE n.id IN {ids:1} AND n.account = ?2 AND n.post IS NULL LIMIT 1
""")
POST_OF = SQL("SELECT post FROM media WHERE id = ?1 AND purpose = 0")
OF_ACCOUNT = SQL("SELECT id FROM media WHERE account = ?1 AND post IS NULL LIMIT ?2")
# What moderators have removed stays, to be recognised, and to be put back.
OF_PURPOSE = SQL("SELECT id FROM media WHERE account = ?1 AND purpose = ?2 AND removed = 0 AND id <> ?3")
_OWN_WAITING = "SELECT id FROM media WHERE id = ?1 AND account = ?2 AND post IS NULL AND purpose = 0"
OWN_WAITING = SQL(_OWN_WAITING, f"{_OWN_WAITING} FOR UPDATE")
_STILL = "SELECT id FROM media WHERE id IN {ids:1} AND post IS NULL"
STILL_WAITING = SQL(_STILL, f"{_STILL} ORDER BY id FOR UPDATE")
ABANDONED = SQL("SELECT id FROM media WHERE post IS NULL AND purpose = 0 AND id < ?1 ORDER BY id LIMIT ?2")
DELETE_FILES = SQL("DELETE FROM rendition WHERE media IN {ids:1} RETURNING key")
DELETE = SQL("DELETE FROM media WHERE id IN {ids:1}")
ALT_REQUIRED = SQL("SELECT alt_required FROM account WHERE id = ?1")

# A file that anybody may have: of an open post, of somebody's picture or header, or of a link's preview.
_OPEN = f"""
    SELECT 1 FROM rendition r JOIN media m ON m.id = r.media LEFT JOIN account a ON a.id = m.account
    LEFT JOIN post p ON p.id = m.post
    WHERE r.key = o.key AND (m.account IS NULL OR {account_shown()} AND m.removed = 0 AND (m.purpose IN (1, 2)
        OR {post_shown()} AND {public_post()}))
"""
FILE = SQL(f"SELECT o.path, o.store, o.type, o.bytes, EXISTS ({_OPEN}) FROM stored_object o WHERE o.key = ?1")
# A file that the viewer may have: of a post that they may see, or of one that they are writing.
MEANT_FOR = SQL(f"""
    SELECT 1 FROM rendition r JOIN media m ON m.id = r.media JOIN post p ON p.id = m.post
    JOIN account a ON a.id = p.author WHERE r.key = ?2 AND m.removed = 0 AND {VISIBLE}
    UNION ALL
    SELECT 1 FROM rendition r JOIN media m ON m.id = r.media
    WHERE r.key = ?2 AND m.account = ?1 AND m.post IS NULL AND m.removed = 0
    LIMIT 1
""")


WITH_FILES = SQL(
    "SELECT DISTINCT m.id AS media, m.post FROM rendition r JOIN media m ON m.id = r.media WHERE r.key IN {texts:1}"
)
FEWER = SQL("""
    UPDATE post SET attachments = (SELECT count(*) FROM media m WHERE m.post = ?1 AND m.removed = 0 AND m.id <> ?2),
        version = version + 1 WHERE id = ?1
""")
NO_PREVIEW = SQL("UPDATE link_preview SET media = NULL WHERE media = ?1")
_OF = "WHERE id = (SELECT account FROM media WHERE id = ?1) AND {0} IN (SELECT key FROM rendition WHERE media = ?1)"
NO_PROFILE_IMAGE = (
    SQL(f"UPDATE account SET avatar_small = '', avatar_large = '', version = version + 1 {_OF.format('avatar_small')}"),
    SQL(f"UPDATE account SET header = '', version = version + 1 {_OF.format('header')}"),
)


class NewMedia(NamedTuple):
    """A row for INSERT, in its order. Sizes in pixels, ``duration`` in milliseconds, ``hash`` a thumbhash.

    ``pdq`` is by what the picture is recognised, "" for what has none.
    """

    id: int
    account: int | None
    key: str | None
    purpose: int
    kind: int
    width: int
    height: int
    duration: int
    hash: str
    pdq: str


class NewRendition(NamedTuple):
    """A row for INSERT_RENDITION, in its order: a file, by its ``key``, that was made of a media."""

    media: int
    name: str
    key: str
    width: int
    height: int


class FileRow(NamedTuple):
    """A media and one of its files, in the order of _FILES; the last five columns are the file's."""

    media: int
    kind: int
    width: int
    height: int
    duration: int
    alt: str
    hash: str
    post: int | None
    name: str
    key: str
    file_width: int
    file_height: int
    type: str


class ServedFile(NamedTuple):
    """Where a file lies and what it is; ``open``: anybody may have it (0 or 1, a bool on PostgreSQL)."""

    path: str
    store: int
    type: str
    bytes: int
    open: int


class RemovedMedia(NamedTuple):
    """A media that moderators have taken out of its post: its ``MediaKind``, and its place there."""

    id: int
    kind: int
    place: int


class MediaOfPost(NamedTuple):
    """``post`` is None for a media that belongs to none."""

    media: int
    post: int | None


async def insert(media: NewMedia) -> None:
    """Errors: ``ConstraintViolation`` when the sender has used the key before."""
    await DB.fetch(INSERT, *media)


async def insert_rendition(rendition: NewRendition) -> None:
    await DB.fetch(INSERT_RENDITION, *rendition)


async def by_key(account: int, key: str) -> int | None:
    """The id of what was sent with this key already."""
    found: int | None = await DB.value(BY_KEY, account, key)
    return found


async def of_posts(posts: Sequence[int]) -> list[FileRow]:
    """A row for each file: those of one media follow each other, the widest first."""
    return [FileRow(*row) for row in await DB.fetch(OF_POSTS, DB.ids(posts))] if posts else []


async def own(account: int, media: Sequence[int]) -> list[FileRow]:
    """The same of what one account has sent, whether or not it belongs to a post."""
    return [FileRow(*row) for row in await DB.fetch(OWN, DB.ids(media), account)] if media else []


async def by_ids(media: Sequence[int]) -> list[FileRow]:
    """The same by the media's ids."""
    return [FileRow(*row) for row in await DB.fetch(BY_IDS, DB.ids(media))] if media else []


async def attach(media: int, account: int, post: int, place: int, alt: str) -> int | None:
    """Makes a media part of its sender's post; its kind, or None when it is not there or belongs to another post."""
    kind: int | None = await DB.value(ATTACH, media, account, post, place, alt)
    return kind


async def waiting(account: int) -> int:
    """How many media of an account belong to no post yet."""
    return int(await DB.value(WAITING, account))


async def files_of(media: Sequence[int]) -> list[str]:
    """The keys of the files of media, one for each use."""
    return [row[0] for row in await DB.fetch(FILES_OF, DB.ids(media))] if media else []


async def of_post(post: int) -> list[int]:
    return [row[0] for row in await DB.fetch(OF_POST, post)]


async def removed_of(post: int) -> list[RemovedMedia]:
    """What moderators have taken out of a post, and would put back."""
    return [RemovedMedia(*row) for row in await DB.fetch(REMOVED_OF, post)]


async def sent_again(media: Sequence[int], account: int) -> bool:
    """Whether one of these, which an account has sent and not posted yet, is what moderators have removed from a post
    or from the profile of theirs.
    """
    return bool(media) and await DB.one(SENT_AGAIN, DB.ids(media), account) is not None


async def post_of(media: int) -> int | None:
    """The post that an attachment belongs to, if any."""
    post: int | None = await DB.value(POST_OF, media)
    return post


async def of_account(account: int, limit: int) -> list[int]:
    """The first media of an account that belong to no post: its avatar and header, and what it never posted."""
    return [row[0] for row in await DB.fetch(OF_ACCOUNT, account, limit)]


async def of_purpose(account: int, purpose: int, besides: int) -> list[int]:
    """What an account has sent for a purpose, without what moderators have removed."""
    return [row[0] for row in await DB.fetch(OF_PURPOSE, account, purpose, besides)]


async def own_waiting(media: int, account: int) -> bool:
    """Within a transaction: whether a media is the account's and of no post yet, which it stays until the end of it."""
    return await DB.one(OWN_WAITING, media, account) is not None


async def abandoned(before: int, limit: int) -> list[int]:
    """Media older than the id ``before`` that belong to no post."""
    return [row[0] for row in await DB.fetch(ABANDONED, before, limit)]


async def still_waiting(media: Sequence[int]) -> list[int]:
    """Within a transaction: those of no post, which they stay until the end of it."""
    return [row[0] for row in await DB.fetch(STILL_WAITING, DB.ids(media))]


async def delete(media: Sequence[int]) -> list[str]:
    """Removes media. Gives the keys of their files, one for each use; none for media that another has removed."""
    keys = [row[0] for row in await DB.fetch(DELETE_FILES, DB.ids(media))]
    await DB.fetch(DELETE, DB.ids(media))
    return keys


async def alt_required(account: int) -> bool:
    """Whether an account never posts a picture without a description."""
    return bool(await DB.value(ALT_REQUIRED, account))


async def file(key: str) -> ServedFile | None:
    row = await DB.one(FILE, key)
    return ServedFile(*row) if row else None


async def with_files(keys: Iterable[str]) -> list[MediaOfPost]:
    """The media that have one of these files."""
    return [MediaOfPost(*row) for row in await DB.fetch(WITH_FILES, DB.texts(keys))]


async def unshow(media: int, post: int | None) -> None:
    """Within a transaction: takes a media out of its post, account and link preview, before it is removed."""
    if post is not None:
        await DB.fetch(FEWER, post, media)
    await DB.fetch(NO_PREVIEW, media)
    for statement in NO_PROFILE_IMAGE:
        await DB.fetch(statement, media)


async def is_for(viewer: int, key: str) -> bool:
    """Whether a file is of a post that the viewer may see, or of one that they are writing."""
    return await DB.one(MEANT_FOR, viewer, key) is not None
