"""One's own post that others don't see yet: what its pages offer, and what is said of all else."""

import pytest

from domain.moderation.kinds import StatementKind
from tests.helpers import written_filters
from tests.helpers.moderation import reported
from tests.helpers.people import LiveSite, Member

OFFERED = ('class="acts"', "data-copy", "/compose?quote=", "/compose?reply_to=", "/report")


async def _held(site: LiveSite) -> tuple[Member, int]:
    mona, max_ = await written_filters.staff(site.network)
    await written_filters.live(mona, max_)
    eve = await site.member("eve")
    return eve, await eve.post("buy pills")


async def test_what_is_offered_beside_it(site: LiveSite) -> None:
    eve, held = await _held(site)
    seen = await eve.post("good morning")
    browser = site.browser(eve)
    for address in (f"/@eve/{held}", f"/@eve/{held}/menu"):
        page = (await browser.get(address)).text
        main = page[page.index("<main") : page.index("</main>")]
        assert [one for one in OFFERED if one in main] == []
        assert f"/posts/{held}/edit" in main
    assert "Nobody else sees this post yet" in (await browser.get(f"/@eve/{held}")).text
    assert 'class="danger" form="act"' in (await browser.get(f"/@eve/{held}/menu")).text
    menu = (await browser.get(f"/@eve/{seen}/menu")).text
    assert "data-copy" in menu
    assert f"/compose?quote={seen}" in menu
    assert 'class="acts"' in (await browser.get(f"/@eve/{seen}")).text


@pytest.mark.parametrize("field", ["reply_to", "quote"])
async def test_an_answer_to_it_comes_back_with_what_was_typed(site: LiveSite, field: str) -> None:
    eve, held = await _held(site)
    browser, other = site.browser(eve), site.browser(await site.member("ana"))
    if field == "reply_to":
        begun = await browser.get(f"/compose?reply_to={held}")
        assert "Nobody else sees this post yet" in begun.text
        assert (await other.get(f"/compose?reply_to={held}")).status_code == 404
    post = {"text": "One more thing", "key": "a key of its own", field: str(held)}
    refused = await browser.post("/posts", data=post)
    assert refused.status_code == 409
    for words in ("Nobody else sees this post yet", "One more thing", f'value="{held}"'):
        assert words in refused.text
    fragment = await browser.post("/posts", data=post, headers={"HX-Request": "true"})
    assert fragment.status_code == 422
    assert "One more thing" in fragment.text
    # What waited on a device for a connection.
    acted = await browser.post("/posts", data=post, headers={"X-Act": "1"})
    assert acted.status_code == 409
    assert "Nobody else sees this post yet" in acted.json()["error"]["message"]
    strange = await other.post("/posts", data=post)
    assert strange.status_code == 404
    assert "Nobody else sees this post yet" not in strange.text
    assert await site.network.count("post") == 1


async def test_votes_and_reposts_of_it_are_refused_in_words(site: LiveSite) -> None:
    eve, held = await _held(site)
    browser, other = site.browser(eve), site.browser(await site.member("ana"))
    for action in ("vote?value=up", "repost"):
        refused = await browser.put(f"/posts/{held}/{action}", headers={"X-Act": "1"})
        assert refused.status_code == 409
        assert "Nobody else sees this post yet" in refused.json()["error"]["message"]
        assert (await other.put(f"/posts/{held}/{action}", headers={"X-Act": "1"})).status_code == 404


async def test_a_hidden_post_is_edited_while_posting_is_frozen(site: LiveSite) -> None:
    ana, eve, moderator, post, case = await reported(site.network)
    statement = await moderator.decide(case, StatementKind.HIDE_UNTIL_EDITED, sanction=StatementKind.FREEZE, days=1)
    browser = site.browser(eve)
    for page in ("/standing", f"/@eve/{post}"):
        assert f"/posts/{post}/edit" in (await browser.get(page)).text
    assert statement
    shown = (await browser.get(f"/@eve/{post}")).text
    assert 'class="acts"' not in shown[shown.index("<main") :]
    quote = await browser.post("/posts", data={"text": "See", "key": "a key of its own", "quote": str(post)})
    assert quote.status_code == 403
    version = (await eve.view(post)).version
    saved = await browser.put(f"/posts/{post}", data={"text": "You will be happy.", "version": str(version)})
    assert saved.headers["location"] == f"/@eve/{post}"
    assert (await ana.view(post)).text == "You will be happy."
