"""What the frozen and the suspended see and send in a browser, and how moderators decide on a sanction there."""

import re

import pytest

from domain.moderation.kinds import StatementKind
from domain.notifications import feeds
from tests.helpers.people import PASSWORD, LiveSite, Member
from web.early_responses import SUSPENDED_PATHS

HX = {"hx-request": "true"}
ACT = {"x-act": "1"}


async def reported(site: LiveSite) -> tuple[Member, Member, Member, int, int]:
    ana, eve = await site.members("ana", "eve")
    moderator = await site.network.moderator()
    post = await eve.post("You will be sorry.")
    await ana.report(post)
    return ana, eve, moderator, post, await site.network.open_case()


async def sanctioned(site: LiveSite, kind: StatementKind) -> tuple[Member, Member, Member, int, int]:
    """A reporter, whoever is sanctioned for 30 days, the moderator, the post and the statement."""
    ana, eve, moderator, post, case = await reported(site)
    statement = await moderator.decide(case, StatementKind.WARNING, sanction=kind, days=30)
    await site.settle()
    return ana, eve, moderator, post, statement


async def test_the_suspended_are_led_to_their_standing(site: LiveSite) -> None:
    _, eve, _, post, _ = await sanctioned(site, StatementKind.SUSPENSION)
    browser = site.browser(eve)
    for address in (
        "/",
        "/public",
        f"/@eve/{post}",
        "/@ana",
        "/notifications",
        "/settings",
        "/people",
        "/compose",
        "/x",
    ):
        answer = await browser.get(address)
        assert (answer.status_code, answer.headers["location"]) == (303, "/standing"), address
    standing = await browser.get("/standing")
    assert standing.status_code == 200
    for words in ("Your account is suspended", "Leave the network", "You can appeal until", "Sign out"):
        assert words in standing.text
    assert 'class="bare"' in standing.text
    assert 'href="/notifications"' not in standing.text


async def test_the_suspended_send_nothing(site: LiveSite) -> None:
    ana, eve, _, post, _ = await sanctioned(site, StatementKind.SUSPENSION)
    other = await ana.post("Hello.")
    browser = site.browser(eve)
    for address, data in (
        ("/posts", {"text": "Still here.", "key": "k" * 16}),
        (f"/posts/{other}/vote", {"value": "1"}),
        (f"/posts/{other}/repost?_method=PUT", {}),
        (f"/accounts/{ana.id}/follow?_method=PUT", {}),
        ("/reports", {"about": f"post.{other}", "rule": "1.6"}),
        ("/settings/profile", {"name": "Eve"}),
        ("/moderation/next", {}),
    ):
        answer = await browser.post(address, data=data)
        assert answer.status_code == 403, address
        assert "Your account is suspended" in answer.text
    acted = await browser.put(f"/posts/{other}/repost", headers=ACT)
    assert acted.json()["error"]["code"] == "suspended"
    for table, where in (("post", f"author = {eve.id} AND id <> {post}"), ("vote", "true"), ("repost", "true")):
        assert await site.network.count(table, where) == 0
    assert await site.network.count("follow") == 0


async def test_what_nobody_can_be_kept_from(site: LiveSite) -> None:
    _, eve, _, _, statement = await sanctioned(site, StatementKind.SUSPENSION)
    browser = site.browser(eve)
    addresses = (
        "/standing", f"/statements/{statement}", "/appeals", "/reports/mine", "/rules", "/rules/history", "/terms",
        "/about", "/notice", "/settings/account", "/settings/data", "/settings/devices", "/settings/leave",
        "/manifest.webmanifest", "/service-worker.js", "/transparency", "/transparency.csv", "/transparency.json",
        "/standing/link", "/moderators", "/trust", "/upstream",
    )  # fmt: skip
    for address in addresses:
        assert (await browser.get(address)).status_code == 200, address
    prefixes = {one for one in SUSPENDED_PATHS if not any(address.startswith(one) for address in addresses)}
    assert prefixes == {
        "/sessions", "/signin", "/signout", "/reset", "/preferences", "/move", "/arrive", "/push/receipts",
        "/push/state", "/live", "/media", "/log", "/mail",
        "/.well-known/parvis-move", "/apple-touch-icon.png", "/icons/", "/offline", "/moved",
    }  # fmt: skip
    assert (await browser.get("/live")).status_code == 204
    # Their device moves with the network as everybody's.
    assert (await browser.post("/move/device", json={"key": "none"})).status_code == 422
    again = await site.browser().post("/signin", data={"handle": "eve", "password": PASSWORD})
    assert again.status_code == 303
    theme = await browser.post("/preferences", data={"theme": "dark", "next": "/standing"})
    assert theme.status_code == 303
    changed = {"current": PASSWORD, "new": "another good long password"}
    assert (await browser.post("/settings/account/password", data=changed)).status_code == 303
    left = await browser.post("/settings/leave", data={"handle": "eve", "password": "another good long password"})
    assert left.headers["location"] == "/"
    await site.settle()
    assert await site.network.count("account", "handle = 'eve'") == 0


