"""The moderators' pages: who may open them, and a case from the queue to the decision."""

import re

import pytest

from domain.moderation.kinds import StatementKind
from tests.helpers.people import LiveSite, Member

PAGES = ("/moderation", "/moderation/cases/{case}")


async def reported(site: LiveSite) -> tuple[Member, Member, Member, int, int]:
    ana, eve = await site.members("ana", "eve")
    moderator = await site.network.moderator()
    post = await eve.show("You will be sorry.", cover="Words")
    await ana.report(post, words="<i>Look</i>.")
    return ana, eve, moderator, post, await site.network.open_case()


async def test_to_everybody_else_there_is_no_such_page(site: LiveSite) -> None:
    ana, eve, _, _, case = await reported(site)
    for member in (ana, eve):
        browser = site.browser(member)
        for page in PAGES:
            assert (await browser.get(page.format(case=case))).status_code == 404
        assert (await browser.post("/moderation/next")).status_code == 404
        assert (await browser.put(f"/moderation/cases/{case}/claim")).status_code == 404
        assert (await browser.delete(f"/moderation/cases/{case}/claim")).status_code == 404
        assert (await browser.post(f"/moderation/cases/{case}/decisions", data={"kind": "warning"})).status_code == 404
        assert "/moderation" not in (await browser.get("/settings")).text
    guest = site.browser()
    assert (await guest.get("/moderation")).headers["location"].startswith("/signin")
    assert (await guest.post("/moderation/next")).status_code == 401


async def test_a_case_from_the_queue_to_the_decision(site: LiveSite) -> None:
    ana, eve, moderator, post, case = await reported(site)
    browser = site.browser(moderator)
    queue = (await browser.get("/moderation")).text
    assert "You will be sorry." in queue
    assert 'data-key="x n"' in queue
    led = (await browser.post("/moderation/next")).headers["location"]
    assert led == f"/moderation/cases/{case}"
    page = (await browser.get(led)).text
    for shown in ("You will be sorry.", "Covered: Words", "&lt;i&gt;Look&lt;/i&gt;.", "6. Harassment", "Give it back"):
        assert shown in page
    assert not re.search(r"(?i)\bana\b", re.sub(r"(?s).*<main(.*)</main>.*", r"\1", page))
    (still,) = re.findall(r'<img src="(/media/[\w-]+)"', page)
    assert (await browser.get(still)).status_code == 200
    (version,) = re.findall(r'name="version" value="(\d+)"', page)
    data = {"kind": "post_removal", "version": version, "rule": "1.6", "facts": "It insults.", "explanation": ""}
    done = await browser.post(f"{led}/decisions", data=data)
    assert done.headers["location"] == "/moderation?decided=1"
    assert "Decided." in (await browser.get("/moderation?decided=1")).text
    assert (await site.browser(ana).get(f"/@eve/{post}")).status_code == 404
    assert (await site.browser(ana).get(still)).status_code == 404
    assert (await site.browser().get(still)).status_code == 404
    assert (await browser.get(still)).status_code == 200
    await site.settle()
    own = site.browser(eve)
    standing = (await own.get("/standing")).text
    (address,) = re.findall(r'href="(/statements/\d+)"', standing)
    statement = (await own.get(address)).text
    for shown in ("Post removed", "It insults.", "Harassment", "You will be sorry.", "a person, decided"):
        assert shown in statement
    assert not re.search(r"(?i)\b(mona|ana)\b", re.sub(r"(?s).*<main(.*)</main>.*", r"\1", statement))
    assert (await site.browser(ana).get(address)).status_code == 404
    assert (await site.browser().get(address)).headers["location"].startswith("/signin")


