"""The brake and a crisis as people meet them: fewer sign-ups, words for everybody, and pages for moderators alone."""

import asyncio
import re

from domain.core.trust import TrustLevel
from domain.moderation import brake, brake_holds, brake_switch, crisis
from tests.conftest import OpenSite, Watch
from tests.helpers.brake import opened, two_moderators
from tests.helpers.people import PASSWORD, LiveSite

WORDS = "A wave of spam: new members wait a little."
LINE = "Reports are waiting longer than they should."
PUBLIC = ("/signup", "/rules", "/about", "/transparency")
MODERATORS = ("/moderation/brake", "/moderation/crisis", "/moderation/care")
BEHIND = "Moderators are behind at the moment"


def form(handle: str) -> dict[str, str]:
    return {"handle": handle, "name": "Zoé", "password": PASSWORD, "birth_date": "1990-01-01", "terms": "1"}


async def begin_crisis(site: LiveSite, hours: int = 24) -> None:
    mona, max_ = await two_moderators(site.network)
    await crisis.propose(await mona.viewer(), WORDS, hours)
    found = await crisis.read(await mona.viewer())
    assert found is not None
    await crisis.agree(await max_.viewer(), found.id)


async def test_everybody_reads_that_it_is_on(site: LiveSite) -> None:
    guest = site.browser()
    for page in PUBLIC:
        assert LINE not in (await guest.get(page)).text
    await opened((await site.member("eve")).id, brake_switch.BACKLOG)
    await brake_switch.look()
    for page in PUBLIC:
        assert LINE in (await guest.get(page)).text
    french = (await guest.get("/about", headers={"accept-language": "fr"})).text
    assert "Les signalements attendent" in french
    await brake_switch.switch_off_by_command()
    await brake_switch.switch_on_by_command(WORDS, 6)
    for page in PUBLIC:
        text = (await guest.get(page)).text
        assert WORDS in text
        assert LINE not in text
    await site.settle()
    assert WORDS in (await guest.get("/log?kind=brake_on")).text
    assert "An operator has switched it on." in (await guest.get("/log")).text
    assert LINE not in (await guest.get("/public")).text


async def test_an_address_has_a_quarter_of_its_sign_ups(open_site: OpenSite) -> None:
    site = await open_site(signups_per_hour=10)
    await brake_switch.switch_on_by_command(WORDS, 6)
    for n in range(2):
        assert (await site.browser().post("/signup", data=form(f"ana{n}"))).status_code == 303
    answer = await site.browser().post("/signup", data=form("ana3"))
    assert answer.status_code == 429
    assert BEHIND in answer.text
    assert 'value="ana3"' in answer.text
    assert PASSWORD not in answer.text


async def test_the_network_takes_so_many_in_an_hour(open_site: OpenSite, watch: Watch) -> None:
    site = await open_site(signups_per_hour=1000, brake_signups_per_hour=2)
    watch.forward(2 * 3600)
    await brake_switch.switch_on_by_command(WORDS, 6)
    # At the same time, from two addresses.
    sent = [site.browser(address=f"192.0.2.{n}").post("/signup", data=form(f"ana{n}")) for n in range(4)]
    answers = await asyncio.gather(*sent)
    assert sorted(one.status_code for one in answers) == [303, 303, 429, 429]
    refused = next(one for one in answers if one.status_code == 429)
    assert BEHIND in refused.text
    watch.forward(3601)
    assert (await site.browser(address="192.0.2.9").post("/signup", data=form("ben"))).status_code == 303
    await brake_switch.switch_off_by_command()
    for n in range(3):
        assert (await site.browser().post("/signup", data=form(f"eve{n}"))).status_code == 303


async def test_newcomers_read_that_a_post_is_shown_later(site: LiveSite) -> None:
    new = await site.member("new", trust=TrustLevel.NEW)
    await brake_switch.switch_on_by_command(WORDS, 6)
    post = await new.post("Look at https://lamp.example/")
    assert "the network is slowed down, and others see" in (await site.browser(new).get(f"/@new/{post}")).text
    assert (await site.browser().get(f"/@new/{post}")).status_code == 404
    await brake_switch.switch_off_by_command()
    await brake_holds.release()
    assert "the network is slowed down, and others see" not in (await site.browser(new).get(f"/@new/{post}")).text
    assert (await site.browser().get(f"/@new/{post}")).status_code == 200


