"""Juries of members that hear appeals.

Their numbers are those of the enums in domain/moderation/jury_kinds.py.
"""

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class Jury(Table, tablename="jury"):
    """The jury that hears an appeal; ``state`` is a ``JuryState``. After ``ends_at`` nobody is drawn for it any more.

    Times are in Unix milliseconds.
    """

    appeal = BigInt(primary_key=True)
    state = SmallInt()
    opened_at = BigInt()
    ends_at = BigInt()
    closed_at = BigInt(null=True, default=None)


class Juror(Table, tablename="juror"):
    """A seat on a jury: somebody was drawn, and has it until ``ends_at`` unless they vote.

    ``account`` is null once they have left; ``state`` is a ``SeatState``, ``vote`` a ``JuryVote``. ``version`` grows
    with every change. ``audit``: the jury had ended, and the juror should find the same; ``dispute`` is what they
    say against that, ``dispute_state`` a ``DisputeState``. Times are in Unix milliseconds.
    """

    id = BigInt(primary_key=True)
    jury = BigInt()
    account = BigInt(null=True, default=None)
    state = SmallInt()
    ends_at = BigInt()
    vote = SmallInt(null=True, default=None)
    reason = Text()
    answered_at = BigInt(null=True, default=None)
    version = Integer()
    audit = SmallInt()
    dispute = Text()
    dispute_state = SmallInt(null=True, default=None)


class JurorStanding(Table, tablename="juror_standing"):
    """A member who may be drawn, since ``opted_in_at`` and not before ``paused_until`` (Unix milliseconds)."""

    account = BigInt(primary_key=True)
    opted_in_at = BigInt()
    paused_until = BigInt()


class JuryAudit(Table, tablename="jury_audit"):
    """A jury that has ended and by whose verdict jurors are audited; ``why`` it was right. Times are in Unix
    milliseconds.
    """

    jury = BigInt(primary_key=True)
    why = Text()
    author = BigInt(null=True, default=None)
    promoted_at = BigInt()
    withdrawn_at = BigInt(null=True, default=None)


class JuryReversal(Table, tablename="jury_reversal"):
    """A statement by which a jury took a decision back."""

    statement = BigInt(primary_key=True)
    jury = BigInt()