async def test_a_decision_that_is_refused_keeps_what_was_typed(site: LiveSite) -> None:
    _, _, moderator, _, case = await reported(site)
    browser = site.browser(moderator)
    await browser.put(f"/moderation/cases/{case}/claim")
    page = f"/moderation/cases/{case}/decisions"
    typed = {"kind": "warning", "version": "1", "rule": "1.6", "facts": "Eve insults.", "explanation": "It hurts."}
    version = re.findall(r'name="version" value="(\d+)"', (await browser.get(f"/moderation/cases/{case}")).text)[0]
    named = await browser.post(page, data=typed | {"version": version})
    assert named.status_code == 422
    assert "is also the name of somebody" in named.text
    assert 'name="names_nobody" value="1" aria-describedby="e-names"' in named.text
    stale = await browser.post(page, data=typed | {"version": "9999"})
    assert stale.status_code == 409
    assert "has changed" in stale.text
    none = await browser.post(page, data=typed | {"version": version, "kind": "banish"})
    assert none.status_code == 422
    assert "Choose one of the decisions." in none.text
    for answer in (named, stale):
        assert re.search(r'value="warning" checked', answer.text)
    await browser.delete(f"/moderation/cases/{case}/claim")
    other = site.browser(await site.network.moderator("other"))
    await other.put(f"/moderation/cases/{case}/claim")
    taken = await browser.post(page, data=typed | {"version": version, "facts": "It insults."})
    assert taken.status_code == 409
    assert "Another moderator has this case now." in taken.text
    assert await site.network.count("statement") == 0
    done = await other.post(page, data=typed | {"version": version, "facts": "It insults."})
    assert done.status_code == 303
    late = await browser.post(page, data=typed | {"version": version, "facts": "It insults."})
    assert late.status_code == 409
    assert "has been decided meanwhile" in late.text
    for answer in (named, stale, none, taken, late):
        assert "It hurts." in answer.text


async def test_a_removal_is_taken_back_in_the_browser(site: LiveSite) -> None:
    ana, _, moderator, post, case = await reported(site)
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL)
    browser = site.browser(moderator)
    address = f"/moderation/statements/{statement}/reversal"
    empty = await browser.post(address, data={"case": str(case), "reversal": ""})
    assert empty.status_code == 422
    assert "Say why" in empty.text
    named = await browser.post(address, data={"case": str(case), "reversal": "Eve quoted somebody."})
    assert named.status_code == 422
    assert f'name="names_nobody" value="1" aria-describedby="e-names-{statement}"' in named.text
    done = await browser.post(address, data={"case": str(case), "reversal": "It was a quotation."})
    assert done.headers["location"] == f"/moderation/cases/{case}"
    assert await ana.sees(post)
    again = await browser.post(address, data={"case": str(case), "reversal": "It was a quotation."})
    assert again.status_code == 409
    assert (await site.browser(ana).post(address, data={"case": str(case), "reversal": "x"})).status_code == 404


@pytest.mark.parametrize("address", ["/moderation/cases/x", "/moderation/cases/17", "/statements/17", "/statements/x"])
async def test_unknown_addresses_are_not_found(site: LiveSite, address: str) -> None:
    moderator = await site.network.moderator()
    assert (await site.browser(moderator).get(address)).status_code == 404


async def test_taking_a_case_loses_nothing_that_was_typed(site: LiveSite) -> None:
    _, _, moderator, _, case = await reported(site)
    form = {"kind": "warning", "facts": "It insults.", "rule": "1.6", "explanation": ""}
    taken = await site.browser(moderator).put(f"/moderation/cases/{case}/claim", data=form)
    assert taken.status_code == 200
    assert "Give it back" in taken.text
    assert "It insults." in taken.text
    assert re.search(r'value="warning" checked', taken.text)


