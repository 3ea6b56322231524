"""What moderators choose for themselves and have looked at, and whom an urgent case was pushed to."""

from piccolo.columns import BigInt, SmallInt
from piccolo.table import Table


class ModeratorCare(Table, tablename="moderator_care"):
    """A moderator's own choices; nobody else sees them.

    ``on_duty``: urgent cases are pushed to them, one after the other. ``hard_limit`` is how many cases that are hard to
    look at they want in a day, ``hard_minutes`` for how long, null for as much as the network allows. They work without
    a break since ``working_since``, and did so last at ``worked_at``; they rest until ``break_until``. Pictures
    of cases that they ask to see stay grey where they chose ``keeps_grey``. Times are in Unix milliseconds.
    """

    account = BigInt(primary_key=True)
    on_duty = SmallInt()
    hard_limit = SmallInt(null=True, default=None)
    working_since = BigInt()
    worked_at = BigInt()
    break_until = BigInt()
    hard_minutes = SmallInt(null=True, default=None)
    keeps_grey = SmallInt()


class CaseLook(Table, tablename="case_look"):
    """A case that a moderator has taken; ``hard``: it was one of those that are hard to look at. Kept for two days.

    They have had it from ``began_at`` until ``ends_at``, which is still to come while they have it. Where they had it
    several times, it is as if those came one right after the other. Times are in Unix milliseconds.
    """

    account = BigInt(primary_key=True)
    mod_case = BigInt()
    hard = SmallInt()
    looked_at = BigInt()
    began_at = BigInt()
    ends_at = BigInt()


class CaseAlert(Table, tablename="case_alert"):
    """An urgent case was pushed to a moderator at ``told_at`` (Unix milliseconds)."""

    mod_case = BigInt(primary_key=True)
    account = BigInt()
    told_at = BigInt()
