"""Looks at a post with all filters at once.

>>> found = filter_engine.compile_all(filters, word_lists).check(PostFields(text="Buy now"))
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

import msgspec

from domain.core.errors import Invalid
from domain.core.translatable import N_
from domain.moderation import filter_expressions, filter_fields, filter_skeleton
from domain.moderation.filter_expressions import Expression, Facts, Failed
from domain.moderation.filter_fields import PostFields
from domain.moderation.filter_sizes import MAX_BYTES
from domain.moderation.filter_skeleton import Skeleton
from domain.moderation.filter_words import WordList

# About 20 ms. Most skeletons have three readings at most.
LONG_STEPS, READINGS = 5_000_000, 3
# Bytes of a text whose disguises may take as long to undo.
LONG_TEXT = 6000
NO_LIST = N_("There is no word list called “%(name)s”.")


class Filter(msgspec.Struct, frozen=True):
    """``condition`` is its source."""

    id: int
    name: str
    condition: str


class Hit(msgspec.Struct, frozen=True):
    """The condition of a filter is true of a post."""

    filter: Filter


class Failure(msgspec.Struct, frozen=True):
    """A filter could not be compiled, or not evaluated for a post, which is never a hit.

    ``reason`` quotes nothing of a post.
    """

    filter: Filter
    reason: str


def compile_all(filters: Iterable[Filter], word_lists: Mapping[str, WordList]) -> "FilterSet":
    """Those that can't be compiled are among the set's ``broken`` ones."""
    good: list[tuple[Filter, Expression]] = []
    broken: list[Failure] = []
    for one in filters:
        try:
            good.append((one, compile_one(one.condition, word_lists)))
        except Invalid as error:
            broken.append(Failure(one, str(error)))
    return FilterSet(good, broken, word_lists)


def compile_one(condition: str, word_lists: Mapping[str, WordList]) -> Expression:
    """Errors: ``Invalid``, also for a word list that does not exist."""
    expression = filter_expressions.compile(condition)
    for name in sorted(expression.lists - word_lists.keys()):
        raise Invalid(NO_LIST, name=name)
    return expression


def compile_alone(condition: str, word_lists: Mapping[str, WordList]) -> "FilterSet":
    """A condition that is no filter's yet. Errors: ``Invalid``."""
    return FilterSet([(Filter(0, "", condition), compile_one(condition, word_lists))], [], word_lists)


class FilterSet:
    """Filters that are compiled, in their order; ``broken`` are those that can't be."""

    def __init__(
        self, good: list[tuple[Filter, Expression]], broken: list[Failure], word_lists: Mapping[str, WordList]
    ) -> None:
        self._good = good
        self.broken = tuple(broken)
        self._fields = frozenset[str]().union(*(expression.fields for _, expression in good))
        used = frozenset[str]().union(*(expression.lists for _, expression in good))
        self._lists = {name: word_lists[name] for name in sorted(used)}
        # What all of it may cost for a post, as domain/moderation/filter_costs.py counts.
        self.steps = sum(one.steps for _, one in good) + sum(words.steps for words in self._lists.values())

    def __bool__(self) -> bool:
        """Whether there is anything to look with."""
        return bool(self._good)

    def may_take_long(self, fields: PostFields) -> bool:
        """Whether looking at the post may take some 20 ms, in which nothing else should have to wait."""
        size = fields.size
        undoes_disguises = bool(self._lists) or "skeleton" in self._fields
        if undoes_disguises and size > LONG_TEXT:
            return True
        return self.steps * min(size * READINGS, MAX_BYTES) > LONG_STEPS * MAX_BYTES

    def check(self, fields: PostFields) -> list[Hit | Failure]:
        """The filters that the post hits, in their order, and those that fail for it."""
        found: list[Hit | Failure] = []
        if not self._good:
            return found
        post = _Post(fields)
        lists = {name for name, words in self._lists.items() if words.matches(post.skeleton)}
        facts = Facts(filter_fields.values(fields, self._fields, lambda: post.skeleton), lists)
        for one, expression in self._good:
            match expression.matches(facts):
                case True:
                    found.append(Hit(one))
                case Failed(reason):
                    found.append(Failure(one, reason))
        return found


class _Post:
    """A post whose skeleton is made once, if it is asked for."""

    def __init__(self, fields: PostFields) -> None:
        self._fields = fields

    @cached_property
    def skeleton(self) -> Skeleton:
        return filter_skeleton.of_post(self._fields.words, self._fields.descriptions)
