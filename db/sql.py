"""Constant statements, written once for both engines."""

import re

_GUARDED = re.compile("«([^»]*)»")


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

    __slots__ = ("open", "postgres", "sqlite")

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
