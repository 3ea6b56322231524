"""The brake and the crisis, each of which there is at most once."""

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class Brake(Table, tablename="brake"):
    """The one row, 1, of the brake: on ``since``, or off (null). ``reason`` is a ``BrakeReason``.

    Switched on by hand it has ``words`` and ``ends_at``. ``better_since`` is since when it need not be on;
    until ``rests_until`` the clock leaves it off. ``version`` grows with every change. Times are in Unix milliseconds.
    """

    id = BigInt(primary_key=True)
    since = BigInt(null=True, default=None)
    reason = SmallInt()
    words = Text()
    ends_at = BigInt(null=True, default=None)
    better_since = BigInt(null=True, default=None)
    rests_until = BigInt()
    version = Integer()


class Crisis(Table, tablename="crisis"):
    """A crisis: proposed for ``hours``, or in force ``since`` and until ``ends_at`` (Unix milliseconds).

    ``number`` is 1: there is one at a time. ``words`` are public; ``proposer`` is told to nobody.
    """

    id = BigInt(primary_key=True)
    number = SmallInt()
    proposer = BigInt(null=True, default=None)
    words = Text()
    hours = SmallInt()
    since = BigInt(null=True, default=None)
    ends_at = BigInt(null=True, default=None)
