"""Files on their way to another place while people go on: nothing is lost, nothing stays behind, nothing is untrue."""

import asyncio
import itertools
from pathlib import Path

import pytest

from adapters.objects import Store
from db.queries import media
from db.queries import objects as queries
from db.queries.objects import OutsideObject
from domain.accounts import profiles
from domain.core.errors import Invalid
from domain.media import attachments, profile_images, storage, storage_maintenance, uploads
from domain.media.profile_images import ProfileImage
from domain.media.stores import STORES
from tests.conftest import Watch
from tests.domain.test_media import keys, stored
from tests.helpers import media_files
from tests.helpers.people import LiveNetwork
from tests.helpers.stores import away


def files(folder: Path) -> set[str]:
    return {file.name.partition(".")[0] for file in folder.rglob("*") if file.is_file()}


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage_maintenance, "LOOK_SECONDS", 0.05)


async def test_what_is_deleted_on_its_way_stays_nowhere(
    network: LiveNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await network.member("ana")
    kept, gone = await ana.show("Kept"), await ana.show("Gone", media_files.encoded(media_files.photo(90, 90)))
    (doomed,) = keys((await ana.view(gone)).media[0]) - keys((await ana.view(kept)).media[0])
    elsewhere = tmp_path / "elsewhere"
    real = storage_maintenance._copy

    async def copy(store: Store, path: str, body: bytes) -> None:
        await real(store, path, body)
        if doomed in path:
            await ana.delete(gone)
            await network.settle()

    monkeypatch.setattr(storage_maintenance, "_copy", copy)
    place, _ = await storage_maintenance.enter(elsewhere.as_uri())
    assert await storage_maintenance.carry(place) == []
    assert files(elsewhere) == keys((await ana.view(kept)).media[0])
    assert stored(network) == set()
    assert (await storage_maintenance.check()).none


async def test_what_is_still_being_written_is_waited_for(
    network: LiveNetwork, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await network.member("ana")
    begun, looked, real, outside = asyncio.Event(), asyncio.Event(), Store.put, queries.outside
    looks = itertools.count(1)

    async def put(self: Store, path: str, body: bytes) -> None:
        if self.folder == network.settings.objects:
            begun.set()
            await looked.wait()
        await real(self, path, body)

    async def look(place: int, after: str, limit: int) -> list[OutsideObject]:
        if after == "" and next(looks) > storage_maintenance.QUIET:
            looked.set()
        return await outside(place, after, limit)

    monkeypatch.setattr(Store, "put", put)
    monkeypatch.setattr(queries, "outside", look)
    writing = asyncio.create_task(ana.show("Late"))
    await begun.wait()
    place, _ = await storage_maintenance.enter((tmp_path / "elsewhere").as_uri())
    assert await storage_maintenance.carry(place) == []
    post = await writing
    assert files(tmp_path / "elsewhere") == keys((await ana.view(post)).media[0])
    assert stored(network) == set()


async def test_a_store_that_goes_away_meanwhile(network: LiveNetwork) -> None:
    """In words, not as a group of errors."""
    ana = await network.member("ana")
    for seed in range(5):
        await ana.show("Here", media_files.encoded(media_files.photo(60, 60, seed=seed)))
    with away(network.settings.objects), pytest.raises(storage.StorageUnavailable):
        await storage_maintenance.check()


async def test_a_copy_that_was_left_is_mended(network: LiveNetwork, tmp_path: Path) -> None:
    """A move that was killed after it copied, and before it said so."""
    ana = await network.member("ana")
    await ana.show("Here")
    path = next(file for file in network.settings.objects.rglob("*") if file.is_file())
    here = str(path.relative_to(network.settings.objects))
    place, _ = await storage_maintenance.enter((tmp_path / "elsewhere").as_uri())
    assert await storage_maintenance.carry(place) == []
    await STORES.enter(network.settings.objects.as_uri())
    back, _ = await storage_maintenance.enter(network.settings.objects.as_uri())
    assert await storage_maintenance.carry(back) == []
    await Store((tmp_path / "elsewhere").as_uri()).put(here, path.read_bytes())
    await STORES.enter((tmp_path / "elsewhere").as_uri())
    await STORES.enter(network.settings.objects.as_uri())
    faults = await storage_maintenance.check()
    assert [one for one, _ in faults.strays] == [here]
    assert (await storage_maintenance.repair(faults)).none
    assert (await storage_maintenance.check()).none
    assert files(tmp_path / "elsewhere") == set()


async def test_a_place_that_is_gone_holds_up_no_other(network: LiveNetwork, tmp_path: Path) -> None:
    ana = await network.member("ana")
    first = await ana.show("First")
    elsewhere = tmp_path / "elsewhere"
    await storage_maintenance.enter(elsewhere.as_uri())
    second = await ana.show("Second", media_files.encoded(media_files.photo(90, 90)))
    with away(network.settings.objects):
        for post in (first, second):
            await ana.delete(post)
            await network.settle()
        with pytest.raises(storage.StorageUnavailable):
            await storage.collect()
    assert files(elsewhere) == set()
    assert len(stored(network)) > 0


async def test_two_who_remove_the_same_count_once(network: LiveNetwork) -> None:
    """A double press: the picture that another post shares is still counted for that one."""
    ana, ben = await network.members("ana", "ben")
    shared = media_files.encoded(media_files.photo(90, 60))
    kept = await ben.show("Kept", shared)
    for _ in range(5):
        sent = await ana.send(shared)
        viewer = await ana.viewer()
        await asyncio.gather(*(uploads.discard(viewer, sent.id) for _ in range(3)), return_exceptions=True)
    assert stored(network) == keys((await ben.view(kept)).media[0])
    assert (await storage_maintenance.check()).miscounted == []
    await ben.delete(kept)
    await network.settle()
    assert stored(network) == set()


async def test_what_was_posted_in_the_last_moment_stays(
    network: LiveNetwork, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await network.member("ana")
    sent = await ana.send()
    watch.forward(86_500)
    abandoned, posted = media.abandoned, []

    async def then_posted(before: int, limit: int) -> list[int]:
        found = await abandoned(before, limit)
        if found:
            posted.append(await ana.post("In time", media=(attachments.ChosenMedia(sent.id),)))
        return found

    monkeypatch.setattr(media, "abandoned", then_posted)
    await uploads.forget_abandoned()
    (post,) = posted
    assert [one.id for one in (await ana.view(post)).media] == [sent.id]
    assert sent.id in await attachments.by_ids([sent.id])


async def test_what_is_nowhere_can_be_given_up(network: LiveNetwork) -> None:
    """A file is lost, of a post that has two, and of a portrait; the rest of each stays, and a check is quiet again."""
    ana = await network.member("ana")
    post = await ana.show(
        "Two", media_files.encoded(media_files.photo(90, 60)), media_files.encoded(media_files.photo(60, 90))
    )
    first, second = (await ana.view(post)).media
    with ana.processor.open_file() as file:
        file.write(media_files.encoded(media_files.photo(400, 400)))
        await profile_images.put(ana.processor, await ana.viewer(), ProfileImage.PICTURE, file, None)
    picture = (await profiles.by_handle(await ana.viewer(), "ana")).avatar_small
    lost = [first.stills[0].key, picture]
    for found in list(network.settings.objects.rglob("*")):
        if found.name.partition(".")[0] in lost:
            found.unlink()
    left = await storage_maintenance.repair(await storage_maintenance.check())
    assert sorted(left.lost) == sorted(lost)
    await storage_maintenance.give_up(left.lost)
    view = await ana.view(post)
    assert ([one.id for one in view.media], view.attachments) == ([second.id], 1)
    assert (await profiles.by_handle(await ana.viewer(), "ana")).avatar_small == ""
    assert (await storage_maintenance.check()).none
    assert stored(network) == keys(second)


async def test_a_disk_that_is_not_there_is_not_made_anew(network: LiveNetwork, tmp_path: Path) -> None:
    ana = await network.member("ana")
    place, _ = await storage_maintenance.enter((tmp_path / "disk").as_uri())
    await storage_maintenance.carry(place)
    (tmp_path / "disk").rename(tmp_path / "unplugged")
    with pytest.raises(storage.StorageUnavailable):
        await ana.send(media_files.encoded())
    (tmp_path / "unplugged").rename(tmp_path / "disk")
    await ana.send(media_files.encoded())


async def test_a_place_that_can_not_be_used_is_named(network: LiveNetwork) -> None:
    with pytest.raises(Invalid, match="file:///proc/nope can't be used"):
        await storage_maintenance.enter("file:///proc/nope")
