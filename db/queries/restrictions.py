"""What moderation does to posts: what the statements of reasons in force say of each."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import post_allowed, post_exists
from db.sql import SQL


class RestrictedPost(NamedTuple):
    """A post and its ``PostState``; ``exists`` is 0 once its author has deleted it, which took it out of counts."""

    author: int
    parent: int | None
    quote: int | None
    state: int
    exists: int


class MeasureRow(NamedTuple):
    """A decision in force about a post: a ``StatementKind`` with its rule, whose ``texts`` are JSON by language.

    ``label`` is a ``PostLabel``, ``media`` the ``MediaKind`` of what is removed; None for other kinds.
    """

    post: int
    statement: int
    kind: int
    label: int | None
    media: int | None
    rule_version: int
    rule_number: int
    texts: str


class CurrentPost(NamedTuple):
    """A post as it is now; ``exists`` and ``allowed`` are 0 once its author or moderators have taken it away; ``state``
    is a ``PostState``.
    """

    version: int
    text: str
    cover: str | None
    exists: int
    allowed: int
    state: int


CURRENT = SQL(f"""
    SELECT p.version, p.text, p.cover, CASE WHEN {post_exists()} THEN 1 ELSE 0 END,
        CASE WHEN {post_allowed()} THEN 1 ELSE 0 END, p.state
    FROM post p WHERE p.id = ?1
""")
_POST = f"""
    SELECT p.author, p.parent, p.quote, p.state, CASE WHEN {post_exists()} THEN 1 ELSE 0 END FROM post p WHERE p.id = ?1
"""
LOCK = SQL(_POST, f"{_POST} FOR NO KEY UPDATE")
AUTHOR = SQL(f"SELECT p.author FROM post p WHERE p.id = ?1 AND {post_exists()}")
SET = SQL("UPDATE post SET state = ?2, measures = ?3 WHERE id = ?1")
# What is decided about posts (StatementKind 2 and 7 to 11), and neither was taken back nor has ended.
_IN_FORCE = """s.kind IN (2, 7, 8, 9, 10, 11) AND s.ends_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.reverses = s.id)"""
KINDS = SQL(f"SELECT DISTINCT s.kind FROM statement s WHERE s.post = ?1 AND {_IN_FORCE}")
# The media of a post are what the removals in force say (StatementKind 11), and so is how many it has.
REMOVE_MEDIA = SQL(f"""
    UPDATE media SET removed = CASE WHEN EXISTS (
            SELECT 1 FROM statement s WHERE s.post = ?1 AND s.media = media.id AND s.kind = 11 AND {_IN_FORCE})
        THEN 1 ELSE 0 END
    WHERE post = ?1
""")
COUNT_MEDIA = SQL("""
    UPDATE post SET attachments = (SELECT count(*) FROM media m WHERE m.post = ?1 AND m.removed = 0) WHERE id = ?1
""")
OF_POSTS = SQL(f"""
    SELECT s.post, s.id, s.kind, s.label, m.kind, s.rule_version, s.rule_number, r.texts
    FROM statement s JOIN rule r ON r.version = s.rule_version AND r.number = s.rule_number
    LEFT JOIN media m ON m.id = s.media
    WHERE s.post IN {{ids:1}} AND {_IN_FORCE} ORDER BY s.id
""")
# An edit ends what hides a post until then (StatementKind 10).
END_HIDING = SQL("""
    UPDATE statement SET ends_at = ?2 WHERE post = ?1 AND kind = 10 AND ends_at IS NULL
        AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.reverses = statement.id)
    RETURNING mod_case
""")


async def current(post: int) -> CurrentPost | None:
    """A post for moderators, whoever may see it; None once it is purged."""
    row = await DB.one(CURRENT, post)
    return None if row is None else CurrentPost._make(row)


async def author(post: int) -> int | None:
    """Whose a post is, whoever may see it; None once its author has deleted it."""
    found: int | None = await DB.value(AUTHOR, post)
    return found


async def lock(post: int) -> RestrictedPost | None:
    """Within a transaction: a post that nobody else can change until its end; None once it is purged."""
    row = await DB.one(LOCK, post)
    return None if row is None else RestrictedPost._make(row)


async def put(post: int, state: int, measures: int) -> None:
    """Within a transaction that has locked the post: sets its ``PostState`` and the mark of how it is drawn."""
    await DB.fetch(SET, post, state, measures)


async def kinds(post: int) -> set[int]:
    """The kinds of the decisions about a post that are in force."""
    return {row[0] for row in await DB.fetch(KINDS, post)}


async def apply_to_media(post: int) -> None:
    """Within a transaction that has locked the post: takes out of it what moderators have removed, and puts the rest
    back.
    """
    await DB.fetch(REMOVE_MEDIA, post)
    await DB.fetch(COUNT_MEDIA, post)


async def of_posts(posts: Sequence[int]) -> list[MeasureRow]:
    """The decisions in force about posts, in the order in which they were made."""
    return list(map(MeasureRow._make, await DB.fetch(OF_POSTS, DB.ids(posts)))) if posts else []


async def end_hiding(post: int, now: int) -> list[int]:
    """Within a transaction that has locked the post: ends at ``now`` (Unix milliseconds) what hides it until an edit.

    Returns the cases.
    """
    return [row[0] for row in await DB.fetch(END_HIDING, post, now)]
