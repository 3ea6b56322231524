"""Events that still have work to do; each is written in the transaction of the change itself."""

from enum import IntEnum

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class Lane(IntEnum):
    """``SHORT`` events run in the transaction that deletes them, ``LEASED`` ones under a lease."""

    SHORT = 0
    LEASED = 1


class Outbox(Table, tablename="outbox"):
    """``due_at`` is when it may be worked on, in Unix milliseconds: later for an undo window, a retry or a lease.

    ``kind`` is an event of ``domain.core.events`` (or one of ``event_names``), ``payload`` its JSON. ``lane`` is a
    ``Lane``; ``lease_token`` names the lease that a leased event is under.
    """

    id = BigInt(primary_key=True)
    kind = Text()
    payload = Text()
    due_at = BigInt()
    attempts = Integer()
    error = Text(null=True, default=None)
    lane = SmallInt()
    lease_token = BigInt(null=True, default=None)


class DroppedEvent(Table, tablename="dropped_event"):
    """An event that gave up and that an operator dropped, with its id. ``dropped_by`` None: from the command line.

    Who dropped it is forgotten when that account leaves.
    """

    id = BigInt(primary_key=True)
    kind = Text()
    attempts = Integer()
    error = Text(null=True, default=None)
    dropped_at = BigInt()
    dropped_by = BigInt(null=True, default=None)
    reason = Text()
