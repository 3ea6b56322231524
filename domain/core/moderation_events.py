"""Events of appeals, juries, messages of moderators and complaints from upstream; see domain/core/events.py."""

from typing import ClassVar

from domain.core.event import Event


class AppealDecided(Event, frozen=True):
    """An appeal was turned down: whoever lodged it is to be told."""

    batched: ClassVar[bool] = True
    appeal: int


class CaseMessageDue(Event, frozen=True):
    """Somebody is to be told of what moderators have written to them."""

    batched: ClassVar[bool] = True
    account: int
    message: int


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


class ComplaintReceiptDue(Event, frozen=True):
    """Whoever has sent a complaint from upstream is to be mailed that it came, and a link that confirms the address."""

    leased: ClassVar[bool] = True
    complaint: int


class ComplaintLetterDue(Event, frozen=True):
    """A letter of answer to a complaint from upstream is to be mailed."""

    leased: ClassVar[bool] = True
    letter: int
