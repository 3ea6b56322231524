"""Filters before publication, as moderators read them.

A filter is a condition on posts and what is done where it holds. How one is written and put live is in
domain/moderation/filter_changes.py, what it does to posts in domain/moderation/filter_screening.py.
"""

import msgspec

from db.queries import filters as queries
from db.queries.filters import FilterRow
from domain.core import access, permissions
from domain.core.access import Viewer
from domain.core.errors import NotFound
from domain.moderation.filter_kinds import FilterOutcome, FilterState

# How long a filter is tried before it may go live.
SHADOW_HOURS = 24


class FilterView(msgspec.Struct, frozen=True):
    """A filter; times are in Unix milliseconds.

    ``rule_name`` is the rule that it enforces, "" for none; ``facts`` is what an author reads of it. ``author`` has
    written its present words, ``second`` put them live: ids of accounts. ``failed`` is why it does not work since
    ``failed_at``, "" while it does.
    """

    id: int
    name: str
    condition: str
    outcome: FilterOutcome
    rule_name: str
    facts: str
    state: FilterState
    shadow_since: int | None
    version: int
    author: int | None
    second: int | None
    failed: str
    failed_at: int | None

    @property
    def runs(self) -> bool:
        """Whether posts are looked at by it."""
        return self.state in (FilterState.SHADOW, FilterState.LIVE) and not self.failed


async def everything(viewer: Viewer) -> list[FilterView]:
    """All filters: live ones first, those that are off last. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return list(map(view, await queries.everything()))


async def read(viewer: Viewer, filter_: int) -> FilterView:
    """Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return await stored(filter_)


async def stored(filter_: int) -> FilterView:
    """The same for whoever works on the server itself. Errors: ``NotFound``."""
    row = await queries.one(filter_)
    if row is None:
        raise NotFound
    return view(row)


def view(row: FilterRow) -> FilterView:
    return FilterView(
        row.id, row.name, row.condition, FilterOutcome(row.outcome), row.rule_name, row.facts, FilterState(row.state),
        row.shadow_since, row.version, row.author, row.second, row.failed, row.failed_at,
    )  # fmt: skip
