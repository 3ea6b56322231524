"""Complaints from upstream, with their trail and letters."""

from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import Field

from adapters import email_address, incoming_mail
from adapters.incoming_mail import Attachment
from archive.fields import (
    PAIR,
    Count,
    Email,
    Id,
    Locale,
    Record,
    Sha256,
    Small,
    Time,
    free,
    heading,
    json,
    line,
    number_of,
    span,
    spelt,
)
from archive.tables.moderation import Moment
from domain.moderation import upstream, upstream_addresses, upstream_letters, upstream_trail
from domain.moderation.kinds import SubjectKind
from domain.moderation.upstream_kinds import (
    Channel,
    ComplaintState,
    EntryKind,
    LetterKind,
    LetterState,
    Sender,
    Verified,
)

# Base64 of what is kept of a mail.
KEPT = incoming_mail.MAX_KEPT * 4 // 3 + 4
# JSON of names of at most that length, whose characters may be escaped.
ATTACHMENTS = incoming_mail.MAX_PARTS * (incoming_mail.MAX_NAME * 6 + 100)


class Complaint(Record, table=True):
    id: Id = Field(primary_key=True)
    sender: Annotated[int, number_of(Sender)]
    name: Annotated[str, heading(upstream.MAX_NAME)]
    email: Email
    reference: Annotated[str, heading(upstream.MAX_REFERENCE)]
    words: Annotated[str, free(upstream.MAX_WORDS)]
    locale: Locale
    channel: Annotated[int, number_of(Channel)]
    verified: Annotated[int, number_of(Verified)]
    state: Annotated[int, number_of(ComplaintState)]
    received_at: Moment
    deadline_at: Moment | None
    due_at: Time
    claimed_by: Id | None
    claimed_until: Time
    version: Annotated[int, span(0, 2**30)]
    closed_at: Moment | None
    purge_at: Time


class ComplaintAddress(Record, table=True):
    __table_args__ = PAIR

    complaint: Id = Field(primary_key=True)
    place: Small = Field(primary_key=True)
    address: Annotated[str, heading(upstream_addresses.MAX_LENGTH)]
    subject_kind: Annotated[int, number_of(SubjectKind)] | None
    subject: Id | None
    account: Id | None
    mod_case: Id | None
    rule_version: Count | None
    rule_number: Small | None


class ComplaintMail(Record, table=True):
    id: Id = Field(primary_key=True)
    complaint: Id
    message_id: Annotated[str, spelt("[!-;=?-~]{1,300}")]
    sender: Email
    subject: Annotated[str, heading(upstream_trail.MAX_SUBJECT)]
    words: Annotated[str, free(upstream_trail.MAX_MAIL_WORDS)]
    kept: Annotated[str, StringConstraints(max_length=KEPT), spelt("[A-Za-z0-9+/]*={0,2}")]
    sha256: Sha256
    size: Count
    attachments: Annotated[str, line(ATTACHMENTS), json(list[Attachment])]


class ComplaintEntry(Record, table=True):
    id: Id = Field(primary_key=True)
    complaint: Id
    kind: Annotated[int, number_of(EntryKind)]
    about: Id | None


class ComplaintLetter(Record, table=True):
    id: Id = Field(primary_key=True)
    complaint: Id
    kind: Annotated[int, number_of(LetterKind)]
    recipient: Email
    subject: Annotated[str, heading(upstream_letters.MAX_SUBJECT)]
    words: Annotated[str, free(upstream_letters.MAX_WORDS)]
    state: Annotated[int, number_of(LetterState)]
    attempted_at: Moment | None
    answer: Annotated[str, heading(upstream_letters.MAX_ANSWER)]


class KnownSender(Record, table=True):
    pattern: Annotated[str, spelt(f"{email_address.PATTERN}|{email_address.DOMAIN}")] = Field(primary_key=True)
    sender: Annotated[int, number_of(Sender)]
    name: Annotated[str, heading(upstream.MAX_NAME)]