async def test_a_frozen_member_gets_the_text_back(site: LiveSite) -> None:
    ana, eve, _, post, _ = await sanctioned(site, StatementKind.FREEZE)
    browser = site.browser(eve)
    home = (await browser.get("/")).text
    assert "You can’t post until" in home
    assert 'href="/standing"' in home
    for headers, status in (({}, 403), (HX, 422)):
        refused = await browser.post("/posts", data={"text": "Still here.", "key": "k" * 16}, headers=headers)
        assert refused.status_code == status
        assert "moderators have frozen posting" in refused.text
        assert "Still here." in refused.text
    edit = await browser.put(f"/posts/{post}", data={"text": "Still there.", "version": "1"})
    assert edit.status_code == 403
    assert "Still there." in edit.text
    acted = await browser.put(f"/posts/{await ana.post('Hello.')}/repost", headers=ACT)
    assert acted.json()["error"]["code"] == "frozen"
    assert "You can’t post until" not in (await site.browser(ana).get("/")).text
    # Where it is explained, there is no banner besides.
    assert (await browser.get("/standing")).text.count("You can’t post until") == 1


@pytest.mark.parametrize("kind", [StatementKind.FREEZE, StatementKind.SUSPENSION])
async def test_nobody_else_is_told(site: LiveSite, kind: StatementKind) -> None:
    ana, _, _, _, statement = await sanctioned(site, kind)
    for browser in (site.browser(ana), site.browser()):
        for address in ("/@eve", "/public", "/people?q=eve", f"/statements/{statement}", "/@ana"):
            page = (await browser.get(address)).text.lower()
            assert "suspended" not in page
            assert "frozen" not in page


async def test_a_sanction_in_the_browser(site: LiveSite) -> None:
    _, eve, moderator, post, case = await reported(site)
    browser = site.browser(moderator)
    page = f"/moderation/cases/{case}"
    shown = (await browser.get(page)).text
    (version,) = re.findall(r'name="version" value="(\d+)"', shown)
    # With one other moderator in the network, the operator.
    assert 'value="permanent_suspension"' in shown
    data = {"kind": "post_removal", "version": version, "rule": "1.6", "facts": "It insults.", "sanction": "suspension"}
    refused = await browser.post(f"{page}/decisions", data=data)
    assert refused.status_code == 422
    assert "Choose for how long." in refused.text
    assert re.search(r'value="suspension" checked', refused.text)
    assert "It insults." in refused.text
    harmless = await browser.post(f"{page}/decisions", data=data | {"kind": "no_breach", "days": "7"})
    assert "Without a breach" in harmless.text
    done = await browser.post(f"{page}/decisions", data=data | {"days": "7"})
    assert done.headers["location"] == "/moderation?decided=1"
    assert await site.network.count("account", "suspended_until > 0") == 1
    closed = (await browser.get(page)).text
    for words in ("Account suspended", "Post removed", "Suspended until", "Take it back and tell the member"):
        assert words in closed
    assert f'href="/posts/{post}"' not in closed
    assert (await eve.viewer()).suspended_until


