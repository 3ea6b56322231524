"""Formats before the present one: their names are known and checked as strictly as those of today."""

import sqlite3
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from archive import file, formats, load, records
from archive.file_header import WrongArchive
from archive.records import FORMAT, TABLES
from db.engine import DB
from domain.core.errors import Refused
from ops.backup import batches
from tests.helpers import old_network
from tests.helpers.archives import opened
from tests.helpers.databases import Store

OLD = 2


@pytest.fixture
def old(tmp_path: Path) -> Path:
    return old_network.archive(tmp_path)


def change(archive: Path, statement: str) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        connection.execute(statement)
        connection.commit()


def test_each_name_is_one_of_today() -> None:
    for number in range(formats.OLDEST, FORMAT + 1):
        names = formats.of(number)
        assert set(names.tables) <= set(TABLES)
        for table, columns in names.columns.items():
            there = records.shape(table).columns
            assert set(columns) <= set(there), table
            assert not set(columns.values()) & set(there), table
        assert names.lacks <= set(TABLES)
        for table, fills in names.fills.items():
            assert set(fills) <= set(records.shape(table).columns), table
    assert formats.of(FORMAT) == formats.Names()
    assert not formats.is_read(FORMAT + 1)


def test_rows_have_present_names_and_go_back() -> None:
    names = formats.of(OLD)
    row = {"id": 1, "picture": "small", "portrait": "large"}
    present = names.present_row("account", row)
    assert present == {
        "id": 1, "avatar_small": "small", "avatar_large": "large", "rules_version": 0, "frozen_until": 0,
        "suspended_until": 0, "trust": 2,
    }  # fmt: skip
    assert names.own_row("account", present) == row
    assert names.by_table({"card": 3, "post": 4}) == {"link_preview": 3, "post": 4}


def test_a_row_has_what_its_format_lacks_as_it_was_then() -> None:
    names = formats.of(3)
    assert names.present_row("post", {"id": 1, "cover": None}) == {"id": 1, "cover": None, "state": 0, "measures": 0}
    assert names.own_row("post", {"id": 1, "state": 1}) == {"id": 1}
    # A row of that format can't speak of what it did not know.
    assert names.present_row("post", {"id": 1, "state": 1}) == {"id": 1, "state": 0, "measures": 0, "state?": 1}
    with pytest.raises(Refused):
        names.present_table("report")
    assert names.present_table("post") == "post"


@pytest.mark.parametrize(
    "harm",
    [
        "ALTER TABLE card RENAME TO link_preview",
        "ALTER TABLE account RENAME COLUMN picture TO avatar_small",
        "ALTER TABLE post ADD COLUMN link_preview bigint",
        "DROP TABLE removal",
    ],
)
def test_an_old_archive_has_the_names_of_its_format(old: Path, harm: str) -> None:
    change(old, harm)
    with pytest.raises(WrongArchive, match=r"it lacks (card|account|post|removal)\.$") as refusal, file.reading(old):
        pass
    assert refusal.value.code == "damaged"


async def test_rows_of_an_old_archive_are_checked(old: Path, store: Store) -> None:
    change(old, "UPDATE account SET portrait = '../secret' WHERE handle = 'ana'")
    change(old, "UPDATE card SET url = 'javascript:alert(1)'")
    await opened(await store.copy("migrated"))
    try:
        report = await load.read(old)
        assert {(table, field) for table, _, field, _ in report.bad} >= {
            ("account", "avatar_large"), ("link_preview", "url"),
        }  # fmt: skip
        assert report.rows["link_preview"] == 0
    finally:
        await DB.close()


def test_changes_have_the_names_of_their_format() -> None:
    """A segment of format 2 that speaks of later names is none that a version of then has written."""

    def packed(table: str, row: dict[str, object]) -> bytes:
        return msgspec.msgpack.encode([(table, (1,), row)])

    (found,) = batches.unpacked(packed("network", {"id": 1, "cards": 0}), OLD)
    assert (found.table, found.row) == ("network", {"id": 1, "link_previews": 0})
    (found,) = batches.unpacked(packed("card", {"id": 1}), OLD)
    assert found.table == "link_preview"
    (mixed,) = batches.unpacked(packed("network", {"id": 1, "link_previews": 0}), OLD)
    assert mixed.row is not None
    assert "link_previews" not in mixed.row
    with pytest.raises(Refused):
        batches.unpacked(packed("link_preview", {"id": 1}), OLD)
    (present,) = batches.unpacked(packed("link_preview", {"id": 1}), FORMAT)
    assert present.table == "link_preview"
