"""The live network into an archive, while it runs.

All of it is one snapshot: a reading transaction that neither waits nor keeps anybody waiting. A snapshot ends with the
process that holds it, so an export that was interrupted can't go on in the same one: the next takes a new snapshot and
compares it, range by range, with what the file has already. What is the same stays, what differs is written anew. So
the result is always one moment of the network, and what was checked and written once is not again.
"""

import contextlib
import json
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from archive import file, gc_tuning, records, reports
from archive.file import ArchiveFile, ArchiveInfo
from archive.progress import OnProgress, ignore_progress
from archive.records import FORMAT, TABLES, Bad, Row
from db import bulk, row_access
from db.blocking import run_blocking
from db.table_specs import Snapshot, TableSpec
from domain.core import clock
from domain.core.errors import Conflict

LOG = structlog.get_logger()
# Batches between two times that what was written is made to stay.
KEEP_EVERY = 50


class Counts(NamedTuple):
    """How many rows of each table are in the archive, and (table, key, field, reason) of those left out.

    ``bad`` has the first thousand; all are in the report beside the archive, ``reports.beside(path)``.
    """

    rows: dict[str, int]
    bad: list[Bad]
    left_out: int


async def write(path: Path, on_progress: OnProgress = ignore_progress, domain: str = "") -> Counts:
    """The open database as an archive at ``path``; ``on_progress`` hears (table, rows done, rows in all).

    While it is made it is called ``path``.part; an export of the same name goes on with what it finds there. Rows that
    don't fit their record are left out and reported. Errors: ``Conflict`` when ``path`` is there, ``WrongArchive``
    when it can't be written.
    """
    if await run_blocking(path.exists):
        raise Conflict("%(file)s is there already.", file=str(path))
    part = path.with_name(f"{path.name}.part")
    report = reports.ReportWriter(path)
    async with bulk.snapshot() as live:
        made_at = clock.now()
        with gc_tuning.seldom(), file.making(part) as made:
            counts = {table: await _table(live, made, table, report, on_progress) for table in TABLES}
            made.describe(_about(made, domain, made_at, counts))
    file.finish(part, path)
    return Counts(counts, report.first, report.count)


def _about(made: ArchiveFile, domain: str, made_at: int, counts: dict[str, int]) -> ArchiveInfo:
    networks = made.after("network", None)
    name = networks[0][1] if networks else ""
    return ArchiveInfo(
        id=secrets.token_hex(16), format=FORMAT, name=name, domain=domain, made_at=made_at, rows=json.dumps(counts)
    )


async def _table(
    live: Snapshot, made: ArchiveFile, table: str, report: reports.ReportWriter, on_progress: OnProgress
) -> int:
    shape, total = records.shape(table), await live.total(table)
    copy = _Copy(made, shape, report)
    seen = 0
    on_progress(table, 0, total)
    async with contextlib.aclosing(live.batches(shape)) as batches:  # type: ignore[type-var]
        async for rows in batches:
            # Not in a thread: to hand over a batch, a few milliseconds of work, would cost a fifth as much again.
            copy.take(rows)
            seen += len(rows)
            on_progress(table, seen, max(seen, total))
    await run_blocking(copy.end)
    return copy.count


class _Copy:
    """One table on its way into the file."""

    def __init__(self, made: ArchiveFile, shape: TableSpec, report: reports.ReportWriter) -> None:
        self._made, self._shape, self._table, self._report = made, shape, shape.name, report
        self._last: Row | None = None
        self._batches = 0
        self._old = bool(made.after(shape.name, None, 1))
        self.count = 0

    def take(self, rows: list[Row]) -> None:
        """The next rows in the order of the key; everything in the file up to the last of them becomes the same."""
        upto = self._shape.key_of(rows[-1])
        old = self._made.after(self._table, self._last, upto=upto) if self._old else []
        if old == rows:
            self.count += len(rows)
        else:
            if old:
                self._made.drop(self._table, self._last, upto)
            good, bad = records.check(self._table, rows)
            self._report.add(bad)
            self._made.add(self._table, good)
            self.count += len(good)
        # An interrupted export wrote in the same order: past its end there is nothing.
        self._old = self._old and (bool(old) or bool(self._made.after(self._table, upto, 1)))
        self._last = upto
        self._batches += 1
        if self._batches % KEEP_EVERY == 0:
            self._made.keep()

    def end(self) -> None:
        if self._old or self._last is None:
            self._made.drop(self._table, self._last)
        self._made.keep()


async def rows(table: str, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], dict[str, Any] | None]:
    """What the rows with these keys hold now, as an archive would have them; those that are not there are left out.

    None stands for a row that doesn't fit its record; the log says why. Errors: ``Refused`` for an unknown table.
    """
    shape = records.shape(records.known(table))
    there = [tuple(row) for row in await row_access.fetch(shape, keys)]
    good, bad = records.check(table, there)
    for _, key, field, reason in bad:
        LOG.warning("archive.bad_row", table=table, key=key, field=field, reason=reason)
    found: dict[tuple[Any, ...], dict[str, Any] | None] = {shape.key_of(row): None for row in there}
    return found | {shape.key_of(row): dict(zip(shape.columns, row, strict=True)) for row in good}
