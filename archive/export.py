"""The live network into an archive, while it runs.

All of it is one snapshot: a reading transaction that neither waits nor keeps anybody waiting. A snapshot ends with the
process that holds it, so an export that was interrupted can't go on in the same one: the next takes a new snapshot and
compares it, range by range, with what the file has already. What is the same stays, what differs is written anew. So
the result is always one moment of the network, and what was written once is not again.
"""

import asyncio
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import structlog

from archive import apart, file, garbage, records, reports
from archive.apart import Take
from archive.records import TABLES, Bad
from archive.told import Told, quiet
from archive.writing import Batch, End, Whole
from db import bulk, portable
from db.shapes import Snapshot
from domain.core import clock
from domain.core.errors import Conflict

LOG = structlog.get_logger()
# From so many rows on, a process that writes the file is worth its start.
APART = 200_000


class Counts(NamedTuple):
    """How many rows of each table are in the archive, and (table, key, field, reason) of those left out.

    ``bad`` has the first thousand; all are in the report beside the archive, ``reports.beside(path)``.
    """

    rows: dict[str, int]
    bad: list[Bad]
    left_out: int


async def write(path: Path, told: Told = quiet, domain: str = "") -> Counts:
    """The open database as an archive at ``path``; ``told`` hears (table, rows done, rows in all).

    While it is made it is called ``path``.part; an export of the same name goes on with what it finds there. Rows that
    don't fit their record are left out and reported. Errors: ``Conflict`` when ``path`` is there, ``WrongArchive``
    when it can't be written.
    """
    if await asyncio.to_thread(path.exists):
        raise Conflict("%(file)s is there already.", file=str(path))
    part = path.with_name(f"{path.name}.part")
    report = reports.Writer(path)
    async with bulk.snapshot() as live:
        made_at = clock.now()
        totals = {table: await live.total(table) for table in TABLES}
        written = apart.apart if sum(totals.values()) >= APART else apart.here
        with garbage.seldom():
            async with written(part) as take:
                counts = {
                    table: await _table(live, take, table, total, report, told) for table, total in totals.items()
                }
                await take(Whole(domain, made_at, counts))
    file.finish(part, path)
    return Counts(counts, report.first, report.count)


async def _table(live: Snapshot, take: Take, table: str, total: int, report: reports.Writer, told: Told) -> int:
    """Returns how many rows fit."""
    shape = records.shape(table)
    seen = count = 0
    told(table, 0, total)
    async with contextlib.aclosing(live.batches(shape)) as batches:  # type: ignore[type-var]
        async for rows in batches:
            good, bad = await asyncio.to_thread(records.check, table, rows)
            report.add(bad)
            await take(Batch(table, shape.key_of(rows[-1]), good))
            seen += len(rows)
            count += len(good)
            told(table, seen, max(seen, total))
    await take(End(table))
    return count


async def rows(table: str, keys: Sequence[tuple[Any, ...]]) -> dict[tuple[Any, ...], dict[str, Any] | None]:
    """What the rows with these keys hold now, as an archive would have them; those that are not there are left out.

    None stands for a row that doesn't fit its record; the log says why. Errors: ``Refused`` for an unknown table.
    """
    shape = records.shape(records.known(table))
    there = [tuple(row) for row in await portable.fetch(shape, keys)]
    good, bad = records.check(table, there)
    for _, key, field, reason in bad:
        LOG.warning("archive.bad_row", table=table, key=key, field=field, reason=reason)
    found: dict[tuple[Any, ...], dict[str, Any] | None] = {shape.key_of(row): None for row in there}
    return found | {shape.key_of(row): dict(zip(shape.columns, row, strict=True)) for row in good}
