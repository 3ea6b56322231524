"""An older backup is restored: what was deleted since, as far as the store knows, is not brought back to life."""

from pathlib import Path

import pytest

from domain.accounts import closing
from domain.core.leases import Lease
from domain.media import profile_images
from domain.media.profile_images import ProfileImage
from ops.backup import replicator, repository, sealing
from ops.backup.replicator import Replicator
from ops.backup.repository import Repository
from ops.backup.restoring import Restored, Wanted
from tests.domain.test_profile_images import put
from tests.helpers import media_files
from tests.helpers.backups import TO, Host, bring_back, elsewhere
from tests.helpers.databases import Store
from tests.helpers.people import PASSWORD, LiveNetwork, Member


@pytest.fixture
def host(network: LiveNetwork, tmp_path: Path) -> Host:
    return Host(network.settings, (tmp_path / "repository").as_uri())


class Life:
    """Some who stay and some who go, with pictures of their own."""

    ana: Member
    cleo: Member
    kept: int
    gone: int
    hers: int
    keys: set[str]

    async def begin(self, network: LiveNetwork) -> None:
        self.ana, self.cleo = await network.members("ana", "cleo")
        self.kept = await self.ana.show("Stays", media_files.encoded(media_files.photo(seed=1)))
        self.gone = await self.ana.show("Goes", media_files.encoded(media_files.photo(seed=2)))
        self.hers = await self.cleo.show("Hers", media_files.encoded(media_files.photo(seed=3)))
        await self.cleo.vote(self.kept, 1)
        await self.cleo.follow(self.ana)
        await put(self.ana, ProfileImage.PICTURE, media_files.encoded(media_files.photo(seed=4)))
        portrait = (await self.ana.viewer()).avatar_small
        self.keys = {portrait} | await self._keys(self.gone) | await self._keys(self.hers)
        await network.settle()

    async def _keys(self, post: int) -> set[str]:
        return {file.key for file in (await self.ana.view(post)).media[0].files.values()}

    async def end(self, network: LiveNetwork) -> None:
        await self.ana.delete(self.gone)
        await profile_images.remove(await self.ana.viewer(), ProfileImage.PICTURE)
        await closing.leave(await self.cleo.viewer(), "cleo", PASSWORD)
        await network.settle()

    async def check(self, restored: LiveNetwork, done: Restored) -> None:
        """All that ended is gone, and nothing else."""
        assert (done.purged.accounts, done.purged.posts) == (1, 2)
        assert await restored.count("account", "handle = 'cleo'") == 0
        assert await restored.count("post") == 1
        view = await self.ana.view(self.kept)
        assert (view.ups, view.attachments) == (0, 1), "her vote went with her"
        assert await restored.count("follow") == 0
        assert (await self.ana.viewer()).avatar_small == ""
        there = {file.name.partition(".")[0] for file in restored.settings.objects.rglob("*") if file.is_file()}
        assert not there & self.keys, "no file of it is brought"
        assert {file.key for file in view.media[0].files.values()} <= there
        assert done.lost == []


async def test_what_the_copy_says_was_deleted_is_purged(
    network: LiveNetwork, host: Host, store: Store, tmp_path: Path
) -> None:
    """``--last`` leaves the segments out that took it away."""
    life = Life()
    await host.back_up()
    await life.begin(network)
    await host.catch_up()
    await life.end(network)
    await host.catch_up()
    other = elsewhere(network.settings, tmp_path / "b", await store.copy("empty"))
    done = await bring_back(host, other, Wanted(last=1))
    assert done.segments == 1
    await life.check(LiveNetwork(other), done)
    assert done.purged.unknown == []


async def test_what_another_host_s_copy_says_is_heeded_too(
    network: LiveNetwork, host: Host, store: Store, tmp_path: Path
) -> None:
    life = Life()
    await life.begin(network)
    await host.back_up()
    await host.maker(takes_over=True).run()
    await life.end(network)
    await host.catch_up()
    other = elsewhere(network.settings, tmp_path / "b", await store.copy("empty"))
    done = await bring_back(host, other, Wanted(number=1))
    assert done.segments == 0
    await life.check(LiveNetwork(other), done)


async def test_what_was_brought_back_in_time_stays(
    network: LiveNetwork, host: Host, store: Store, tmp_path: Path
) -> None:
    from domain.posts import deletion

    ana = await network.member("ana")
    post = await ana.post("Back again")
    await host.back_up()
    await ana.post("Something else")
    await host.catch_up()
    await ana.delete(post, undo_seconds=60)
    await host.catch_up()
    await deletion.restore(await ana.viewer(), post)
    await host.catch_up()
    done = await bring_back(
        host, elsewhere(network.settings, tmp_path / "b", await store.copy("empty")), Wanted(last=1)
    )
    assert (done.purged.posts, await ana.sees(post)) == (0, True)


OLD_PRIVATE, OLD_PUBLIC = sealing.new_pair()
OLD_TO, OLD_IDENTITY = sealing.recipients(OLD_PUBLIC), sealing.identities(OLD_PRIVATE)


async def changes(host: Host, author: Member, count: int, to: sealing.Recipients) -> None:
    """As many segments, encrypted to these keys."""
    async with Lease(replicator.LEASE).held() as had:
        assert had
        for number in range(count):
            await author.post(f"Number {number}")
            await Replicator(host.url, to).catch_up()


async def test_segments_of_an_earlier_key_are_left_alone(
    network: LiveNetwork, host: Host, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their time is signed, and says that a later backup has all of it."""
    ana = await network.member("ana")
    await host.back_up()
    await changes(host, ana, 3, OLD_TO)
    await host.maker(takes_over=True).run()
    brought, get = [], Repository.get

    async def noting(at: Repository, path: str) -> bytes:
        brought.append(path)
        return await get(at, path)

    monkeypatch.setattr(Repository, "get", noting)
    done = await bring_back(host, elsewhere(network.settings, tmp_path / "b", await store.copy("empty")))
    assert done.purged.unknown == []
    assert len([path for path in brought if path.startswith(repository.SEGMENTS)]) == 1, "the last of the old chain"


async def test_segments_in_a_row_that_can_not_be_read_are_said_as_one(
    network: LiveNetwork, host: Host, store: Store, tmp_path: Path
) -> None:
    ana = await network.member("ana")
    await host.back_up()
    await changes(host, ana, 1, TO)
    await changes(host, ana, 3, OLD_TO)
    other = elsewhere(network.settings, tmp_path / "b", await store.copy("empty"))
    done = await bring_back(host, other, Wanted(last=1))
    [said] = done.purged.unknown
    assert said.startswith("segments 2 to 4 of chain ")


async def test_what_can_not_be_known_is_said(network: LiveNetwork, host: Host, store: Store, tmp_path: Path) -> None:
    ana = await network.member("ana")
    posts = [await ana.post(f"Number {number}") for number in range(3)]
    await host.back_up()
    for post in posts:
        await ana.delete(post)
        await network.settle()
        await host.catch_up()
    segments = sorted((tmp_path / "repository" / repository.SEGMENTS).rglob("0*"))
    segments[1].unlink()
    segments[2].write_bytes(segments[2].read_bytes()[:-20])
    done = await bring_back(
        host, elsewhere(network.settings, tmp_path / "b", await store.copy("empty")), Wanted(last=1)
    )
    assert [await ana.sees(post) for post in posts] == [False, True, True]
    assert [words.split(":")[0].split(" of chain")[0] for words in done.purged.unknown] == [
        "segment 3",
        "segment 2",
    ]
