"""Events of moderation beyond cases and statements; see domain/core/events.py."""

from typing import ClassVar

from domain.core.access import Role
from domain.core.event import Event


class AppealDecided(Event, frozen=True):
    """An appeal was turned down: whoever lodged it is to be told."""

    batched: ClassVar[bool] = True
    appeal: int


class GuestAppealAnswerDue(Event, frozen=True):
    """A guest whose appeal was turned down is to be mailed the answer."""

    leased: ClassVar[bool] = True
    appeal: int


class CaseMessageDue(Event, frozen=True):
    """Somebody is to be told of what moderators have written to them."""

    batched: ClassVar[bool] = True
    account: int
    message: int


class GuestMessageDue(Event, frozen=True):
    """A guest who has reported something is to be mailed what moderators have written to them."""

    leased: ClassVar[bool] = True
    report: int
    message: int


class HoldEnded(Event, frozen=True):
    """A moderator has looked at a post that waited for one: its author is told, if it is published."""

    batched: ClassVar[bool] = True
    post: int


class SummonsMade(Event, frozen=True):
    """Somebody was drawn for a jury and is to be told."""

    batched: ClassVar[bool] = True
    juror: int


class SummonsEnds(Event, frozen=True):
    """The time of a seat on a jury is over: if it was not answered, somebody else is drawn."""

    juror: int


class JuryClosed(Event, frozen=True):
    """A jury has ended: those who sat on it are to be told."""

    jury: int


class VerdictDue(Event, frozen=True):
    """A juror is to be told how their jury ended."""

    batched: ClassVar[bool] = True
    juror: int


class BrakeEnds(Event, frozen=True):
    """The time for which somebody has switched the brake on is over, if it is still this version of it."""

    version: int


class CrisisEnds(Event, frozen=True):
    """The time of a crisis is over."""

    crisis: int


class UrgentCaseWaits(Event, frozen=True):
    """The next moderator is to be told of an urgent case, if nobody has taken it."""

    case: int


class AuthorityWaits(Event, frozen=True):
    """The next moderator is to be told of an authority's complaint, if nobody has taken it."""

    complaint: int


class WorkWaits(Event, frozen=True):
    """An appeal, or what needs a second moderator, waits: moderators are to be told."""


class RoleLeft(Event, frozen=True):
    """Somebody with a role has left the network some time ago; the public log is to say that it is gone."""

    role: Role


class StaffNoticeDue(Event, frozen=True):
    """A moderator is to be told that something waits; ``kind`` is a ``NotificationKind``."""

    batched: ClassVar[bool] = True
    account: int
    kind: int


class BulkDue(Event, frozen=True):
    """A bulk decision is to be carried out, or taken back (``undo``), one subject after the other."""

    leased: ClassVar[bool] = True
    bulk: int
    undo: bool = False


class SimulationDue(Event, frozen=True):
    """A filter is to be simulated over posts that are published; ``run`` says for which start of it."""

    leased: ClassVar[bool] = True
    filter: int
    run: int


class ComplaintReceiptDue(Event, frozen=True):
    """Whoever has sent a complaint from upstream is to be mailed that it came, and a link that confirms the address."""

    leased: ClassVar[bool] = True
    complaint: int


class ComplaintLetterDue(Event, frozen=True):
    """A letter of answer to a complaint from upstream is to be mailed."""

    leased: ClassVar[bool] = True
    letter: int
