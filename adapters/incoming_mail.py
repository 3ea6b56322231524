"""Reads a mail as a mail server hands it over: who it is from, what it says, and what is attached.

Nothing in it is trusted: what is broken is left out, or read as well as it can be, and what would cost too much is
refused.
"""

import email.errors
import hashlib
import html
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import parseaddr
from typing import NamedTuple

from adapters import email_address, mail_encodings

# The largest mail, and the largest header of one, in bytes; how many parts it may have, and how deep they may lie.
MAX_MAIL, MAX_HEADER, MAX_PARTS, MAX_DEPTH = 10_000_000, 64_000, 100, 10
# All headers of one, those of its parts among them, in characters.
MAX_HEADERS = 2 * MAX_HEADER
# What a part says of its content, in bytes: to read that takes time that grows with the square of it.
MAX_FIELD = 4000
# What is read of any other header, in characters: the same goes for addresses, above all in quotes.
MAX_VALUE = 2000
# Lines that may begin a part: each makes an object before anybody can count the parts.
MAX_DASHED = 10_000
# A mail that is no larger, and has nothing attached, is kept as it came; of others the header is.
MAX_KEPT = 1_000_000
# What is read of each part that is text, in bytes, and names of attachments, in characters.
MAX_TEXT, MAX_NAME = 256_000, 200
# Parts that have parts of their own.
_NESTING = re.compile(rb"(?i)(multipart|message)/")
_FIELD = re.compile(rb"(?i)(?:^|[\r\n])content-[a-z-]{1,40}[ \t]*:(?:[^\r\n]|(?:\r\n|\r|\n)[ \t])*")
_DASHED = re.compile(rb"[\r\n]--")
_HEADER_END = re.compile(rb"\r?\n\r?\n")
# Without encoded words (RFC 2047): in the header of an answer they would be read as what they stand for, lines too.
_MESSAGE_ID = re.compile(r"<((?:(?!=\?)[!-;=?-~]){1,250})>")
_RECIPIENT = re.compile(r"[^\s<>()\",;:@]{1,100}@[^\s<>()\",;:@]{1,255}")
_HREF = re.compile(r"(?i)href\s*=\s*[\"']?(https?://[^\"'\s>]{1,500})")
_TAG = re.compile(r"/?([a-zA-Z0-9]{1,12})")
_BREAKS = frozenset("br p div tr li ul ol table h1 h2 h3 h4 blockquote hr".split())
_UNREAD = frozenset({"script", "style", "head", "title"})
_ENCODED_WORD = re.compile(r"=\?([^?*\s]{0,100})")
# What the library raises for headers that are not well-formed.
_BROKEN = (AttributeError, IndexError, KeyError, LookupError, RecursionError, TypeError, ValueError,
           email.errors.MessageError)  # fmt: skip


class BadMail(ValueError):
    """What was handed over is no mail that can be taken; the words say why."""


class Attachment(NamedTuple):
    """Something attached: its name, its size in bytes and its SHA-256. The thing itself is not kept."""

    name: str
    size: int
    sha256: str


class IncomingMail(NamedTuple):
    """A mail. ``sender`` is an address, ``name`` what it says beside it; ``references`` are ids of earlier mails.

    ``recipients`` are all addresses that it names as such. ``replied``: a machine has sent it in answer to a mail, such
    as a bounce; ``generated``: a machine has sent it at all. ``language`` is what it says of itself, "" for nothing.
    ``kept`` are the bytes that may be kept of it; ``sha256`` and ``size`` are of all of it.
    """

    message_id: str
    sender: str
    name: str
    subject: str
    text: str
    references: tuple[str, ...]
    recipients: tuple[str, ...]
    attachments: tuple[Attachment, ...]
    replied: bool
    generated: bool
    language: str
    kept: bytes
    sha256: str
    size: int


def read(raw: bytes) -> IncomingMail:
    """Errors: ``BadMail``."""
    _check(raw)
    try:
        message = message_from_bytes(raw, policy=_policy())
    except BadMail:
        raise
    except _BROKEN:
        raise BadMail("It can't be read as a mail.") from None
    assert isinstance(message, EmailMessage)
    name, sender = _sender(message)
    texts: list[str] = []
    attachments: list[Attachment] = []
    for part in _leaves(message):
        _sort(part, texts, attachments)
    digest = hashlib.sha256(raw).hexdigest()
    own = _MESSAGE_ID.search(_written(message, "Message-ID"))
    automatic = _header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return IncomingMail(
        message_id=own[1] if own else f"sha256:{digest}",
        sender=sender,
        name=name,
        subject=_header(message, "Subject"),
        text="\n\n".join(texts),
        references=_references(message),
        recipients=_recipients(message),
        attachments=tuple(attachments),
        replied=automatic == "auto-replied" or _is_bounce(message),
        generated=automatic not in ("", "no"),
        language=_header(message, "Content-Language")[:2].lower(),
        kept=raw if not attachments and len(raw) <= MAX_KEPT else head(raw),
        sha256=digest,
        size=len(raw),
    )


def _check(raw: bytes) -> None:
    """Errors: ``BadMail`` for what would cost too much to read."""
    if not raw.strip():
        raise BadMail("There is no mail on standard input.")
    if len(raw) > MAX_MAIL:
        raise BadMail(f"It is too large: a mail may have {MAX_MAIL // 1_000_000} MB.")
    fields = [len(found[0]) for found in _FIELD.finditer(raw)]
    if max(len(head(raw)), sum(fields)) > MAX_HEADER or max(fields, default=0) > MAX_FIELD:
        raise BadMail(f"Its header is too large: it may have {MAX_HEADER // 1000} KB.")
    nesting, dashed = (sum(1 for _ in found.finditer(raw)) for found in (_NESTING, _DASHED))
    if nesting > MAX_PARTS or dashed > MAX_DASHED:
        raise BadMail("It has too many parts.")


