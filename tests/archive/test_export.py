"""Exporting: one moment of a network that goes on, in a file that is either whole or goes on being made."""

import asyncio
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import apsw
import pytest

from archive import export, file, file_header, records, reports
from archive.file_header import WrongArchive
from db.engine import DB
from db.sql import SQL
from domain.core.errors import Conflict
from tests.helpers.archives import counts, rows, whole
from tests.helpers.people import LiveNetwork
from tests.helpers.services import ROOT

LONG = SQL("UPDATE account SET bio = ?1 WHERE handle = 'bob'")


async def test_it_is_one_moment_while_others_write(network: LiveNetwork, tmp_path: Path) -> None:
    ana = await network.member("ana")
    first = await ana.post("Before.")
    before = await counts()
    writers: list[asyncio.Task[int]] = []

    def told(table: str, done: int, total: int) -> None:
        if table == "network" and not writers:
            writers.append(asyncio.ensure_future(ana.post("Meanwhile.", parent=first)))

    wrote = await export.write(tmp_path / "one", told)
    await writers[0]
    assert wrote.rows == before
    assert [row[0] for row in rows(tmp_path / "one", "SELECT text FROM post")] == ["Before."]
    assert rows(tmp_path / "one", "SELECT replies FROM post") == [(0,)]
    assert await network.count("post") == 2


class Stop(Exception):
    """Somebody pulls the plug."""


async def test_an_interrupted_export_goes_on_and_is_one_moment_all_the_same(
    network: LiveNetwork, tmp_path: Path
) -> None:
    ana, bob, eve = await network.members("ana", "bob", "eve")
    await ana.follow(bob)
    await eve.follow(bob)
    gone = await ana.post("This goes.")
    await ana.post("This stays.")

    def stop(table: str, done: int, total: int) -> None:
        if table == "vote":
            raise Stop

    with pytest.raises(Stop):
        await export.write(tmp_path / "one", stop)
    part = tmp_path / "one.part"
    assert not (tmp_path / "one").exists()
    assert len(rows(part, "SELECT 1 FROM post")) == 2
    # What was written already is not what there is any more.
    await ana.delete(gone)
    await network.settle()
    await eve.unfollow(bob)
    await bob.edit(await bob.post("This is new."), "This was changed.")
    await network.member("zoe")
    wrote = await export.write(tmp_path / "one")
    assert wrote.rows == await counts()
    assert not part.exists()
    await export.write(tmp_path / "fresh")
    assert whole(tmp_path / "one") == whole(tmp_path / "fresh")
    assert [name for name in os.listdir(tmp_path) if name.startswith("one")] == ["one"], "nothing is left beside it"


async def test_what_is_there_already_is_not_checked_again(
    network: LiveNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await network.members("ana", "bob")

    def stop(table: str, done: int, total: int) -> None:
        if table == "outbox":
            raise Stop

    with pytest.raises(Stop):
        await export.write(tmp_path / "one", stop)
    checked: list[str] = []
    real = records.check

    def check(table: str, some: list[records.Row]) -> tuple[list[records.Row], list[records.Bad]]:
        checked.append(table)
        return real(table, some)

    monkeypatch.setattr(records, "check", check)
    wrote = await export.write(tmp_path / "one")
    assert wrote.rows["account"] == 3
    assert not {"account", "credential", "post"} & set(checked)


async def test_a_row_that_does_not_fit_is_left_out_and_reported(network: LiveNetwork, tmp_path: Path) -> None:
    await network.members("ana", "bob")
    await DB.fetch(LONG, "secret " * 5000)
    wrote = await export.write(tmp_path / "one")
    assert [(table, field) for table, _, field, _ in wrote.bad] == [("account", "bio")]
    assert (wrote.left_out, wrote.rows["account"]) == (1, 2)
    assert "secret" not in reports.beside(tmp_path / "one").read_text()
    await DB.fetch(LONG, "Short.")
    assert (await export.write(tmp_path / "two")).bad == []
    assert not reports.beside(tmp_path / "two").exists()


async def test_nothing_is_written_over(network: LiveNetwork, tmp_path: Path) -> None:
    (tmp_path / "one").write_text("precious")
    with pytest.raises(Conflict, match="there already"):
        await export.write(tmp_path / "one")
    assert (tmp_path / "one").read_text() == "precious"
    with pytest.raises(WrongArchive, match="can't be written"):
        await export.write(tmp_path / "no" / "such" / "folder")


async def test_rubbish_under_its_name_is_begun_anew(network: LiveNetwork, tmp_path: Path) -> None:
    for rubbish in (b"", b"rubbish" * 1000):
        (tmp_path / "one.part").write_bytes(rubbish)
        assert (await export.write(tmp_path / "one")).rows == await counts()
        (tmp_path / "one").unlink()


HOLD = """
import sys
from pathlib import Path
from archive import file
with file.making(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


async def test_two_at_a_time_are_one_too_many(network: LiveNetwork, tmp_path: Path) -> None:
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-c", HOLD, str(tmp_path / "one.part")]
    other = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, cwd=ROOT)
    assert other.stdout
    assert await other.stdout.readline() == b"held\n"
    with pytest.raises(WrongArchive, match="locked"):
        await export.write(tmp_path / "one")
    await other.communicate(b"")
    assert (await export.write(tmp_path / "one")).rows == await counts()


async def test_whoever_gives_up_waits_for_what_is_being_written(
    network: LiveNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, begun, ended = file.ArchiveFile.drop, threading.Event(), threading.Event()

    def drop(made: file.ArchiveFile, *place: Any) -> None:
        begun.set()
        time.sleep(0.3)
        real(made, *place)
        ended.set()

    with monkeypatch.context() as slow:
        slow.setattr(file.ArchiveFile, "drop", drop)
        writing = asyncio.ensure_future(export.write(tmp_path / "one"))
        await asyncio.to_thread(begun.wait)
        writing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await writing
    assert ended.is_set()


async def test_a_full_disk_is_not_a_damaged_archive(network: LiveNetwork, tmp_path: Path) -> None:
    """What is only read may have to be written first: pages leave a cache that is full."""
    with pytest.raises(WrongArchive) as refused, file.making(tmp_path / "one"):
        raise apsw.FullError("database or disk is full")
    assert refused.value.code == file_header.FULL


async def test_a_name_that_is_no_text(network: LiveNetwork, tmp_path: Path) -> None:
    place = tmp_path / os.fsdecode(b"a%20b?c#\xff")
    await export.write(place)
    with file.reading(place) as archive:
        assert archive.total("network") == 1
