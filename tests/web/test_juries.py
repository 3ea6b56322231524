"""Juries in a browser: opting in, a summons without names, a vote, and what each side reads of it."""

import re

import pytest

from db.engine import DB
from db.sql import SQL
from domain.moderation import appeals, statements
from domain.moderation.jury_kinds import SeatState
from domain.moderation.kinds import StatementKind
from tests.conftest import Watch
from tests.helpers.juries import HANDLES, MONTH, pool, seats
from tests.helpers.people import LiveSite, Member

POST = "Hey @tilly_t, eve_rude and ana_calm will be sorry. Ask Eve, or Ana Calm!"
WORDS = "I am Eve Rude, and it was a line from a song for @tilly_t."


async def heard(site: LiveSite, watch: Watch) -> tuple[list[Member], Member, Member, Member, int, int]:
    """Those who may be drawn, a reporter, an author, the moderator who decided, the statement and the appeal."""
    members = await pool(site.network, watch)
    ana = await site.member("ana_calm", name="Ana Calm")
    eve = await site.member("eve_rude", name="Eve Rude")
    await site.member("tilly_t", name="Tilly Thorn")
    moderator = await site.network.moderator()
    await ana.report(await eve.post(POST))
    case = await site.network.open_case()
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL, facts="It threatens.", names_nobody=True)
    appeal = await appeals.lodge(await eve.viewer(), statement, WORDS)
    await site.settle()
    return members, ana, eve, moderator, statement, appeal


async def seated(members: list[Member], appeal: int) -> list[tuple[Member, str]]:
    """Those who were drawn, and the addresses of their summonses."""
    by_id = {one.id: one for one in members}
    return [(by_id[one.account or 0], f"/jury/{one.id}") for one in await seats(appeal)]


async def test_a_summons_names_nobody(site: LiveSite, watch: Watch) -> None:
    members, _, _, _, _, appeal = await heard(site, watch)
    juror, address = (await seated(members, appeal))[0]
    browser = site.browser(juror)
    assert f'href="{address}"' in (await browser.get("/jury")).text
    text = (await browser.get(address)).text
    for name in ("eve", "Eve", "Rude", "ana_calm", "Ana", "Calm", "tilly", "mona"):
        assert not re.search(rf"\b{name}\b", text), name
    assert "Hey Person B, Person A and Person C will be sorry. Ask Person A, or Person C!" in text
    assert "I am Person A, and it was a line from a song for Person B." in text
    for words in ("Harassment", "It threatens.", "Post removed", "The post is back where it was."):
        assert words in text
    french = (await browser.get(address, headers={"accept-language": "fr"})).text
    assert "Personne A" in french


async def test_what_is_taken_out_tells_nobody_who_reported_it(site: LiveSite, watch: Watch) -> None:
    members = await pool(site.network, watch)
    ana = await site.member("ana_calm", name="Sunny Market")
    eve = await site.member("eve_rude", name="Eve Rude")
    moderator = await site.network.moderator()
    await ana.report(await eve.post("Sunny Market will be sorry."))
    statement = await moderator.decide(await site.network.open_case(), StatementKind.POST_REMOVAL)
    appeal = await appeals.lodge(await eve.viewer(), statement, "Was it Tilly, or Sunny Market?")
    juror, address = (await seated(members, appeal))[0]
    text = (await site.browser(juror).get(address)).text
    assert "Sunny Market will be sorry." in text
    assert "Was it Tilly, or Sunny Market?" in text


async def test_a_new_name_takes_nothing_out_of_the_evidence(site: LiveSite, watch: Watch) -> None:
    members = await pool(site.network, watch)
    ana = await site.member("ana_calm")
    eve = await site.member("eve_rude", name="Eve Rude")
    await site.member("tilly_t", name="Sorry")
    moderator = await site.network.moderator()
    await ana.report(await eve.post("You will be sorry, says Eve Rude."))
    statement = await moderator.decide(await site.network.open_case(), StatementKind.POST_REMOVAL, facts="A threat.")
    await DB.fetch(SQL("UPDATE account SET name = 'Threat' WHERE id = ?1"), eve.id)
    appeal = await appeals.lodge(await eve.viewer(), statement, "Threat is my name; ask @tilly_t.")
    juror, address = (await seated(members, appeal))[0]
    text = (await site.browser(juror).get(address)).text
    assert "You will be sorry, says Person A." in text
    assert "A threat." in text
    assert "Person A is my name; ask Person B." in text


