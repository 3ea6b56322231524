"""A keyed sample of an archive's rows, by which a restore is checked."""

import hashlib
import hmac
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec

from archive import records

# Rows by table.
MANY = 8
Samples = dict[str, list[tuple[str, str]]]


def take(archive: Path, counts: Mapping[str, int], secret: bytes) -> Samples:
    """``(key as JSON, hash)`` of some rows of each table, spread over its ``counts``."""
    found: Samples = {}
    with closing(_opened(archive)) as database:
        for table, count in counts.items():
            for at in sorted({count * step // MANY for step in range(MANY)} if count else ()):
                row = dict(database.execute(f'SELECT * FROM "{table}" LIMIT 1 OFFSET ?', (at,)).fetchone())
                found.setdefault(table, []).append((_key(table, row), digest(table, row, secret)))
    return found


def _opened(archive: Path) -> sqlite3.Connection:
    database = sqlite3.connect(f"{archive.as_uri()}?mode=ro", uri=True)
    database.row_factory = sqlite3.Row
    return database


def _key(table: str, row: Mapping[str, Any]) -> str:
    return msgspec.json.encode([row[column] for column in records.key(table)]).decode()


def digest(table: str, row: Mapping[str, Any], secret: bytes) -> str:
    """A row's hash; its columns in the order of their names."""
    words = msgspec.msgpack.encode([table, *((name, _plain(row[name])) for name in sorted(row))])
    return hmac.new(secret, words, hashlib.sha256).hexdigest()[:32]


def _plain(value: Any) -> Any:
    """The same for a row of a table and of the archive, which has no booleans."""
    return int(value) if isinstance(value, bool) else value


def pictures(archive: Path) -> dict[str, int]:
    """The keys of all files that something uses, and their bytes."""
    with closing(_opened(archive)) as database:
        return dict(map(tuple, database.execute('SELECT key, bytes FROM "stored_object" WHERE uses > 0 ORDER BY key')))
