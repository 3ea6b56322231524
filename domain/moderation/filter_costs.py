"""Judges before it runs what a condition may cost, and refuses what may take too long or use functions that we don't
know.

Cost is counted in steps: a byte that is compared, or one instruction of a pattern at one byte, which takes some four
nanoseconds at worst. Fields have bounded sizes, loops can't be nested, and each goes over a field or a written list, so
that the sum is a bound on the time that any post can make a condition take.
"""

from collections.abc import Callable
from typing import NamedTuple

from domain.core.errors import Invalid
from domain.core.translatable import N_
from domain.moderation import filter_fields, filter_patterns
from domain.moderation.filter_fields import MAX_ITEMS, FieldKind
from domain.moderation.filter_sizes import MAX_BYTES
from domain.moderation.filter_syntax import Node, NodeKind, Tree

# The function that "matches" becomes, see domain/moderation/filter_expressions.py.
MATCHES = "_match_"
# About 50 ms.
MAX_STEPS = 12_000_000
# Times that all loops of a condition go round together: the library ends a condition with an error after 10,000.
MAX_TURNS = 9000
# Bytes that a condition may put together by "+".
MAX_TEXT = 10 * MAX_BYTES

LOOPS_ONLY_OVER = N_(
    "Line %(line)s, column %(column)s: “all”, “exists”, “exists_one”, “filter” and “map” go over a field such as"
    " “links”, or over a list that is written out, and not inside of each other."
)
UNKNOWN = N_("Line %(line)s, column %(column)s: “%(name)s” can’t be used in conditions.")
CONSTANT = N_("Line %(line)s, column %(column)s: “%(name)s” takes a text in quotation marks.")
PATTERN = N_("Line %(line)s, column %(column)s: this pattern is wrong or too large (%(problem)s).")
TOO_COSTLY = N_(
    "This condition could take too long. Use shorter patterns, smaller repetitions such as {0,20}, or several filters."
)
TOO_LONG_TEXT = N_("Line %(line)s, column %(column)s: “+” would make a text that is too long.")


class Judged(NamedTuple):
    """What a condition reads: names of fields, names of word lists. ``steps`` is what it may cost."""

    fields: frozenset[str]
    lists: frozenset[str]
    steps: int


class _Bound(NamedTuple):
    """``steps`` to get a value; its ``size`` in bytes, of all items together; ``items`` of a list."""

    steps: int
    size: int = 8
    items: int = 1


def judge(tree: Tree) -> Judged:
    """Errors: ``Invalid``."""
    judge = _Judge(tree)
    bound = judge.bound(tree.root, {})
    if bound.steps > MAX_STEPS or judge.turns > MAX_TURNS:
        raise Invalid(TOO_COSTLY)
    return Judged(frozenset(judge.fields), frozenset(judge.lists), bound.steps)


