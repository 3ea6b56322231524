"""Editing posts: the new text, and the revisions that keep the old ones."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries import posts, publishing
from db.sql import SQL


class Rewrite(NamedTuple):
    """What replaces a post at ``version``; ``attachments`` is how many it has from then on.

    ``written_at`` is when the text that is replaced was written, and ``now`` when this one was, in Unix milliseconds.
    """

    post: int
    version: int
    text: str
    mentions: str
    cover: str | None
    attachments: int
    written_at: int
    now: int


class RevisionRow(NamedTuple):
    """What a post said from ``written_at`` (Unix milliseconds) on; ``number`` is its version then, from 1."""

    number: int
    text: str
    mentions: str
    cover: str | None
    written_at: int


KEEP_REVISION = SQL("""
    INSERT INTO revision (post, number, text, mentions, cover, written_at)
    SELECT id, version, text, mentions, cover, CAST(?2 AS bigint) FROM post WHERE id = ?1 AND version = ?3
""")
REWRITE = SQL("""
    UPDATE post SET text = ?2, mentions = ?3, cover = ?4, edited_at = ?5, attachments = ?7, version = version + 1
    WHERE id = ?1 AND version = ?6 RETURNING state
""")
# Without what moderators had hidden until it was edited (StatementKind 10), unless they have taken that back.
REVISIONS = SQL(f"""
    SELECT {", ".join(f"r.{field}" for field in RevisionRow._fields)} FROM revision r
    WHERE r.post = ?1 AND r.number < CAST(?2 AS bigint) AND NOT EXISTS (
        SELECT 1 FROM statement s WHERE s.post = r.post AND s.kind = 10 AND s.ends_at > r.written_at
            AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.reverses = s.id))
    ORDER BY r.number DESC LIMIT ?3
""")
FORGET_REVISION = SQL("DELETE FROM revision WHERE post = ?1 AND number = ?2")
UNMENTION = SQL("DELETE FROM mention WHERE post = ?1")
UNTAG = SQL("DELETE FROM post_tag WHERE post = ?1")


async def rewrite(new: Rewrite) -> int | None:
    """Keeps the old text as a revision and sets the new one.

    Returns the post's ``PostState``, None when it is no longer at the version.
    """
    await posts.lock(new.post)
    await DB.fetch(KEEP_REVISION, new.post, new.written_at, new.version)
    values = new.post, new.text, new.mentions, new.cover, new.now, new.version, new.attachments
    state: int | None = await DB.value(REWRITE, *values)
    return state


async def forget_revision(post: int, number: int) -> None:
    """Within a transaction that has rewritten the post: keeps nothing of what it said before."""
    await DB.fetch(FORGET_REVISION, post, number)


async def revisions(post: int, before: int, limit: int) -> list[RevisionRow]:
    """The revisions with numbers below ``before``, newest first."""
    return [RevisionRow._make(row) for row in await DB.fetch(REVISIONS, post, before, limit)]


async def replace_mentions_and_tags(post: int, accounts: Sequence[int], tags: Sequence[str]) -> None:
    await DB.fetch(UNMENTION, post)
    await DB.fetch(UNTAG, post)
    await publishing.add_mentions_and_tags(post, accounts, tags)
