"""What has happened and still has consequences; written in the transaction of the deed itself."""

from piccolo.columns import BigInt, Integer, Text
from piccolo.table import Table


class Outbox(Table, tablename="outbox"):
    """``due_at`` is when it may be worked on, in Unix milliseconds: later for an undo window, a retry or a lease."""

    id = BigInt(primary_key=True)
    kind = Text()
    payload = Text()
    due_at = BigInt()
    attempts = Integer()
    error = Text(null=True, default=None)
