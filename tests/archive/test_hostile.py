"""An archive made to do harm: no row gets in that would be used as a path, an address, a header or a script."""

import asyncio
import json
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.archive import _load
from archive import export, file, load, records
from archive.file_header import WrongArchive
from archive.tables import media
from db import schema
from db.engine import DB
from db.sql import SQL
from domain.core.errors import NotFound
from domain.media import serving, storage
from domain.media.stores import STORES
from settings import Settings
from tests.conftest import OpenSite
from tests.helpers import shared
from tests.helpers.archives import opened, rows, town
from tests.helpers.databases import Store
from tests.helpers.people import LiveNetwork

# What people write, drawn as text wherever it stands: markup in it is no harm.
WRITTEN = {
    "network": {"name", "description", "contact"}, "terms": {"text"}, "account": {"name", "name_key", "bio"},
    "post": {"text", "cover"}, "revision": {"text", "cover"}, "media": {"alt"},
    "link_preview": {"title", "description", "site"}, "outbox": {"error"}, "dropped_event": {"error", "reason"},
    "report": {"words"}, "guest_report": {"name"}, "statement": {"facts", "explanation"},
    "proposal": {"facts", "explanation"}, "appeal": {"words", "answer"},
    "juror": {"reason", "dispute"}, "jury_audit": {"why"},
    "case_message": {"words"},
    "case_note": {"words"},
    "brake": {"words"}, "crisis": {"words"},
    "filter_rule": {"name", "facts"},
    "complaint": {"name", "reference", "words"}, "complaint_address": {"address"},
    "complaint_mail": {"message_id", "subject", "words"}, "complaint_letter": {"subject", "words", "answer"},
    "known_sender": {"name"},
    "bulk_decision": {"facts", "explanation", "undo_words"}, "known_picture": {"name", "note"},
}  # fmt: skip
# What is compared, or shown as text in one place, and nothing else; a store's address is not used at all.
# What is reported may say anything, as JSON: it is drawn as text.
OPAQUE = {
    "session": {"agent"}, "post": {"key"}, "media": {"key"}, "object_store": {"url"},
    "filter_rule": {"condition", "failed"}, "filter_change": {"condition"}, "word_list": {"words"},
    "word_proposal": {"words"},
}  # fmt: skip
# A time zone that nobody knows is UTC, and base64 has slashes.
HARMLESS = {
    "zone": {"text/html"}, "hash": {"/etc/passwd", "text/html"}, "kept": {"/etc/passwd", "text/html"}
}  # fmt: skip
HARMFUL = [
    "javascript:alert(1)", "data:text/html,<script>alert(1)</script>", "../../etc/passwd", "/etc/passwd",
    "file:///etc/passwd", "http://169.254.169.254/\r\nX: y", "text/html", "image/webp\r\nSet-Cookie: a=b",
    "b@x.org,root", "b@x.org\nBcc: root@x.org", "<b@x.org>", "<script>alert(1)</script>", '" onload="alert(1)', "..",
    '[["me", "javascript:alert(1)"]]', '[{"a": 1}]', "[1]", '"text"', "[[[[", "${jndi:ldap://x}", "' OR 1=1 --",
    "$argon2id$v=19$m=4194304,t=99,p=8$c2FsdA$aGFzaA", "$1$salt$hash", "%2e%2e/%2e%2e", "aa/../secret",
]  # fmt: skip
# Nobody can type these: domain.core.text_parsing.clean strips them.
UNTYPED = [
    "zero \0",
    "escape \x1b[2J",
    "bell \x07",
    "right to left \u202egnp.exe",
    "isolate \u2066x",
    "\ue000mark\ue001",
]


@pytest.fixture(scope="module")
def engine() -> str:
    """An archive is the same on both."""
    return "sqlite"


@pytest.fixture(scope="session")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data folder of a network that has something in every table, with its archive."""

    async def make(folder: Path) -> None:
        settings = Settings(data=str(folder))
        await DB.open(settings.url)
        try:
            await schema.migrate()
            await town(settings)
            await export.write(folder / "town")
        finally:
            await DB.close()

    return shared.made_once(tmp_path_factory, "town", lambda folder: asyncio.run(make(folder)))


@pytest.fixture
def archive(exported: Path, tmp_path: Path) -> Path:
    """That archive, to be changed; its pictures are at ``tmp_path/objects``."""
    shutil.copytree(exported, tmp_path, dirs_exist_ok=True)
    return tmp_path / "town"


def columns(table: str) -> Iterator[tuple[int, str]]:
    """The places and names of a table's text columns, but those whose harm depends on nothing but their length."""
    for place, column in enumerate(records.shape(table).columns):
        if column in records.shape(table).words:
            yield place, column


