"""Pictures that were never posted, whose store is away, or that were deleted: nothing lost, nothing left."""

import asyncio
from pathlib import Path
from typing import BinaryIO

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core.access import GUEST
from domain.core.errors import Conflict, NotFound, SignedOut
from domain.media import serving, storage, uploads
from domain.media.attachments import ChosenMedia
from domain.media.stores import STORES
from domain.posts import receipts
from tests.conftest import Watch
from tests.domain.test_media import keys, stored
from tests.helpers import media_files
from tests.helpers.people import LiveNetwork
from tests.helpers.stores import away


async def test_what_was_never_posted_goes_after_a_day(network: LiveNetwork, watch: Watch) -> None:
    ana = await network.member("ana")
    await ana.send()
    kept = await ana.send(media_files.encoded(media_files.photo(90, 90)))
    await ana.post("Posted", media=(ChosenMedia(kept.id),))
    watch.forward(86_000)
    await uploads.forget_abandoned()
    assert len(await DB.fetch(SQL("SELECT 1 FROM media"))) == 2
    watch.forward(500)
    await uploads.forget_abandoned()
    assert stored(network) == keys(kept)
    with pytest.raises(NotFound):
        await uploads.discard(await ana.viewer(), kept.id)


async def test_so_many_and_no_more(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_WAITING", 2)
    ana = await network.member("ana")
    sent = [await ana.send(media_files.encoded(media_files.photo(50 + n, 50))) for n in range(2)]
    with pytest.raises(Conflict, match="posted none"):
        await ana.send()
    await uploads.discard(await ana.viewer(), sent[0].id)
    assert stored(network) == keys(sent[1])
    await ana.send()


async def test_a_fault_in_mid_upload_leaves_nothing_for_long(
    network: LiveNetwork, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored, and then the server is gone: what nothing uses is collected."""
    ana = await network.member("ana")
    keep, kept = storage.store, asyncio.Event()

    async def last(body: bytes | BinaryIO, type_: str) -> storage.StoredObject:
        found = await keep(body, type_)
        kept.set()
        await asyncio.Event().wait()
        return found

    with monkeypatch.context() as now:
        now.setattr(storage, "store", last)
        sending = asyncio.create_task(ana.send())
        await kept.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
    assert stored(network)
    await storage.collect()
    assert stored(network), "somebody may be about to use it"
    watch.forward(3700)
    await storage.collect()
    assert (stored(network), await network.count("stored_object")) == (set(), 0)


async def test_a_store_that_is_away(network: LiveNetwork, watch: Watch) -> None:
    """Nothing is taken that can't be stored; what is deleted meanwhile is deleted once the store is back."""
    ana = await network.member("ana")
    post = await ana.show("Here")
    key = (await ana.view(post)).media[0].stills[0].key
    with away(network.settings.objects):
        with pytest.raises(storage.StorageUnavailable):
            await ana.send(media_files.encoded(media_files.photo(80, 80)))
        found = await serving.find(key)
        assert found is not None
        with pytest.raises(storage.StorageUnavailable):
            await serving.read(found, 0, 10)
        await ana.delete(post)
        await network.settle()
        (receipt,) = await receipts.of(await ana.viewer())
        assert receipt.purged_at is None
        assert {line.done for line in receipt.lines if line.key} == {False}
    watch.forward(60)
    await network.settle()
    (receipt,) = await receipts.of(await ana.viewer())
    assert receipt.purged_at is not None
    assert all(line.done for line in receipt.lines)
    assert key not in stored(network)


async def test_the_receipt_says_what_went_from_where(network: LiveNetwork, watch: Watch) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    await ben.follow(ana)
    await cem.follow(ben)
    post = await ana.show("A #lamp for @ben")
    sent = keys((await ana.view(post)).media[0])
    await ana.edit(post, "A red #lamp for @ben")
    await ben.vote(post, 1)
    await ben.repost(post)
    await network.settle()
    await ana.delete(post)
    await network.settle()
    (receipt,) = await receipts.of(await ana.viewer())
    assert receipt.post == post
    found = {line.where: line.count for line in receipt.lines}
    assert found == {
        "row": 1, "history": 1, "search": 2, "marks": 1, "reposts": 1, "notices": found["notices"], "timelines": 4,
        "cache": 1, "object": 1,
    }  # fmt: skip
    assert found["notices"] >= 2
    assert {line.key for line in receipt.lines if line.where == "object"} == sent
    assert await receipts.of(await ben.viewer()) == []
    with pytest.raises(SignedOut):
        await receipts.of(GUEST)
    watch.forward(91 * 86_400)
    await receipts.forget_old()
    assert await network.count("receipt") == 0


async def test_the_store_is_where_it_was(network: LiveNetwork, tmp_path: Path) -> None:
    """A setting that names another place than the one the objects are in is refused."""
    from db.engine import Unavailable

    ana = await network.member("ana")
    await ana.send()
    for _ in range(2):
        await STORES.open("", network.settings.objects)
        await STORES.open(network.settings.objects.as_uri(), network.settings.objects)
    with pytest.raises(Unavailable, match="parvis objects move"):
        await STORES.open((tmp_path / "elsewhere").as_uri(), network.settings.objects)
    with pytest.raises(Unavailable) as refusal:
        await STORES.open("s3://the-key:the-secret@bucket?endpoint=http://127.0.0.1:9", network.settings.objects)
    assert "the-secret" not in str(refusal.value)
    assert "the-key" not in str(refusal.value)


async def test_a_removal_that_can_not_be_spelled_does_not_stop_the_sweep(network: LiveNetwork, tmp_path: Path) -> None:
    """It may come from an archive that somebody else made. It is dropped, and what it names outside is left alone."""
    secret = tmp_path / "secret"
    secret.write_text("a file of this host")
    ana = await network.member("ana")
    sent = await ana.send()
    paths = [row[0] for row in await DB.fetch(SQL("SELECT path FROM stored_object"))]
    await DB.fetch(SQL("DELETE FROM rendition"))
    await DB.fetch(SQL("DELETE FROM media"))
    await DB.fetch(SQL("DELETE FROM stored_object"))
    late = SQL("INSERT INTO pending_removal (path, store, since) VALUES (?1, 1, ?2)")
    for since, path in enumerate(["../secret", "/etc/passwd", "", "aa/../../secret", *paths]):
        await DB.fetch(late, path, since)
    assert stored(network) == keys(sent)
    await storage.collect()
    assert stored(network) == set()
    assert await network.count("pending_removal") == 0
    assert secret.read_text() == "a file of this host"


async def test_a_path_outside_the_store_serves_nothing(network: LiveNetwork, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("a file of this host")
    ana = await network.member("ana")
    sent = await ana.send()
    key = sent.stills[0].key
    await DB.fetch(SQL("UPDATE stored_object SET path = '../secret', bytes = 5 WHERE key = ?1"), key)
    found = await serving.find(key)
    assert found is not None
    with pytest.raises(NotFound):
        await serving.read(found, 0, 5)
    await uploads.discard(await ana.viewer(), sent.id)
    assert secret.read_text() == "a file of this host"
    assert await network.count("pending_removal") == 0
