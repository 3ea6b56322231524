"""Rows on their way into an archive's file, where an interrupted export may have left some of them already."""

import json
import secrets

import msgspec

from archive import records
from archive.file import About, File
from archive.records import FORMAT, Row

# Batches between two times that what was written is made to stay.
KEEP_EVERY = 50


class Batch(msgspec.Struct, tag=True, array_like=True):
    """The next rows of a table in the order of the key; ``upto`` is the key of the last that was read, fit or not."""

    table: str
    upto: Row
    rows: list[Row]


class End(msgspec.Struct, tag=True, array_like=True):
    """A table has no more rows."""

    table: str


class Whole(msgspec.Struct, tag=True, array_like=True):
    """Every table is there, and this is what the archive is."""

    domain: str
    made_at: int
    counts: dict[str, int]


Step = Batch | End | Whole


class Writing:
    """Takes the steps of an export: the batches of each table, its end, and at last the whole."""

    def __init__(self, made: File) -> None:
        self._made = made
        self._table = ""
        self._last: Row | None = None
        self._batches = 0
        self._old = False

    def take(self, step: Step) -> None:
        match step:
            case Batch():
                self._begin(step.table)
                self._put(step)
            case End():
                self._begin(step.table)
                self._end()
            case Whole():
                self._made.describe(self._about(step))

    def _begin(self, table: str) -> None:
        if table != self._table:
            self._table, self._last, self._batches = table, None, 0
            self._old = bool(self._made.after(table, None, 1))

    def _put(self, batch: Batch) -> None:
        """Everything in the file up to the last of these rows becomes the same as they are."""
        old = self._made.after(self._table, self._last, upto=batch.upto) if self._old else []
        if old != batch.rows:
            if old:
                self._made.drop(self._table, self._last, batch.upto)
            self._made.add(self._table, batch.rows)
        # An interrupted export wrote in the same order: past its end there is nothing.
        self._old = self._old and (bool(old) or bool(self._made.after(self._table, batch.upto, 1)))
        self._last = batch.upto
        self._batches += 1
        if self._batches % KEEP_EVERY == 0:
            self._made.keep()

    def _end(self) -> None:
        if self._old or self._last is None:
            self._made.drop(self._table, self._last)
        self._made.keep()

    def _about(self, whole: Whole) -> About:
        networks = self._made.after("network", None)
        return About(
            id=secrets.token_hex(16),
            format=FORMAT,
            name=networks[0][records.shape("network").columns.index("name")] if networks else "",
            domain=whole.domain,
            made_at=whole.made_at,
            rows=json.dumps(whole.counts),
        )