def is_taken(table: str, row: tuple[Any, ...], place: int, value: str) -> bool:
    return bool(records.check(table, [(*row[:place], value, *row[place + 1 :])])[0])


async def test_every_text_is_written_opaque_or_spelled(archive: Path) -> None:
    """A column that is new must be given its place here, or a pattern that refuses all of this."""
    for table in records.TABLES:
        row = rows(archive, f"SELECT * FROM {table} LIMIT 1")[0]
        assert records.check(table, [row]) == ([row], []), table
        for place, column in columns(table):
            if column in OPAQUE.get(table, set()):
                assert not is_taken(table, row, place, "zero \0")
                continue
            assert [value for value in UNTYPED if is_taken(table, row, place, value)] == [], (table, column)
            if column not in WRITTEN.get(table, set()):
                taken = {value for value in HARMFUL if is_taken(table, row, place, value)}
                assert taken <= HARMLESS.get(column, set()), (table, column)


@given(st.text(max_size=80))
def test_a_path_stays_in_the_store_and_a_type_is_one_of_ours(text: str) -> None:
    key, path = "k" * storage.KEY_LENGTH, f"kk/{'k' * storage.KEY_LENGTH}.00000000"
    row = (key, path, 1, "image/webp", 5, 1, 1)
    assert records.check("stored_object", [row])[0] == [row]
    for place in (0, 1):
        assert not is_taken("stored_object", row, place, text)
    assert is_taken("stored_object", row, 3, text) == (text in media.TYPES)
    assert not is_taken("pending_removal", (path, 1, 1), 0, text)
    assert not is_taken("rendition", (5, "wide", key, 1, 1), 1, text)


async def _hostile(archive: Path, secret: Path) -> None:
    """Has every row of some tables say what would do harm."""
    key = rows(archive, "SELECT key FROM stored_object ORDER BY key LIMIT 1")[0][0]
    link = json.dumps([["me", "javascript:alert(1)"]])
    for statement, *values in (
        ("UPDATE stored_object SET path = ?, bytes = 5 WHERE key = ?", "../secret", key),
        ("INSERT INTO pending_removal SELECT ?, id, 1 FROM object_store", "../secret"),
        ("INSERT INTO pending_removal SELECT ?, id, 2 FROM object_store", str(secret)),
        ("UPDATE object_store SET url = ?", secret.parent.as_uri()),
        ("UPDATE account SET links = ? WHERE handle = 'bao'", link),
        ("UPDATE link_preview SET url = ? WHERE id = (SELECT min(id) FROM link_preview)", "javascript:alert(1)"),
    ):
        rows(archive, statement, *values)


async def test_a_hostile_archive_reaches_nothing_outside(store: Store, archive: Path, open_site: OpenSite) -> None:
    host = archive.parent / "host"
    host.mkdir()
    secret = host / "secret"
    secret.write_text("a file of this host")
    await _hostile(archive, secret)
    before = rows(archive, "SELECT count(*) FROM stored_object")[0][0]
    there = Settings(database_url=await store.copy("empty"), data=str(host))
    report = await _load(there, archive, lambda *_: None)
    told = {(table, field) for table, _, field, _ in report.bad}
    assert {
        ("stored_object", "path"),
        ("pending_removal", "path"),
        ("account", "links"),
        ("link_preview", "url"),
    } <= told
    assert report.rows["stored_object"] == before - 1

    site = await open_site(database_url=there.url, data=str(host))
    assert [place.url for place in await STORES.places()] == [""], "only this host's own place"
    assert await DB.fetch(SQL("SELECT path FROM pending_removal WHERE path LIKE '%secret%'")) == []
    for (key,) in await DB.fetch(SQL("SELECT key FROM stored_object")):
        assert b"a file of this host" not in (await site.browser().get(f"/media/{key}")).content
    await storage.collect()
    assert secret.read_text() == "a file of this host"
    assert "javascript:" not in (await site.browser().get("/@ana")).text
    assert (await site.browser().get("/@bao")).status_code == 404, "who does not fit is not there"


