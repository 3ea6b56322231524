"""The trail of complaints from upstream: what happened, the mails that came and the letters that went."""

from typing import NamedTuple

from db.engine import DB, Row
from db.sql import SQL


class EntryRow(NamedTuple):
    """``kind`` is an ``EntryKind``; ``about`` a case, statement, mail or letter."""

    id: int
    complaint: int
    kind: int
    about: int | None


class MailRow(NamedTuple):
    """A mail, in the order of its columns; ``kept`` is base64, ``attachments`` JSON."""

    id: int
    complaint: int
    message_id: str
    sender: str
    subject: str
    words: str
    kept: str
    sha256: str
    size: int
    attachments: str


class LetterRow(NamedTuple):
    """A letter, in the order of its columns; ``attempted_at`` in Unix milliseconds."""

    id: int
    complaint: int
    kind: int
    recipient: str
    subject: str
    words: str
    state: int
    attempted_at: int | None
    answer: str


ADD = SQL("""
    INSERT INTO complaint_entry (id, complaint, kind, about) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING
    RETURNING id
""")
NEWEST = SQL("SELECT coalesce(max(id), 0) FROM complaint_entry WHERE complaint = ?1")
ENTRIES = SQL("SELECT id, complaint, kind, about FROM complaint_entry WHERE complaint = ?1 ORDER BY id")
_MAIL = ", ".join(MailRow._fields)
ADD_MAIL = SQL(f"""
    INSERT INTO complaint_mail ({_MAIL}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT DO NOTHING
    RETURNING id
""")
MAILS = SQL(f"SELECT {_MAIL} FROM complaint_mail WHERE complaint = ?1 ORDER BY id")
# Of complaints that are not verified; nothing of them is read where the one in hand is.
_KEPT = """
    SELECT (SELECT coalesce(sum({length}(m.kept)), 0) FROM complaint_mail m JOIN complaint c ON c.id = m.complaint
        WHERE m.id >= ?2 AND c.verified = 0)
    FROM complaint o WHERE o.id = ?1 AND o.verified = 0
"""
KEPT = SQL(_KEPT.format(length="length"), _KEPT.format(length="octet_length"))
COUNT_MAILS = SQL("SELECT count(*) FROM complaint_mail WHERE complaint = ?1")
MAIL = SQL(f"SELECT {_MAIL} FROM complaint_mail WHERE complaint = ?1 AND id = ?2")
BY_MESSAGE = SQL("SELECT complaint, sender FROM complaint_mail WHERE message_id IN {texts:1} ORDER BY id DESC LIMIT 1")
_LETTER = ", ".join(LetterRow._fields)
ADD_LETTER = SQL(f"INSERT INTO complaint_letter ({_LETTER}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")
LETTERS = SQL(f"SELECT {_LETTER} FROM complaint_letter WHERE complaint = ?1 ORDER BY id")
LETTER = SQL(f"SELECT {_LETTER} FROM complaint_letter WHERE id = ?1")
SET_LETTER = SQL("UPDATE complaint_letter SET state = ?2, attempted_at = ?3, answer = ?4 WHERE id = ?1")


async def add(row: EntryRow) -> bool:
    """False when there is such an entry about the same thing."""
    return await DB.one(ADD, *row) is not None


async def newest(complaint: int) -> int:
    """The id of a complaint's last entry, 0 for none."""
    return int(await DB.value(NEWEST, complaint))


async def entries(complaint: int) -> list[EntryRow]:
    """The oldest first."""
    return list(map(EntryRow._make, await DB.fetch(ENTRIES, complaint)))


async def add_mail(row: MailRow) -> bool:
    """False when this mail is there."""
    return await DB.one(ADD_MAIL, *row) is not None


async def mails(complaint: int) -> list[MailRow]:
    """The oldest first."""
    return list(map(MailRow._make, await DB.fetch(MAILS, complaint)))


async def count_mails(complaint: int) -> int:
    return int(await DB.value(COUNT_MAILS, complaint))


async def kept_of_strangers(complaint: int, first: int) -> int | None:
    """How many bytes are kept of mails from the id ``first`` on whose senders nobody has made sure of; None for a
    complaint whose sender somebody has.
    """
    found: int | None = await DB.value(KEPT, complaint, first)
    return found


async def mail(complaint: int, mail: int) -> MailRow | None:
    row = await DB.one(MAIL, complaint, mail)
    return None if row is None else MailRow._make(row)


async def by_message(message_ids: list[str]) -> tuple[int, str] | None:
    """The complaint of the newest of these mails, and who has sent that."""
    row = await DB.one(BY_MESSAGE, DB.texts(message_ids)) if message_ids else None
    return None if row is None else (row[0], row[1])


async def add_letter(row: LetterRow) -> None:
    await DB.fetch(ADD_LETTER, *row)


async def letters(complaint: int) -> list[LetterRow]:
    """The oldest first."""
    return list(map(LetterRow._make, await DB.fetch(LETTERS, complaint)))


async def letter(letter: int) -> LetterRow | None:
    return _letter(await DB.one(LETTER, letter))


def _letter(row: Row | None) -> LetterRow | None:
    return None if row is None else LetterRow._make(row)


async def set_letter(letter: int, state: int, attempted_at: int | None, answer: str) -> None:
    await DB.fetch(SET_LETTER, letter, state, attempted_at, answer)
