"""What was done to filters: their history, which moderators read, and the public log, which everybody reads."""

import msgspec

from db.queries import filters as queries
from db.queries.filters import FilterRow
from domain.core import access, cursors, ids, permissions, signals
from domain.core.access import Viewer
from domain.core.cursors import SIZE, Page
from domain.moderation import public_log, rules
from domain.moderation.filter_kinds import FilterAction, FilterOutcome, FilterState


class FilterChange(msgspec.Struct, frozen=True):
    """What was done to a filter. ``handle`` is "" where nobody did it, or they have left; ``at`` in Unix milliseconds.

    ``condition`` is what it was from then on.
    """

    action: FilterAction
    handle: str
    at: int
    condition: str


async def of_filter(viewer: Viewer, filter_: int, cursor: str = "") -> Page[FilterChange]:
    """The newest first. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    rows = await queries.history(filter_, cursors.below(cursor), SIZE + 1)
    found = [
        FilterChange(FilterAction(row.action), row.handle or "", ids.time_of(row.id), row.condition)
        for row in rows[:SIZE]
    ]
    return Page(found, cursors.after(rows[SIZE - 1].id) if len(rows) > SIZE else "")


async def add(row: FilterRow, action: FilterAction, account: int | None) -> None:
    """Within a transaction: notes what was done to a filter, which is ``row`` from then on."""
    await queries.add_change(
        ids.after(await queries.last_change(row.id)), row.id, action, row.version, account, row.condition
    )
    if action in (FilterAction.WORDS_CHANGED, FilterAction.PICTURES_CHANGED) and row.state == FilterState.LIVE:
        await tell(row, action)


async def tell(row: FilterRow, action: FilterAction) -> None:
    """Within a transaction: has the public log say that a filter has gone live, is no longer live, or is live and looks
    for other words or pictures: which rule it enforces and what it does, not what it looks for.
    """
    book = await rules.current()
    number = next((rule.number for rule in book.rules if rule.name == row.rule_name), None)
    outcome = FilterOutcome(row.outcome).name.lower()
    await public_log.add_filter(action.name.lower(), outcome, (book.version, number) if number is not None else ())


def changed() -> None:
    """Within a transaction: has every process read the filters and lists anew once it is committed."""
    signals.send(signals.Kind.FILTERS, 0)
