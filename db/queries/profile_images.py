"""The picture and the header of a profile: which media they are, and which of them moderators have removed."""

from typing import NamedTuple

from db.engine import DB
from db.sql import SQL


class ImageRow(NamedTuple):
    """A media of a profile; ``purpose`` is 1 for the picture, 2 for the header, ``removed`` 1 while it is."""

    media: int
    purpose: int
    removed: int


_ACCOUNT = "SELECT avatar_large, header FROM account WHERE id = ?1"
LOCK = SQL(_ACCOUNT, f"{_ACCOUNT} FOR NO KEY UPDATE")
SHOWN = SQL("""
    SELECT DISTINCT m.id, m.purpose, m.removed FROM account a
    JOIN media m ON m.account = a.id AND m.purpose IN (1, 2) AND m.removed = 0
    JOIN rendition r ON r.media = m.id AND r.key = CASE m.purpose WHEN 1 THEN a.avatar_large ELSE a.header END
    WHERE a.id = ?1 ORDER BY m.purpose
""")
# Removals (StatementKind 11) that were not taken back say what is removed.
APPLY = SQL("""
    UPDATE media SET removed = 1 - removed
    WHERE account = ?1 AND purpose IN (1, 2) AND removed <> CASE WHEN EXISTS (
        SELECT 1 FROM statement s WHERE s.account = ?1 AND s.media = media.id AND s.kind = 11
            AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.reverses = s.id)) THEN 1 ELSE 0 END
    RETURNING id, purpose, removed
""")


async def lock(account: int) -> tuple[str, str] | None:
    """Within a transaction: the keys of the picture and of the header that an account has, "" without one.

    Nobody else changes them until its end. None once the account is purged.
    """
    row = await DB.one(LOCK, account)
    return None if row is None else (row[0], row[1])


async def shown(account: int) -> list[ImageRow]:
    """What the profile of an account shows: the picture first."""
    return list(map(ImageRow._make, await DB.fetch(SHOWN, account)))


async def apply(account: int) -> list[ImageRow]:
    """Within a transaction that has locked the account: removes, or puts back, what the statements in force say.

    Returns what has changed.
    """
    return sorted(map(ImageRow._make, await DB.fetch(APPLY, account)))
