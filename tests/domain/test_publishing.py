"""Publishing: once per key, only what fits, to whom it is meant for."""

import asyncio
from typing import Any

import pytest

from domain.accounts import profiles
from domain.core.access import GUEST
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, SignedOut
from domain.core.visibility import Visibility, WhoMayReply
from domain.media.attachments import ChosenMedia
from domain.posts import editing, publishing, views
from tests.helpers import media_files
from tests.helpers.people import LiveNetwork, hidden


async def test_a_post_is_in_its_authors_home_at_once(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    post = await ana.post("  Bonjour\r\nTilly  ")
    assert (await ana.view(post)).text == "Bonjour\nTilly"
    assert await ana.home() == [post]
    assert (await views.get(GUEST, post)).handle == "ana"


async def test_guests_do_not_post(network: LiveNetwork) -> None:
    with pytest.raises(SignedOut):
        await publishing.publish(GUEST, publishing.Draft("Hello", "a-key-of-mine"))
    assert await network.count("post") == 0


async def test_the_same_key_posts_once(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    first = await ana.post("Once", key="the-same-key")
    assert await ana.post(" Once ", key="the-same-key") == first
    with pytest.raises(Conflict):
        await ana.post("Twice", key="the-same-key")
    assert await ben.post("Mine", key="the-same-key") != first
    assert (await ana.view(first)).text == "Once"
    assert await network.count("account", "posts = 1") == 2


async def test_the_same_key_with_anything_else_is_another_post(network: LiveNetwork) -> None:
    """All of the draft counts, and not its text alone: what was meant for followers is not what everybody has."""
    ana = await network.member("ana")
    parent, quote, other = [await ana.post(text) for text in ("Parent", "Quote", "Other")]
    lamp, door = await ana.send(), await ana.send(media_files.encoded(media_files.photo(80, 60)))
    said: dict[str, Any] = {"cover": "Bright", "parent": parent, "quote": quote, "replies_to": WhoMayReply.FOLLOWERS}
    said["media"] = (ChosenMedia(lamp.id, "a lamp"), ChosenMedia(door.id, "a door"))
    first = await ana.post("Once", key="the-same-key", **said)
    assert await ana.post("Once", key="the-same-key", **said) == first
    for change in (
        {"cover": None},
        {"cover": "Dark"},
        {"parent": None},
        {"parent": other},
        {"quote": None},
        {"quote": other},
        {"visibility": Visibility.FOLLOWERS},
        {"replies_to": WhoMayReply.MENTIONED},
        {"media": ()},
        {"media": said["media"][:1]},
        {"media": said["media"][::-1]},
        {"media": (ChosenMedia(lamp.id, "a lamp"), ChosenMedia(door.id, "another"))},
    ):
        with pytest.raises(Conflict, match="something already"):
            await ana.post("Once", key="the-same-key", **said | change)
    assert await network.count("post") == 4


async def test_a_repeated_form_is_known_after_an_edit(network: LiveNetwork) -> None:
    """What counts is what it has published, and not what its post says by now."""
    ana = await network.member("ana")
    lamp = ChosenMedia((await ana.send()).id, "a lamp")
    first = await ana.post("Once", key="the-same-key", cover="Bright", media=(lamp,))
    await ana.edit(first, "Twice", "Dark")
    await editing.edit(await ana.viewer(), first, "Thrice", None, media=[])
    assert await ana.post("Once", key="the-same-key", cover="Bright", media=(lamp,)) == first
    for text, cover in (("Twice", "Dark"), ("Once", None), ("Thrice", None)):
        with pytest.raises(Conflict):
            await ana.post(text, key="the-same-key", cover=cover, media=(lamp,))


async def test_a_private_author_repeats_a_form(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    await profiles.set_private(await ana.viewer(), private=True)
    first = await ana.post("Once", key="the-same-key")
    assert await ana.post("Once", key="the-same-key") == first, "it was published for followers"


async def test_the_same_key_at_the_same_time_posts_once(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    root = await ana.post("Root")
    made = await asyncio.gather(*(ana.post("At once", key="double-tap", parent=root) for _ in range(8)))
    assert len(set(made)) == 1
    assert await network.count("post") == 2
    assert (await ana.view(root)).replies == 1
    assert await network.count("outbox") == 2


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n\t\x00"}, "text"),
        ({"text": "é" * 1001}, "text"),
        ({"text": "x", "key": "short"}, "key"),
        ({"text": "x", "key": "k" * 65}, "key"),
        ({"text": "x", "cover": "c" * 101}, "cover"),
    ],
)
async def test_what_does_not_fit(network: LiveNetwork, wrong: dict[str, object], field: str) -> None:
    ana = await network.member("ana")
    with pytest.raises(Invalid) as refusal:
        await ana.post(**wrong)  # type: ignore[arg-type]
    assert list(refusal.value.fields) == [field]
    assert await network.count("post") == 0


async def test_a_thousand_graphemes_fit(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    family = "👩‍👩‍👧‍👦" * 1000
    assert (await ana.view(await ana.post(family))).text == family


async def test_too_many_names_are_refused(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    with pytest.raises(Invalid):
        await ana.post(" ".join(f"@p{n}" for n in range(21)))
    with pytest.raises(Invalid):
        await ana.post(" ".join(f"#tag{n}" for n in range(21)))


async def test_followers_posts_are_for_followers_and_those_they_name(network: LiveNetwork) -> None:
    ana, ben, cem, dot = await network.members("ana", "ben", "cem", "dot")
    await ben.follow(ana)
    await ana.follow(cem)
    post = await ana.post("For my friends and @Dot", followers=True)
    assert [await one.sees(post) for one in (ana, ben, dot)] == [True, True, True]
    assert await hidden(post, cem)
    assert await hidden(post)
    await ben.unfollow(ana)
    assert await hidden(post, ben)


async def test_a_private_accounts_posts_are_never_public(network: LiveNetwork) -> None:
    ana, ben, cem = await network.members("ana", "ben", "cem")
    before = await ana.post("Said in the open")
    await ben.follow(ana)
    from domain.accounts import profiles

    await profiles.set_private(await ana.viewer(), private=True)
    after = await ana.post("Said behind a door")
    for post in (before, after):
        assert await ben.sees(post)
        assert await hidden(post, cem)
        assert await hidden(post)
    await profiles.set_private(await ana.viewer(), private=False)
    assert await cem.sees(before)
    assert await hidden(after, cem), "what was said behind a door stays there when it opens"


async def test_who_may_reply(network: LiveNetwork) -> None:
    ana, fan, named, stranger = await network.members("ana", "fan", "named", "stranger")
    await fan.follow(ana)
    friends = await ana.post("Only friends, and @named", replies_to=WhoMayReply.FOLLOWERS)
    few = await ana.post("Only you, @named", replies_to=WhoMayReply.MENTIONED)
    for post, welcome in ((friends, (ana, fan, named)), (few, (ana, named))):
        for one in (ana, fan, named, stranger):
            if one in welcome:
                assert await one.sees(await one.post("Thanks", parent=post))
            else:
                with pytest.raises(Forbidden):
                    await one.post("Me too", parent=post)


async def test_replies_to_what_one_may_not_see_are_refused_as_if_it_did_not_exist(network: LiveNetwork) -> None:
    ana, ben = await network.members("ana", "ben")
    secret = await ana.post("Between us", followers=True)
    for parent in (secret, secret + 1):
        with pytest.raises(NotFound) as refusal:
            await ben.post("I know", parent=parent)
        assert str(refusal.value) == str(NotFound())
    assert await network.count("post") == 1


async def test_covers(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    assert (await ana.view(await ana.post("x", cover=" The\nend "))).cover == "The end"
    assert (await ana.view(await ana.post("x", cover=""))).cover == ""
    assert (await ana.view(await ana.post("x"))).cover is None
