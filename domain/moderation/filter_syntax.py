"""Reads the checked syntax tree of a condition, as the compiler of CEL writes it.

The form is ``cel.expr.CheckedExpr`` of github.com/google/cel-spec (proto/cel/expr/checked.proto), in the encoding of
Protocol Buffers and inside of an ``Any``. Only what domain/moderation/filter_costs.py judges is read.
"""

from collections.abc import Iterator, Mapping
from enum import IntEnum
from typing import NamedTuple


class NodeKind(IntEnum):
    """The numbers of ``Expr.expr_kind``."""

    CONSTANT = 3
    NAME = 4
    SELECT = 5
    CALL = 6
    LIST = 7
    STRUCT = 8
    LOOP = 9


class Node(NamedTuple):
    """A part of a condition. ``name`` is that of what is read or called, or the variable of a loop.

    ``text`` is the value of a constant text, None for everything else. The parts of a loop are what it goes over, its
    first result, its condition, its step and its result.
    """

    kind: NodeKind
    id: int
    name: str = ""
    text: str | None = None
    parts: tuple["Node", ...] = ()


class Tree(NamedTuple):
    """``places`` says for the ids of nodes at which character of the source they are."""

    root: Node
    places: Mapping[int, int]


# Numbers of fields: of an Any its value, of a CheckedExpr the rest.
_ANY_VALUE = 2
_SOURCE_INFO, _EXPRESSION = 5, 4
_POSITIONS = 4
_ID = 2


def read(serialized: bytes) -> Tree:
    """The tree of a compiled condition."""
    checked = dict(_fields(_part(serialized, _ANY_VALUE)))
    places = {}
    for number, entry in _fields(_bytes(checked[_SOURCE_INFO])):
        if number == _POSITIONS:
            found = dict(_fields(_bytes(entry)))
            places[_int(found.get(1, 0))] = _int(found.get(2, 0))
    return Tree(_node(_bytes(checked[_EXPRESSION])), places)


def _node(raw: bytes) -> Node:
    found = dict(_fields(raw))
    identifier = _int(found.pop(_ID, 0))
    (number, value), *_ = found.items()
    kind, fields = NodeKind(number), list(_fields(_bytes(value)))
    match kind:
        case NodeKind.CONSTANT:
            return Node(kind, identifier, text=_constant_text(fields))
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
