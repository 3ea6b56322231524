"""Constant statements, written once for both engines."""

import re


class SQL:
    """One constant statement, written for both engines.

    Parameters are ``?1``, ``?2``...; ``{ids:2}`` stands for the list of ids given as parameter 2, which the caller
    passes through :func:`ids`. ``postgres`` replaces the text where the two engines must differ.
    """

    __slots__ = ("postgres", "sqlite")

    def __init__(self, text: str, postgres: str | None = None) -> None:
        text = " ".join(text.split())
        self.sqlite = re.sub(r"\{ids:(\d+)\}", r"(SELECT value FROM json_each(?\1))", text)
        other = text if postgres is None else " ".join(postgres.split())
        other = re.sub(r"\{ids:(\d+)\}", r"(SELECT unnest(?\1::bigint[]))", other)
        self.postgres = re.sub(r"\?(\d+)", r"$\1", other)
