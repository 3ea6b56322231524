"""Backups, the copy that follows every change, and handing over: what this host alone knows."""

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class Change(Table, tablename="change"):
    """A row that was written and is not copied yet. ``key`` is its primary key as a JSON list."""

    id = BigInt(primary_key=True)
    table_name = Text()
    key = Text()


class ReplicationState(Table, tablename="replication_state"):
    """The one row that says how far the copy is: ``number`` and ``head`` (a hash) of its last segment.

    ``writer`` names this host's chain of segments; ``copied_at``: when nothing was left to copy, Unix milliseconds.
    """

    id = Integer(primary_key=True)
    place = Text()
    writer = Text()
    number = BigInt()
    head = Text()
    copied_at = BigInt()


class Backup(Table, tablename="backup"):
    """One try. ``id`` has its time, as everywhere; ``number`` is its manifest's, none while it runs or when it failed.

    ``size`` and ``sent`` are bytes: of the backup, and of what had to travel for it.
    """

    id = BigInt(primary_key=True)
    place = Text()
    number = BigInt(null=True, default=None)
    took_ms = BigInt(null=True, default=None)
    size = BigInt(null=True, default=None)
    sent = BigInt(null=True, default=None)
    problem = Text()


class Rehearsal(Table, tablename="rehearsal"):
    """One restore on trial, from which backup, and how long it took and what it would have lost, in milliseconds."""

    id = BigInt(primary_key=True)
    backup = BigInt(null=True, default=None)
    recovery_ms = BigInt(null=True, default=None)
    loss_ms = BigInt(null=True, default=None)
    problem = Text()


class Lease(Table, tablename="lease"):
    """What one process at a time may do, and until when it is its holder's."""

    name = Text(primary_key=True)
    holder = Text()
    until = BigInt()


class Handover(Table, tablename="handover"):
    """``state`` 1: this host only reads, 2: it leads to ``address``; without a row it is as ever."""

    id = Integer(primary_key=True)
    state = SmallInt()
    address = Text()
    since = BigInt()
