"""Lists of words that the conditions of filters ask for by name: ``words("insults")``.

How one is written, and who agrees to it, is in domain/moderation/word_changes.py.
"""

import contextlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import regex

from db.queries import filters, word_lists
from db.queries.filters import FilterRow
from db.queries.simulations import SimulationRow
from db.queries.word_lists import ProposalRow, WordListRow
from domain.core import access, permissions
from domain.core.access import Viewer
from domain.core.blocking import run_blocking
from domain.core.errors import Invalid, NotFound
from domain.moderation import filter_expressions, filter_words
from domain.moderation.filter_kinds import FilterState
from domain.moderation.filter_words import WordList

# The longest text of a list, in characters.
MAX_LISTS, MAX_TEXT = 20, 100_000
NAME = regex.compile(r"[a-z0-9-]{1,40}")


class ProposedWords(msgspec.Struct, frozen=True):
    """Words that wait for a second moderator; ``mine``: the viewer has proposed them. ``at`` in Unix milliseconds."""

    words: str
    handle: str
    mine: bool
    at: int


class ListedWords(msgspec.Struct, frozen=True):
    """A list: ``words`` is its text, see domain/moderation/filter_words.py.

    ``used_by`` are the names of filters that ask for it and are not off, ``live`` those that work and are live: what is
    changed waits for a second moderator then, as ``proposed``. ``unsigned``: whoever wrote the words is known, and
    nobody else has agreed to them; ``mine``: it was the viewer. ``updated_at`` is in Unix milliseconds.
    """

    id: int
    name: str
    words: str
    version: int
    updated_at: int
    used_by: tuple[str, ...]
    live: tuple[str, ...]
    proposed: ProposedWords | None
    unsigned: bool
    mine: bool


class Asking(NamedTuple):
    """A filter, and the names of the lists that it asks for."""

    row: FilterRow
    lists: frozenset[str]

    @property
    def is_live(self) -> bool:
        """Whether it does something to posts."""
        return self.row.state == FilterState.LIVE and not self.row.failed


async def everything(viewer: Viewer) -> list[ListedWords]:
    """All lists, by name. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    asking, proposed = await _asking(), await _proposed()
    return [_listed(viewer, row, asking, proposed.get(row.id)) for row in await word_lists.everything()]


async def read(viewer: Viewer, words: int) -> ListedWords:
    """Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    row = await word_lists.one(words)
    if row is None:
        raise NotFound
    return _listed(viewer, row, await _asking(), (await _proposed()).get(words))


async def count_waiting(viewer: Viewer) -> int:
    """How many lists have words that wait for the viewer to agree. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return sum(one.author != viewer.id for one in await word_lists.proposals())


async def _proposed() -> dict[int, ProposalRow]:
    return {one.word_list: one for one in await word_lists.proposals()}


def _listed(viewer: Viewer, row: WordListRow, asking: Sequence[Asking], other: ProposalRow | None) -> ListedWords:
    found = [one for one in asking if row.name in one.lists]
    return ListedWords(
        id=row.id,
        name=row.name,
        words=row.words,
        version=row.version,
        updated_at=row.updated_at,
        used_by=tuple(one.row.name for one in found if one.row.state != FilterState.OFF),
        live=tuple(one.row.name for one in found if one.is_live),
        proposed=other and ProposedWords(other.words, other.handle, other.author == viewer.id, other.proposed_at),
        unsigned=row.author is not None and row.second is None,
        mine=row.author == viewer.id,
    )


async def _asking() -> list[Asking]:
    """All filters. Each condition is compiled, which takes a moment."""
    return await run_blocking(_read_by, await filters.everything())


def _read_by(rows: Sequence[FilterRow]) -> list[Asking]:
    return [Asking(one, _lists_of(one.condition)) for one in rows]


async def asking_for(name: str) -> list[Asking]:
    """The filters that ask for a list."""
    return [one for one in await _asking() if name in one.lists]


async def stamp(condition: str) -> str:
    """The names of the lists that a condition asks for, each with when it was written."""
    asked = await run_blocking(_lists_of, condition)
    return " ".join(f"{row.name}:{row.updated_at}" for row in await word_lists.everything() if row.name in asked)


async def is_simulated(row: SimulationRow, condition: str) -> bool:
    """Whether a simulation was one of this condition, with the words of its lists as they are."""
    return row.condition == condition and row.lists == await stamp(condition)


def _lists_of(condition: str) -> frozenset[str]:
    return filter_expressions.needs(condition).lists


async def compiled() -> dict[str, WordList]:
    """All lists by name, made for looking up; one that another version of Parvis has taken, and this one does not, is
    left out.
    """
    return await compile_all(await word_lists.everything())


async def rows() -> list[WordListRow]:
    """All lists as they are stored."""
    return await word_lists.everything()


async def compile_all(rows: list[WordListRow]) -> dict[str, WordList]:
    """The same of lists that were read before."""
    return await run_blocking(_compiled, rows)


def _compiled(rows: list[WordListRow]) -> dict[str, WordList]:
    found: dict[str, WordList] = {}
    for row in rows:
        with contextlib.suppress(Invalid):
            found[row.name] = filter_words.parse(row.words)
    return found
