"""Replication of every change: a host that is lost is brought back as it was a moment ago, on either engine."""

from pathlib import Path

import pytest

from db import changes
from db.engine import DB
from db.queries import backups
from db.sql import SQL
from domain.accounts import sessions
from domain.core import signing
from domain.core.leases import Lease
from ops.backup import batches, replication_state, retention
from ops.backup.replicator import LEASE, Replicator
from ops.backup.restoring import Wanted
from ops.backup.retention import Keep
from tests.helpers import media_files
from tests.helpers.backups import TO, Host, bring_back, elsewhere, rows, same
from tests.helpers.databases import Store
from tests.helpers.people import LiveNetwork, Member

TRIGGERS = changes.THERE


@pytest.fixture
def host(network: LiveNetwork, tmp_path: Path) -> Host:
    return Host(network.settings, (tmp_path / "repository").as_uri())


async def a_day(network: LiveNetwork, ana: Member, bao: Member) -> int:
    """Something of everything. Returns a post that is still there."""
    await bao.follow(ana)
    first = await ana.post("Lanterns over the square, #lanterns for @bao")
    await bao.vote(first, 1)
    await bao.repost(first)
    await ana.edit(first, "Lanterns over the whole square for @bao")
    await bao.post("How many?", parent=first)
    gone = await ana.show("The well", media_files.encoded(media_files.photo(seed=7)))
    await ana.delete(gone)
    kept = await ana.show("The bridge", media_files.encoded(media_files.photo(seed=8)))
    await network.settle()
    return kept


async def test_everything_after_the_backup_is_in_the_copy(
    network: LiveNetwork, host: Host, store: Store, tmp_path: Path
) -> None:
    ana, bao = await network.members("ana", "bao")
    await a_day(network, ana, bao)
    assert await host.back_up() == 1
    kept = await a_day(network, ana, bao)
    await host.catch_up()
    await bao.unfollow(ana)
    cleo = await network.member("cleo")
    await cleo.block(bao)
    await network.settle()
    await host.catch_up()
    assert not await backups.pending()
    was, key = await rows(tmp_path), await signing.public_key()
    done = await bring_back(
        host, elsewhere(network.settings, tmp_path / "b", await store.copy("empty")), Wanted(key=key)
    )
    assert (done.bad, done.lost) == ([], [])
    assert done.pictures > 0
    assert done.segments == 2
    same(was, await rows(tmp_path))
    assert await signing.public_key() == key
    for member in (ana, bao, cleo):
        assert (await sessions.viewer(member.token)).id == member.id, "still signed in"
    assert (await ana.view(kept)).attachments == 1
    assert (await ana.home())[:1] == [kept], "timelines are made again"


@pytest.fixture
def other(request: pytest.FixtureRequest, engine: str) -> Store:
    """Databases of the engine that the network is not on; named first, since making them opens some."""
    found: Store = request.getfixturevalue("postgresql" if engine == "sqlite" else "sqlite")
    return found


async def test_to_the_other_engine(other: Store, network: LiveNetwork, host: Host, tmp_path: Path) -> None:
    ana, bao = await network.members("ana", "bao")
    await host.back_up()
    await a_day(network, ana, bao)
    await host.catch_up()
    was = await rows(tmp_path)
    try:
        await bring_back(host, elsewhere(network.settings, tmp_path / "b", await other.copy("empty")))
        same(was, await rows(tmp_path))
    finally:
        await DB.close()
        await other.tidy()


async def test_nothing_is_noted_while_no_copy_follows(network: LiveNetwork, host: Host) -> None:
    await network.member("ana")
    assert await DB.fetch(TRIGGERS) == []
    assert not await backups.pending()
    await host.back_up()
    assert len(await DB.fetch(TRIGGERS)) > 60
    await network.member("bao")
    assert await backups.pending()
    await replication_state.agree(host.repository.name)
    assert await backups.pending(), "a start with the same place changes nothing"
    await replication_state.agree("")
    assert await DB.fetch(TRIGGERS) == []
    assert not await backups.pending()
    assert await replication_state.end(host.repository.name) is None


