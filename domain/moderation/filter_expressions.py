"""Compiles and runs the conditions of filters, which are written in the Common Expression Language. No other module
imports its library, which is loaded with the first condition: it takes nine megabytes.

A condition is checked when it is compiled: what it names must exist, types must fit, what it may cost is bounded
(domain/moderation/filter_costs.py), and there must be no post for which it fails (domain/moderation/filter_errors.py).
If it fails all the same, that is never a match: it is :class:`Failed`.
"""

import functools
import re
import threading
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from domain.core.errors import Invalid
from domain.core.translatable import N_
from domain.moderation import filter_costs, filter_errors, filter_fields, filter_patterns, filter_syntax
from domain.moderation.filter_fields import FieldKind, Value

if TYPE_CHECKING:
    from cel_expr_python import cel

MAX_SOURCE = 2000

EMPTY = N_("Write a condition.")
TOO_LONG = N_("A condition has at most %(limit)s characters.")
NOT_BOOLEAN = N_("A condition must be true or false, such as “account_age < 24”.")
TOO_DEEP = N_("This condition has too many brackets or operators inside of each other.")
NAME = N_("Line %(line)s, column %(column)s: there is no field and no function called “%(name)s”.")
TYPES = N_(
    "Line %(line)s, column %(column)s: “%(name)s” can’t be used with these values. Texts go with texts, whole numbers"
    " with whole numbers, and “&&” and “||” with what is true or false."
)
SYNTAX = N_(
    "Line %(line)s, column %(column)s: this can’t be read. Is a bracket, a quotation mark or an operator such as “&&”"
    " missing?"
)
ASSIGNED = N_("Line %(line)s, column %(column)s: write “==” to compare.")
NUMBER = N_("Line %(line)s, column %(column)s: this number is too large.")
NO_PARTS = N_(
    "Line %(line)s, column %(column)s: nothing can follow a “.” here. The length of a list is “links.size()”."
)
OTHER = N_("Line %(line)s, column %(column)s: this can’t be used here.")

TOO_MANY_STEPS = N_("It takes too many steps.")
FAILED = N_("It can’t be evaluated.")


class Failed(msgspec.Struct, frozen=True):
    """A condition could not be evaluated; ``reason`` is a source text for translation that quotes nothing."""

    reason: str


class Facts:
    """The fields of one post as conditions read them, and the names of the word lists that match it."""

    __slots__ = ("lists", "values")

    def __init__(self, values: Mapping[str, Value], lists: Collection[str] = frozenset()) -> None:
        self.values = _environment().Activation(dict(values))
        self.lists = lists


class Expression:
    """A compiled condition. ``fields`` and ``lists`` are the names of the fields and of the word lists that it reads;
    ``steps`` bounds what it costs.

    >>> compile("account_age < 24").matches(Facts({"account_age": 2}))
    True
    """

    __slots__ = ("_compiled", "fields", "lists", "source", "steps")

    def __init__(self, source: str, compiled: "cel.Expression", judged: filter_costs.Judged) -> None:
        self.source, self._compiled = source, compiled
        self.fields, self.lists, self.steps = judged.fields, judged.lists, judged.steps

    def matches(self, facts: Facts) -> bool | Failed:
        """``facts`` must have all that the condition reads."""
        _RUNNING.lists = facts.lists
        try:
            found = self._compiled.eval(facts.values).value()
        except RuntimeError as error:
            return Failed(_reason(str(error)))
        return found if isinstance(found, bool) else Failed(_reason(str(found)))


def compile(source: str) -> Expression:  # noqa: A001 - filter_expressions.compile(), as re.compile()
    """Errors: ``Invalid`` with the line and the column, as ``params`` and in words."""
    if not source.strip():
        raise Invalid(EMPTY)
    if len(source) > MAX_SOURCE:
        raise Invalid(TOO_LONG, limit=MAX_SOURCE)
    try:
        compiled = _environment().compile(_with_own_matches(source))
    except RuntimeError as error:
        raise _explained(str(error)) from None
    if not _is_boolean(compiled):
        raise Invalid(NOT_BOOLEAN)
    tree = filter_syntax.read(source, compiled.serialize())
    judged = filter_costs.judge(tree)
    filter_errors.check(tree)
    return Expression(source, compiled, judged)


class Needs(NamedTuple):
    """The names of the fields and of the word lists that a condition reads."""

    fields: frozenset[str]
    lists: frozenset[str]