async def test_a_suspension_for_good_takes_two_in_the_browser(site: LiveSite) -> None:
    _, eve, moderator, _, case = await reported(site)
    first, second = site.browser(moderator), site.browser(await site.network.operator())
    page = f"/moderation/cases/{case}"
    (version,) = re.findall(r'name="version" value="(\d+)"', (await first.get(page)).text)
    data = {
        "kind": "warning",
        "version": version,
        "rule": "1.6",
        "facts": "It insults.",
        "sanction": "permanent_suspension",
    }
    done = await first.post(f"{page}/decisions", data=data)
    assert done.headers["location"] == "/moderation?proposed=1"
    assert "Another moderator has to agree." in (await first.get("/moderation?proposed=1")).text
    own = (await first.get(page)).text
    assert "You proposed this." in own
    assert "Agree and suspend" not in own
    assert 'id="decision"' not in own
    assert (await first.post(f"{page}/proposal/agreement", data={"version": "2"})).status_code == 409
    shown = (await second.get(page)).text
    assert "Agree and suspend for good" in shown
    (version,) = set(re.findall(r'name="version" value="(\d+)"', shown))
    stale = await second.post(f"{page}/proposal/agreement", data={"version": "1"})
    assert stale.status_code == 409
    assert not (await eve.viewer()).suspended_until
    agreed = await second.post(f"{page}/proposal/agreement", data={"version": version})
    assert agreed.headers["location"] == "/moderation?decided=1"
    standing = (await site.browser(eve).get("/standing")).text
    assert "Your account is suspended for good" in standing
    statement = (await site.browser(eve).get(re.findall(r'href="(/statements/\d+)"', standing)[0])).text
    assert "two moderators, both people, decided" in statement


async def test_a_proposal_is_withdrawn_in_the_browser(site: LiveSite) -> None:
    ana, _, moderator, _, case = await reported(site)
    await moderator.decide(case, StatementKind.WARNING, sanction=StatementKind.PERMANENT_SUSPENSION)
    address = f"/moderation/cases/{case}/proposal"
    for member in (ana, await site.network.operator()):
        assert (await site.browser(member).delete(address)).status_code == 404
    browser = site.browser(moderator)
    assert (await browser.delete(address)).status_code == 303
    assert 'id="decision"' in (await browser.get(f"/moderation/cases/{case}")).text


async def test_signing_in_shows_the_suspended_no_post(site: LiveSite) -> None:
    ana, eve, moderator, _, case = await reported(site)
    await eve.follow(ana)
    await moderator.decide(case, StatementKind.WARNING, sanction=StatementKind.SUSPENSION, days=30)
    secret = await ana.post("For my followers.", followers=True)
    data = {"handle": "eve", "password": PASSWORD, "text": "x", "reply_to": str(secret)}
    entered = await site.browser().post("/signin", data=data)
    assert entered.status_code == 303
    assert "For my followers." not in entered.text


async def test_the_feed_of_the_suspended_rests(site: LiveSite) -> None:
    ana, eve, moderator, _, case = await reported(site)
    await eve.follow(ana)
    await feeds.renew(await eve.viewer())
    feed = await feeds.address_of(await eve.viewer())
    assert (await site.browser().get(f"/feeds/{feed}.xml")).status_code == 200
    await moderator.decide(case, StatementKind.WARNING, sanction=StatementKind.SUSPENSION, days=30)
    await ana.post("For my followers, @eve.", followers=True)
    await site.settle()
    assert (await site.browser().get(f"/feeds/{feed}.xml")).status_code == 404


async def test_the_suspended_are_named_to_nobody(site: LiveSite) -> None:
    ana, _, moderator, post, case = await reported(site)
    await ana.post("Why?", parent=post)
    assert "@eve" in (await site.browser().get("/@ana/replies")).text
    await moderator.decide(case, StatementKind.WARNING, sanction=StatementKind.SUSPENSION, days=30)
    for browser in (site.browser(), site.browser(ana)):
        assert "eve" not in (await browser.get("/@ana/replies")).text.partition("<main")[2].partition("</main>")[0]


async def test_an_unknown_sanction_is_refused(site: LiveSite) -> None:
    _, eve, moderator, _, case = await reported(site)
    browser = site.browser(moderator)
    page = f"/moderation/cases/{case}"
    (version,) = re.findall(r'name="version" value="(\d+)"', (await browser.get(page)).text)
    data = {"kind": "warning", "version": version, "rule": "1.6", "facts": "It insults.", "sanction": "suspend"}
    assert (await browser.post(f"{page}/decisions", data=data)).status_code == 422
    assert await site.network.count("statement") == 0
    assert not (await eve.viewer()).suspended_until
