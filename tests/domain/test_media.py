"""Pictures of posts and people: who may have them, how often they are stored, and that they go when they should."""

import asyncio
from pathlib import Path

import pytest

from adapters.objects import Down, Store
from db.engine import DB
from db.sql import SQL
from domain.accounts import profiles
from domain.core import secrets
from domain.core.access import GUEST, Viewer
from domain.core.errors import Conflict, Invalid, NotFound, SignedOut
from domain.media import attachments, objects, portraits, serving, uploads
from domain.media.attachments import Attachment, Chosen
from domain.media.stores import STORES
from domain.posts import editing, publishing, receipts
from tests import photos
from tests.conftest import Watch
from tests.people import Member, Network


def stored(network: Network) -> set[str]:
    """The keys of the files that lie in the store's folder."""
    return {file.name.partition(".")[0] for file in network.settings.objects.rglob("*") if file.is_file()}


def keys(one: Attachment) -> set[str]:
    return {file.key for file in one.files.values()}


async def may_have(member: Member | None, key: str) -> bool:
    viewer = await member.viewer() if member else GUEST
    found = await serving.find(key)
    return found is not None and (found.open or await serving.may_have(viewer, key))


async def test_a_picture_of_an_open_post_is_everybodys(network: Network) -> None:
    ana, ben = await network.members("ana", "ben")
    sent = await ana.send(photos.encoded(photos.photo(1200, 900)))
    assert {file.type for file in sent.files.values()} == {"image/webp"}
    key = sent.stills[0].key
    assert stored(network) == keys(sent)
    assert await may_have(ana, key), "who writes sees what they write"
    assert not await may_have(ben, key)
    assert not await may_have(None, key)
    post = await ana.post("Look", media=(Chosen(sent.id, " a lamp "),))
    assert await may_have(None, key)
    view = await ben.view(post)
    assert [(one.id, one.alt, one.width) for one in view.media] == [(sent.id, "a lamp", 1200)]


async def test_a_picture_for_followers_is_theirs(network: Network) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    await ben.follow(ana)
    post = await ana.show("For you", followers=True)
    key = (await ana.view(post)).media[0].stills[0].key
    assert [await may_have(one, key) for one in (ana, ben, cem, None)] == [True, True, False, False]
    await ben.unfollow(ana)
    assert not await may_have(ben, key)


async def test_a_private_account_keeps_its_pictures(network: Network) -> None:
    ana, ben = await network.members("ana", "ben")
    post = await ana.show("Open at first")
    key = (await ana.view(post)).media[0].stills[0].key
    assert await may_have(None, key)
    await profiles.open_or_close(await ana.viewer(), private=True)
    assert [await may_have(one, key) for one in (ana, ben, None)] == [True, False, False]


async def test_who_is_blocked_sees_what_guests_see(network: Network) -> None:
    ana, ben = await network.members("ana", "ben")
    await ben.follow(ana)
    post = await ana.show("For followers", followers=True)
    key = (await ana.view(post)).media[0].stills[0].key
    await ana.block(ben)
    assert not await may_have(ben, key)


async def test_a_hidden_post_hides_its_pictures_at_once(network: Network, watch: Watch) -> None:
    ana = await network.member("ana")
    post = await ana.show("Soon gone")
    key = (await ana.view(post)).media[0].stills[0].key
    await ana.delete(post, undo_seconds=30)
    assert [await may_have(one, key) for one in (ana, None)] == [False, False]
    assert key in stored(network), "it may still be undone"
    watch.forward(31)
    await network.settle()
    assert stored(network) == set()


async def test_the_same_picture_is_stored_once_and_goes_with_the_last(network: Network) -> None:
    ana, ben = await network.members("ana", "ben")
    body = photos.encoded(photos.photo(700, 500))
    posts = [await ana.show("One", body), await ben.show("Two", body)]
    found = [(await one.view(post)).media[0] for one, post in zip((ana, ben), posts, strict=True)]
    assert keys(found[0]) == keys(found[1]) == stored(network)
    assert found[0].id != found[1].id
    await ana.delete(posts[0])
    await network.settle()
    assert stored(network) == keys(found[1])
    assert await may_have(None, found[1].stills[0].key)
    lines = (await receipts.of(await ana.viewer()))[0].lines
    assert {(line.where, line.kept) for line in lines if line.key} == {("object", True)}
    await ben.delete(posts[1])
    await network.settle()
    assert stored(network) == set()
    assert [await network.count(table) for table in ("media", "rendition", "object")] == [0, 0, 0]