async def test_notes_are_for_moderators(site: LiveSite) -> None:
    ana, eve, moderator, _, case = await reported(site)
    browser, page = site.browser(moderator), f"/moderation/cases/{case}"
    empty = await browser.post(f"{page}/notes", data={"note": " ", "facts": "It insults."})
    assert empty.status_code == 422
    assert "Write the note first." in empty.text
    assert "It insults." in empty.text, "what was typed of a decision comes back"
    kept = await browser.post(f"{page}/notes", data={"note": "<b>Again</b>.", "facts": "It insults.", "version": "1"})
    assert kept.status_code == 200
    assert "&lt;b&gt;Again&lt;/b&gt;." in kept.text
    assert "It insults." in kept.text
    done = await browser.post(f"{page}/notes", data={"note": "And again."})
    assert (done.status_code, done.headers["location"]) == (303, f"{page}#notes")
    second = site.browser(await site.network.moderator("max"))
    shown = (await second.get(page)).text
    assert "@mona" in shown
    assert "And again." in shown
    (first, _) = re.findall(rf'formaction="({page}/notes/\d+)\?_method=DELETE"', (await browser.get(page)).text)
    assert re.findall(rf'formaction="({page}/notes/\d+)\?', shown) == []
    assert (await second.delete(first)).status_code == 404
    for member in (ana, eve):
        other = site.browser(member)
        assert (await other.post(f"{page}/notes", data={"note": "Hello."})).status_code == 404
        assert (await other.delete(first)).status_code == 404
    assert (await site.browser().post(f"{page}/notes", data={"note": "Hello."})).status_code == 401
    assert (await browser.delete(first)).status_code == 303
    assert await site.network.count("case_note") == 1
    await moderator.decide(case, StatementKind.WARNING)
    await site.settle()
    for address in ("/standing", "/reports/mine", "/notifications", "/log"):
        for member in (ana, eve):
            assert "And again." not in (await site.browser(member).get(address)).text, address


async def test_words_with_those_whom_a_case_concerns(site: LiveSite) -> None:
    ana, eve, moderator, post, case = await reported(site)
    browser, page = site.browser(moderator), f"/moderation/cases/{case}"
    typed = {"party": "sanctioned", "message": "Eve, is it a song?", "facts": "It insults."}
    named = await browser.post(f"{page}/messages", data=typed)
    assert named.status_code == 422
    for kept in ("Eve, is it a song?", "It insults.", 'name="message_names_nobody"'):
        assert kept in named.text
    sent = await browser.post(f"{page}/messages", data=typed | {"message_names_nobody": "1"})
    assert sent.status_code == 200
    assert "It insults." in sent.text
    assert (await browser.post(f"{page}/messages", data={"message": "Well?"})).status_code == 422
    await site.settle()
    own = site.browser(eve)
    assert "Moderators have written to you" in (await own.get("/notifications")).text
    shown = (await own.get("/moderators")).text
    main = shown.partition("<main")[2].partition("</main>")[0]
    for words in ("Eve, is it a song?", "About a post of yours", f"/posts/{post}"):
        assert words in main
    for secret in ("mona", "ana", str(case)):
        assert not re.search(rf"(?i)\b{secret}\b", main), secret
    (answers,) = re.findall(r'action="(/moderators/\d+/answers)"', shown)
    blank = await own.post(answers, data={"words": ""})
    assert blank.status_code == 422
    assert "Write your answer first." in blank.text
    done = await own.post(answers, data={"words": "<b>It</b> is."})
    assert (done.status_code, done.headers["location"].partition("#")[0]) == (303, "/moderators")
    assert "&lt;b&gt;It&lt;/b&gt; is." in (await own.get("/moderators")).text
    read = (await browser.get(page)).text
    assert "&lt;b&gt;It&lt;/b&gt; is." in read
    assert "Answer of whom it is about" in read
    assert ">answered<" in (await browser.get("/moderation")).text
    # To others there is no such message.
    other = site.browser(ana)
    assert "No messages." in (await other.get("/moderators")).text
    assert (await other.post(answers, data={"words": "Me too."})).status_code == 404
    assert (await other.post(f"{page}/messages", data=typed)).status_code == 404
    guest = site.browser()
    assert (await guest.post(answers, data={"words": "Me too."})).status_code == 401
    assert (await guest.get("/moderators")).headers["location"].startswith("/signin")
    await moderator.decide(case, StatementKind.WARNING)
    late = await own.post(answers, data={"words": "And another thing."})
    assert late.status_code == 409
    assert "And another thing." in late.text
    french = await own.get("/moderators", headers={"accept-language": "fr"})
    assert "À propos d’une de vos publications" in french.text