async def test_from_the_summons_to_the_outcome(site: LiveSite, watch: Watch) -> None:
    members, ana, eve, _, statement, appeal = await heard(site, watch)
    own = (await site.browser(eve).get(f"/statements/{statement}")).text
    assert "Five members, drawn by lot, hear it" in own
    assert "A jury hears it." in (await site.browser(eve).get("/appeals")).text
    drawn = await seated(members, appeal)
    for place, (juror, address) in enumerate(drawn):
        browser = site.browser(juror)
        nothing = await browser.post(f"{address}/vote", data={"version": "1", "reason": "It is <b>a song</b>."})
        assert nothing.status_code == 422
        assert "It is &lt;b&gt;a song&lt;/b&gt;." in nothing.text
        stale = await browser.post(f"{address}/vote", data={"version": "7", "vote": "reverse", "reason": "Kept"})
        assert stale.status_code == 409
        assert "Kept" in stale.text
        vote = "stands" if place == 2 else "reverse"
        sent = await browser.post(f"{address}/vote", data={"version": "1", "vote": vote, "reason": "A song."})
        assert sent.headers["location"] == address
        again = await browser.post(f"{address}/vote", data={"version": "2", "vote": vote, "reason": "Typed"})
        assert again.status_code == 409
        assert "Typed" in again.text
        if place < 4:
            after = (await browser.get(address)).text
            assert "You have voted." in after
            assert "The jury" not in after
    await site.settle()
    for juror, address in drawn:
        assert "The jury found the decision wrong." in (await site.browser(juror).get(address)).text
        history = (await site.browser(juror).get("/jury/history")).text
        assert "The jury found the decision wrong." in history
        assert not re.search(r"\d\d:\d\d", re.sub(r"(?s).*<main(.*)</main>.*", r"\1", history))
        assert "There is news of a jury you were drawn for" in (await site.browser(juror).get("/notifications")).text
    reversal = (await statements.mine(await eve.viewer())).items[0]
    shown = (await site.browser(eve).get(f"/statements/{reversal.id}")).text
    assert "At least four of them found the decision wrong" in shown
    assert "have heard the appeal. No machine took part" in shown
    french = site.browser(eve, headers={"accept-language": "fr"})
    assert "Au moins quatre" in (await french.get(f"/statements/{reversal.id}")).text
    assert "What you reported" in (await site.browser(ana).get("/reports/mine")).text
    second = await site.network.moderator("max")
    page = (await site.browser(second).get(f"/moderation/appeals/{appeal}")).text
    assert page.count("A song.") == 5


async def test_nobody_else_learns_who_is_drawn(site: LiveSite, watch: Watch) -> None:
    members, ana, eve, moderator, statement, appeal = await heard(site, watch)
    operator = await site.network.operator()
    drawn = await seated(members, appeal)
    others = [one for one in members if one.id not in {juror.id for juror, _ in drawn}]
    for outsider in (ana, eve, moderator, operator, others[0], None):
        browser = site.browser(outsider)
        for _, address in drawn:
            for answer in (await browser.get(address), await browser.post(f"{address}/vote", data={"version": "1"})):
                assert answer.status_code in ((404,) if outsider else (303, 401))
        for page in ("/jury", "/jury/history", f"/statements/{statement}", f"/moderation/appeals/{appeal}", "/log"):
            text = (await browser.get(page)).text
            for juror, address in drawn:
                assert juror.handle not in text
                assert address not in text
    # A profile is the same, drawn or not.
    for juror, _ in drawn:
        assert "jury" not in (await site.browser(ana).get(f"/@{juror.handle}")).text.lower()


async def test_passing_and_abstaining(site: LiveSite, watch: Watch) -> None:
    members, *_, appeal = await heard(site, watch)
    (first, passed), (second, abstained), *_ = await seated(members, appeal)
    assert (await site.browser(first).post(f"{passed}/pass", data={"version": "1"})).status_code == 303
    assert (await site.browser(second).post(f"{abstained}/abstain", data={"version": "1"})).status_code == 303
    assert "You passed" in (await site.browser(first).get(passed)).text
    assert "You could not decide" in (await site.browser(second).get(abstained)).text
    assert "threat" not in (await site.browser(first).get(passed)).text
    assert len(await seats(appeal)) == 5


