"""Reads the checked syntax tree of a condition, as the compiler of CEL writes it.

The form is ``cel.expr.CheckedExpr`` of github.com/google/cel-spec (proto/cel/expr/checked.proto), in the encoding of
Protocol Buffers and inside of an ``Any``. Only what domain/moderation/filter_costs.py and filter_errors.py judge is
read.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum, IntEnum
from typing import Any, NamedTuple

from domain.core.errors import Invalid


class NodeKind(IntEnum):
    """The numbers of ``Expr.expr_kind``."""

    CONSTANT = 3
    NAME = 4
    SELECT = 5
    CALL = 6
    LIST = 7
    STRUCT = 8
    LOOP = 9


class ValueType(Enum):
    """What a part of a condition is worth. ``UNSURE``: that is known only when it runs. ``OTHER``: all the rest."""

    NUMBER = "number"
    UNSIGNED = "unsigned"
    UNSURE = "unsure"
    OTHER = "other"


class Node(NamedTuple):
    """A part of a condition. ``name`` is that of what is read or called, or the variable of a loop.

    ``text`` is the value of a constant text, ``number`` that of a constant whole number, None for everything else. The
    parts of a loop are what it goes over, its first result, its condition, its step and its result.
    """

    kind: NodeKind
    id: int
    name: str = ""
    text: str | None = None
    number: int | None = None
    parts: tuple["Node", ...] = ()


class Tree(NamedTuple):
    """The tree of the condition ``source``.

    For the ids of nodes, ``places`` says at which character they are, and ``types`` what they are worth.
    """

    source: str
    root: Node
    places: Mapping[int, int]
    types: Mapping[int, ValueType]

    def refused(self, words: str, node: Node, **params: Any) -> Invalid:
        """A refusal because of a node, with its line and its column; both begin at 1."""
        at = next(self._known_places(node), 0)
        before = self.source[:at]
        line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
        return Invalid(words, line=line, column=column, **params)

    def _known_places(self, node: Node) -> Iterator[int]:
        if node.id in self.places:
            yield self.places[node.id]
        for part in node.parts:
            yield from self._known_places(part)


# Numbers of fields: of an Any its value, of a CheckedExpr the rest.
_ANY_VALUE = 2
_TYPES, _EXPRESSION, _SOURCE_INFO = 3, 4, 5
_POSITIONS = 4
_ID = 2
_ITEM_TYPE = 1
_PRIMITIVES = {2: ValueType.NUMBER, 3: ValueType.UNSIGNED}


class _TypeField(IntEnum):
    """The numbers of ``Type.type_kind``; ``DYNAMIC`` is known only when it runs."""

    DYNAMIC = 1
    PRIMITIVE = 3
    LIST = 6


def read(source: str, serialized: bytes) -> Tree:
    """The tree of a compiled condition."""
    checked = list(_fields(_part(serialized, _ANY_VALUE)))
    parts = dict(checked)
    places = {number: _int(at) for number, at in _entries(_fields(_bytes(parts[_SOURCE_INFO])), _POSITIONS)}
    types = {number: _type(_bytes(raw)) for number, raw in _entries(checked, _TYPES)}
    return Tree(source, _node(_bytes(parts[_EXPRESSION])), places, types)


def _entries(fields: Iterable[tuple[int, int | bytes]], wanted: int) -> Iterator[tuple[int, int | bytes]]:
    """A map by numbers."""
    for number, entry in fields:
        if number == wanted:
            found = dict(_fields(_bytes(entry)))
            yield _int(found.get(1, 0)), found.get(2, 0)


def _type(raw: bytes) -> ValueType:
    for number, value in _fields(raw):
        match number:
            case _TypeField.DYNAMIC:
                return ValueType.UNSURE
            case _TypeField.PRIMITIVE:
                return _PRIMITIVES.get(_int(value), ValueType.OTHER)
            case _TypeField.LIST:
                of_items = _type(_part(_bytes(value), _ITEM_TYPE))
                return of_items if of_items is ValueType.UNSURE else ValueType.OTHER
    return ValueType.OTHER


def _node(raw: bytes) -> Node:
    found = dict(_fields(raw))
    identifier = _int(found.pop(_ID, 0))
    (number, value), *_ = found.items()
    kind, fields = NodeKind(number), list(_fields(_bytes(value)))
    match kind:
        case NodeKind.CONSTANT:
            return Node(kind, identifier, text=_constant_text(fields), number=_constant_number(fields))
        case NodeKind.NAME:
            return Node(kind, identifier, _name(fields, 1))
        case NodeKind.CALL:
            return Node(kind, identifier, _name(fields, 2), parts=_nodes(fields, (1, 3)))
        case NodeKind.LIST:
            return Node(kind, identifier, parts=_nodes(fields, (1,)))
        case NodeKind.LOOP:
            return Node(kind, identifier, _name(fields, 1), parts=_nodes(fields, (2, 4, 5, 6, 7)))
    return Node(kind, identifier)


def _constant_text(fields: list[tuple[int, int | bytes]]) -> str | None:
    return next((_bytes(value).decode() for number, value in fields if number == 6), None)


def _constant_number(fields: list[tuple[int, int | bytes]]) -> int | None:
    """Negative ones are written as 64 bits."""
    found = next((_int(value) for number, value in fields if number == 3), None)
    return found if found is None or found < 1 << 63 else found - (1 << 64)


def _name(fields: list[tuple[int, int | bytes]], wanted: int) -> str:
    return next((_bytes(value).decode() for number, value in fields if number == wanted), "")


def _nodes(fields: list[tuple[int, int | bytes]], wanted: tuple[int, ...]) -> tuple[Node, ...]:
    """In the order of their numbers; those of one number in their own."""
    found = [(number, value) for number, value in fields if number in wanted]
    return tuple(_node(_bytes(value)) for _, value in sorted(found, key=lambda field: field[0]))


def _part(raw: bytes, wanted: int) -> bytes:
    return next(_bytes(value) for number, value in _fields(raw) if number == wanted)


def _fields(raw: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message: a number, and an integer or bytes."""
    at = 0
    while at < len(raw):
        key, at = _varint(raw, at)
        match key & 7:
            case 0:
                value, at = _varint(raw, at)
                yield key >> 3, value
            case 2:
                size, at = _varint(raw, at)
                yield key >> 3, raw[at : at + size]
                at += size
            case 1:
                yield key >> 3, raw[at : at + 8]
                at += 8
            case other:
                raise ValueError(f"wire type {other}")


def _varint(raw: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _bytes(value: int | bytes) -> bytes:
    assert isinstance(value, bytes)
    return value


def _int(value: int | bytes) -> int:
    assert isinstance(value, int)
    return value
