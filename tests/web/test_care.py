"""A moderator's own page of duty and breaks, and cases beyond their limit."""

from tests.conftest import OpenSite
from tests.helpers import media_files
from tests.helpers.people import LiveSite, Member


async def with_cases(site: LiveSite, count: int) -> tuple[Member, list[int]]:
    """A moderator, and urgent cases."""
    ana, eve = await site.members("ana", "eve")
    found = []
    for _ in range(count):
        await ana.report(await eve.post("You will be sorry."), rule=1)
        found.append(await site.network.open_case())
    return await site.network.moderator(), found


async def test_what_one_chooses_is_one_s_own(site: LiveSite) -> None:
    moderator, other = await site.network.moderator(), await site.network.moderator("max")
    browser = site.browser(moderator)
    wrong = await browser.post("/moderation/care", data={"cases": "31", "minutes": "60", "on_duty": "1"})
    assert wrong.status_code == 422
    assert "Choose a number from 0 to 30." in wrong.text
    assert 'value="31"' in wrong.text
    done = await browser.post("/moderation/care", data={"cases": "3", "minutes": "45", "on_duty": "1"})
    assert done.headers["location"] == "/moderation/care?saved=1"
    page = (await browser.get("/moderation/care?saved=1")).text
    assert 'value="3"' in page
    assert 'value="45"' in page
    assert "Saved." in page
    assert "on duty" in (await browser.get("/moderation")).text
    theirs = site.browser(other)
    assert 'value="30"' in (await theirs.get("/moderation/care")).text
    assert ">on duty<" not in (await theirs.get("/moderation")).text
    assert ">on duty<" not in (await site.browser(await site.network.operator()).get("/moderation")).text


async def test_beyond_the_limit_a_case_takes_one_more_press(open_site: OpenSite) -> None:
    site = await open_site(hard_cases_per_day=1)
    moderator, (first, second) = await with_cases(site, 2)
    browser = site.browser(moderator)
    assert (await browser.post("/moderation/next")).headers["location"] == f"/moderation/cases/{first}"
    await browser.delete(f"/moderation/cases/{first}/claim")
    # The first is known already, and is offered by hand as before.
    assert "Take this case" in (await browser.get(f"/moderation/cases/{first}")).text
    led = (await browser.post("/moderation/next")).headers["location"]
    assert led == "/moderation?enough=1"
    assert "Nothing else is free" in (await browser.get(led)).text
    page = (await browser.get(f"/moderation/cases/{second}")).text
    assert "Take it all the same" in page
    assert "Take this case" not in page
    assert 'id="decision"' not in page
    refused = await browser.put(f"/moderation/cases/{second}/claim", data={"facts": "What I wrote."})
    assert refused.status_code == 409
    assert "What I wrote." in refused.text
    assert (await browser.put(f"/moderation/cases/{second}/claim?beyond=1")).status_code == 303
    assert "Give it back" in (await browser.get(f"/moderation/cases/{second}")).text


async def test_a_break_gives_everything_back(site: LiveSite) -> None:
    moderator, (case,) = await with_cases(site, 1)
    browser = site.browser(moderator)
    await browser.put(f"/moderation/cases/{case}/claim")
    assert (await browser.put("/moderation/care/break")).headers["location"] == "/moderation/care"
    page = (await browser.get("/moderation/care")).text
    assert "You are on a break" in page
    assert "Take this case" in (await browser.get(f"/moderation/cases/{case}")).text
    assert "on a break" in (await browser.get("/moderation")).text
    assert (await browser.delete("/moderation/care/break")).headers["location"] == "/moderation"
    assert "No long stretch of work so far." in (await browser.get("/moderation/care")).text


async def test_sound_on_the_evidence_is_off(site: LiveSite) -> None:
    ana, eve, moderator = *await site.members("ana", "eve"), await site.network.moderator()
    await ana.report(await eve.show("Listen.", media_files.tone()))
    page = (await site.browser(moderator).get(f"/moderation/cases/{await site.network.open_case()}")).text
    assert "controls muted preload" in page


async def test_pictures_are_veiled_and_stay_grey_for_whoever_wants_that(site: LiveSite) -> None:
    ana, eve, moderator = *await site.members("ana", "eve"), await site.network.moderator()
    await ana.report(await eve.show("Look.", media_files.encoded()))
    address = f"/moderation/cases/{await site.network.open_case()}"
    browser, other = site.browser(moderator), site.browser(await site.network.moderator("max"))
    page = (await browser.get(address)).text
    for one in ('id="veil-colour"', 'id="veil-sharp"', '<ul class="veiled">'):
        assert page.count(one) == 1
    # They belong to no form: nothing of them is sent with a decision.
    assert page.index('id="veil-sharp"') < page.index("<form class=")
    form = {"cases": "30", "minutes": "120"}
    await browser.post("/moderation/care", data=form | {"keeps_grey": "1"})
    assert 'name="keeps_grey" value="1" checked' in (await browser.get("/moderation/care")).text
    assert '<ul class="veiled keeps-grey">' in (await browser.get(address)).text
    assert '<ul class="veiled">' in (await other.get(address)).text
    await browser.post("/moderation/care", data=form)
    assert '<ul class="veiled">' in (await browser.get(address)).text


async def test_without_pictures_there_are_no_switches(site: LiveSite) -> None:
    moderator, (case,) = await with_cases(site, 1)
    assert "veil-colour" not in (await site.browser(moderator).get(f"/moderation/cases/{case}")).text


async def test_who_signs_out_gives_back_what_they_have(site: LiveSite) -> None:
    ana, eve = await site.members("ana", "eve")
    mona, max_ = [await site.network.moderator(handle) for handle in ("mona", "max")]
    await ana.report(await eve.post("You will be sorry."))
    case = f"/moderation/cases/{await site.network.open_case()}"
    first, second = site.browser(mona), site.browser(max_)
    assert (await first.post("/moderation/next")).headers["location"] == case
    assert (await second.post("/moderation/next")).headers["location"] == "/moderation?empty=1"
    await site.browser(ana).post("/signout")
    assert (await second.post("/moderation/next")).headers["location"] == "/moderation?empty=1"
    await first.post("/signout")
    assert (await second.post("/moderation/next")).headers["location"] == case
