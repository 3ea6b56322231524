"""The changed rows that are not replicated yet, read in one snapshot."""

from collections.abc import Sequence
from typing import Any

import msgspec

from archive import export, formats, records
from archive.apply_changes import RowChange
from db.engine import DB
from db.queries import backups as queries

# Rows of one segment, read in one transaction: some ten milliseconds on SQLite, where it holds up those who write.
MOST = 2000


class Batch(msgspec.Struct):
    """``ids`` are the notes that it answers; ``full``: there may be more."""

    ids: list[int]
    changes: list[RowChange]
    full: bool

    @property
    def pictures(self) -> dict[str, int]:
        """The keys of files that these changes speak of, and that something uses, with their bytes."""
        rows = (one.row for one in self.changes if one.table == "stored_object" and one.row)
        return {str(row["key"]): int(row["bytes"]) for row in rows if row["uses"] > 0}


async def collect() -> Batch:
    """The next rows that were written, each once and as it is now, or None where it is gone."""
    async with DB.writing():
        await queries.one_moment()
        notes = await queries.changes(MOST)
        keys: dict[str, dict[tuple[Any, ...], None]] = {}
        for note in notes:
            keys.setdefault(note.table_name, {})[tuple(msgspec.json.decode(note.key))] = None
        changes = [
            change for table in records.TABLES if table in keys for change in await _rows(table, list(keys[table]))
        ]
    return Batch([note.id for note in notes], changes, len(notes) == MOST)


async def _rows(table: str, keys: Sequence[tuple[Any, ...]]) -> list[RowChange]:
    found = await export.rows(table, keys)
    # A row that fits no record is not gone: what a copy has of it stays as it is.
    return [RowChange(table, key, found.get(key)) for key in keys if key not in found or found[key] is not None]


def packed(batch: Batch) -> bytes:
    """MessagePack, which keeps bytes apart from words."""
    return msgspec.msgpack.encode(batch.changes)


def unpacked(body: bytes, archive: int) -> list[RowChange]:
    """Changes that were packed in an archive's format, with present names. Errors: ``Refused`` for an unknown table."""
    plain = msgspec.msgpack.decode(body, type=list[tuple[str, tuple[Any, ...], dict[str, Any] | None]])
    names = formats.of(archive)
    return [_renamed(names, *one) for one in plain]


def _renamed(names: formats.Names, name: str, key: tuple[Any, ...], row: dict[str, Any] | None) -> RowChange:
    table = names.present_table(name)
    return RowChange(table, key, None if row is None else names.present_row(table, row))
