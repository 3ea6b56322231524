"""Events of moderation, as those of domain/core/events.py."""

from typing import ClassVar

from domain.core.events import Event


class AppealDecided(Event, frozen=True):
    """An appeal was turned down: whoever lodged it is to be told."""

    batched: ClassVar[bool] = True
    appeal: int


class CaseMessageDue(Event, frozen=True):
    """Somebody is to be told of what moderators have written to them."""

    batched: ClassVar[bool] = True
    account: int
    message: int
