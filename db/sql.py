"""Constant statements, written once for both engines."""

import re
from collections.abc import Sequence
from typing import Any

_GUARDED = re.compile("«([^»]*)»")
_PARAMETER = re.compile(r"(LIMIT )?\$(\d+)")
# Texts of a statement that differ by their limits only. Each is planned once for each connection.
LIMITS = 8


def guard(condition: str) -> str:
    """A condition that holds for everybody who neither blocks, is blocked nor mutes: see :attr:`SQL.open`."""
    return f"«{condition}»"


class SQL:
    """One constant statement, written for both engines.

    Parameters are ``?1``, ``?2``...; ``{ids:2}`` stands for the list of ids given as parameter 2, which the caller
    passes through ``DB.ids``, and ``{texts:2}`` for a list of texts, passed through ``DB.texts``. ``postgres`` replaces
    the text where the two engines must differ. ``open`` is the same statement without its guarded conditions, which
    cost more than the rest of a page's statement together.
    """

    __slots__ = ("_limits", "_written", "open", "postgres", "sqlite")

    def __init__(self, text: str, postgres: str | None = None) -> None:
        other = text if postgres is None else postgres
        self.open: SQL = self
        if _GUARDED.search(text):
            self.open = SQL(_GUARDED.sub("true", text), _GUARDED.sub("true", other))
            text, other = _GUARDED.sub(r"\1", text), _GUARDED.sub(r"\1", other)
        text, other = " ".join(text.split()), " ".join(other.split())
        self.sqlite = re.sub(r"\{(?:ids|texts):(\d+)\}", r"(SELECT value FROM json_each(?\1))", text)
        other = re.sub(r"\{ids:(\d+)\}", r"(SELECT unnest(?\1::bigint[]))", other)
        other = re.sub(r"\{texts:(\d+)\}", r"(SELECT unnest(?\1::text[]))", other)
        self.postgres = re.sub(r"\?(\d+)", r"$\1", other)
        self._limits: tuple[int, ...] | None = None
        self._written: dict[tuple[int, ...], str] = {}

    def on_postgres(self, args: Sequence[Any]) -> tuple[str, Sequence[Any]]:
        """The text and the parameters for PostgreSQL: limits are written into the text.

        A plan that is made once for all parameters takes a limit that is one of them for a tenth of all rows: it goes
        through all and sorts them where an index has the few that are wanted.
        """
        if self._limits is None:
            self._limits = _limits(self.postgres)
        if not self._limits:
            return self.postgres, args
        values = tuple(args[number - 1] for number in self._limits)
        if (text := self._written.get(values)) is None:
            if len(self._written) == LIMITS or not all(type(value) is int for value in values):
                return self.postgres, args
            text = self._written[values] = _write(self.postgres, self._limits, args)
        return text, [value for number, value in enumerate(args, 1) if number not in self._limits]


def _limits(text: str) -> tuple[int, ...]:
    """The numbers of the parameters that are limits and nothing else, in their order."""
    found = {(int(match[2]), bool(match[1])) for match in _PARAMETER.finditer(text)}
    return tuple(sorted(number for number, is_limit in found if is_limit and (number, False) not in found))


def _write(text: str, limits: tuple[int, ...], args: Sequence[Any]) -> str:
    """The text with these parameters' values, and with the others counted anew."""
    left = [number for number in range(1, len(args) + 1) if number not in limits]

    def written(match: re.Match[str]) -> str:
        number = int(match[2])
        return f"LIMIT {args[number - 1]}" if number in limits else f"{match[1] or ''}${left.index(number) + 1}"

    return _PARAMETER.sub(written, text)
