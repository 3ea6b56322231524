"""What people are told, how, and where to; what the network alone knows; what is still to be done."""

from typing import Annotated, Any

from annotated_types import Len
from sqlmodel import Field

from archive.fields import (
    PAIR,
    Base64Url,
    Count,
    Email,
    Flag,
    Id,
    Locale,
    Maybe,
    Place,
    Record,
    Sha256,
    Small,
    Time,
    Zone,
    among,
    free,
    heading,
    holds,
    json,
    line,
    number_of,
    span,
    spelt,
)
from db.tables.notifications import NoticeState
from db.tables.outbox import Lane
from domain.accounts import network_icons
from domain.core import dead_letters
from domain.notifications import feeds, subscriptions
from domain.notifications.digests import OFF, WEEKLY
from domain.notifications.kinds import NotificationKind, Topic
from domain.notifications.preferences import ACCEPT, DROP

Policy = Annotated[int, span(ACCEPT, DROP)]
Minute = Annotated[int, span(0, 1439)]
KindNumber = Annotated[int, span(min(NotificationKind), max(NotificationKind))]
TopicNumber = Annotated[int, span(min(Topic), max(Topic))]
# Events hold ids and a few words; icons of 512 pixels, and the logo itself, are bytes.
PAYLOAD = 10_000
# Whether a push may be sent there is asked whenever one is: an earlier version could be set to take private addresses.
ENDPOINT = spelt(r"[Hh][Tt][Tt][Pp][Ss]?://[!-\[\]-\x7f]+")
PNG = holds(lambda body: body.startswith(b"\x89PNG\r\n\x1a\n"), "a PNG")


class Secret(Record, table=True):
    """Keys that sign links, pushes and receipts: without them no push arrives and no link holds."""

    name: Annotated[str, spelt("[A-Za-z0-9_ -]{1,200}")] = Field(primary_key=True)
    value: Annotated[str, spelt("[A-Za-z0-9_-]{1,10000}")]
    made_at: Time


class Notice(Record, table=True):
    id: Id = Field(primary_key=True)
    account: Id
    kind: KindNumber
    post: Id | None
    actor: Id
    people: Count
    entry: Id
    unread: Flag
    state: Annotated[int, span(min(NoticeState), max(NoticeState))]


class NoticePart(Record, table=True):
    __table_args__ = PAIR

    account: Id = Field(primary_key=True)
    topic: TopicNumber = Field(primary_key=True)
    post: Maybe = Field(primary_key=True)
    actor: Id = Field(primary_key=True)
    notice: Id
    entry: Id
    active: Flag


class NoticeSetting(Record, table=True):
    account: Id = Field(primary_key=True)
    kinds: Annotated[str, line(2000), json(dict[str, int])]
    strangers: Policy
    newcomers: Policy
    discreet: Flag
    quiet_from: Minute | None
    quiet_to: Minute | None
    zone: Zone
    digest: Annotated[int, span(OFF, WEEKLY)]
    digest_email: Email
    digest_entry: Place
    digest_at: Time
    digest_sent: Time
    feed_token: Annotated[str, spelt(feeds.TOKEN.pattern)] | None


class NoticeAllowed(Record, table=True):
    __table_args__ = PAIR

    account: Id = Field(primary_key=True)
    actor: Id = Field(primary_key=True)


class Bell(Record, table=True):
    __table_args__ = PAIR

    account: Id = Field(primary_key=True)
    target: Id = Field(primary_key=True)


class PushSubscription(Record, table=True):
    id: Id = Field(primary_key=True)
    account: Id
    session: Sha256 | None
    endpoint: Annotated[str, line(subscriptions.ENDPOINT_BYTES), ENDPOINT]
    endpoint_key: Sha256
    p256dh: Base64Url
    auth: Base64Url
    vapid: Base64Url
    locale: Locale
    zone: Zone
    permission: Annotated[str, among("", *subscriptions.PERMISSIONS)]
    made_at: Time
    sent_at: Time | None
    confirmed_at: Time | None
    failed: Small
    problem: Annotated[str, spelt("[a-z]{0,40}")]


class PushDelivery(Record, table=True):
    """A push that waits must go out from wherever the network stands next."""

    id: Id = Field(primary_key=True)
    subscription: Id
    # Below those of their own: a case, by the negative of its id.
    notice: Annotated[int, span(-(2**63) + 2, 2**63 - 2)]
    entry: Place
    silent: Flag
    due_at: Time
    attempts: Count
    revision: Count


class NetworkIcon(Record, table=True):
    __table_args__ = PAIR

    name: Annotated[str, among("logo", *network_icons.SIZES)] = Field(primary_key=True)
    digest: Annotated[str, spelt("[0-9a-f]{1,64}")]
    body: Annotated[bytes, Len(max_length=4 * network_icons.MAX_BYTES), PNG]


class Outbox(Record, table=True):
    """What has happened and not been worked on yet: mails to send, posts to purge, timelines to fill."""

    id: Id = Field(primary_key=True)
    # Not only those of this version: one that it does not know is kept for whoever does.
    kind: Annotated[str, spelt("[A-Za-z]{1,100}")]
    payload: Annotated[str, line(PAYLOAD), json(dict[str, Any])]
    due_at: Time
    attempts: Count
    error: Annotated[str, heading(200)] | None
    lane: Annotated[int, number_of(Lane)]
    lease_token: Id | None


class DroppedEvent(Record, table=True):
    """What an operator has given up, and why."""

    id: Id = Field(primary_key=True)
    kind: Annotated[str, spelt("[A-Za-z]{1,100}")]
    attempts: Count
    error: Annotated[str, heading(200)] | None
    dropped_at: Time
    dropped_by: Id | None
    reason: Annotated[str, free(dead_letters.MAX_REASON, 1)]
