"""Making backups: only what is new travels, what stopped goes on, what is full or away says so, old ones go."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from archive.progress import ignore_progress
from domain.backups import history
from domain.core import clock
from domain.core.leases import Lease
from ops.backup import errors, making, repository, retention, verifying
from ops.backup.manifest import ArchivePart, Manifest, MediaList
from ops.backup.repository import Repository
from ops.backup.retention import Keep
from ops.rigs import ceph_cluster
from ops.rigs.ceph_cluster import Ceph
from tests.conftest import Watch
from tests.helpers import media_files
from tests.helpers.backups import IDENTITY, TO, Host, bring_back, elsewhere, reopen
from tests.helpers.people import LiveNetwork

pytestmark = pytest.mark.xdist_group("ceph")
DAY = 86_400_000


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture
def host(network: LiveNetwork, tmp_path: Path) -> Host:
    return Host(network.settings, (tmp_path / "repository").as_uri())


async def names(host: Host, folder: str) -> set[str]:
    return {path.rpartition("/")[2] async for path, _ in host.repository.folder(folder)}


async def test_only_new_pictures_travel(network: LiveNetwork, host: Host) -> None:
    ana = await network.member("ana")
    await ana.show("One", media_files.encoded(media_files.photo(seed=1)))
    first = await host.maker().run()
    there = await names(host, repository.MEDIA)
    assert first.media.files == len(there) > 0
    await ana.show("Two", media_files.encoded(media_files.photo(seed=2)))
    second = await host.maker().run()
    assert second.number == 2
    assert second.media.files > first.media.files
    state = await history.state(await (await network.operator()).viewer())
    assert [one.number for one in state.backups] == [2, 1]
    assert state.backups[0].sent < state.backups[0].size
    assert there < await names(host, repository.MEDIA)


async def test_a_picture_that_was_cut_short_comes_again(network: LiveNetwork, host: Host, tmp_path: Path) -> None:
    ana = await network.member("ana")
    await ana.show("One", media_files.encoded(media_files.photo(seed=1)))
    await host.back_up()
    cut = max((tmp_path / "repository" / "media").rglob("*/*"), key=lambda file: file.stat().st_size)
    cut.write_bytes(cut.read_bytes()[:100])
    await host.back_up()
    await verifying.verify(host.repository, 0, None, IDENTITY, ignore_progress)


async def test_two_hosts_that_both_are_the_network(network: LiveNetwork, host: Host, tmp_path: Path) -> None:
    """Whoever was thought to be lost comes back, and must not cover up what its successor has."""
    ana = await network.member("ana")
    await host.back_up()
    await ana.post("Before")
    await host.catch_up()
    successor = elsewhere(network.settings, tmp_path / "b")
    await bring_back(host, successor)
    assert await Host(successor, host.url).back_up() == 2
    await reopen(network.settings)
    await ana.post("Nobody will miss it")
    for action in (host.back_up, host.catch_up):
        with pytest.raises(errors.TakenOver, match="number 2 is not from here"):
            await action()
    assert await host.repository.manifests() == [2, 1]
    assert (await msgspec.structs.replace(host.maker(), takes_over=True).run()).number == 3
    await ana.post("The operator wants this one")
    await host.catch_up()
    await reopen(successor)
    with pytest.raises(errors.TakenOver, match="number 3"):
        await Host(successor, host.url).back_up()


async def test_one_at_a_time(network: LiveNetwork, host: Host) -> None:
    async with Lease(making.LEASE).held() as had:
        assert had
        with pytest.raises(errors.StoreBusy):
            await host.back_up()
        with pytest.raises(errors.StoreBusy):
            await retention.prune(host.repository, Keep(1, 1, 1))
    assert await host.back_up() == 1


def of_day(number: int, day: int) -> Manifest:
    return Manifest(
        number=number, at=1_800_000_000_000 + day * DAY, name="", origin="", app="", archive=1, parts=[], bytes=0,
        counts={}, samples={}, media=MediaList(ArchivePart("", 0), 0, 0), chain=None,
    )  # fmt: skip


def test_which_are_kept() -> None:
    every = [of_day(day + 1, day) for day in range(120)]
    kept = [one.number for one in retention.kept(every, Keep(daily=3, weekly=2, monthly=2))]
    assert kept[:3] == [120, 119, 118]
    assert len(kept) <= 3 + 2 + 2
    assert [one.number for one in retention.kept(every, Keep(0, 0, 0))] == [120], "never the last"
    twice = [of_day(1, 0), of_day(2, 0), of_day(3, 1)]
    assert [one.number for one in retention.kept(twice, Keep(5, 0, 0))] == [3, 2], "the newest of each day"


async def test_what_is_not_kept_goes_with_all_it_needed(
    network: LiveNetwork, host: Host, watch: Watch, tmp_path: Path
) -> None:
    ana = await network.member("ana")
    first = await ana.show("One", media_files.encoded(media_files.photo(seed=1)))
    await host.back_up()
    old_parts, old_media = await names(host, repository.PARTS), await names(host, repository.MEDIA)
    await ana.delete(first)
    await network.settle()
    await ana.show("Two", media_files.encoded(media_files.photo(seed=2)))
    await host.catch_up()
    watch.forward(40 * 86_400)
    await host.back_up()
    await ana.show("Three", media_files.encoded(media_files.photo(seed=3)))
    await host.catch_up()
    gone = await retention.prune(host.repository, Keep(1, 0, 0))
    assert (gone.backups, gone.segments) == (1, 1)
    assert gone.pictures > 0
    assert not old_parts & await names(host, repository.PARTS)
    assert not old_media & await names(host, repository.MEDIA)
    again = await retention.prune(host.repository, Keep(1, 0, 0))
    assert again == retention.Removed()
    done = await bring_back(host, elsewhere(network.settings, tmp_path / "b"))
    assert (done.lost, done.segments) == ([], 1)


async def test_nothing_is_removed_for_a_manifest_that_can_not_be_read(host: Host, tmp_path: Path) -> None:
    await host.back_up()
    before = await names(host, repository.PARTS)
    (tmp_path / "repository" / "manifests" / "00000002").write_bytes(b"nonsense\n{}\n")
    with pytest.raises(errors.Tampered):
        await retention.prune(host.repository, Keep(1, 1, 1))
    assert await names(host, repository.PARTS) == before


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A disk with room for a little."""
    folder = tmp_path / "small"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100k", "tmpfs", folder], check=False).returncode:
        pytest.skip("a small disk can be made by root alone")
    yield folder
    subprocess.run(["umount", folder], check=True)


