"""Bounds what all filters that run may cost together for one post: each may take its 50 ms, but not fifty of them."""

from collections.abc import Iterable, Mapping

from db.queries.filters import FilterRow
from domain.core.blocking import run_blocking
from domain.core.errors import Conflict, Refused
from domain.core.translatable import N_
from domain.moderation import filter_engine
from domain.moderation.filter_engine import Filter
from domain.moderation.filter_words import WordList

# Steps as domain/moderation/filter_costs.py counts them: about half a second, in a thread, for the longest post.
MAX_STEPS = 120_000_000
TOO_COSTLY = N_(
    "All filters together could take too long for one post: %(percent)s%% of what they may. Switch one off, or use"
    " shorter patterns and fewer of them."
)


async def problem(running: Iterable[FilterRow], lists: Mapping[str, WordList]) -> Refused | None:
    """Why these filters can't run together, with these word lists; None if they can."""
    found = [Filter(row.id, row.name, row.condition) for row in running]
    steps = (await run_blocking(filter_engine.compile_all, found, lists)).steps
    return Conflict(TOO_COSTLY, percent=-(-steps * 100 // MAX_STEPS)) if steps > MAX_STEPS else None
