"""The trail of a complaint from upstream: what happened with it, and when. Entries are only ever added."""

import base64
import hashlib
from collections.abc import Sequence

import msgspec

from adapters import incoming_mail
from adapters.incoming_mail import Attachment, IncomingMail
from db.queries import complaint_trail as queries
from db.queries.complaint_trail import EntryRow, MailRow
from domain.core import clock, ids, text_parsing
from domain.core.errors import NotFound
from domain.moderation.upstream_kinds import EntryKind

MAX_SUBJECT, MAX_MAIL_WORDS = 200, 10_000
# Of one complaint: who writes more often is not heard better for it.
MAX_MAILS = 100
# Of all mails of a day whose senders nobody has made sure of, in bytes as they are stored.
MAX_KEPT_A_DAY = 20_000_000


class TrailEntry(msgspec.Struct, frozen=True):
    """``at`` in Unix milliseconds; ``about`` is a case, statement, mail or letter."""

    kind: EntryKind
    at: int
    about: int | None


class TrailMail(msgspec.Struct, frozen=True):
    """A mail that came, at ``at`` (Unix milliseconds); ``sha256`` and ``size`` are of all of it, in bytes."""

    id: int
    at: int
    message_id: str
    sender: str
    subject: str
    words: str
    sha256: str
    size: int
    attachments: tuple[Attachment, ...]


async def add(complaint: int, kind: EntryKind, about: int | None = None) -> None:
    """Within a transaction. What is there already about the same thing is not added again."""
    await queries.add(EntryRow(ids.after(await queries.newest(complaint)), complaint, kind, about))


async def of(complaint: int) -> list[TrailEntry]:
    """The oldest first."""
    return [TrailEntry(EntryKind(row.kind), ids.time_of(row.id), row.about) for row in await queries.entries(complaint)]


async def add_mail(complaint: int, mail: IncomingMail) -> int | None:
    """Within a transaction: keeps a mail; None when it is there, or there are too many."""
    if await queries.count_mails(complaint) >= MAX_MAILS:
        return None
    row = MailRow(
        id=ids.new(),
        complaint=complaint,
        message_id=mail.message_id,
        sender=mail.sender,
        subject=cut(text_parsing.line(mail.subject), MAX_SUBJECT),
        words=cut(text_parsing.clean(mail.text), MAX_MAIL_WORDS),
        kept=base64.b64encode(await _kept(complaint, mail)).decode(),
        sha256=mail.sha256,
        size=mail.size,
        attachments=msgspec.json.encode(mail.attachments).decode(),
    )
    return row.id if await queries.add_mail(row) else None


async def _kept(complaint: int, mail: IncomingMail) -> bytes:
    """What may be kept of a mail. Once strangers have sent a lot, of theirs only the header is, and nothing in the end:
    their words are there all the same, and no mail has to be sent back.
    """
    stored = await queries.kept_of_strangers(complaint, ids.first(clock.now() - clock.DAY_MS))
    if stored is None:
        return mail.kept
    for part, limit in ((mail.kept, MAX_KEPT_A_DAY), (incoming_mail.head(mail.kept), 2 * MAX_KEPT_A_DAY)):
        if stored + len(part) * 4 // 3 <= limit:
            return part
    return b""


async def mails(complaint: int) -> list[TrailMail]:
    """The oldest first."""
    return [_mail(row) for row in await queries.mails(complaint)]


def _mail(row: MailRow) -> TrailMail:
    attached: Sequence[Attachment] = msgspec.json.decode(row.attachments, type=list[Attachment])
    return TrailMail(
        row.id, ids.time_of(row.id), row.message_id, row.sender, row.subject, row.words, row.sha256, row.size,
        tuple(attached),
    )  # fmt: skip


async def kept(complaint: int, mail: int) -> bytes:
    """What is kept of a mail: all of it, or its header where something was attached or too much came.

    Errors: ``NotFound``.
    """
    row = await queries.mail(complaint, mail)
    if row is None:
        raise NotFound
    return base64.b64decode(row.kept)


def is_whole(row: TrailMail, raw: bytes) -> bool:
    """Whether the mail was kept as it came."""
    return hashlib.sha256(raw).hexdigest() == row.sha256


def cut(text: str, limit: int) -> str:
    """A text with at most so many code points, with a mark where the rest is missing."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"
