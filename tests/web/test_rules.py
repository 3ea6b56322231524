"""The rules on the network's pages: everybody reads them, and members accept them before a post."""

import re

import msgspec
import pytest

from domain.moderation import rule_files, rules
from tests.helpers.people import LiveSite, Member
from tests.helpers.rule_versions import publish
from tests.web import html_forms

HERE = "/rules"
ACCEPTANCE = "/rules/acceptance?_method=PUT"
CHANGED = "The rules have changed. Read and accept them before your next post."
PLEASE = "Please read the rules and accept them before your next post."


async def accepted(member: Member) -> int:
    return (await member.viewer()).rules_version


async def test_a_guest_reads_them(site: LiveSite) -> None:
    browser = site.browser()
    answer = await browser.get(HERE)
    assert answer.status_code == 200
    assert "etag" in answer.headers, "a page that guests share"
    for words in ('id="rule-3"', 'href="#rule-3"', "3. Abuse of children", "within 1 hour.", "within 48 hours.",
                  "A breach counts 20 points for three months.", "Version 1",
                  "/rules/history"):  # fmt: skip
        assert words in answer.text, words
    assert "I accept these rules" not in answer.text
    assert "3. Atteintes aux enfants" in (await browser.get(HERE, headers={"accept-language": "fr"})).text
    assert CHANGED not in answer.text
    for page in ("/about", "/terms", "/", "/signup"):
        assert 'href="/rules"' in (await browser.get(page)).text, page


async def test_history_and_old_versions_stay(site: LiveSite) -> None:
    browser = site.browser()
    shipped = rule_files.default_rules()
    text = shipped[9].texts["en"]
    spam = msgspec.structs.replace(
        shipped[9], texts={"en": msgspec.structs.replace(text, text=text.text.replace("again and again", "twice"))}
    )
    await rules.publish_by_command([shipped[1], *shipped[3:9], spam, shipped[0]], 1)
    shown = (await browser.get(f"{HERE}/history")).text
    assert shown.index('id="version-2"') < shown.index('id="version-1"')
    for words in ("<del><span class=\"vh\">Removed: </span>again and again,</del>",
                  "<ins><span class=\"vh\">Added: </span>twice,</ins>", "It was rule 1 before.",
                  "This rule no longer applies. It said:", "Its words have changed in: Français.",
                  "The first version, with 10 rules."):  # fmt: skip
        assert words in shown, words
    old = (await browser.get(f"{HERE}/1")).text
    assert "This version is no longer in force." in old
    assert "3. Abuse of children" in old
    assert "This version is no longer in force." not in (await browser.get(f"{HERE}/2")).text
    for wrong in ("3", "0", "-1", "x", "²", "9" * 30, "history/1"):
        assert (await browser.get(f"{HERE}/{wrong}")).status_code == 404, wrong


async def test_history_in_pages(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "HISTORY_SIZE", 2)
    for points in (30, 40):
        await publish(site.network, points)
    browser = site.browser()
    first = (await browser.get(f"{HERE}/history")).text
    assert re.findall(r'id="version-(\d)"', first) == ["3", "2"]
    (older,) = set(re.findall(r'href="(/rules/history\?before=[^"]+)"', first))
    rest = await browser.get(older, headers={"hx-request": "true"})
    assert re.findall(r'id="version-(\d)"', rest.text) == ["1"]
    assert "<html" not in rest.text
    assert (await browser.get(f"{HERE}/history?before=nonsense")).status_code == 200


async def test_a_member_is_asked_on_every_page(site: LiveSite) -> None:
    ana, newcomer = await site.member("ana"), await site.member("ben", rules=0)
    browser = site.browser(ana)
    assert CHANGED not in (await browser.get("/")).text
    await publish(site.network)
    assert f'href="{HERE}?next=/%40ana%3Fsort%3Dnewest"' in (await browser.get("/@ana?sort=newest")).text
    assert CHANGED in (await browser.get("/public")).text
    assert CHANGED not in (await browser.get(HERE)).text, "where they are read nothing has to be said"
    assert PLEASE in (await site.browser(newcomer).get("/")).text
    assert CHANGED not in (await site.browser().get("/public")).text
    assert CHANGED not in (await site.browser(await site.network.operator()).get("/")).text


