"""Forms about something that somebody else has changed meanwhile: they come back with what was typed, with what is
there now, and with its version, so that sending them again is about what one has seen.
"""

import re

from domain.moderation import filter_changes, filters, rules, word_changes
from domain.moderation.filter_kinds import FilterOutcome
from tests.helpers import written_filters
from tests.helpers.moderation import reported
from tests.helpers.people import LiveSite
from tests.web import html_forms


async def test_a_filter(site: LiveSite) -> None:
    mona, max_ = await written_filters.staff(site.network)
    made = await written_filters.written(mona, name="Goods")
    address, browser = f"/moderation/filters/{made}", site.browser(mona)
    form = html_forms.fields((await browser.get(f"{address}/edit")).text, f"{address}?_method=PUT")
    hers = form | {"name": "Mine", "condition": "is_reply", "facts": "What I typed.", "outcome": "hold"}
    his = written_filters.draft(FilterOutcome.NUDGE, 'text.contains("potions")', "His")
    await filter_changes.rewrite(await max_.viewer(), made, his, 1)
    late = await browser.put(address, data=hers)
    assert late.status_code == 409
    shown = html_forms.fields(late.text, f"{address}?_method=PUT")
    assert {name: shown[name] for name in ("name", "condition", "facts")} == {
        name: hers[name] for name in ("name", "condition", "facts")
    }
    assert shown["version"] == "2"
    for words in ("Somebody has changed this filter meanwhile.", "His", "potions", "Ask the author"):
        assert words in late.text
    assert (await filters.read(await mona.viewer(), made)).name == "His"
    assert (await browser.put(address, data=hers | {"version": shown["version"]})).status_code == 303
    assert (await filters.read(await mona.viewer(), made)).condition == "is_reply"
    # What is wrong besides is said at once, and nothing is said of changes where there were none.
    wrong = await browser.put(address, data=hers | {"condition": "text ==", "version": "3"})
    assert wrong.status_code == 422
    assert "What the filter says now" not in wrong.text
    assert 'name="version" value="3"' in wrong.text


async def test_a_word_list(site: LiveSite) -> None:
    mona, max_ = await written_filters.staff(site.network)
    goods = await word_changes.add(await mona.viewer(), "goods", "pills\npotions")
    address, browser = f"/moderation/words/{goods}", site.browser(mona)
    await word_changes.rewrite(await max_.viewer(), goods, "pills\npowder", 1)
    late = await browser.put(address, data={"words": "pills\nherbs", "version": "1"})
    assert late.status_code == 409
    shown = html_forms.fields(late.text, f"{address}?_method=PUT")
    assert shown == {"version": "2", "words": "pills\nherbs"}
    assert "<ins>powder</ins>" in late.text
    assert "<del>herbs</del>" in late.text
    assert "pills</ins>" not in late.text
    assert (await browser.put(address, data=shown)).status_code == 303
    assert "herbs" in (await browser.get(address)).text


async def test_words_of_a_live_filter_in_the_browser(site: LiveSite) -> None:
    mona, max_ = await written_filters.staff(site.network)
    goods = await word_changes.add(await mona.viewer(), "goods", "pills")
    await written_filters.live(mona, max_, FilterOutcome.HOLD, 'words("goods")')
    address, hers, his = f"/moderation/words/{goods}", site.browser(mona), site.browser(max_)
    assert "waits until another moderator" in (await hers.get(address)).text
    sent = await hers.put(address, data={"words": "pills\npotions", "version": "1"})
    assert sent.headers["location"] == address
    assert "another moderator has to put them live" in (await hers.get(address)).text
    assert (await hers.put(f"{address}/agreement", data={"version": "2"})).status_code == 403
    assert "/moderation/words" not in (await hers.get("/moderation")).text
    assert "needs a second moderator" in (await his.get("/moderation")).text
    assert "needs a second moderator" in (await his.get("/moderation/words")).text
    page = (await his.get(address)).text
    assert "<ins>potions</ins>" in page
    assert "@mona proposed them" in page
    early = await his.put(f"{address}/agreement", data={"version": "1"})
    assert early.status_code == 409
    fields = html_forms.fields(page, f"{address}/agreement?_method=PUT")
    assert (await his.put(f"{address}/agreement", data=fields)).status_code == 303
    assert not await (await site.member("ana")).sees(await (await site.member("eve")).post("potions"))
    await hers.put(address, data={"words": "pills", "version": "4"})
    assert (await his.delete(f"{address}/proposal?version=5")).status_code == 409
    eve = site.browser(await site.network.member("eva"))
    for method, at in (("PUT", f"{address}/agreement"), ("DELETE", f"{address}/proposal"), ("PUT", address)):
        assert (await eve.request(method, at, data={"version": "5", "words": "x"})).status_code == 404


