"""Loading: what does not fit is reported and stops nothing; what is no archive is refused and touches nothing."""

import asyncio
import json
import shutil
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from archive import export, file, file_header, formats, load, records, reports
from archive.file_header import WrongArchive
from db import bulk, schema
from db.engine import DB, ConstraintViolation, Unavailable
from db.sql import SQL
from db.table_specs import Rejected
from domain.core.errors import Conflict
from domain.moderation.kinds import SubjectKind
from domain.moderation.subjects import Subject
from tests.helpers.archives import counts, opened, rows
from tests.helpers.databases import Store
from tests.helpers.people import LiveNetwork

KEYS = SQL("SELECT count(*) FROM sqlite_master WHERE type = 'index'", "SELECT count(*) FROM pg_indexes")
REFERENCES = SQL("SELECT 0", "SELECT count(*) FROM pg_constraint WHERE contype = 'f'")


@pytest.fixture
async def archive(network: LiveNetwork, tmp_path: Path) -> Path:
    """@ana and @bob follow each other; ana's post has an answer of bob's, a tag, a mention, a repost and a vote.

    He has reported it under rule 6, and she him under rule 10.
    """
    ana, bob = await network.members("ana", "bob")
    await ana.follow(bob)
    await bob.follow(ana)
    first = await ana.post("Hello @bob #square")
    await bob.post("An answer.", parent=first)
    await bob.repost(first)
    await bob.vote(first, 1)
    await bob.report(first, 6)
    await ana.report_subject(Subject(SubjectKind.ACCOUNT, bob.id), 10)
    await network.settle()
    await export.write(tmp_path / "one")
    await DB.close()
    return tmp_path / "one"


async def loaded(store: Store, archive: Path) -> load.Report:
    await opened(await store.copy("migrated"))
    report = await load.read(archive)
    await load.derive()
    await schema.check()
    return report


def edit(archive: Path, statement: str, *values: Any) -> None:
    rows(archive, statement, *values)


def listed(report: load.Report) -> set[tuple[str, str]]:
    return {(table, field) for table, _, field, _ in report.bad}


async def test_bad_rows_are_reported_and_stop_nothing(store: Store, archive: Path) -> None:
    edit(archive, "UPDATE post SET text = ? WHERE parent IS NOT NULL", "secret \0 words")
    edit(archive, "UPDATE account SET hue = 'secret' WHERE handle = 'bob'")
    edit(archive, "UPDATE session SET agent = CAST(x'c328' AS text) WHERE account = (SELECT min(account) FROM session)")
    before = {table: len(rows(archive, f"SELECT 1 FROM {table}")) for table in records.TABLES}
    report = await loaded(store, archive)
    # What was bob's goes with him, and is told of too.
    assert {("account", "hue"), ("post", "text"), ("session", "agent")} <= listed(report)
    assert {("follow", "follower"), ("follow", "followee"), ("vote", "account"), ("repost", "account")} <= listed(
        report
    )
    assert {("mention", "account"), ("credential", "account")} <= listed(report)
    assert report.rows == await counts()
    assert sum(before.values()) == sum(report.rows.values()) + report.left_out
    told = [json.loads(line) for line in reports.beside(archive).read_text().splitlines()]
    assert [tuple(one.values()) for one in told] == [tuple(one) for one in report.bad]
    assert "secret" not in reports.beside(archive).read_text()
    assert await DB.value(SQL("SELECT handle FROM account WHERE handle <> 'ottilie'")) == "ana"