async def test_keys_can_not_be_guessed(network: Network) -> None:
    """Who has the very same file does not know where it lies: the hash has a secret in it."""
    ana = await network.member("ana")
    sent = await ana.send()
    body = await objects.read(sent.stills[0].key)
    assert objects.key_of(await objects.hashing_key(), body) == sent.stills[0].key
    assert objects.key_of(b"another" * 5, body) != sent.stills[0].key
    assert len(secrets.unpadded(sent.stills[0].key)) == objects.KEY_BYTES


async def test_what_comes_back_while_it_goes_out(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last post with a picture goes while somebody posts the same picture: the new one has it."""
    ana, ben = await network.members("ana", "ben")
    body = photos.encoded()
    post = await ana.show("Old", body)
    remove = objects.remove
    started, goes = asyncio.Event(), asyncio.Event()

    async def late(going: objects.Going) -> None:
        started.set()
        await goes.wait()
        await remove(going)

    monkeypatch.setattr(objects, "remove", late)
    await ana.delete(post)
    leaving = asyncio.create_task(network.settle())
    await started.wait()
    new = await ben.show("New", body)
    goes.set()
    await leaving
    media = (await ben.view(new)).media[0]
    assert all([await objects.read(key) for key in keys(media)])
    assert await network.count("removal") == 0


async def test_a_form_sent_twice_sends_once(network: Network) -> None:
    ana = await network.member("ana")
    first, second = await asyncio.gather(ana.send(key="the-same-key"), ana.send(key="the-same-key"))
    assert first.id == second.id
    assert await network.count("media") == 1
    assert await network.count("object", "uses <> 1") == 0


async def test_only_ones_own_and_only_once(network: Network) -> None:
    ana, ben = await network.members("ana", "ben")
    sent = await ana.send()
    for member, media in ((ben, sent.id), (ana, sent.id + 1)):
        with pytest.raises(Conflict, match="no longer here"):
            await member.post("Not mine", media=(Chosen(media),))
    await ana.post("Mine", media=(Chosen(sent.id),))
    with pytest.raises(Conflict, match="no longer here"):
        await ana.post("Mine again", media=(Chosen(sent.id),))
    assert await network.count("post") == 1
    with pytest.raises(NotFound):
        await uploads.discard(await ben.viewer(), sent.id)
    with pytest.raises(SignedOut):
        await uploads.discard(GUEST, sent.id)


async def test_four_fit_and_a_film_stands_alone(network: Network) -> None:
    ana = await network.member("ana")
    sent = [Chosen((await ana.send(photos.encoded(photos.photo(64 + n, 64)))).id) for n in range(5)]
    with pytest.raises(Invalid, match="At most 4"):
        await ana.post("Five", media=tuple(sent))
    post = await ana.post("", media=tuple(sent[:4]))
    assert [one.id for one in (await ana.view(post)).media] == [one.id for one in sent[:4]]
    film = await ana.send(photos.film(1))
    assert film.files.keys() == {"play", "wide"}
    with pytest.raises(Invalid, match="stands alone"):
        await ana.post("Both", media=(Chosen(film.id), sent[4]))
    await ana.post("One", media=(Chosen(film.id),))
    with pytest.raises(Invalid, match="Write something"):
        await ana.post("")


async def test_never_without_words(network: Network) -> None:
    ana = await network.member("ana")
    await attachments.require_alt(await ana.viewer(), True)
    one, two = await ana.send(), await ana.send(photos.encoded(kind="PNG"))
    with pytest.raises(Invalid, match="Describe each picture"):
        await ana.post("Look", media=(Chosen(one.id, "a lamp"), Chosen(two.id, "  ")))
    post = await ana.post("Look", media=(Chosen(one.id, "a lamp"), Chosen(two.id, "a door")))
    with pytest.raises(Invalid, match="Describe each picture"):
        await editing.edit(await ana.viewer(), post, "Look", None, media=[Chosen(one.id, "")])
    with pytest.raises(Invalid, match="too long"):
        await ana.post("Look", media=(Chosen(one.id, "x" * 1501),))


async def test_editing_adds_and_takes_away(network: Network) -> None:
    ana, ben = await network.members("ana", "ben")
    first, second = await ana.send(), await ana.send(photos.encoded(photos.photo(200, 100)))
    post = await ana.post("Look", media=(Chosen(first.id, "a lamp"),))
    await ana.edit(post, "Look here")
    assert [one.alt for one in (await ben.view(post)).media] == ["a lamp"], "another text leaves them alone"
    await editing.edit(await ana.viewer(), post, "Look here", None, media=[Chosen(second.id, "a door")])
    view = await ben.view(post)
    assert [(one.id, one.alt) for one in view.media] == [(second.id, "a door")]
    assert view.attachments == 1
    assert stored(network) == keys(second), "what was taken away is gone"
    await editing.edit(await ana.viewer(), post, "Look here", None, media=[Chosen(second.id, "a red door")])
    assert (await ben.view(post)).media[0].alt == "a red door"
    with pytest.raises(Invalid, match="Write something"):
        await editing.edit(await ana.viewer(), post, "", None, media=[])
    await editing.edit(await ana.viewer(), post, "Words only", None, media=[])
    assert ((await ben.view(post)).attachments, stored(network)) == (0, set())


async def test_what_was_never_posted_goes_after_a_day(network: Network, watch: Watch) -> None:
    ana = await network.member("ana")
    await ana.send()
    kept = await ana.send(photos.encoded(photos.photo(90, 90)))
    await ana.post("Posted", media=(Chosen(kept.id),))
    watch.forward(86_000)
    await uploads.forget_abandoned()
    assert len(await DB.fetch(SQL("SELECT 1 FROM media"))) == 2
    watch.forward(500)
    await uploads.forget_abandoned()
    assert stored(network) == keys(kept)
    with pytest.raises(NotFound):
        await uploads.discard(await ana.viewer(), kept.id)


async def test_so_many_and_no_more(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_WAITING", 2)
    ana = await network.member("ana")
    sent = [await ana.send(photos.encoded(photos.photo(50 + n, 50))) for n in range(2)]
    with pytest.raises(Conflict, match="posted none"):
        await ana.send()
    await uploads.discard(await ana.viewer(), sent[0].id)
    assert stored(network) == keys(sent[1])
    await ana.send()


async def test_a_fault_in_mid_upload_leaves_nothing_for_long(
    network: Network, watch: Watch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stored, and then the server is gone: what nothing uses is collected."""
    ana = await network.member("ana")

    async def fails(*_: object) -> None:
        raise RuntimeError("gone")

    monkeypatch.setattr(uploads.Work, "_write", fails)
    with pytest.raises(RuntimeError):
        await ana.send()
    assert stored(network)
    await objects.collect()
    assert stored(network), "somebody may be about to use it"
    watch.forward(3700)
    await objects.collect()
    assert (stored(network), await network.count("object")) == (set(), 0)


async def test_a_store_that_is_away(network: Network, monkeypatch: pytest.MonkeyPatch, watch: Watch) -> None:
    """Nothing is taken that can't be stored; what is deleted meanwhile is deleted once the store is back."""
    ana = await network.member("ana")
    post = await ana.show("Here")
    key = (await ana.view(post)).media[0].stills[0].key
    down = True
    real_put, real_delete, real_read = Store.put, Store.delete, Store.read

    async def put(self: Store, *args: object) -> None:
        if down:
            raise Down("no answer")
        await real_put(self, *args)  # type: ignore[arg-type]

    async def delete(self: Store, path: str) -> None:
        if down:
            raise Down("no answer")
        await real_delete(self, path)

    async def read(self: Store, path: str, start: int, end: int) -> bytes:
        if down:
            raise Down("no answer")
        return await real_read(self, path, start, end)

    for name, stub in (("put", put), ("delete", delete), ("read", read)):
        monkeypatch.setattr(Store, name, stub)
    with pytest.raises(objects.Away):
        await ana.send(photos.encoded(photos.photo(80, 80)))
    found = await serving.find(key)
    assert found is not None
    with pytest.raises(objects.Away):
        await serving.read(found, 0, 10)
    await ana.delete(post)
    await network.settle()
    (receipt,) = await receipts.of(await ana.viewer())
    assert receipt.purged_at is None
    assert {line.done for line in receipt.lines if line.key} == {False}
    down = False
    watch.forward(60)
    await network.settle()
    (receipt,) = await receipts.of(await ana.viewer())
    assert receipt.purged_at is not None
    assert all(line.done for line in receipt.lines)
    assert key not in stored(network)


async def test_the_receipt_says_what_went_from_where(network: Network, watch: Watch) -> None:
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


BLUE = (0.5, 0.0, 0.5, 1.0)


async def put(member: Member, what: portraits.What, body: bytes, box: portraits.Box | None = None) -> None:
    with member.studio.open_file() as file:
        file.write(body)
        await portraits.put(member.studio, await member.viewer(), what, file, box)


async def test_a_picture_of_oneself(network: Network) -> None:
    ana, ben = await network.members("ana", "ben")
    await put(ana, "picture", photos.with_secrets(photos.encoded(photos.photo(900, 700))), BLUE)
    await put(ana, "header", photos.encoded(photos.photo(1800, 900)))
    shown = await profiles.by_handle(await ben.viewer(), "ana")
    assert all([await may_have(None, key) for key in (shown.picture, shown.portrait, shown.header)])
    assert (await ana.viewer()).picture == shown.picture
    assert len(stored(network)) == 3
    await put(ana, "picture", photos.encoded(photos.photo(500, 500, seed=3)))
    again = await profiles.by_handle(await ben.viewer(), "ana")
    assert again.picture != shown.picture
    assert not await may_have(None, shown.picture), "the one before is gone"
    assert len(stored(network)) == 3
    for what in ("picture", "header"):
        await portraits.remove(await ana.viewer(), what)
    assert stored(network) == set()
    plain = await profiles.by_handle(await ben.viewer(), "ana")
    assert (plain.picture, plain.portrait, plain.header) == ("", "", "")


async def test_what_is_no_picture_of_oneself(network: Network) -> None:
    ana = await network.member("ana")
    with pytest.raises(Invalid, match="Take a picture"):
        await put(ana, "picture", photos.tone())
    for box in ((0.5, 0.5, 0.6, 0.2), (-0.1, 0, 0.5, 0.5), (0, 0, 0, 1), (float("nan"), 0, 1, 1)):
        with pytest.raises(Invalid, match="not in the picture"):
            await put(ana, "picture", photos.encoded(), box)
    with ana.studio.open_file() as file, pytest.raises(SignedOut):
        await portraits.put(ana.studio, GUEST, "picture", file, None)
    assert (await ana.viewer()).picture == ""


async def test_somebody_who_leaves_takes_their_pictures(network: Network) -> None:
    from domain.accounts import leaving
    from tests.people import PASSWORD

    ana, ben = await network.members("ana", "ben")
    await put(ana, "picture", photos.encoded())
    await ana.show("Mine", photos.encoded(photos.photo(80, 60)))
    await ana.send(photos.encoded(photos.photo(60, 60)))
    kept = await ben.show("Not hers", photos.encoded(photos.photo(70, 70)))
    await leaving.leave(await ana.viewer(), "ana", PASSWORD)
    await network.settle()
    assert stored(network) == keys((await ben.view(kept)).media[0])


async def test_a_guest_sends_nothing(network: Network) -> None:
    ana = await network.member("ana")
    with ana.studio.open_file() as file, pytest.raises(SignedOut):
        await uploads.take(ana.studio, Viewer(), file, "a-key-of-eight")
    with pytest.raises(SignedOut):
        await publishing.publish(GUEST, publishing.Draft("x", "a-key-of-eight", media=(Chosen(1),)))


async def test_the_store_is_where_it_was(network: Network, tmp_path: Path) -> None:
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
