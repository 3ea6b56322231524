"""An archive into an empty database of either engine; and single changes into one that was loaded.

Foreign keys and most indexes are put away while rows come in, and put back at the end; what points at nothing is taken
out then. How far the load is stands in the database itself, in the same transaction as the rows: one that was
interrupted goes on behind the last row that is there, and nobody can serve the network before ``derive`` has ended.
"""

import contextlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from archive import apply_changes, file, gc_tuning, records, reports
from archive.file import ArchiveFile, ArchiveInfo
from archive.progress import OnProgress, ignore_progress
from archive.records import TABLES, Bad, Row
from db import bulk
from db.blocking import finish_blocking, run_blocking, start_blocking
from db.queries import cases
from db.table_specs import Dangling, Filling, Rejected
from domain.core.errors import Conflict
from domain.core.units import MB
from domain.timelines import rebuilding

Change = apply_changes.RowChange
# Rows are read and written in batches, of at most so many rows and, but for the last row, so many bytes of memory.
BATCH = 10_000
BATCH_BYTES = 32 * MB


class Report(NamedTuple):
    """How many rows of each table were taken, and (table, key, field, reason) of those that were not.

    ``bad`` has the first thousand of ``left_out``; all are in the file ``reports.beside(path)``.
    """

    rows: dict[str, int]
    bad: list[Bad]
    left_out: int = 0


def look(path: Path) -> ArchiveInfo:
    """What an archive says of itself; nothing is loaded. Errors: ``WrongArchive``."""
    with file.reading(path) as archive:
        return archive.about()


async def read(path: Path, on_progress: OnProgress = ignore_progress) -> Report:
    """Loads the archive at ``path`` into the open, migrated database; ``derive`` makes the rest of it.

    ``on_progress`` hears (table, rows done, rows in all). A load of this archive
    that was interrupted continues. Errors:
    ``WrongArchive``; ``Conflict`` when the database is not empty, or another archive's load was begun there.
    """
    with gc_tuning.seldom(), file.reading(path) as archive:
        about = archive.about()
        expected: dict[str, int] = json.loads(about.rows)
        async with bulk.filling() as target:
            notes = await _claim(target, about.id)
            report = reports.ReportWriter(path, int(notes.get("report", 0)))
            if "loaded" in notes:
                return Report(json.loads(notes["loaded"]), report.first, report.count)
            rows: dict[str, int] = {}
            for table in TABLES:
                load = _Load(archive, target, table, report, notes.get(f"mark {table}", ""))
                rows[table] = await load.all(on_progress, expected.get(archive.names.table(table), 0))
            on_progress("indexes", 0, 1)
            await target.finish([records.shape(table) for table in TABLES], lambda gone: _end(gone, rows, report))
            on_progress("indexes", 1, 1)
    return Report(rows, report.first, report.count)


def _end(gone: list[Dangling], rows: dict[str, int], report: reports.ReportWriter) -> dict[str, str]:
    """Tells of rows that were taken out again. Returns what is to be noted of the whole."""
    for one in gone:
        rows[one.table] -= 1
    report.add(map(_missed, gone))
    return {"loaded": json.dumps(rows), "report": str(report.size)}


async def _claim(target: Filling, archive: str) -> dict[str, str]:
    """Makes the database ready. Returns what an interrupted load has noted."""
    owner = await target.owner()
    if owner is None:
        if filled := await target.filled(TABLES):
            tables = ", ".join(filled[:5])
            raise Conflict("The database is not empty (there is something in %(tables)s).", tables=tables)
        await target.begin(archive)
    elif owner != archive:
        raise Conflict("Another archive's load was begun in this database and has not ended.")
    return await target.notes()


def _missed(one: Dangling) -> Bad:
    return one.table, records.said(one.key), one.column, f"What it needs of {one.parent} is not there"


class _Load:
    """One table on its way into the database; ``mark`` is what an earlier attempt noted of it."""

    def __init__(
        self, archive: ArchiveFile, target: Filling, table: str, report: reports.ReportWriter, mark: str
    ) -> None:
        self._archive, self._target, self._report = archive, target, report
        self._shape = records.shape(table)
        self._last: Row | None = None
        self._seen = self._taken = 0
        if mark:
            last, self._seen, self._taken = json.loads(mark, object_hook=_unmarked)
            self._last = tuple(last)

    async def all(self, on_progress: OnProgress, total: int) -> int:
        """How many rows were taken in all."""
        rows = await run_blocking(self._next, self._last)
        while rows:
            on_progress(self._shape.name, self._seen, max(total, self._seen))
            # The next rows are read while the database takes these.
            coming = start_blocking(self._next, self._shape.key_of(rows[-1]))
            try:
                await self._take(rows)
            except BaseException:
                with contextlib.suppress(Exception):
                    await finish_blocking(coming)
                raise
            rows = await finish_blocking(coming)
        on_progress(self._shape.name, self._seen, self._seen)
        return self._taken

    def _next(self, last: Row | None) -> list[Row]:
        return self._archive.after(self._shape.name, last, BATCH, None, BATCH_BYTES)

    async def _take(self, rows: list[Row]) -> None:
        """Rows that fit go in, with how far that is. If the database has something against one, it is looked for."""
        size, seen, taken = self._report.size, self._seen, self._taken
        good, bad = await run_blocking(records.check, self._shape.name, rows)
        self._report.add(bad)
        try:
            await self._put(rows, good)
        except Rejected as why:
            self._report.cut(size)
            self._seen, self._taken = seen, taken
            if len(rows) == 1:
                self._report.add([(self._shape.name, records.key_of(self._shape.name, rows[0]), "", str(why))])
                await self._put(rows, [])
            else:
                await self._take(rows[: len(rows) // 2])
                await self._take(rows[len(rows) // 2 :])

    async def _put(self, rows: list[Row], good: list[Row]) -> None:
        self._seen += len(rows)
        self._taken += len(good)
        mark = json.dumps([self._shape.key_of(rows[-1]), self._seen, self._taken], default=_marked)
        await self._target.put(self._shape, good, {f"mark {self._shape.name}": mark, "report": str(self._report.size)})


def _marked(value: bytes) -> dict[str, str]:
    """Bytes in the place of a key, which a record refuses and a mark can hold."""
    return {"hex": value.hex()}


def _unmarked(marked: dict[str, str]) -> bytes:
    return bytes.fromhex(marked["hex"])


async def derive(on_progress: OnProgress = ignore_progress) -> None:
    """Makes what the archive leaves out; from then on the network may be served. Safe to repeat."""
    await cases.weigh()
    await rebuilding.rebuild(lambda done, total: on_progress("timeline", done, total))
    await bulk.complete()


async def apply(changes: Iterable[tuple[str, tuple[Any, ...], dict[str, Any] | None]]) -> Report:
    """Puts rows in or over, and takes rows out, all in one transaction; safe to repeat.

    Each is (table, key, row by column names, or None where it is gone). A row that does not fit its record, or its
    place, is reported and left as it was. Errors: ``Refused`` for an unknown table.
    """
    rows, bad = await apply_changes.apply(Change(*change) for change in changes)
    return Report(rows, bad, len(bad))