def grow(folder: Path) -> None:
    subprocess.run(["mount", "-o", "remount,size=50m", folder], check=True)


async def test_no_room_in_the_store(network: LiveNetwork, small: Path, tmp_path: Path) -> None:
    """Said so, no half manifest, and with more room it goes on where it stopped."""
    ana = await network.member("ana")
    for seed in range(4):
        await ana.show("Large", media_files.encoded(media_files.photo(1200, 900, seed=seed)))
    host = Host(network.settings, (small / "repository").as_uri())
    with pytest.raises(errors.StoreFull, match="no space left at"):
        await host.back_up()
    assert await host.repository.manifests() == []
    assert await history.last_success_at() == 0
    before = await names(host, repository.PARTS)
    grow(small)
    assert await host.back_up() == 1
    assert before < await names(host, repository.PARTS), "the archive itself was not made again"
    done = await bring_back(host, elsewhere(network.settings, tmp_path / "b"))
    assert done.lost == []


def fill(folder: Path, but: int) -> None:
    """Leaves so many bytes."""
    (folder / "other").write_bytes(b"x" * (shutil.disk_usage(folder).free - but))


async def test_no_room_on_this_machine(
    network: LiveNetwork, host: Host, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = msgspec.structs.replace(network.settings, data=str(small))
    cramped = Host(settings, host.url)
    with pytest.raises(errors.StoreFull, match=r"needs .* MB of free space"):
        await cramped.back_up()
    grow(small)
    fill(small, 100_000)
    monkeypatch.setattr(making, "ROOM", 0)
    with pytest.raises(errors.StoreFull, match="disk is full"):
        await cramped.back_up()
    (small / "other").unlink()
    assert await host.repository.manifests() == []
    assert await cramped.back_up() == 1


@pytest.fixture(scope="module")
def breaking() -> Iterator[Ceph]:
    """A Ceph of this file's own, to be broken."""
    with ceph_cluster.throwaway() as cluster:
        yield cluster


async def test_ceph_down_in_mid_backup(
    network: LiveNetwork, breaking: Ceph, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ana = await network.member("ana")
    for seed in range(6):
        await ana.show("A picture", media_files.encoded(media_files.photo(seed=seed)))
    monkeypatch.setattr(repository, "PART", 1024)
    host = Host(network.settings, breaking.make_bucket(f"backup-{os.urandom(4).hex()}"))
    host.repository = Repository(host.url, seconds=3)
    closing: list[asyncio.Task[None]] = []

    def told(what: str, done: int, total: int) -> None:
        if what == "sending" and done == 2 and not closing:
            breaking.close_gateway()
            closing.append(asyncio.ensure_future(asyncio.sleep(0)))

    with pytest.raises(errors.StoreUnavailable, match="be read or written"):
        await host.maker().run(told)
    assert closing
    breaking.open_gateway()
    assert await host.repository.manifests() == []
    before = await names(host, repository.PARTS)
    assert len(before) == 2
    sent: list[str] = []
    put_file = host.repository.put_file

    async def noted(path: str, file: Path, size: int) -> int:
        travelled = await put_file(path, file, size)
        if travelled:
            sent.append(path.rpartition("/")[2])
        return travelled

    monkeypatch.setattr(host.repository, "put_file", noted)
    assert (await host.maker().run(ignore_progress)).number == 1
    assert sent
    assert not before & set(sent), "what is there is not sent again"
    done = await bring_back(host, elsewhere(network.settings, tmp_path / "b"))
    assert done.lost == []


async def test_a_backup_by_hand_to_another_place(network: LiveNetwork, host: Host, tmp_path: Path) -> None:
    """It begins no copy, and ends none."""
    await host.back_up()
    other = Host(network.settings, (tmp_path / "other").as_uri())
    made = await other.maker(follows=False).run()
    assert (made.number, made.chain) == (1, None)
    await network.member("ana")
    await host.catch_up()
    assert len(await names(host, repository.SEGMENTS)) == 1
    assert clock.now() - made.at < 60_000
    assert other.maker().recipients is TO
