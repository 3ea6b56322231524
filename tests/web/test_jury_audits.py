"""The pages of audits: of the moderators who make them, and of the jurors who fail them."""

from db.engine import DB
from db.queries import juries as queries
from domain.core import clock, ids
from domain.moderation.jury_kinds import SeatState
from tests.conftest import Watch
from tests.helpers.juries import heard, seats, vote
from tests.helpers.people import LiveSite


async def test_an_audit_from_its_making_to_its_end(site: LiveSite, watch: Watch) -> None:
    members, _, _, moderator, _, appeal = await heard(site.network, watch)
    await site.settle()
    page = f"/moderation/appeals/{appeal}"
    mona = site.browser(moderator)
    assert "Make it an audit" not in (await mona.get(page)).text
    await vote(members, appeal, reverse=5)
    await site.settle()
    refused = await mona.post(f"{page}/audit", data={"why": "@eve sang."})
    assert refused.status_code == 422
    assert "@eve sang." in refused.text
    made = await mona.post(f"{page}/audit", data={"why": "It is <b>a song</b>."})
    assert made.headers["location"] == page
    assert "Make it an audit" not in (await mona.get(page)).text
    drawn = {seat.account for seat in await seats(appeal, SeatState.VOTED)}
    juror = next(one for one in members if one.id not in drawn)
    seat = ids.new()
    async with DB.writing():
        await queries.seat(seat, appeal, juror.id, clock.now() + clock.DAY_MS, audit=True)
    browser, address = site.browser(juror), f"/jury/{seat}"
    shown = (await browser.get(address)).text
    assert "audit" not in shown
    assert "taken back" not in shown
    await browser.post(f"{address}/vote", data={"version": "1", "vote": "stands"})
    failed = (await browser.get(address)).text
    assert "An audit: you found otherwise than the jury." in failed
    assert "It is &lt;b&gt;a song&lt;/b&gt;." in failed
    empty = await browser.post(f"{address}/dispute", data={"dispute": ""})
    assert empty.status_code == 422
    await browser.post(f"{address}/dispute", data={"dispute": "No <i>song</i> I know."})
    again = await browser.post(f"{address}/dispute", data={"dispute": "Once more."})
    assert (again.status_code, "Once more." in again.text) == (409, True)
    assert "Until then it does not count." in (await browser.get(address)).text
    max_ = site.browser(await site.network.moderator("max"))
    assert "another moderator says" in (await mona.get("/moderation/audits")).text
    refused = await mona.post(f"/moderation/audits/{seat}/uphold")
    assert refused.status_code == 403
    listed = (await max_.get("/moderation/audits")).text
    assert "another moderator says" not in listed
    assert "No &lt;i&gt;song&lt;/i&gt; I know." in listed
    assert juror.handle not in listed
    assert "Disputed audits" in (await mona.get("/moderation")).text
    for outsider in (juror, members[0]):
        assert (await site.browser(outsider).get("/moderation/audits")).status_code == 404
        assert (await site.browser(outsider).post(f"/moderation/audits/{seat}/withdraw")).status_code == 404
    assert (await max_.post(f"/moderation/audits/{seat}/uphold")).status_code == 303
    assert "the audit was right, and counts" in (await browser.get(address)).text
    assert (await mona.post(f"/moderation/audits/{seat}/withdraw")).status_code == 303
    assert "it does not count" in (await browser.get(address)).text
    assert "No audit is disputed." in (await mona.get("/moderation/audits")).text
    assert "An audit: you found otherwise" in (await browser.get("/jury/history")).text