async def test_accepting_leads_back(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    await publish(site.network)
    shown = (await browser.get(f"{HERE}?next=/public")).text
    assert "What has changed since version 1" in shown
    assert "A breach now counts 50 points. Before: 20." in shown
    form = html_forms.fields(shown, ACCEPTANCE)
    assert form == {"rules": "2", "next": "/public"}
    done = await browser.post(ACCEPTANCE, data=form)
    assert (done.status_code, done.headers["location"]) == (303, "/public")
    assert await accepted(ana) == 2
    assert CHANGED not in (await browser.get("/public")).text
    assert "I accept these rules" not in (await browser.get(HERE)).text
    again = await browser.post(ACCEPTANCE, data={"rules": "2", "next": "//elsewhere.example"})
    assert again.headers["location"] == "/"
    alone = await browser.post(ACCEPTANCE, data={"rules": "2"})
    assert "You have accepted these rules." in (await browser.get(alone.headers["location"])).text


async def test_who_accepted_none_reads_all(site: LiveSite) -> None:
    ben = await site.member("ben", rules=0)
    shown = (await site.browser(ben).get(HERE)).text
    assert "Please read the rules" in shown
    assert "What has changed since" not in shown
    assert html_forms.fields(shown, ACCEPTANCE)["rules"] == "1"


async def test_an_acceptance_is_of_what_was_read(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    await publish(site.network)
    await publish(site.network, 60)
    late = await browser.post(ACCEPTANCE, data={"rules": "2", "next": "/public"})
    assert late.status_code == 409
    assert "The rules have changed since you opened this page." in late.text
    assert html_forms.fields(late.text, ACCEPTANCE) == {"rules": "3", "next": "/public"}
    for version in ("", "x", "²", "-1", "9" * 40):
        assert (await browser.post(ACCEPTANCE, data={"rules": version})).status_code == 404
    assert (await site.browser().post(ACCEPTANCE, data={"rules": "3"})).status_code == 401
    strange = {"origin": "https://elsewhere.example"}
    assert (await browser.post(ACCEPTANCE, data={"rules": "3"}, headers=strange)).status_code == 403
    assert await accepted(ana) == 1


POST = {
    "text": "What I typed", "cover": "Careful", "sensitive": "1", "visibility": "followers", "replies_to": "mentioned",
    "key": "a-key-of-mine",
}  # fmt: skip


async def test_a_refused_post_is_kept_and_sent_after_accepting(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    await publish(site.network)
    refused = await browser.post("/posts", data=POST | {"account": str(ana.id)})
    assert refused.status_code == 403
    assert f'href="{HERE}?next=/compose"' in refused.text
    form = html_forms.fields(refused.text, "/posts")
    assert {name: form[name] for name in POST} == POST
    # Without scripts the form goes along to the rules, and back.
    assert 'formaction="/rules"' in refused.text
    reading = await browser.post(HERE, data=form)
    assert reading.status_code == 200
    carried = html_forms.fields(reading.text, ACCEPTANCE)
    assert carried["text"] == "What I typed"
    back = await browser.post(ACCEPTANCE, data=carried)
    assert back.status_code == 200
    assert CHANGED not in back.text
    form = html_forms.fields(back.text, "/posts")
    assert {name: form[name] for name in POST} == POST
    assert (await browser.post("/posts", data=form)).status_code == 303
    assert await site.network.count("post") == 1


async def test_a_refused_reply_and_a_refused_edit_lead_back_to_themselves(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser, post = site.browser(ana), await ana.post("First")
    await publish(site.network)
    htmx = {"hx-request": "true"}
    reply = await browser.post("/posts", data={"text": "Second", "reply_to": str(post), "key": "k" * 12}, headers=htmx)
    assert reply.status_code == 422, "a script puts it in place of the form"
    assert "Second" in reply.text
    assert f'href="{HERE}?next=/compose%3Freply_to%3D{post}"' in reply.text
    edited = await browser.put(f"/posts/{post}", data={"text": "Changed", "version": "1"})
    assert edited.status_code == 403
    assert f'href="{HERE}?next=/posts/{post}/edit"' in edited.text
    form = html_forms.fields(edited.text, f"/posts/{post}?_method=PUT")
    reading = await browser.post(f"{HERE}?edit={post}", data=form)
    back = await browser.post(ACCEPTANCE, data=html_forms.fields(reading.text, ACCEPTANCE))
    form = html_forms.fields(back.text, f"/posts/{post}?_method=PUT")
    assert form["text"] == "Changed"
    assert (await browser.put(f"/posts/{post}", data=form)).status_code == 303
    assert (await ana.view(post)).text == "Changed"


async def test_a_post_survives_a_session_that_ends_on_the_way(site: LiveSite) -> None:
    ana, ben = await site.members("ana", "ben")
    await publish(site.network)
    for address in (HERE, ACCEPTANCE):
        lost = await site.browser().post(address, data={"text": "What I typed", "rules": "2", "account": str(ana.id)})
        assert lost.status_code == 401
        assert html_forms.fields(lost.text, "/signin")["text"] == "What I typed"
        other = await site.browser(ben).post(address, data={"text": "Mine", "rules": "2", "account": str(ana.id)})
        assert other.status_code != 200
    assert await accepted(ben) == 1


async def test_a_post_comes_back_when_the_rules_were_accepted_meanwhile(site: LiveSite) -> None:
    ana = await site.member("ana")
    back = await site.browser(ana).post(HERE, data={"text": "What I typed", "account": str(ana.id)})
    assert html_forms.fields(back.text, "/posts")["text"] == "What I typed"


async def test_the_offline_queue_learns_why(site: LiveSite) -> None:
    ana = await site.member("ana")
    await publish(site.network)
    answer = await site.browser(ana).post("/posts", data={"text": "Hi", "key": "k" * 12}, headers={"x-act": "1"})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "rules-changed"
    assert "This network has new rules." in answer.json()["error"]["message"]


async def test_a_newcomer_has_accepted_them(site: LiveSite) -> None:
    browser = site.browser()
    form = html_forms.fields((await browser.get("/signup")).text, "/signup")
    person = {"handle": "zoe", "name": "Zoe", "password": "a lamp in every window", "birth_date": "1980-05-17"}
    joined = await browser.post("/signup", data={**form, **person, "email": "", "terms": "1"})
    assert joined.status_code == 303, joined.text
    assert PLEASE not in (await browser.get("/")).text
    assert (await browser.post("/posts", data={"text": "Hello", "key": "k" * 12})).status_code == 303