class _Judge:
    """Goes through one tree. ``loop`` has the bounds of the variables of the loop around a node; ``turns`` is how often
    all loops go round together."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self.turns = 0
        self.fields: set[str] = set()
        self.lists: set[str] = set()

    def bound(self, node: Node, loop: dict[str, _Bound]) -> _Bound:
        match node.kind:
            case NodeKind.CONSTANT:
                return _Bound(1, len((node.text or "").encode()) or 8)
            case NodeKind.NAME:
                return loop.get(node.name) or self._field(node)
            case NodeKind.CALL:
                return self._call(node, loop)
            case NodeKind.LIST:
                parts = [self.bound(part, loop) for part in node.parts]
                return _Bound(sum(one.steps for one in parts) + 1, sum(one.size for one in parts), len(parts))
            case NodeKind.LOOP:
                return self._loop(node, loop)
        raise self._tree.refused(UNKNOWN, node, name="{ }" if node.kind is NodeKind.STRUCT else ".")

    def _field(self, node: Node) -> _Bound:
        field = filter_fields.BY_NAME.get(node.name)
        if field is None:
            # The name of a type, such as "string", which the compiler knows.
            raise self._tree.refused(UNKNOWN, node, name=node.name)
        self.fields.add(node.name)
        match field.kind:
            case FieldKind.TEXT:
                return _Bound(1, MAX_BYTES)
            case FieldKind.TEXTS:
                return _Bound(1, MAX_BYTES, MAX_ITEMS)
        return _Bound(1)

    def _call(self, node: Node, loop: dict[str, _Bound]) -> _Bound:
        rule = _CALLS.get(node.name)
        if rule is None:
            raise self._tree.refused(UNKNOWN, node, name=node.name)
        if node.name in _GIVEN_LAST and not self._is_given(node, loop):
            raise self._tree.refused(CONSTANT, node, name="matches" if node.name == MATCHES else node.name)
        if node.name == "words":
            self.lists.add(node.parts[0].text or "")
        if node.name == MATCHES:
            return self._matches(node, loop)
        parts = [self.bound(part, loop) for part in node.parts]
        found = rule(parts)
        if found.size > MAX_TEXT:
            raise self._tree.refused(TOO_LONG_TEXT, node)
        return found._replace(steps=found.steps + sum(part.steps for part in parts))

    def _is_given(self, node: Node, loop: dict[str, _Bound]) -> bool:
        """Whether what is looked for stands in the source; ``contains`` may also go over a list of texts."""
        wanted = node.parts[-1]
        return wanted.text is not None or (node.name == "contains" and wanted.name in loop)

    def _matches(self, node: Node, loop: dict[str, _Bound]) -> _Bound:
        text, pattern = node.parts
        over = self.bound(text, loop)
        try:
            size = filter_patterns.size(pattern.text or "")
        except filter_patterns.Error as error:
            raise self._tree.refused(PATTERN, node, problem=str(error)) from None
        return _Bound(over.steps + size * over.size)

    def _loop(self, node: Node, loop: dict[str, _Bound]) -> _Bound:
        over, first, condition, step, result = node.parts
        if loop or not _may_be_gone_over(over):
            raise self._tree.refused(LOOPS_ONLY_OVER, over)
        items = self.bound(over, {})
        self.turns += items.items
        each = _Bound(1, -(-items.size // max(items.items, 1)))
        inside = {node.name: each, "@result": _Bound(1, 0, 0)}
        steps = [self.bound(part, inside) for part in (condition, step)]
        once = [self.bound(part, inside) for part in (first, result)]
        total = items.steps + items.items * sum(one.steps for one in steps) + sum(one.steps for one in once)
        size = max(items.size, items.items * max(one.size for one in steps))
        if size > MAX_TEXT:
            raise self._tree.refused(TOO_LONG_TEXT, node)
        return _Bound(total, size, items.items)


def _may_be_gone_over(node: Node) -> bool:
    """Whether it is a field or a list of constants."""
    if node.kind is NodeKind.NAME:
        return not node.name.startswith("@")
    return node.kind is NodeKind.LIST and all(part.kind is NodeKind.CONSTANT for part in node.parts)


def _once(parts: list[_Bound]) -> _Bound:
    return _Bound(1)


def _compared(parts: list[_Bound]) -> _Bound:
    """Each byte of all parts once."""
    return _Bound(sum(part.size for part in parts))


def _searched(parts: list[_Bound]) -> _Bound:
    """A search compares what is looked for at each byte, if it is unlucky; sixteen bytes are compared at a time."""
    text, wanted = parts
    return _Bound(text.size * (1 + wanted.size // 16))


def _joined(parts: list[_Bound]) -> _Bound:
    size = sum(part.size for part in parts)
    return _Bound(size, size, sum(part.items for part in parts))


def _chosen(parts: list[_Bound]) -> _Bound:
    return _Bound(1, max(part.size for part in parts[1:]), max(part.items for part in parts[1:]))


def _item(parts: list[_Bound]) -> _Bound:
    """Refused by domain/moderation/filter_errors.py, which says why."""
    return _Bound(1, parts[0].size)


# What a condition may call, by the names that the compiler gives.
_CALLS: dict[str, Callable[[list[_Bound]], _Bound]] = {
    **dict.fromkeys(("_&&_", "_||_", "!_", "@not_strictly_false", "words", MATCHES), _once),
    **dict.fromkeys(("_-_", "_*_", "_/_", "_%_", "-_"), _once),
    **dict.fromkeys(("_==_", "_!=_", "_<_", "_<=_", "_>_", "_>=_"), _compared),
    **dict.fromkeys(("@in", "size", "startsWith", "endsWith"), _compared),
    "contains": _searched,
    "_+_": _joined,
    "_?_:_": _chosen,
    "_[_]": _item,
}
_GIVEN_LAST = frozenset({"contains", MATCHES, "words"})