async def test_a_summons_that_was_not_answered_is_over(site: LiveSite, watch: Watch) -> None:
    members, *_, appeal = await heard(site, watch)
    juror, address = (await seated(members, appeal))[0]
    watch.forward(86_400)
    browser = site.browser(juror)
    assert "Your time to answer was over" in (await browser.get(address)).text
    late = await browser.post(f"{address}/vote", data={"version": "1", "vote": "stands", "reason": "Late"})
    assert late.status_code == 409
    assert "Late" in late.text
    assert await seats(appeal, SeatState.VOTED) == []
    assert address not in (await browser.get("/jury")).text


async def test_opting_in_and_out(site: LiveSite, watch: Watch) -> None:
    june = await site.member("june")
    moderator = await site.network.moderator()
    browser = site.browser(june)
    assert 'href="/jury"' in (await browser.get("/settings")).text
    assert "You may be one of them." in (await browser.get("/jury")).text
    assert "your account has to be older" in (await browser.get("/jury/settings")).text
    saved = await browser.post("/jury/settings", data={"opted_in": "1"})
    assert saved.headers["location"] == "/jury/settings?saved=1"
    watch.forward(MONTH)
    after = (await browser.get(saved.headers["location"])).text
    assert "your account has to be older" not in after
    assert re.search(r'name="opted_in" value="1" checked', after)
    assert "You are notified when you are drawn" in (await browser.get("/jury")).text
    await browser.post("/jury/settings", data={})
    assert await site.network.count("juror_standing") == 0
    assert "while you moderate" in (await site.browser(moderator).get("/jury/settings")).text
    for address in ("/jury", "/jury/history", "/jury/settings"):
        assert (await site.browser().get(address)).status_code == 303


@pytest.mark.parametrize("number", ["0", "1", "x", "9" * 30, "1' OR 1=1"])
async def test_no_such_summons(site: LiveSite, number: str) -> None:
    june = await site.member("june")
    assert (await site.browser(june).get(f"/jury/{number}")).status_code == 404
    assert (await site.browser(june).post(f"/jury/{number}/vote", data={"version": "1"})).status_code == 404


async def test_only_jurors_see_the_pictures_while_they_judge(site: LiveSite, watch: Watch) -> None:
    members = await pool(site.network, watch)
    ana, eve = await site.members("ana", "eve")
    moderator = await site.network.moderator()
    await ana.report(await eve.show("Look."))
    statement = await moderator.decide(await site.network.open_case(), StatementKind.POST_REMOVAL)
    appeal = await appeals.lodge(await eve.viewer(), statement, "It is a cat.")
    await site.settle()
    (juror, address), (late, _), *_ = await seated(members, appeal)
    drawn = {seat.account for seat in await seats(appeal)}
    other = next(one for one in members if one.id not in drawn)
    browser = site.browser(juror)
    (picture,) = set(re.findall(r'src="(/media/[^"]+)"', (await browser.get(address)).text))
    assert (await browser.get(picture)).status_code == 200
    assert (await site.browser(other).get(picture)).status_code == 404
    await browser.post(f"{address}/pass", data={"version": "1"})
    assert (await browser.get(picture)).status_code == 404
    assert (await site.browser(late).get(picture)).status_code == 200
    watch.forward(86_400)
    # Nobody has swept yet.
    assert (await site.browser(late).get(picture)).status_code == 404


async def test_too_few_members_is_said(site: LiveSite, watch: Watch) -> None:
    members = await pool(site.network, watch, *HANDLES[:4])
    ana, eve = await site.members("ana", "eve")
    moderator, second = await site.network.moderator(), await site.network.moderator("max")
    await ana.report(await eve.post("You will be sorry."))
    statement = await moderator.decide(await site.network.open_case(), StatementKind.POST_REMOVAL)
    await appeals.lodge(await eve.viewer(), statement, WORDS)
    assert "Not enough members" in (await site.browser(eve).get(f"/statements/{statement}")).text
    queue = (await site.browser(second).get("/moderation")).text
    assert "line from a song" in queue
    (appeal,) = re.findall(r'href="(/moderation/appeals/\d+)"', queue)
    assert "Not enough members" in (await site.browser(second).get(appeal)).text
    assert len(members) == 4


async def test_operators_choose_which_rules_are_for_juries(site: LiveSite) -> None:
    operator = await site.network.operator()
    page = (await site.browser(operator).get("/settings/rules")).text
    assert page.count("A jury hears appeals") == 10
    assert "A jury of members hears appeals." in (await site.browser().get("/rules")).text
    await DB.fetch(SQL("UPDATE rule SET jury = 0"))
    assert "A jury of members" not in (await site.browser().get("/rules")).text