async def test_a_post(site: LiveSite) -> None:
    ana = await site.member("ana")
    post = await ana.post("First words")
    path, browser = f"/posts/{post}?_method=PUT", site.browser(ana)
    await ana.edit(post, "Words from the telephone", "Its cover")
    for headers, status in (({}, 409), ({"HX-Request": "true"}, 422)):
        late = await browser.post(path, data={"text": "Words from the desk", "version": "1"}, headers=headers)
        assert late.status_code == status
        for words in ("Words from the desk", "Words from the telephone", "Its cover", "What the post says now"):
            assert words in late.text
        assert re.findall(r'name="version" value="(\d+)"', late.text) == ["2"]
    assert (await ana.view(post)).text == "Words from the telephone"
    saved = await browser.post(path, data={"text": "Words from the desk", "version": "2"})
    assert saved.headers["location"] == f"/@ana/{post}"
    # A picture that was added elsewhere would go with what is sent: that is said.
    shown = await ana.show("A boat")
    media = (await ana.view(shown)).media[0].id
    await ana.edit(shown, "The boat")
    late = await browser.post(f"/posts/{shown}?_method=PUT", data={"text": "No boat", "version": "1", "media": "1"})
    assert "saving deletes it" in late.text
    kept = {"text": "A boat!", "version": "1", "media": "1", f"alt.{media}": "words"}
    assert "saving deletes" not in (await browser.post(f"/posts/{shown}?_method=PUT", data=kept)).text


async def test_the_rules(site: LiveSite) -> None:
    operator = site.browser(await site.network.operator())
    at = "/settings/rules"
    form = html_forms.fields((await operator.get(at)).text, at)
    other = [one for one in (await rules.current()).rules if one.name != "spam"]
    await rules.publish_by_command(other, 1)
    hers = form | {"title-1-en": "Threats of all kinds"}
    shown: dict[str, str] = {}
    for method, extra in (("POST", {"step": "preview"}), ("PUT", {})):
        late = await operator.request(method, at, data=hers | extra)
        assert late.status_code == 409
        shown = html_forms.fields(late.text, at)
        assert (shown["since"], shown["title-1-en"]) == ("2", "Threats of all kinds")
        for words in ("What was published since you began", "This rule no longer applies. It said:"):
            assert words in late.text
    assert (await operator.put(at, data=shown)).status_code == 303
    assert (await rules.current()).version == 3
    same = await operator.put(at, data=html_forms.fields((await operator.get(at)).text, at))
    assert same.status_code == 409
    assert "What was published since you began" not in same.text


async def test_a_case(site: LiveSite) -> None:
    """Its page shows the evidence anew, and its form is about that."""
    _ana, eve, moderator, post, case = await reported(site.network)
    address, browser = f"/moderation/cases/{case}", site.browser(moderator)
    form = html_forms.fields((await browser.get(address)).text, f"{address}/decisions")
    await eve.edit(post, "You will be very sorry.")
    await (await site.member("ben")).report(post)
    typed = form | {"kind": "warning", "facts": "It insults.", "explanation": "It hurts."}
    late = await browser.post(f"{address}/decisions", data=typed)
    assert late.status_code == 409
    shown = html_forms.fields(late.text, f"{address}/decisions")
    assert (shown["facts"], shown["explanation"]) == ("It insults.", "It hurts.")
    assert (shown["version"], shown["post_version"]) != (form["version"], form["post_version"])
    assert "You will be very sorry." in late.text
    again = typed | {name: shown[name] for name in ("version", "post_version")}
    assert (await browser.post(f"{address}/decisions", data=again)).status_code == 303
