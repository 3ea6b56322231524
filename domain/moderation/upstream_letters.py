"""Letters to those who complain from upstream: kept as they were sent, with what the mail server said."""

import msgspec

from db.engine import DB
from db.queries import complaint_trail as queries
from db.queries import upstream
from db.queries.complaint_trail import LetterRow
from db.queries.upstream import ComplaintRow
from domain.core import clock, ids, text_parsing
from domain.core.retries import retried
from domain.moderation import upstream_trail
from domain.moderation.upstream_kinds import EntryKind, LetterKind, LetterState

MAX_SUBJECT, MAX_WORDS, MAX_ANSWER = 200, 20_000, 300


class Letter(msgspec.Struct, frozen=True):
    """A letter; times are Unix milliseconds. ``answer`` is what the mail server said, "" so far."""

    id: int
    complaint: int
    kind: LetterKind
    recipient: str
    subject: str
    words: str
    state: LetterState
    written_at: int
    attempted_at: int | None
    answer: str


async def of(complaint: int) -> list[Letter]:
    """The oldest first."""
    return [_letter(row) for row in await queries.letters(complaint)]


async def one(letter: int) -> Letter | None:
    row = await queries.letter(letter)
    return None if row is None else _letter(row)


def _letter(row: LetterRow) -> Letter:
    return Letter(
        row.id, row.complaint, LetterKind(row.kind), row.recipient, row.subject, row.words, LetterState(row.state),
        ids.time_of(row.id), row.attempted_at, row.answer,
    )  # fmt: skip


async def add(row: ComplaintRow, kind: LetterKind, subject: str, words: str, *, can_mail: bool) -> int:
    """Within a transaction that has locked the complaint: writes a letter, which is mailed if it can be."""
    state = LetterState.WAITING if can_mail and row.email else LetterState.UNSENT
    letter = ids.new()
    await queries.add_letter(LetterRow(letter, row.id, kind, row.email, subject, words, state, None, ""))
    return letter


@retried
async def receipt(complaint: int, subject: str, words: str) -> Letter | None:
    """The letter that a complaint came, written if there is none; None once the complaint is deleted."""
    async with DB.writing():
        row = await upstream.lock(complaint)
        if row is None:
            return None
        found = next((one for one in await of(complaint) if one.kind is LetterKind.RECEIPT), None)
        number = found.id if found else await add(row, LetterKind.RECEIPT, subject, words, can_mail=True)
    return await one(number)


async def accepted(letter: Letter, answer: str) -> None:
    """Notes that the mail server has taken a letter. Safe to repeat."""
    await _attempted(letter, LetterState.ACCEPTED, answer, EntryKind.LETTER_SENT)


async def failed(letter: Letter, why: str) -> None:
    """Notes that a letter could not be handed over, so far."""
    await _attempted(letter, LetterState.FAILED, why, EntryKind.LETTER_FAILED)


@retried
async def _attempted(letter: Letter, state: LetterState, answer: str, entry: EntryKind) -> None:
    async with DB.writing():
        if await upstream.lock(letter.complaint) is not None:
            said = upstream_trail.cut(text_parsing.line(answer), MAX_ANSWER)
            await queries.set_letter(letter.id, state, clock.now(), said)
            await upstream_trail.add(letter.complaint, entry, letter.id)


async def by_hand(letter: Letter) -> None:
    """Within a transaction: notes that a letter was sent another way."""
    await queries.set_letter(letter.id, LetterState.BY_HAND, clock.now(), "")
    await upstream_trail.add(letter.complaint, EntryKind.LETTER_BY_HAND, letter.id)