@pytest.mark.parametrize("key", ["CAST(x'c328' AS text)", "x'c328'"], ids=["text", "bytes"])
async def test_a_key_that_is_no_text_stops_nothing(
    store: Store, archive: Path, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setattr(load, "BATCH", 1)
    edit(archive, f"INSERT INTO post_tag SELECT {key}, post FROM post_tag")
    await opened(await store.copy("migrated"))

    def told(table: str, done: int, total: int) -> None:
        if table == "repost":
            raise KeyboardInterrupt

    # Behind the last of them, so that it is what the next attempt finds noted.
    with pytest.raises(KeyboardInterrupt):
        await load.read(archive, told)
    report = await load.read(archive)
    assert listed(report) == {("post_tag", "tag")}
    assert report.rows["post_tag"] == 1


@pytest.mark.parametrize("at", [1, 2], ids=["at the first rows", "while others are taken"])
async def test_whoever_gives_up_waits_for_what_is_being_read(
    store: Store, archive: Path, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    await opened(await store.copy("migrated"))
    begun, ended = threading.Event(), threading.Event()
    real, tables = file.ArchiveFile.after, []

    def after(made: file.ArchiveFile, table: str, *place: Any) -> list[records.Row]:
        tables.append(table)
        if len(tables) < at:
            return real(made, table, *place)
        begun.set()
        time.sleep(0.3)
        found = real(made, table, *place)
        ended.set()
        return found

    with monkeypatch.context() as slow:
        slow.setattr(file.ArchiveFile, "after", after)
        loading = asyncio.ensure_future(load.read(archive))
        await asyncio.to_thread(begun.wait)
        for _ in range(2):
            loading.cancel()
            for _ in range(20):
                await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await loading
    assert ended.is_set(), "the archive was closed under its hands"
    assert (await load.read(archive)).rows == await counts()


async def test_what_points_at_a_pair_of_columns_needs_both(store: Store, archive: Path) -> None:
    edit(archive, "DELETE FROM rule WHERE number = 6")
    edit(archive, "UPDATE rule SET version = 2 WHERE number = 10")
    edit(archive, "INSERT INTO rulebook (version, published_at) VALUES (2, 1)")
    report = await loaded(store, archive)
    assert listed(report) == {("report", "rule_version, rule_number")}
    assert report.rows["report"] == 0
    assert report.rows["mod_case"] == 2


async def test_two_rows_for_one_place(store: Store, archive: Path) -> None:
    """Not everything that is unique is a key of the archive: the database finds it."""
    edit(archive, "UPDATE account SET handle_key = 'ottilie' WHERE handle = 'bob'")
    edit(archive, "UPDATE post SET key = 'the-same-key', author = (SELECT id FROM account WHERE handle = 'ana')")
    report = await loaded(store, archive)
    assert [(table, field) for table, _, field, _ in report.bad[:2]] == [("account", ""), ("post", "")]
    assert all("ottilie" not in reason and "same" not in reason for *_, reason in report.bad)
    assert report.rows == await counts()


async def test_everything_that_was_put_away_is_back(store: Store, archive: Path) -> None:
    await opened(await store.copy("migrated"))
    before = await DB.value(KEYS), await DB.value(REFERENCES)
    await DB.close()
    await loaded(store, archive)
    assert (await DB.value(KEYS), await DB.value(REFERENCES)) == before
    with pytest.raises(ConstraintViolation, match=r"(?i)foreign"):
        await DB.fetch(SQL("INSERT INTO bell (account, target) VALUES (1, 2)"))


async def test_a_load_goes_on_where_it_stopped(store: Store, archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    edit(archive, "UPDATE post SET visibility = 9 WHERE parent IS NOT NULL")
    monkeypatch.setattr(load, "BATCH", 1)
    url = await store.copy("migrated")
    for stop in ("account", "follow", "post", "vote", "notice"):
        await opened(url)

        def told(table: str, done: int, total: int, stop: str = stop) -> None:
            if table == stop and done:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            await load.read(archive, told)
        with pytest.raises(Unavailable, match="parvis archive load"):
            await schema.check()
        await DB.close()
    await opened(url)
    report = await load.read(archive)
    assert report == await load.read(archive)
    await load.derive()
    await schema.check()
    assert report.rows == await counts()
    assert ("post", "visibility") in listed(report)
    assert report.rows["account"] == 3
    assert len(reports.beside(archive).read_text().splitlines()) == report.left_out


async def test_another_archive_can_not_go_on_with_it(store: Store, archive: Path, tmp_path: Path) -> None:
    shutil.copy(archive, tmp_path / "other")
    edit(tmp_path / "other", "UPDATE about SET id = 'another'")
    await opened(await store.copy("migrated"))
    await load.read(archive)
    with pytest.raises(Conflict, match="Another archive"):
        await load.read(tmp_path / "other")


async def test_a_database_with_something_in_it_is_left_alone(store: Store, archive: Path) -> None:
    await opened(await store.copy("founded"))
    before = await counts()
    with pytest.raises(Conflict, match="not empty"):
        await load.read(archive)
    assert await counts() == before
    await schema.check()
    assert not await bulk.unfinished()


def cut(path: Path) -> None:
    with open(path, "rb+") as file:
        file.truncate(path.stat().st_size // 2)


def patched(place: int, value: bytes) -> Any:
    def patch(path: Path) -> None:
        with open(path, "rb+") as file:
            file.seek(place)
            file.write(value)

    return patch


@pytest.mark.parametrize(
    ("harm", "words", "code"),
    [
        (cut, "cut short", "cut"),
        (lambda path: path.write_bytes(b""), "not an archive", "not-an-archive"),
        (lambda path: path.write_text("a letter to my aunt " * 99), "not an archive", "not-an-archive"),
        (patched(68, b"\0\0\0\0"), "not an archive", "not-an-archive"),
        (patched(60, (records.FORMAT + 1).to_bytes(4, "big")), "newer", "newer"),
        (patched(60, (formats.OLDEST - 1).to_bytes(4, "big")), "no longer", "older"),
        (lambda path: rows(path, "DROP TABLE post"), "lacks post", "damaged"),
        (lambda path: rows(path, "DELETE FROM about"), "did not end", "damaged"),
        (lambda path: rows(path, "UPDATE about SET rows = 'no'"), "its rows", "damaged"),
        (lambda path: path.unlink(), "can't be read", "archive"),
    ],
)  # fmt: skip
async def test_what_is_no_archive_is_refused(store: Store, archive: Path, harm: Any, words: str, code: str) -> None:
    harm(archive)
    await opened(await store.copy("migrated"))
    for refuse in (load.read, look):
        with pytest.raises(WrongArchive, match=words) as refusal:
            await refuse(archive)
        assert refusal.value.code == code
    assert not await bulk.unfinished()
    assert sum((await counts()).values()) == 0


async def look(path: Path) -> None:
    load.look(path)


async def test_an_archive_that_breaks_inside_says_so(store: Store, archive: Path) -> None:
    with closing(sqlite3.connect(archive)) as connection:
        page, root = connection.execute(
            "SELECT (SELECT page_size FROM pragma_page_size), rootpage FROM sqlite_master WHERE name = 'post'"
        ).fetchone()
    patched(page * (root - 1), b"\xff" * 64)(archive)
    await opened(await store.copy("migrated"))
    with pytest.raises(WrongArchive, match="damaged"):
        await load.read(archive)
    assert file_header.foreign(file_header.of(archive)) is None


async def test_what_the_database_refuses_is_undone_whole(store: Store) -> None:
    await opened(await store.copy("migrated"))
    async with bulk.filling() as target:
        await target.begin("test")
        shape = records.shape("terms")
        with pytest.raises(Rejected):
            await target.put(shape, [(1, "one", 1), (1, "two", 1)], {"mark terms": "x"})
        assert await target.notes() == {
            name: note for name, note in (await target.notes()).items() if "mark" not in name
        }
        await target.finish([shape], lambda gone: {})
    assert await DB.value(SQL("SELECT count(*) FROM terms")) == 0


async def test_rows_are_counted_once_however_often_a_batch_is_tried(store: Store, archive: Path) -> None:
    edit(archive, "UPDATE account SET hue = 99 WHERE handle = 'ana'")
    edit(archive, "UPDATE account SET handle_key = 'ottilie' WHERE handle = 'bob'")
    report = await loaded(store, archive)
    assert report.left_out == len(report.bad) == len(reports.beside(archive).read_text().splitlines())
    assert len(set(report.bad)) == len(report.bad)
