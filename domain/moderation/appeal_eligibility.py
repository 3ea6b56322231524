"""Whether a decision can be appealed: one function says whether an appeal is offered, and whether it is accepted."""

import calendar
from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from db.queries.appeals import AppealRow
from db.queries.statements import StatementRow
from domain.core.errors import Conflict, NotFound, Refused
from domain.moderation.kinds import Party, StatementKind

MONTHS = 6
# What somebody who reported it may appeal.
HARMLESS = frozenset({StatementKind.NO_BREACH, StatementKind.REVERSAL})


class Eligibility(msgspec.Struct, frozen=True):
    """What decides on whether an appeal is offered, and accepted.

    ``told_at`` is when this side was told (Unix milliseconds). ``stands``: the decision is still what holds for it;
    ``party`` is None for somebody whom it does not concern. ``answer`` is what others of this side were told whose
    appeal was turned down, "" for nothing.
    """

    party: Party | None
    told_at: int
    stands: bool
    own: AppealRow | None
    answer: str = ""


def until(told_at: int) -> int:
    """Until when a decision can be appealed: the same time of the day, six calendar months later (Unix milliseconds).

    Where that month has no such day, its last one.
    """
    made = datetime.fromtimestamp(told_at / 1000, UTC)
    year, month = divmod(made.year * 12 + made.month - 1 + MONTHS, 12)
    day = min(made.day, calendar.monthrange(year, month + 1)[1])
    end = made.replace(year=year, month=month + 1, day=day, microsecond=0)
    return int(end.timestamp()) * 1000 + told_at % 1000


def refusal(facts: Eligibility, now: int) -> Refused | None:
    """Why an appeal is neither offered nor accepted at ``now`` (Unix milliseconds); None when it is both."""
    if facts.party is None:
        return NotFound()
    if facts.own is not None:
        return Conflict("You have appealed this already.")
    if not facts.stands:
        return Conflict("There is nothing to appeal: this decision no longer stands.")
    if facts.answer:
        return Conflict(
            "Somebody else who reported this has appealed, and the decision stands. The answer was: %(answer)s",
            answer=facts.answer,
        )
    over = now >= until(facts.told_at)
    return Conflict("The time to appeal this is over: it was six months.") if over else None


def fallen(rows: Sequence[StatementRow]) -> set[int]:
    """Those of all statements of some cases that hold no longer: taken back, or followed by another on whether there
    was a breach.
    """
    taken_back = {row.reverses for row in rows if row.reverses is not None}
    last = {row.mod_case: row.id for row in sorted(rows, key=lambda row: row.id)}
    return taken_back | {row.id for row in rows if row.kind in HARMLESS and row.id != last[row.mod_case]}
