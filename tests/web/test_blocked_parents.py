"""Whom a post replies to is not said to somebody who has blocked them, or whom they have blocked."""

import itertools

import pytest

from domain.accounts.profiles import by_handle
from domain.core.access import GUEST
from domain.graph import blocks, people
from domain.notifications import feeds
from domain.posts import views
from tests.helpers.people import LiveNetwork, LiveSite, Member
from web import post_rendering


async def talk(network: LiveNetwork) -> tuple[Member, Member, Member, Member, int]:
    """@noor and @gaston, one of whom blocks the other; @cem, who replies to @noor; @ana; and that reply."""
    noor, gaston, cem, ana = await network.members("noor", "gaston", "cem", "ana")
    for one in (gaston, ana):
        await one.follow(cem)
    reply = await cem.post("I agree #talk @gaston @ana", parent=await noor.post("Root"))
    await ana.mute(gaston)  # the statement with all conditions, and nobody blocked
    await network.settle()
    return noor, gaston, cem, ana, reply


@pytest.mark.parametrize("way", ["noor blocks", "gaston blocks"])
async def test_the_view_has_no_name_of_theirs(network: LiveNetwork, way: str) -> None:
    noor, gaston, cem, ana, reply = await talk(network)
    assert (await gaston.view(reply)).parent_handle == "noor"
    await (noor.block(gaston) if way == "noor blocks" else gaston.block(noor))
    view = await gaston.view(reply)
    assert (view.parent_handle, view.parent_hidden) == (None, 1)
    assert view.parent is not None, "that it is a reply is no secret"
    for member in (ana, cem, noor):
        assert (await member.view(reply)).parent_handle == "noor"
    assert (await views.get(GUEST, reply)).parent_handle == "noor"
    own = await gaston.post("Me too", parent=reply)
    assert (await gaston.view(own)).parent_handle == "cem"
    await (blocks.unblock(await noor.viewer(), gaston.id) if way == "noor blocks" else
           blocks.unblock(await gaston.viewer(), noor.id))  # fmt: skip
    assert (await gaston.view(reply)).parent_handle == "noor"


async def test_nor_has_ones_own_earlier_reply(network: LiveNetwork) -> None:
    noor, gaston = await network.members("noor", "gaston")
    own = await gaston.post("I disagree", parent=await noor.post("Root"))
    await noor.block(gaston)
    assert (await gaston.view(own)).parent_handle is None


PLACES = ["/", "/@cem/replies", "/tags/talk", "/notifications", "/@cem/{reply}"]


@pytest.mark.parametrize("place", PLACES)
async def test_no_page_says_it_whoever_read_it_before(site: LiveSite, place: str) -> None:
    noor, gaston, _, ana, reply = await talk(site.network)
    await noor.block(gaston)
    await site.settle()
    told = {"gaston": site.browser(gaston), "ana": site.browser(ana), "guest": site.browser()}
    pages: dict[str, set[int]] = {}
    for readers in itertools.permutations(told):
        post_rendering.forget_all()
        for reader in (*readers, *readers):
            text = (await told[reader].get(place.format(reply=reply))).text
            pages.setdefault(reader, set()).add(text.count("noor"))
    assert pages["gaston"] == {0}
    assert len(pages["ana"]) == len(pages["guest"]) == 1, "others see the same, whoever read it before"
    if place in ("/", "/@cem/replies", "/tags/talk"):
        assert min(pages["ana"]) > 0
    if place == "/@cem/replies":
        assert min(pages["guest"]) > 0


async def test_nor_does_a_feed_or_a_form(site: LiveSite) -> None:
    noor, gaston, _, _, reply = await talk(site.network)
    await noor.block(gaston)
    await site.settle()
    await feeds.renew(await gaston.viewer())
    browser = site.browser(gaston)
    address = f"/feeds/{await feeds.address_of(await gaston.viewer())}.xml"
    for path in (address, f"/compose?reply_to={reply}", f"/compose?quote={reply}", f"/@cem/{reply}/menu"):
        answer = await browser.get(path)
        assert answer.status_code == 200
        assert "noor" not in answer.text, path


async def test_nor_do_lists_of_people(network: LiveNetwork) -> None:
    noor, gaston = await network.members("noor", "gaston")
    await gaston.mute(noor)
    assert [one.handle for one in await people.muted(await gaston.viewer())] == ["noor"]
    await noor.block(gaston)
    assert await people.muted(await gaston.viewer()) == []
    assert [one.handle for one in await people.blocked(await noor.viewer())] == ["gaston"], "to lift it again"
    assert (await by_handle(await noor.viewer(), "gaston")).blocked
