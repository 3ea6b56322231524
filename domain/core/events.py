"""Events, recorded in the transaction of the change that causes them; app/wiring.py lists their reactions."""

from typing import Any, ClassVar

import msgspec

from db.engine import DB
from db.queries import outbox
from db.queries.outbox import NewEvent
from db.tables.outbox import Lane
from domain.core import clock, event_names, ids, moderation_events
from domain.core.event import Event
from domain.core.event_names import OLD_NAMES
from domain.core.wakeup import Wakeup


class PostPublished(Event, frozen=True):
    post: int
    author: int


class PostEdited(Event, frozen=True):
    post: int
    author: int


class PostDeleted(Event, frozen=True):
    """Due when the undo window is over; void when the post was restored, or deleted again at another time."""

    leased: ClassVar[bool] = True
    post: int
    deleted_at: int


class Reposted(Event, frozen=True):
    repost: int
    post: int
    author: int
    account: int


class Unreposted(Event, frozen=True):
    batched: ClassVar[bool] = True
    post: int
    account: int


class Voted(Event, frozen=True):
    """A vote was cast, changed or taken back: what stands now says which."""

    batched: ClassVar[bool] = True
    post: int
    account: int


class LinkPreviewRequested(Event, frozen=True):
    """The page behind a post's first link is to be fetched for its preview."""

    leased: ClassVar[bool] = True
    link_preview: int
    post: int


class CopiesContinued(Event, frozen=True):
    """``source``'s followers from ``after`` on still wait for an entry: see ``domain.timelines.fanout``."""

    source: int
    entry: int
    post: int
    author: int
    actor: int
    after: int


class BellsContinued(Event, frozen=True):
    """People from ``after`` on who have a bell on the author still wait to be told of a post."""

    post: int
    author: int
    after: int


class PostNoticesContinued(Event, frozen=True):
    """Whom a post concerns is still to be told; ``fresh``: those with a bell on its author too."""

    post: int
    author: int
    fresh: bool


class CauseContinued(Event, frozen=True):
    """``account`` is still to be told, or no longer, of what ``actor`` did: see ``domain.notifications.grouping``."""

    batched: ClassVar[bool] = True
    account: int
    kind: int
    post: int
    actor: int
    quietly: bool


class Followed(Event, frozen=True):
    """``granted``: the followee has let the follower in."""

    follower: int
    followee: int
    granted: bool = False


class HomeOpened(Event, frozen=True):
    """A member opened home who had not for long: their timeline is to be filled."""

    leased: ClassVar[bool] = True
    account: int


class Unfollowed(Event, frozen=True):
    batched: ClassVar[bool] = True
    follower: int
    followee: int


class FollowRequested(Event, frozen=True):
    batched: ClassVar[bool] = True
    requester: int
    target: int


class FollowRequestClosed(Event, frozen=True):
    """A request was taken back, turned down or granted."""

    batched: ClassVar[bool] = True
    requester: int
    target: int


class AccountMadePublic(Event, frozen=True):
    """An account that was private is open: those who still ask to follow it are let in, some at a time."""

    account: int


class FollowAccepted(Event, frozen=True):
    batched: ClassVar[bool] = True
    requester: int
    target: int


class Noticed(Event, frozen=True):
    """``account`` has news: a notice is new (``fresh``), or the group it stands for has grown."""

    account: int
    notice: int
    entry: int
    fresh: bool


class AccountLeft(Event, frozen=True):
    leased: ClassVar[bool] = True
    account: int


class PasswordResetRequested(Event, frozen=True):
    """``who`` is a handle or an address as it is looked up, whether anybody has it or not."""

    who: str


class PasswordResetDue(Event, frozen=True):
    """The link's token is made when the mail is, so that no secret lies in the outbox. Void when the credential has
    another ``changed_at`` by then; 0 in events of earlier versions, which did not look at it."""

    leased: ClassVar[bool] = True
    account: int
    email: str
    locale: str
    changed_at: int = 0


class EmailConfirmationDue(Event, frozen=True):
    """Somebody wants digests at an address that is not known to be theirs."""

    leased: ClassVar[bool] = True
    account: int
    email: str
    locale: str


class DigestDue(Event, frozen=True):
    """``due_at``, in Unix milliseconds, tells one digest of an account from the next."""

    leased: ClassVar[bool] = True
    account: int
    due_at: int


class MoveAnnounced(Event, frozen=True):
    """The notice with this number is to be told to every device from ``after`` on."""

    number: int
    after: int


class CaseDecided(Event, frozen=True):
    """A statement of reasons was written: whom it concerns, and those who reported the case, are to be told."""

    case: int
    statement: int


class StatementMade(Event, frozen=True):
    """The account that a statement of reasons concerns is to be told."""

    batched: ClassVar[bool] = True
    account: int
    statement: int


class SanctionEnds(Event, frozen=True):
    """The time of a freeze or a suspension is over."""

    account: int


class HiddenPostEdited(Event, frozen=True):
    """The author of a post that moderators had hidden until it is edited has edited it: they look at it again."""

    case: int


class AnswersContinued(Event, frozen=True):
    """Those who reported a decided case, from the report after ``after`` on, are to be told the outcome."""

    case: int
    after: int = 0


class AnswerDue(Event, frozen=True):
    """Whoever sent a report is to be told the outcome of its case."""

    batched: ClassVar[bool] = True
    report: int


class GuestConfirmationDue(Event, frozen=True):
    """A guest who reported something is to be mailed a link that confirms their address."""

    leased: ClassVar[bool] = True
    report: int


class GuestAnswerDue(Event, frozen=True):
    """A guest who reported something is to be mailed the outcome."""

    leased: ClassVar[bool] = True
    report: int


class LogEntryAdded(Event, frozen=True):
    """An entry of the public log waits for its place in the tree; ``due``: the time to place it has come."""

    due: bool = False


KINDS: dict[str, type[Event]] = {
    kind.__name__: kind for kind in Event.__subclasses__() if kind.__module__ in (__name__, moderation_events.__name__)
}
# Called whenever an event of this process is on disk.
RECORDED = Wakeup()


async def record(event: Event, after_ms: int = 0) -> None:
    """Puts ``event`` into the outbox, to be worked on ``after_ms`` milliseconds from now; call it while writing."""
    now, lane = clock.now(), Lane.LEASED if event.leased else Lane.SHORT
    name, payload = type(event).__name__, msgspec.json.encode(event).decode()
    await outbox.add(NewEvent(ids.new(now), name, payload, now + after_ms, lane))
    if not after_ms:
        DB.after_commit(RECORDED)


async def withdraw(event: Event) -> None:
    """Takes an equal event out of the outbox if it is still there; call it while writing."""
    name, fields = type(event).__name__, msgspec.structs.asdict(event)
    for kind, form in ((name, fields), *event_names.old_forms(name, fields)):
        await outbox.withdraw(kind, msgspec.json.encode(form).decode())


def decode(kind: str, payload: str) -> Event:
    """The event of an outbox row. Errors: ``KeyError`` for an unknown kind, ``msgspec.MsgspecError``."""
    if kind not in OLD_NAMES:
        return msgspec.json.decode(payload, type=KINDS[kind])
    fields = event_names.current_fields(kind, msgspec.json.decode(payload, type=dict[str, Any]))
    return msgspec.convert(fields, KINDS[event_names.current(kind)])