def needs(source: str) -> Needs:
    """Of a condition as it is stored; nothing of one that was written for another version of Parvis."""
    try:
        found = compile(source)
    except Invalid:
        return Needs(frozenset(), frozenset())
    return Needs(found.fields, found.lists)


def _with_own_matches(source: str) -> str:
    """The same condition with another function in the place of "matches", which compiles its pattern once.

    The library would compile each pattern again for every post, however large it is. The name is as long, so that what
    the library says of places holds.

    >>> _with_own_matches("text.matches('matches')")
    "text._match_('matches')"
    """
    return _TOKEN.sub(lambda token: filter_costs.MATCHES if token[0] == "matches" else token[0], source)


class _Running(threading.local):
    """What the function "words" looks at: evaluating never waits, so each thread has one post at a time."""

    lists: Collection[str] = frozenset()


_RUNNING = _Running()


def _words(name: str) -> bool:
    return name in _RUNNING.lists


@functools.cache
def _environment() -> "cel.Env":
    """What conditions may name."""
    from cel_expr_python import cel

    text, flag = cel.Type.STRING, cel.Type.BOOL
    types = {
        FieldKind.TEXT: text,
        FieldKind.TEXTS: cel.Type.List(text),
        FieldKind.NUMBER: cel.Type.INT,
        FieldKind.FLAG: flag,
    }

    def overload(name: str, parameters: list[cel.Type], work: Callable[..., bool], is_member: bool) -> cel.Overload:
        return cel.Overload(name, return_type=flag, parameters=parameters, impl=work, is_member=is_member)

    matches = [
        overload("own_matches", [text, text], filter_patterns.is_in, is_member=False),
        overload("own_matches_member", [text, text], filter_patterns.is_in, is_member=True),
    ]
    return cel.NewEnv(
        variables={field.name: types[field.kind] for field in filter_fields.FIELDS},
        functions=[
            cel.FunctionDecl("words", [overload("own_words", [text], _words, is_member=False)]),
            cel.FunctionDecl(filter_costs.MATCHES, matches),
        ],
    )


def _is_boolean(compiled: "cel.Expression") -> bool:
    from cel_expr_python import cel

    return bool(compiled.return_type() == cel.Type.BOOL)


# A comment; a text in three quotation marks, in one, or in one after an "r", where a backslash means itself; a name.
_TOKENS = (
    r"//[^\n]*",
    r'""".*?"""',
    r"'{3}.*?'{3}",
    r'(?<![rR])"(?:\\.|[^"\\\n])*"',
    r"(?<![rR])'(?:\\.|[^'\\\n])*'",
    r'"[^"\n]*"',
    r"'[^'\n]*'",
    r"\w+",
)
_TOKEN = re.compile("|".join(_TOKENS), re.DOTALL)
_PROBLEM = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '(.*?)'")
_OVERLOADS = re.compile(r"found no matching overload for '(.*?)'")


def _explained(said: str) -> Invalid:
    """What the compiler says, in words for people who don't know it."""
    found = _PROBLEM.search(said)
    if found is None or int(found[1]) < 1 or "recursion" in said:
        return Invalid(TOO_DEEP)
    line, column = int(found[1]), int(found[2])
    if name := _UNDECLARED.search(found[3]):
        return Invalid(NAME, line=line, column=column, name=name[1])
    if types := _OVERLOADS.search(found[3]):
        return Invalid(TYPES, line=line, column=column, name=_operator(types[1]))
    return Invalid(_words_for(found[3]), line=line, column=column)


def _words_for(problem: str) -> str:
    if "token recognition error at: '= " in problem or "token recognition error at: '='" in problem:
        return ASSIGNED
    if problem.startswith("Syntax error"):
        return SYNTAX
    if "literal" in problem:
        return SYNTAX if "string" in problem else NUMBER
    return NO_PARTS if "select operation" in problem else OTHER


def _operator(name: str) -> str:
    """
    >>> _operator("_==_"), _operator("contains"), _operator("@in"), _operator("_match_")
    ('==', 'contains', 'in', 'matches')
    """
    if name == filter_costs.MATCHES:
        return "matches"
    return name.replace("_", "").removeprefix("@") or name


def _reason(said: str) -> str:
    return TOO_MANY_STEPS if "budget" in said else FAILED