async def test_an_address_of_a_store_in_the_archive_is_never_asked(store: Store, archive: Path, tmp_path: Path) -> None:
    """Not even one that is well spelled: pictures are where this host's settings say."""
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "objects").rename(elsewhere)
    rows(archive, "UPDATE object_store SET url = ?", elsewhere.as_uri())
    there = Settings(database_url=await store.copy("empty"), data=str(tmp_path / "host"))
    report = await _load(there, archive, lambda *_: None)
    assert report.left_out == 0
    await opened(there.url)
    await STORES.open(there.objects_url, there.objects)
    key = await DB.value(SQL("SELECT key FROM stored_object WHERE uses > 0 LIMIT 1"))
    found = await serving.find(key)
    assert found is not None
    with pytest.raises(NotFound):
        await serving.read(found, 0, 5)
    await storage.collect()
    assert len(list(elsewhere.rglob("*.*"))) > 5, "nothing was taken out of it"
    await DB.close()
    # Named in the settings, it is where they are.
    there = Settings(
        database_url=await store.copy("empty"), data=str(tmp_path / "other"), objects_url=elsewhere.as_uri()
    )
    await _load(there, archive, lambda *_: None)
    await opened(there.url)
    await STORES.open(there.objects_url, there.objects)
    assert await serving.read(found, 0, 5)


KEY = "account INTEGER NOT NULL, post INTEGER NOT NULL"


@pytest.mark.parametrize(
    "instead",
    [
        "CREATE VIEW vote AS SELECT 1 AS account, 1 AS post, 1 AS value",
        "CREATE VIRTUAL TABLE vote USING fts5(account, post, value)",
        f"CREATE TABLE vote ({KEY}, value AS (hex(zeroblob(500000))), PRIMARY KEY (account, post)) WITHOUT ROWID",
        f"CREATE TABLE vote ({KEY}, value AS (hex(zeroblob(9))) STORED, PRIMARY KEY (account, post)) WITHOUT ROWID",
        f"CREATE TABLE vote ({KEY}, value INTEGER, more AS (1), PRIMARY KEY (account, post)) WITHOUT ROWID",
        f"CREATE TABLE vote ({KEY}, value TEXT DEFAULT '{'x' * 1000}', PRIMARY KEY (account, post)) WITHOUT ROWID",
        f"CREATE TABLE vote ({KEY}, value INTEGER, PRIMARY KEY (post, account)) WITHOUT ROWID",
        f"CREATE TABLE vote ({KEY}, value INTEGER)",
    ],
)
async def test_what_is_no_plain_table_is_not_read(network: LiveNetwork, tmp_path: Path, instead: str) -> None:
    await export.write(tmp_path / "one")
    with closing(sqlite3.connect(tmp_path / "one")) as connection:
        connection.execute("DROP TABLE vote")
        connection.execute(instead)
        connection.commit()
    with pytest.raises(WrongArchive, match="lacks vote"), file.reading(tmp_path / "one"):
        pass


async def test_what_says_what_the_archive_is_is_plain_too(network: LiveNetwork, tmp_path: Path) -> None:
    await export.write(tmp_path / "one")
    rows(tmp_path / "one", "ALTER TABLE about RENAME TO other")
    rows(tmp_path / "one", "CREATE VIEW about AS SELECT * FROM other")
    with pytest.raises(WrongArchive, match="lacks about"), file.reading(tmp_path / "one"):
        pass


async def test_a_value_that_is_too_long_is_not_read(network: LiveNetwork, tmp_path: Path) -> None:
    await export.write(tmp_path / "one")
    rows(tmp_path / "one", "INSERT INTO terms VALUES (7, hex(zeroblob(?)), 1)", file.MAX_VALUE // 2 + 1)
    with pytest.raises(WrongArchive, match="too big"), file.reading(tmp_path / "one") as archive:
        archive.after("terms", None)


@pytest.mark.parametrize("undecodable", [False, True])
async def test_a_batch_is_bounded_by_its_bytes_too(network: LiveNetwork, tmp_path: Path, undecodable: bool) -> None:
    await export.write(tmp_path / "one")
    for version in range(11, 21):
        rows(tmp_path / "one", "INSERT INTO terms VALUES (?, hex(zeroblob(50000)), 1)", version)
    if undecodable:
        rows(tmp_path / "one", "UPDATE terms SET text = text || CAST(x'ff' AS text) WHERE version > 10")
    with file.reading(tmp_path / "one") as archive:
        found = archive.after("terms", (10,), 10_000, size=250_000)
        # In memory a text that is no UTF-8 takes two bytes for each of its characters.
        assert [row[0] for row in found] == ([11, 12] if undecodable else [11, 12, 13])
        assert [row[0] for row in archive.after("terms", (13,), 10_000, size=1)] == [14]
        assert len(archive.after("terms", (10,))) == 10


async def test_a_load_takes_batches_of_few_bytes(store: Store, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each row its own batch, and all of them arrive."""
    monkeypatch.setattr(load, "BATCH_BYTES", 1)
    there = Settings(database_url=await store.copy("empty"), data=str(archive.parent / "host"))
    report = await _load(there, archive, lambda *_: None)
    assert report.rows["post"] == rows(archive, "SELECT count(*) FROM post")[0][0]
