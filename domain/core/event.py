"""What all events are; domain/core/events.py has them."""

from typing import ClassVar

import msgspec


class Event(msgspec.Struct, frozen=True):
    """``leased`` events take long or reach other machines: they run outside any transaction, under a lease. Many
    ``batched`` ones share a transaction on PostgreSQL: they change the notices of one account, if its lock is free.
    """

    leased: ClassVar[bool] = False
    batched: ClassVar[bool] = False
