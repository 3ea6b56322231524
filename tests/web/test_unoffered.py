"""The queue says that urgent cases are offered to nobody, and whoever takes one by hand is asked first."""

from domain.core.access import Role
from tests.helpers import duty
from tests.helpers.people import LiveSite

LINE = "offered to nobody"
QUESTION = "Do you want to look at it all the same?"


async def test_it_is_said_in_the_queue_and_taken_after_a_question(site: LiveSite) -> None:
    ana, eve, mona = *await site.members("ana", "eve"), await site.network.moderator()
    other = await site.network.moderator("max")
    await ana.report(await eve.post("You will be sorry."), rule=1)
    case = await site.network.open_case()
    browser, theirs, operator = site.browser(mona), site.browser(other), site.browser(await site.network.operator())
    await duty.choose(mona, cases=0)
    await duty.choose(other)
    assert LINE not in (await browser.get("/moderation")).text
    page = (await browser.get(f"/moderation/cases/{case}")).text
    assert ("Take it all the same" in page, QUESTION in page) == (True, False)
    await duty.choose(other, minutes=0)
    for one in (browser, theirs, operator):
        queue = (await one.get("/moderation")).text
        assert "1 urgent case is offered to nobody" in queue
        assert f'href="/moderation/cases/{case}">Take one by hand' in queue
    assert QUESTION in (await browser.get(f"/moderation/cases/{case}")).text
    assert QUESTION not in (await operator.get(f"/moderation/cases/{case}")).text
    assert (await browser.post("/moderation/next")).headers["location"] == "/moderation?enough=1"
    assert (await browser.put(f"/moderation/cases/{case}/claim")).status_code == 409
    assert (await browser.put(f"/moderation/cases/{case}/claim?beyond=1")).status_code == 303
    assert LINE not in (await theirs.get("/moderation")).text
    for outsider in (site.browser(eve), site.browser()):
        answer = await outsider.get("/moderation")
        assert LINE not in answer.text
        assert answer.status_code != 200


async def test_only_moderators_choose_how_they_are_told_of_work(site: LiveSite) -> None:
    eve, mona = await site.member("eve"), await site.member("mona", role=Role.MODERATOR)
    form = {"vote_page": "1", "work_page": "1", "strangers": "accept", "newcomers": "accept"}
    for member, shown in ((eve, False), (mona, True)):
        browser = site.browser(member)
        assert ("Moderators’ work" in (await browser.get("/settings/notifications")).text) is shown
        assert (await browser.post("/settings/notifications", data=form)).status_code == 303
        kept = await site.network.count("notice_setting", f"account = {member.id} AND kinds LIKE '%work%'")
        assert kept == int(shown)
