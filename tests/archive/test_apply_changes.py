"""Single rows out, and changes in: what follows a network from here to there."""

from pathlib import Path
from typing import Any

import pytest

from archive import export, load, records
from archive.load import Change
from db.engine import DB
from db.sql import SQL
from domain.core.errors import Refused
from tests.helpers.archives import counts, opened, whole
from tests.helpers.databases import Store
from tests.helpers.people import LiveNetwork

KEYS = {table: SQL(f"SELECT {', '.join(records.key(table))} FROM {table}") for table in records.TABLES}


async def changes() -> list[Change]:
    """Every row of the open database, as if each had just changed."""
    found = []
    for table, asked in KEYS.items():
        keys = [tuple(row) for row in await DB.fetch(asked)]
        found += [Change(table, key, row) for key, row in (await export.rows(table, keys)).items()]
    return found


async def test_rows_come_as_an_archive_has_them(network: LiveNetwork) -> None:
    ana, bob = await network.members("ana", "bob")
    await ana.follow(bob)
    there = await export.rows("account", [(bob.id,), (7,), (ana.id,)])
    assert {key: row and row["handle"] for key, row in there.items()} == {(ana.id,): "ana", (bob.id,): "bob"}
    assert tuple(there[ana.id,] or ()) == records.shape("account").columns
    assert await export.rows("follow", [(ana.id, bob.id), (bob.id, ana.id)]) == {
        (ana.id, bob.id): {"follower": ana.id, "followee": bob.id, "pull": 0}
    }
    await DB.fetch(SQL("UPDATE account SET hue = 99 WHERE id = ?1"), bob.id)
    assert (await export.rows("account", [(bob.id,)])) == {(bob.id,): None}, "there, and not as it should be"
    many = [(number,) for number in range(1, 200)]
    assert len(await export.rows("account", [*many, (ana.id,)])) == 1
    assert await export.rows("account", []) == {}
    with pytest.raises(Refused, match="No table"):
        await export.rows("account; drop table account", [(1,)])


async def test_changes_make_a_copy_the_same_in_any_order(network: LiveNetwork, store: Store, tmp_path: Path) -> None:
    ana, bob = await network.members("ana", "bob")
    await ana.follow(bob)
    post = await bob.show("A picture.")
    await ana.vote(post, 1)
    await ana.repost(post)
    await network.settle()
    every = await changes()
    await export.write(tmp_path / "one")
    # Between the archive and the change: one leaves, one comes, a name is given away, a repost comes again.
    await ana.unrepost(post)
    await ana.repost(post)
    await bob.delete(await bob.show("Another picture."))
    await DB.fetch(SQL("UPDATE account SET handle = 'old', handle_key = 'old' WHERE id = ?1"), bob.id)
    eve = await network.member("bob")
    await network.settle()
    later = await changes()
    await export.write(tmp_path / "later")
    await DB.close()

    await opened(await store.copy("migrated"))
    await load.read(tmp_path / "one")
    kept = {(one.table, one.key) for one in later}
    gone = [Change(one.table, one.key, None) for one in every if (one.table, one.key) not in kept]
    for _ in range(2):
        report = await load.apply([*reversed(gone), *reversed(later)])
        assert report.bad == []
    await load.derive()
    assert await DB.value(SQL("SELECT handle FROM account WHERE id = ?1"), eve.id) == "bob"
    await export.write(tmp_path / "there")
    assert whole(tmp_path / "there") == whole(tmp_path / "later")


async def test_what_does_not_fit_is_reported_and_the_rest_is_done(network: LiveNetwork) -> None:
    ana, bob = await network.members("ana", "bob")
    row = (await export.rows("account", [(ana.id,)]))[ana.id,]
    assert row
    before = await counts()
    report = await load.apply(
        [
            Change("account", (ana.id,), {**row, "hue": 99}),
            Change("account", (bob.id,), row),
            Change("account", (ana.id,), {"id": ana.id}),
            Change("bell", (ana.id, 5), {"account": ana.id, "target": 5}),
            Change("bell", (ana.id, bob.id), {"account": ana.id, "target": bob.id}),
            Change("session", ("unknown",), None),
        ]
    )
    assert [(table, field) for table, _, field, _ in report.bad] == [
        ("account", "hue"), ("account", ""), ("account", ""), ("bell", ""),
    ]  # fmt: skip
    assert report.rows == {"bell": 1, "session": 1}
    assert await counts() == {**before, "bell": before["bell"] + 1}
    strange: list[tuple[Any, ...]] = [("5",), (5, 6), (), (None,), (True,), (b"5",), ({"a": 1},)]
    report = await load.apply([Change("account", key, None) for key in strange])
    assert (report.rows, len(report.bad)) == ({}, len(strange)), "whoever made them may be anybody"
    with pytest.raises(Refused):
        await load.apply([Change("timeline", (1, 2), None)])