async def test_what_a_key_takes_along_is_noted_too(network: LiveNetwork, host: Host) -> None:
    """A row that goes by a foreign key goes from the copy as well."""
    ana, bao = await network.members("ana", "bao")
    post = await ana.post("Who likes lanterns?")
    await bao.vote(post, 1)
    await host.back_up()
    await ana.delete(post)
    await network.settle()
    noted = {(row[1], row[2]) for row in await backups.changes(1000)}
    tables = {table for table, _ in noted}
    assert {"post", "vote"} <= tables, tables


async def test_a_segment_that_was_written_and_not_noted_is_gone_on_from(network: LiveNetwork, host: Host) -> None:
    """As if the process had been killed between the two."""
    await host.back_up()
    before = await backups.replication_state()
    assert before is not None
    await network.member("ana")
    await host.catch_up()
    await DB.fetch(SQL("UPDATE replication_state SET number = ?1, head = ?2"), before[2], before[3])
    await network.member("bao")
    await host.catch_up()
    end = await replication_state.end(host.repository.name)
    assert end is not None
    assert end.number == 2
    assert not await backups.pending()
    assert len([path async for path, _ in host.repository.folder("segments")]) == 2


async def test_more_than_one_batch(
    network: LiveNetwork, host: Host, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What belongs together comes in several segments, each too small for it."""
    monkeypatch.setattr(batches, "MOST", 7)
    ana, bao = await network.members("ana", "bao")
    await host.back_up()
    await a_day(network, ana, bao)
    await host.catch_up()
    end = await replication_state.end(host.repository.name)
    assert end
    assert end.number > 5
    was = await rows(tmp_path)
    done = await bring_back(host, elsewhere(network.settings, tmp_path / "b", await store.copy("empty")))
    assert done.bad == []
    same(was, await rows(tmp_path))


async def test_a_row_that_fits_no_record_is_not_gone(network: LiveNetwork, host: Host, tmp_path: Path) -> None:
    """What the copy has of it stays as it was, with all that hangs on it."""
    ana, bao = await network.members("ana", "bao")
    await ana.follow(bao)
    post = await ana.show("Still here")
    await network.settle()
    await host.back_up()
    was = await rows(tmp_path)
    await DB.fetch(SQL("UPDATE account SET hue = 99 WHERE id = ?1"), ana.id)
    await host.catch_up()
    done = await bring_back(host, elsewhere(network.settings, tmp_path / "b"))
    assert (done.bad, done.rows["post"]) == ([], 1)
    same(was, await rows(tmp_path))
    assert (await bao.view(post)).text


async def test_rows_that_fit_no_record_stop_no_restore(network: LiveNetwork, host: Host, tmp_path: Path) -> None:
    """They are left out with those that need them, and everything else stands, sampled or not."""
    ana, bao = await network.members("ana", "bao")
    await ana.follow(bao)
    await ana.post("Goes with its author")
    await bao.post("Stays")
    await network.settle()
    await DB.fetch(SQL("UPDATE account SET hue = 99 WHERE id = ?1"), ana.id)
    await host.back_up()
    done = await bring_back(host, elsewhere(network.settings, tmp_path / "b"))
    assert done.bad
    assert (done.rows["account"], done.rows["post"], done.rows["follow"]) == (2, 1, 0)


async def test_a_picture_that_comes_again_is_copied_again(network: LiveNetwork, host: Host, tmp_path: Path) -> None:
    ana = await network.member("ana")
    replicator = Replicator(host.url, TO)
    await host.back_up()
    picture = media_files.encoded(media_files.photo(seed=3))
    async with Lease(LEASE).held():
        first = await ana.show("The bridge", picture)
        await replicator.catch_up()
        await ana.delete(first)
        await network.settle()
        await replicator.catch_up()
    await retention.prune(host.repository, Keep(1, 0, 0))
    async with Lease(LEASE).held():
        await ana.show("The bridge, again", picture)
        await network.settle()
        await replicator.catch_up()
    done = await bring_back(host, elsewhere(network.settings, tmp_path / "b"))
    assert done.pictures > 0
    assert done.lost == []
