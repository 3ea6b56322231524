"""Backups, replication, leases and the handover: what only this host knows, and no archive holds."""

from enum import IntEnum

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class Change(Table, tablename="change"):
    """A row that was written and is not copied yet: its table, and its primary key as a JSON list."""

    id = BigInt(primary_key=True)
    table_name = Text()
    key = Text()


class ReplicationState(Table, tablename="replication_state"):
    """One row: how far replication is. ``number`` and ``head`` (a hash) are those of its last segment.

    ``writer`` names this host's chain of segments; ``copied_at``: when nothing was left to copy, Unix milliseconds.
    """

    id = Integer(primary_key=True)
    place = Text()
    writer = Text()
    number = BigInt()
    head = Text()
    copied_at = BigInt()


class Backup(Table, tablename="backup"):
    """One attempt. ``id`` holds when it began; ``number`` is its manifest's, None while it runs or when it failed.

    ``size`` and ``sent`` are bytes: of the whole backup, and of what was new and had to be uploaded.
    """

    id = BigInt(primary_key=True)
    place = Text()
    number = BigInt(null=True, default=None)
    took_ms = BigInt(null=True, default=None)
    size = BigInt(null=True, default=None)
    sent = BigInt(null=True, default=None)
    problem = Text()


class Rehearsal(Table, tablename="rehearsal"):
    """One trial restore: of which backup, how long it took, and how much would have been lost, both in milliseconds."""

    id = BigInt(primary_key=True)
    backup = BigInt(null=True, default=None)
    recovery_ms = BigInt(null=True, default=None)
    loss_ms = BigInt(null=True, default=None)
    problem = Text()


class Lease(Table, tablename="lease"):
    """A lease: what only one process at a time may do. It ends by itself ``until`` then, in Unix milliseconds."""

    name = Text(primary_key=True)
    holder = Text()
    until = BigInt()


class SiteState(IntEnum):
    """What a host does. ``READ_ONLY``: it takes no changes; ``MOVED``: it redirects to another address.

    ``RESTORING``: a backup is being loaded into its database, which nothing else may use.
    """

    NORMAL = 0
    READ_ONLY = 1
    MOVED = 2
    RESTORING = 9


class Handover(Table, tablename="handover"):
    """``state`` is a ``SiteState``, ``address`` where MOVED redirects to. Without a row it is NORMAL."""

    id = Integer(primary_key=True)
    state = SmallInt()
    address = Text()
    since = BigInt()
