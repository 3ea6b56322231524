"""Refuses conditions that could not be evaluated for some post: whoever writes such a post would not be found.

So no item of a list is asked for by its number, nothing is divided by what may be zero, no number can get too large,
and the types of all values are known. What is left can't fail; see domain/moderation/filter_costs.py for loops.
"""

from collections.abc import Sequence
from typing import NamedTuple

from domain.core.translatable import N_
from domain.moderation.filter_syntax import Node, NodeKind, Tree, ValueType

ITEM = N_(
    "Line %(line)s, column %(column)s: a post may have no such item, and the filter would miss it. Use “exists”, as in"
    " “links.exists(link, link.contains(…))”."
)
DIVISION = N_(
    "Line %(line)s, column %(column)s: this may be zero for some posts, and the filter would miss them. Divide by a"
    " number that is written out."
)
TOO_LARGE = N_("Line %(line)s, column %(column)s: this number could get too large.")
MIXED = N_("Line %(line)s, column %(column)s: a list has either texts or numbers, and not both.")
UNSIGNED = N_("Line %(line)s, column %(column)s: write numbers without a “u”.")


class _Span(NamedTuple):
    """The whole numbers from ``low`` to ``high``, both of which are in it."""

    low: int
    high: int


_LEAST, _MOST = -(1 << 63), (1 << 63) - 1
# More than any post has of anything, and than any account has hours.
_COUNT = _Span(0, 1 << 40)


def check(tree: Tree) -> None:
    """Errors: ``Invalid``, with the line and the column."""
    _Check(tree).span(tree.root, {})


class _Check:
    """Goes through one tree. ``loop`` has the spans of the variable of the loop around a node."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree

    def span(self, node: Node, loop: dict[str, _Span]) -> _Span | None:
        """What a whole number may be; None for everything else. Errors: ``Invalid``."""
        kind = self._tree.types.get(node.id)
        if kind is ValueType.UNSURE:
            raise self._tree.refused(MIXED, node)
        if kind is ValueType.UNSIGNED:
            raise self._tree.refused(UNSIGNED, node)
        if node.kind is NodeKind.LOOP:
            return self._loop(node, loop)
        parts = [self.span(part, loop) for part in node.parts]
        if node.kind is NodeKind.CALL:
            return self._called(node, parts)
        if kind is not ValueType.NUMBER:
            return _all_of(parts) if node.kind is NodeKind.LIST else None
        return _exactly(node.number) if node.number is not None else loop.get(node.name, _COUNT)

    def _loop(self, node: Node, loop: dict[str, _Span]) -> _Span | None:
        over, first, *rest = node.parts
        items = self.span(over, loop)
        inside = {node.name: items} if items is not None else {}
        for part in (first, *rest):
            self.span(part, inside)
        return _COUNT if self._tree.types.get(node.id) is ValueType.NUMBER else None

    def _called(self, node: Node, parts: list[_Span | None]) -> _Span | None:
        if node.name == "_[_]":
            raise self._tree.refused(ITEM, node)
        if self._tree.types.get(node.id) is not ValueType.NUMBER:
            return _all_of(parts[1:]) if node.name == "_?_:_" else None
        numbers = [part for part in parts if part is not None]
        if node.name in {"_/_", "_%_"} and numbers[-1].low <= 0 <= numbers[-1].high:
            raise self._tree.refused(DIVISION, node)
        found = _calculated(node.name, numbers)
        if found.low < _LEAST or found.high > _MOST:
            raise self._tree.refused(TOO_LARGE, node)
        return found


def _calculated(name: str, numbers: list[_Span]) -> _Span:
    match name:
        case "_+_":
            return _Span(sum(one.low for one in numbers), sum(one.high for one in numbers))
        case "-_":
            return _Span(-numbers[0].high, -numbers[0].low)
        case "_-_":
            return _calculated("_+_", [numbers[0], _calculated("-_", numbers[1:])])
        case "_*_":
            ends = [one * other for one in numbers[0] for other in numbers[1]]
            return _Span(min(ends), max(ends))
        case "_/_" | "_%_":
            most = max(map(abs, numbers[0]))
            return _Span(-most, most)
    # One of two is chosen, or something is counted.
    return _all_of(numbers[-2:]) or _COUNT if name == "_?_:_" else _COUNT


def _all_of(spans: Sequence[_Span | None]) -> _Span | None:
    """From the least to the greatest of all."""
    found = [one for one in spans if one is not None]
    return _Span(min(one.low for one in found), max(one.high for one in found)) if found else None


def _exactly(number: int) -> _Span:
    return _Span(number, number)
