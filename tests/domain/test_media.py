"""Pictures of posts and people: who may have them, how often they are stored, and that they go when they should."""

import asyncio

import pytest

from domain.accounts import profiles
from domain.core import secrets
from domain.core.access import GUEST, Viewer
from domain.core.errors import Conflict, Invalid, NotFound, SignedOut
from domain.media import attachments, serving, storage, uploads
from domain.media.attachments import Attachment, ChosenMedia
from domain.posts import editing, publishing, receipts
from tests.conftest import Watch
from tests.helpers import media_files
from tests.helpers.people import LiveNetwork, Member


def stored(network: LiveNetwork) -> set[str]:
    """The keys of the files that lie in the store's folder."""
    return {file.name.partition(".")[0] for file in network.settings.objects.rglob("*") if file.is_file()}


def keys(one: Attachment) -> set[str]:
    return {file.key for file in one.files.values()}


async def may_have(member: Member | None, key: str) -> bool:
    viewer = await member.viewer() if member else GUEST
    found = await serving.find(key)
    return found is not None and (found.open or await serving.may_have(viewer, key))


async def test_a_picture_of_an_open_post_is_everybodys(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    sent = await ana.send(media_files.encoded(media_files.photo(1200, 900)))
    assert {file.type for file in sent.files.values()} == {"image/webp"}
    key = sent.stills[0].key
    assert stored(network) == keys(sent)
    assert await may_have(ana, key), "who writes sees what they write"
    assert not await may_have(ben, key)
    assert not await may_have(None, key)
    post = await ana.post("Look", media=(ChosenMedia(sent.id, " a lamp "),))
    assert await may_have(None, key)
    view = await ben.view(post)
    assert [(one.id, one.alt, one.width) for one in view.media] == [(sent.id, "a lamp", 1200)]


async def test_a_picture_for_followers_is_theirs(network: LiveNetwork) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    await ben.follow(ana)
    post = await ana.show("For you", followers=True)
    key = (await ana.view(post)).media[0].stills[0].key
    assert [await may_have(one, key) for one in (ana, ben, cem, None)] == [True, True, False, False]
    await ben.unfollow(ana)
    assert not await may_have(ben, key)


async def test_a_private_account_keeps_its_pictures(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    post = await ana.show("Open at first")
    key = (await ana.view(post)).media[0].stills[0].key
    assert await may_have(None, key)
    await profiles.set_private(await ana.viewer(), private=True)
    assert [await may_have(one, key) for one in (ana, ben, None)] == [True, False, False]


async def test_who_is_blocked_sees_what_guests_see(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    await ben.follow(ana)
    post = await ana.show("For followers", followers=True)
    key = (await ana.view(post)).media[0].stills[0].key
    await ana.block(ben)
    assert not await may_have(ben, key)


async def test_a_hidden_post_hides_its_pictures_at_once(network: LiveNetwork, watch: Watch) -> None:
    ana = await network.member("ana")
    post = await ana.show("Soon gone")
    key = (await ana.view(post)).media[0].stills[0].key
    await ana.delete(post, undo_seconds=30)
    assert [await may_have(one, key) for one in (ana, None)] == [False, False]
    assert key in stored(network), "it may still be undone"
    watch.forward(31)
    await network.settle()
    assert stored(network) == set()


async def test_the_same_picture_is_stored_once_and_goes_with_the_last(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    body = media_files.encoded(media_files.photo(700, 500))
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
    assert [await network.count(table) for table in ("media", "rendition", "stored_object")] == [0, 0, 0]


async def test_keys_can_not_be_guessed(network: LiveNetwork) -> None:
    """Who has the very same file does not know where it lies: the hash has a secret in it."""
    ana = await network.member("ana")
    sent = await ana.send()
    body = await storage.read(sent.stills[0].key)
    assert storage.key_of(await storage.hashing_key(), body) == sent.stills[0].key
    assert storage.key_of(b"another" * 5, body) != sent.stills[0].key
    assert len(secrets.unpadded(sent.stills[0].key)) == storage.KEY_BYTES


async def test_what_comes_back_while_it_goes_out(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last post with a picture goes while somebody posts the same picture: the new one has it."""
    ana, ben = await network.members("ana", "ben")
    body = media_files.encoded()
    post = await ana.show("Old", body)
    remove = storage.remove
    started, goes = asyncio.Event(), asyncio.Event()

    async def late(going: storage.PendingRemoval) -> None:
        started.set()
        await goes.wait()
        await remove(going)

    monkeypatch.setattr(storage, "remove", late)
    await ana.delete(post)
    leaving = asyncio.create_task(network.settle())
    await started.wait()
    new = await ben.show("New", body)
    goes.set()
    await leaving
    media = (await ben.view(new)).media[0]
    assert all([await storage.read(key) for key in keys(media)])
    assert await network.count("pending_removal") == 0


async def test_a_form_sent_twice_sends_once(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    first, second = await asyncio.gather(ana.send(key="the-same-key"), ana.send(key="the-same-key"))
    assert first.id == second.id
    assert await network.count("media") == 1
    assert await network.count("stored_object", "uses <> 1") == 0


async def test_the_same_key_with_another_file_is_another_upload(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    lamp = await ana.send(key="the-same-key")
    door = await ana.send(media_files.encoded(media_files.photo(80, 60)), key="the-same-key")
    assert (door.id, door.width) != (lamp.id, lamp.width)
    assert (await ana.send(key="the-same-key")).id == lamp.id
    for key in ("short", "k" * 65):
        with pytest.raises(Invalid, match="too old"):
            await ana.send(key=key)


async def test_only_ones_own_and_only_once(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    sent = await ana.send()
    for member, media in ((ben, sent.id), (ana, sent.id + 1)):
        with pytest.raises(Conflict, match="no longer here"):
            await member.post("Not mine", media=(ChosenMedia(media),))
    await ana.post("Mine", media=(ChosenMedia(sent.id),))
    with pytest.raises(Conflict, match="no longer here"):
        await ana.post("Mine again", media=(ChosenMedia(sent.id),))
    assert await network.count("post") == 1
    with pytest.raises(NotFound):
        await uploads.discard(await ben.viewer(), sent.id)
    with pytest.raises(SignedOut):
        await uploads.discard(GUEST, sent.id)


async def test_four_fit_and_a_film_stands_alone(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    sent = [ChosenMedia((await ana.send(media_files.encoded(media_files.photo(64 + n, 64)))).id) for n in range(5)]
    with pytest.raises(Invalid, match="At most 4"):
        await ana.post("Five", media=tuple(sent))
    post = await ana.post("", media=tuple(sent[:4]))
    assert [one.id for one in (await ana.view(post)).media] == [one.id for one in sent[:4]]
    video = await ana.send(media_files.video(1))
    assert video.files.keys() == {"play", "wide"}
    with pytest.raises(Invalid, match="stands alone"):
        await ana.post("Both", media=(ChosenMedia(video.id), sent[4]))
    await ana.post("One", media=(ChosenMedia(video.id),))
    with pytest.raises(Invalid, match="Write something"):
        await ana.post("")


async def test_never_without_words(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    await attachments.require_alt(await ana.viewer(), True)
    one, two = await ana.send(), await ana.send(media_files.encoded(kind="PNG"))
    with pytest.raises(Invalid, match="Describe each picture"):
        await ana.post("Look", media=(ChosenMedia(one.id, "a lamp"), ChosenMedia(two.id, "  ")))
    post = await ana.post("Look", media=(ChosenMedia(one.id, "a lamp"), ChosenMedia(two.id, "a door")))
    with pytest.raises(Invalid, match="Describe each picture"):
        await editing.edit(await ana.viewer(), post, "Look", None, media=[ChosenMedia(one.id, "")])
    with pytest.raises(Invalid, match="too long"):
        await ana.post("Look", media=(ChosenMedia(one.id, "x" * 1501),))


async def test_editing_adds_and_takes_away(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    first, second = await ana.send(), await ana.send(media_files.encoded(media_files.photo(200, 100)))
    post = await ana.post("Look", media=(ChosenMedia(first.id, "a lamp"),))
    await ana.edit(post, "Look here")
    assert [one.alt for one in (await ben.view(post)).media] == ["a lamp"], "another text leaves them alone"
    await editing.edit(await ana.viewer(), post, "Look here", None, media=[ChosenMedia(second.id, "a door")])
    view = await ben.view(post)
    assert [(one.id, one.alt) for one in view.media] == [(second.id, "a door")]
    assert view.attachments == 1
    assert stored(network) == keys(second), "what was taken away is gone"
    await editing.edit(await ana.viewer(), post, "Look here", None, media=[ChosenMedia(second.id, "a red door")])
    assert (await ben.view(post)).media[0].alt == "a red door"
    with pytest.raises(Invalid, match="Write something"):
        await editing.edit(await ana.viewer(), post, "", None, media=[])
    await editing.edit(await ana.viewer(), post, "Words only", None, media=[])
    assert ((await ben.view(post)).attachments, stored(network)) == (0, set())


async def test_a_guest_sends_nothing(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    with ana.processor.open_file() as file, pytest.raises(SignedOut):
        await uploads.take(ana.processor, Viewer(), file, "a-key-of-eight", "0" * 16)
    with pytest.raises(SignedOut):
        await publishing.publish(GUEST, publishing.Draft("x", "a-key-of-eight", media=(ChosenMedia(1),)))
