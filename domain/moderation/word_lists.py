"""Lists of words that the conditions of filters ask for by name: ``words("insults")``."""

import contextlib
from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import regex

from db.engine import DB, ConstraintViolation
from db.queries import filters, word_lists
from db.queries.filters import FilterRow
from db.queries.word_lists import WordListRow
from domain.core import access, clock, ids, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.blocking import run_blocking
from domain.core.errors import Conflict, Invalid, NotFound, Refused, collect
from domain.core.retries import retried
from domain.moderation import filter_budget, filter_expressions, filter_history, filter_words
from domain.moderation.filter_kinds import FilterAction, FilterState
from domain.moderation.filter_words import WordList

# The longest text of a list, in characters.
MAX_LISTS, MAX_TEXT = 20, 100_000
NAME = regex.compile(r"[a-z0-9-]{1,40}")


class ListedWords(msgspec.Struct, frozen=True):
    """A list: ``words`` is its text, see domain/moderation/filter_words.py.

    ``used_by`` are the names of filters that ask for it and are not off; ``updated_at`` is in Unix milliseconds.
    """

    id: int
    name: str
    words: str
    version: int
    updated_at: int
    used_by: tuple[str, ...]


class _Asking(NamedTuple):
    """A filter, and the names of the lists that it asks for."""

    row: FilterRow
    lists: frozenset[str]


async def everything(viewer: Viewer) -> list[ListedWords]:
    """All lists, by name. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    asking = await _asking()
    return [_listed(row, asking) for row in await word_lists.everything()]


async def read(viewer: Viewer, words: int) -> ListedWords:
    """Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    row = await word_lists.one(words)
    if row is None:
        raise NotFound
    return _listed(row, await _asking())


def _listed(row: WordListRow, asking: Sequence[_Asking]) -> ListedWords:
    used_by = tuple(one.row.name for one in asking if row.name in one.lists and one.row.state != FilterState.OFF)
    return ListedWords(row.id, row.name, row.words, row.version, row.updated_at, used_by)


async def _asking() -> list[_Asking]:
    """All filters. Each condition is compiled, which takes a moment."""
    return await run_blocking(_read_by, await filters.everything())


def _read_by(rows: Sequence[FilterRow]) -> list[_Asking]:
    return [_Asking(one, _lists_of(one.condition)) for one in rows]


async def _using(name: str) -> list[FilterRow]:
    return [one.row for one in await _asking() if name in one.lists]


def _lists_of(condition: str) -> frozenset[str]:
    try:
        return filter_expressions.compile(condition).lists
    except Invalid:
        # It was written for another version of Parvis.
        return frozenset()


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


@retried
async def add(viewer: Viewer, name: str, words: str) -> int:
    """Adds a list. Returns its id. Errors: ``NotFound``, ``Invalid`` with the fields ``name`` and ``words``."""
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(name=(name, 40), words=(words, MAX_TEXT))
    name, words = text_parsing.line(name), text_parsing.clean(words)
    collect(name=_name_problem(name), words=await _problem(words))
    made = ids.new()
    try:
        async with DB.writing():
            if len(await word_lists.everything()) >= MAX_LISTS:
                collect(name=Invalid("A network has at most %(limit)s lists.", limit=MAX_LISTS))
            await word_lists.add(made, name, words, clock.now())
            filter_history.changed()
    except ConstraintViolation:
        collect(name=Invalid("There is a list with this name already."))
    return made


@retried
async def rewrite(viewer: Viewer, words_id: int, words: str, version: int) -> None:
    """Gives a list other words, which filters that ask for it look for at once.

    For those that are live that stands in their history and in the public log. Errors: ``NotFound``, ``Invalid`` with
    the field ``words``, ``Conflict`` when somebody has changed it meanwhile, or filters could take too long with it.
    """
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(words=(words, MAX_TEXT))
    words = text_parsing.clean(words)
    collect(words=await _problem(words))
    access.require(await _costs_problem(words_id, words))
    async with DB.writing():
        row = await word_lists.one(words_id)
        if row is None:
            raise NotFound
        if not await word_lists.rewrite(words_id, words, clock.now(), version):
            raise Conflict("Somebody has changed this list meanwhile. What you wrote is below.")
        for one in await _using(row.name):
            if one.state in (FilterState.SHADOW, FilterState.LIVE):
                await filter_history.add(one, FilterAction.WORDS_CHANGED, viewer.id)
        filter_history.changed()


@retried
async def remove(viewer: Viewer, words: int, version: int) -> None:
    """Removes a list. Errors: ``NotFound``, ``Conflict`` while filters ask for it, or when it has changed meanwhile."""
    access.require(permissions.may_moderate(viewer))
    async with DB.writing():
        row = await word_lists.one(words)
        if row is None:
            raise NotFound
        if any(one.state != FilterState.OFF for one in await _using(row.name)):
            raise Conflict("Filters ask for this list: change or switch them off first.")
        if not await word_lists.drop(words, version):
            raise Conflict("Somebody has changed this list meanwhile. Look at it again.")
        filter_history.changed()


def _name_problem(name: str) -> Refused | None:
    return None if NAME.fullmatch(name) else Invalid("Use small letters a-z, digits and hyphens, at most 40.")


async def _costs_problem(words_id: int, words: str) -> Refused | None:
    """Why filters that run can't ask for the list with these words."""
    rows = [row._replace(words=words) if row.id == words_id else row for row in await word_lists.everything()]
    return await filter_budget.problem(await filters.running(), await compile_all(rows))


async def _problem(words: str) -> Refused | None:
    try:
        await run_blocking(filter_words.parse, words)
    except Invalid as problem:
        return problem
    return None