async def test_in_a_crisis_nobody_joins_and_everybody_reads_why(site: LiveSite, watch: Watch) -> None:
    ana = await site.member("ana")
    await begin_crisis(site)
    guest, own = site.browser(), site.browser(ana)
    for browser, page in ((guest, "/public"), (guest, "/signup"), (own, "/"), (own, "/settings")):
        assert WORDS in (await browser.get(page)).text
    shut = await guest.get("/signup")
    assert "New accounts can" in shut.text
    assert '<form class="form"' not in shut.text
    assert (await guest.post("/signup", data=form("ben"))).status_code == 403
    assert await site.network.count("account") == 4
    # A page has the words once.
    assert LINE not in (await guest.get("/about")).text
    watch.forward(86_400)
    assert WORDS not in (await guest.get("/public")).text
    assert (await guest.post("/signup", data=form("ben"))).status_code == 303


async def test_an_operator_switches_it_on_and_off(site: LiveSite) -> None:
    operator = site.browser(await site.network.operator())
    assert "The brake is off" in (await operator.get("/moderation/brake")).text
    wrong = await operator.post("/moderation/brake", data={"words": "Ask @ana", "hours": "6"})
    assert wrong.status_code == 422
    assert "Ask @ana" in wrong.text
    assert '<option value="6" selected>' in wrong.text
    assert not (await brake.state()).on
    done = await operator.post("/moderation/brake", data={"words": WORDS, "hours": "6"})
    assert done.headers["location"] == "/moderation/brake"
    assert WORDS in (await operator.get("/moderation/brake")).text
    again = await operator.post("/moderation/brake", data={"words": WORDS, "hours": "6"})
    assert again.status_code == 409
    assert '<span class="tag hot">on</span>' in (await operator.get("/moderation")).text
    moderator = site.browser(await site.network.moderator())
    page = (await moderator.get("/moderation/brake")).text
    assert WORDS in page
    assert "Switch it off" not in page
    assert (await moderator.delete("/moderation/brake")).status_code == 403
    assert (await operator.delete("/moderation/brake")).status_code == 303
    assert (await operator.delete("/moderation/brake")).status_code == 409
    assert "stays off until" in (await operator.get("/moderation/brake")).text


async def test_the_page_says_why_it_is_on(site: LiveSite) -> None:
    eve, moderator = await site.member("eve"), await site.network.moderator()
    await opened(eve.id, brake_switch.BACKLOG)
    await brake_switch.look()
    page = (await site.browser(moderator).get("/moderation/brake")).text
    assert "More cases were open than are decided in a day." in page
    assert "It switches itself off" in page
    assert "Switch it" not in page


async def test_two_moderators_declare_a_crisis(site: LiveSite) -> None:
    mona, max_ = [site.browser(one) for one in await two_moderators(site.network)]
    wrong = await mona.post("/moderation/crisis", data={"words": WORDS, "hours": ""})
    assert wrong.status_code == 422
    assert WORDS in wrong.text
    assert (await mona.post("/moderation/crisis", data={"words": WORDS, "hours": "24"})).status_code == 303
    own = (await mona.get("/moderation/crisis")).text
    assert "You proposed this." in own
    assert "Agree, begin it" not in own
    (address,) = re.findall(
        r'formaction="(/moderation/crisis/\d+)\?_method=PUT"', (await max_.get("/moderation/crisis")).text
    )
    assert "proposed" in (await max_.get("/moderation")).text
    assert (await mona.put(address)).status_code == 409
    assert (await max_.put(address)).status_code == 303
    assert (await max_.put(address)).status_code == 409
    assert "A crisis is in force" in (await mona.get("/moderation/crisis")).text
    assert (await mona.delete(address)).status_code == 303
    assert WORDS not in (await mona.get("/moderation/crisis")).text


async def test_to_everybody_else_there_are_no_such_pages(site: LiveSite) -> None:
    ana = site.browser(await site.member("ana"))
    guest = site.browser()
    for page in MODERATORS:
        assert (await ana.get(page)).status_code == 404
        assert (await guest.get(page)).headers["location"].startswith("/signin")
    for path in ("/moderation/crisis", "/moderation/care"):
        assert (await ana.post(path, data={"words": WORDS, "hours": "6", "limit": "1"})).status_code == 404
    assert (await ana.post("/moderation/brake", data={"words": WORDS, "hours": "6"})).status_code == 404
    assert (await ana.put("/moderation/crisis/1")).status_code == 404
    assert (await ana.delete("/moderation/crisis/1")).status_code == 404
    assert (await ana.put("/moderation/care/break")).status_code == 404
    assert (await ana.delete("/moderation/care/break")).status_code == 404


async def test_no_page_names_who_declared_it(site: LiveSite) -> None:
    await begin_crisis(site)
    await site.settle()
    guest = site.browser()
    for page in ("/log", "/log?kind=crisis_on", "/public", "/about"):
        shown = (await guest.get(page)).text
        assert not re.search(r"(?i)\b(mona|max)\b", shown.partition("<main")[2].partition("</main>")[0])
