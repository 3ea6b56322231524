"""How tables are copied, whichever the engine."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

Rows = list[tuple[Any, ...]]
# While a load goes on: whose it is, how far it is, and what was put away.
WORKING = "archive_load"


class Rejected(Exception):
    """The database does not take a row; ``str(error)`` says why, and nothing of what is in it."""


class TableSpec(NamedTuple):
    """A table: its columns in order, those of its primary key, and which of all hold text."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    words: frozenset[str]

    @property
    def listed(self) -> str:
        return listed(self.columns)

    def key_of(self, row: Sequence[Any]) -> tuple[Any, ...]:
        """A row's key, in the order of ``key``."""
        return tuple(row[self.columns.index(column)] for column in self.key)


class Dangling(NamedTuple):
    """A row that was taken out because what its ``column`` (or columns, by commas) points at is not there.

    ``key`` is as in the shape.
    """

    table: str
    key: tuple[Any, ...]
    column: str
    parent: str


Ends = Callable[[list[Dangling]], Mapping[str, str]]


class Snapshot(Protocol):
    """All tables as they were at one moment, while others go on writing."""

    async def total(self, table: str) -> int:
        """How many rows there are; of a large table, about how many."""
        ...

    def batches(self, shape: TableSpec) -> AsyncIterator[Rows]:
        """Every row in the order of the key, text by its bytes."""
        ...


class Filling(Protocol):
    """A migrated database being filled. Until ``finish`` it has no foreign keys and few indexes."""

    async def owner(self) -> str | None:
        """Who began to fill it and has not finished."""
        ...

    async def filled(self, tables: Iterable[str]) -> list[str]:
        """Those of ``tables`` that are not empty."""
        ...

    async def begin(self, owner: str) -> None:
        """Puts foreign keys and indexes away, and notes it in the database."""
        ...

    async def put(self, shape: TableSpec, rows: Rows, notes: Mapping[str, str]) -> None:
        """Rows, and notes that stand if they do. Errors: ``Rejected``, ``Unavailable``; then nothing of it is there."""
        ...

    async def notes(self) -> dict[str, str]:
        """All that was noted since ``begin``."""
        ...

    async def finish(self, shapes: Sequence[TableSpec], ends: Ends) -> None:
        """Takes out what points at nothing, and puts everything back that was put away. Safe to repeat.

        ``shapes`` come in an order in which no row points forward. ``ends`` is given what was taken out, and gives
        notes that stand if all of it does.
        """
        ...


def listed(columns: Iterable[str]) -> str:
    return ", ".join(f'"{column}"' for column in columns)
