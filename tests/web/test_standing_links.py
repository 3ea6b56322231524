"""The pages of the link to one's standing: shown once, for everybody who has it, and kept by nobody."""

import re

from domain.moderation.kinds import StatementKind
from tests.helpers.moderation import reported
from tests.helpers.people import LiveSite

LINK = re.compile(r"<code>http://[^/]+(/standing/shared/[\w-]{43})</code>")


async def test_from_the_form_to_a_stranger(site: LiveSite) -> None:
    ana, eve, moderator, post, case = await reported(site.network)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL, facts="It insults.", explanation="It hurts.")
    await site.settle()
    browser = site.browser(eve)
    assert 'href="/standing/link"' in (await browser.get("/standing")).text
    assert LINK.search((await browser.get("/standing/link")).text) is None
    made = await browser.post("/standing/link", data={"days": "30"})
    assert made.status_code == 200
    assert made.headers["cache-control"] == "no-store"
    link = LINK.search(made.text)
    assert link is not None
    # It is shown once.
    again = (await browser.get("/standing/link")).text
    assert link[1] not in again
    assert "End the link now" in again
    guest = site.browser()
    shown = await guest.get(link[1])
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["x-robots-tag"] == "noindex, nofollow"
    assert shown.headers["referrer-policy"] == "no-referrer"
    assert '<meta name="robots" content="noindex, nofollow">' in shown.text
    for words in ("@eve", "6 points count now.", "Post removed", "It insults.", "It hurts.", "6. Harassment"):
        assert words in shown.text, words
    main = shown.text.partition("<main")[2].partition("</main>")[0]
    for secret in ("You will be sorry.", str(statement), str(case), str(post), str(moderator.id)):
        assert secret not in main, secret
    for name in ("ana", "mona"):
        assert not re.search(rf"\b{name}\b", main, re.IGNORECASE), name
    french = await guest.get(link[1], headers={"accept-language": "fr"})
    assert "6 points comptent actuellement." in french.text
    assert (await site.browser(ana).get(link[1])).status_code == 200
    # Another member can't end it, nor is it theirs.
    assert "End the link now" not in (await site.browser(ana).get("/standing/link")).text
    await site.browser(ana).post("/standing/link?_method=delete")
    assert (await guest.get(link[1])).status_code == 200
    ended = await browser.post("/standing/link?_method=delete")
    assert (ended.status_code, ended.headers["location"]) == (303, "/standing/link")
    assert (await guest.get(link[1])).status_code == 404


async def test_a_wrong_choice_makes_nothing(site: LiveSite) -> None:
    ana = await site.member("ana")
    for days in ("", "8", "x", "-7", "٧"):
        answer = await site.browser(ana).post("/standing/link", data={"days": days})
        assert answer.status_code == 422
        assert "Choose for how long." in answer.text
    assert await site.network.count("standing_link") == 0


async def test_guests_sign_in_first(site: LiveSite) -> None:
    guest = site.browser()
    assert (await guest.get("/standing/link")).status_code in (303, 401, 403)
    assert (await guest.post("/standing/link", data={"days": "7"})).status_code in (303, 401, 403)
    assert (await guest.get(f"/standing/shared/{'a' * 43}")).status_code == 404
    assert await site.network.count("standing_link") == 0


async def test_long_histories_have_pages(site: LiveSite) -> None:
    ana, eve = await site.members("ana", "eve")
    moderator = await site.network.moderator()
    for _ in range(21):
        await ana.report(await eve.post("You will be sorry."))
        await moderator.decide(await site.network.open_case(), StatementKind.WARNING)
    made = await site.browser(eve).post("/standing/link", data={"days": "7"})
    link = LINK.search(made.text)
    assert link is not None
    first = (await site.browser().get(link[1])).text
    older = re.search(r'href="(/standing/shared/[\w-]+\?before=[^"]+)"', first)
    assert older is not None
    second = (await site.browser().get(older[1])).text
    assert first.count('class="verdict"') + second.count('class="verdict"') == 21


async def test_measures_in_force_are_said_to_be(site: LiveSite) -> None:
    _, eve, moderator, post, case = await reported(site.network)
    await moderator.decide(case, StatementKind.HIDE_UNTIL_EDITED)
    browser = site.browser(eve)
    link = LINK.search((await browser.post("/standing/link", data={"days": "7"})).text)
    assert link is not None
    before = (await site.browser().get(link[1])).text
    assert '<span class="tag hot">in force</span>' in before
    await eve.edit(post, "You will be happy.")
    after = (await site.browser().get(link[1])).text
    assert "in force</span>" not in after
    assert "ended by an edit on" in after