def _policy() -> EmailPolicy:
    """How to read one mail: its parts may have headers as large as all of it, and single ones may take minutes to
    understand."""
    left = MAX_HEADERS

    class Bounded(EmailPolicy):
        def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
            nonlocal left
            left -= sum(map(len, sourcelines))
            if left < 0:
                raise BadMail("The headers of its parts are too large.")
            return super().header_source_parse(sourcelines)

        def header_fetch_parse(self, name: str, value: str) -> str:
            limit = MAX_FIELD if name.lower().startswith("content-") else MAX_VALUE
            found: str = super().header_fetch_parse(name, _ENCODED_WORD.sub(_readable, value[:limit]))
            return found

    return Bounded()


def _readable(word: re.Match[str]) -> str:
    """The beginning of an encoded word (RFC 2047), or what is none if nobody has to know its encoding."""
    return word[0] if mail_encodings.known(word[1]) else word[0].replace("?", " ")


def head(raw: bytes) -> bytes:
    """The header of a mail."""
    end = _HEADER_END.search(raw)
    return raw[: end.start()] if end else raw


def _header(message: EmailMessage, name: str) -> str:
    """A header's value on one line, "" for none; as it is written where it can't be understood."""
    try:
        value = str(message.get(name, ""))
    except _BROKEN:
        value = next((str(raw) for key, raw in message.raw_items() if key.lower() == name.lower()), "")
    return " ".join(value.encode("utf-8", "replace").decode().split())


def _written(message: EmailMessage, name: str) -> str:
    """The values of all headers of this name as they are written: for what has the same form in any of them."""
    return " ".join(str(value) for key, value in message.raw_items() if key.lower() == name.lower())


def _sender(message: EmailMessage) -> tuple[str, str]:
    """Name and address. Errors: ``BadMail`` where no header has an address."""
    for header in ("From", "Sender", "Return-Path"):
        try:
            name, address = parseaddr(_header(message, header))
            return name, email_address.normalize(address)
        except (ValueError, RecursionError):
            continue
    raise BadMail("It does not say who it is from.")


def _references(message: EmailMessage) -> tuple[str, ...]:
    found = _MESSAGE_ID.findall(f"{_written(message, 'In-Reply-To')} {_written(message, 'References')}")
    return tuple(dict.fromkeys(found))[:MAX_PARTS]


def _recipients(message: EmailMessage) -> tuple[str, ...]:
    said = [_written(message, name) for name in ("Delivered-To", "X-Original-To", "To", "Cc")]
    return tuple(one.lower() for one in _RECIPIENT.findall(" ".join(said)))[:MAX_PARTS]


def _is_bounce(message: EmailMessage) -> bool:
    """Whether nobody is to be told of problems with it, or it tells of such; not a report of abuse (RFC 5965)."""
    if _header(message, "Return-Path") == "<>":
        return True
    kind = _header(message, "Content-Type").lower()
    return kind.startswith("multipart/report") and "delivery-status" in kind


def _leaves(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts that have none of their own; of two versions of one text the plain one. Errors: ``BadMail``."""
    waiting, count = [(message, 0)], 0
    while waiting:
        part, depth = waiting.pop()
        count += 1
        if count > MAX_PARTS or depth > MAX_DEPTH:
            raise BadMail("It has too many parts.")
        if not part.is_multipart():
            yield part
            continue
        inner = [one for one in part.get_payload() if isinstance(one, EmailMessage)]
        if _type(part) == "multipart/alternative":
            inner = [one for one in inner if _type(one) == "text/plain"][:1] or inner
        waiting += [(one, depth + 1) for one in reversed(inner)]


def _type(part: EmailMessage) -> str:
    try:
        return part.get_content_type()
    except _BROKEN:
        return "text/plain"


def _sort(part: EmailMessage, texts: list[str], attachments: list[Attachment]) -> None:
    """Adds a part to the texts or to the attachments."""
    try:
        body = part.get_payload(decode=True)
    except _BROKEN:
        body = None
    content = body if isinstance(body, bytes) else b""
    kind = _type(part)
    if kind in ("text/plain", "text/html") and not _header(part, "Content-Disposition").lower().startswith("attach"):
        text = _decoded(part, content[:MAX_TEXT])
        texts.append(plain(text) if kind == "text/html" else text)
    else:
        attachments.append(Attachment(_name(part), len(content), hashlib.sha256(content).hexdigest()))


def _name(part: EmailMessage) -> str:
    try:
        found = part.get_filename()
    except _BROKEN:
        found = None
    return " ".join(str(found or _type(part)).encode("utf-8", "replace").decode().split())[:MAX_NAME]


def _decoded(part: EmailMessage, content: bytes) -> str:
    try:
        return content.decode(mail_encodings.known(part.get_content_charset() or "utf-8") or "latin-1")
    except _BROKEN:
        return content.decode("latin-1")


def plain(source: str) -> str:
    """The text of HTML, in time that grows with its length: what a link leads to stands before its words."""
    found: list[str] = []
    unread = ""
    first, *pieces = source.split("<")
    found.append(html.unescape(first))
    for piece in pieces:
        inside, _, text = piece.partition(">")
        tag = _TAG.match(inside)
        name = tag[1].lower() if tag else ""
        if not unread:
            unread = name if name in _UNREAD and not inside.startswith("/") else ""
        elif inside.startswith("/") and name == unread:
            unread = ""
        if unread:
            continue
        link = _HREF.search(inside) if name == "a" else None
        found += ["\n" if name in _BREAKS else "", f"{html.unescape(link[1])} " if link else "", html.unescape(text)]
    return "".join(found)
