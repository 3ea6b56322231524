"""Where operators write the rules: steps that lose nothing, a preview, refusals beside their fields."""

import re

import httpx
import msgspec
import pytest

from domain.core.access import Role
from domain.moderation import rule_files, rules
from tests.helpers.people import LiveSite
from tests.helpers.rule_versions import publish
from tests.web import html_forms

EDITOR = "/settings/rules"


async def editor(site: LiveSite, language: str = "en") -> tuple[httpx.AsyncClient, dict[str, str]]:
    """An operator's browser, and the form as it opens."""
    browser = site.browser(await site.member("olga", role=Role.OPERATOR, locale=language))
    return browser, html_forms.fields((await browser.get(EDITOR)).text, EDITOR)


async def step(browser: httpx.AsyncClient, form: dict[str, str], name: str) -> dict[str, str]:
    answer = await browser.post(EDITOR, data=form | {"step": name})
    assert answer.status_code == 200
    return html_forms.fields(answer.text, EDITOR)


def titles(form: dict[str, str]) -> list[str]:
    return [form[name] for name in form if re.fullmatch(r"title-\d+-en", name)]


async def test_nobody_else_writes_them(site: LiveSite) -> None:
    ana, moderator = await site.member("ana"), await site.member("mo", role=Role.MODERATOR)
    for member in (ana, moderator):
        browser = site.browser(member)
        assert EDITOR not in (await browser.get("/settings")).text
        assert (await browser.get(EDITOR)).status_code == 403
        for method in ("POST", "PUT"):
            assert (await browser.request(method, EDITOR, data={"since": "1", "step": "add"})).status_code == 403
    assert (await site.browser().get(EDITOR)).headers["location"].startswith("/signin")
    assert (await site.browser().put(EDITOR, data={"since": "1"})).status_code == 401
    assert (await rules.current()).version == 1


async def test_an_operator_publishes(site: LiveSite) -> None:
    browser, form = await editor(site)
    assert EDITOR in (await browser.get("/settings")).text
    assert titles(form)[2] == "Abuse of children"
    form = await step(browser, form, "add")
    new = {"title-11-en": "News of the square", "text-11-en": "Say where it comes from.", "category-11": "VIOLENCE",
           "title-11-fr": "Nouvelles de la place", "text-11-fr": "Dites d’où elles viennent."}  # fmt: skip
    form = await step(browser, form | new | {"points-11": "0", "jury-11": ""}, "up-11")
    form = await step(browser, form | {"text-1-en": "Don't threaten anybody."}, "remove-2")
    preview = await browser.post(EDITOR, data=form | {"step": "preview"})
    for words in ("Everybody must read and accept these rules", "version 2", "News of the square", "New rule",
                  "This rule no longer applies.", "It was rule 3 before.", "Don&#39;t threaten",
                  "A breach counts no points."):  # fmt: skip
        assert words in preview.text, words
    assert "Rule 1 changes in English but not in Français." in preview.text
    assert (await rules.current()).version == 1
    back = await browser.post(EDITOR, data=html_forms.fields(preview.text, f"{EDITOR}?_method=PUT") | {"step": "edit"})
    assert html_forms.fields(back.text, EDITOR) == form
    done = await browser.post(f"{EDITOR}?_method=PUT", data=html_forms.fields(preview.text, f"{EDITOR}?_method=PUT"))
    assert (done.status_code, done.headers["location"]) == (303, f"{EDITOR}?saved=1")
    assert "Published." in (await browser.get(done.headers["location"])).text
    book = await rules.current()
    assert [rule.name for rule in book.rules] == [
        "threats", "children", "illegal", "fraud", "harassment", "private-data", "impersonation", "sexual-content",
        "news-of-the-square", "spam",
    ]  # fmt: skip
    assert book.rules[0].texts["en"].text == "Don't threaten anybody."
    assert book.rules[0].texts["fr"] == rule_files.default_rules()[0].texts["fr"]
    assert book.rules[8].texts == {
        "en": rules.RuleText("News of the square", "Say where it comes from."),
        "fr": rules.RuleText("Nouvelles de la place", "Dites d’où elles viennent."),
    }
    assert (book.rules[8].points, book.rules[8].jury) == (0, False)


async def test_steps_lose_nothing(site: LiveSite) -> None:
    browser, form = await editor(site)
    form["text-4-fr"] = "Ce que j'ai tapé <b> \n\nencore"
    down = await step(browser, form, "down-4")
    assert down["text-5-fr"] == form["text-4-fr"]
    assert await step(browser, down, "up-5") == form
    gone = await step(browser, form, "remove-4")
    assert gone["gone-4"] == "1"
    assert titles(gone) == titles(form)
    assert gone["text-4-fr"] == form["text-4-fr"]
    kept = await step(browser, gone, "keep-4")
    assert {name: value for name, value in kept.items() if value} == {n: v for n, v in form.items() if v}
    # Past a rule that is taken out, and not beyond the ends.
    assert titles(await step(browser, gone, "down-3"))[2:5] == [titles(form)[3], titles(form)[4], titles(form)[2]]
    for odd in ("up-1", "down-10", "up-0", "up-99", "down-", "up-x", "nonsense", "", "remove-²"):
        assert await step(browser, form, odd) == form, odd
    added = await step(browser, form, "add")
    assert await step(browser, added, "remove-11") == form


async def test_at_most_thirty(site: LiveSite) -> None:
    browser, form = await editor(site)
    for _ in range(25):
        form = await step(browser, form, "add")
    assert "severity-30" in form
    assert "severity-31" not in form
    crowd = form | {f"severity-{number}": "spam" for number in range(31, 400)}
    assert len(await step(browser, crowd, "nothing")) < 1000
    many = {f"field-{number}": "x" for number in range(5000)}
    assert (await browser.post(EDITOR, data=many)).status_code == 400


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"points-3": "101"}, "Règle 3\xa0: les points vont de 0 à 100."),
        ({"points-3": "many"}, "Règle 3\xa0: les points vont de 0 à 100."),
        ({"title-3-fr": ""}, "La règle 3 doit avoir un titre d’au plus 60 caractères dans chacune de ses langues."),
        ({"text-3-en": " \u200b"}, "La règle 3 doit avoir un texte d’au plus 1000 caractères"),
        ({"title-3-en": "é" * 61}, "La règle 3 doit avoir un titre d’au plus 60 caractères"),
        ({"text-3-en": "é" * 30_000}, "La règle 3 doit avoir un texte d’au plus 1000 caractères"),
        ({"title-3-en": "", "text-3-en": "", "title-3-fr": "", "text-3-fr": " "}, "dans au moins une langue."),
        ({"severity-3": "grave"}, "Choisissez la gravité d’un manquement."),
        ({"category-3": "NOISE"}, "Choisissez une catégorie."),
        ({"name-3": "No <name>"}, "La règle 3 doit avoir un nom d’au plus 30 caractères"),
        ({"name-3": "spam"}, "Deux règles ont le même nom."),
        ({"since": "x"}, "D’autres règles ont été publiées entre-temps."),
        ({}, "Rien n’a changé"),
    ],
)
async def test_what_is_wrong_comes_back_with_all_that_was_typed(
    site: LiveSite, wrong: dict[str, str], words: str
) -> None:
    browser, form = await editor(site, "fr")
    if wrong:
        wrong = {"text-1-fr": "Ce que j'ai tapé", **wrong}
    for method, extra in (("POST", {"step": "preview"}), ("PUT", {})):
        answer = await browser.request(method, EDITOR, data={**form, **wrong, **extra})
        assert answer.status_code in (409, 422)
        assert words in answer.text
        came = html_forms.fields(answer.text, EDITOR)
        # What is sent next is about the rules in force.
        shown = {**form, **wrong, "since": form["since"]}
        if "grave" in shown.values() or "NOISE" in shown.values():
            shown = {name: value for name, value in shown.items() if name not in ("severity-3", "category-3")}
            came = {name: value for name, value in came.items() if name not in ("severity-3", "category-3")}
        assert came == shown
        for field in wrong.keys() & {"points-3", "severity-3", "category-3"}:
            assert f'aria-describedby="e-{field}"' in answer.text
    assert (await rules.current()).version == 1


async def test_of_two_operators_the_second_is_told(site: LiveSite) -> None:
    browser, form = await editor(site)
    await publish(site.network)
    late = await browser.put(EDITOR, data=form | {"points-2": "7"})
    assert late.status_code == 409
    assert "Somebody published other rules meanwhile." in late.text
    assert html_forms.fields(late.text, EDITOR)["points-2"] == "7"
    assert (await rules.current()).version == 2


async def test_a_language_that_pages_do_not_speak_is_kept(site: LiveSite) -> None:
    shipped = rule_files.default_rules()
    german = shipped[0].texts | {"de": rules.RuleText("Drohungen", "Drohen Sie nicht.")}
    await rules.publish_by_command([msgspec.structs.replace(shipped[0], texts=german), *shipped[1:]], 1)
    browser, form = await editor(site)
    assert form["title-1-de"] == "Drohungen"
    assert (await browser.put(EDITOR, data=form | {"points-1": "7"})).status_code == 303
    assert (await rules.current()).rules[0].texts == german


async def test_a_rule_in_one_language_only_is_refused(site: LiveSite) -> None:
    """Whoever reads French is held to it as well: preview and publication say beside which field it is missing."""
    browser, form = await editor(site)
    form = await step(browser, form, "add")
    new = {"title-11-en": "News of the square", "text-11-en": "Say where it comes from."}
    for method, extra in (("POST", {"step": "preview"}), ("PUT", {})):
        answer = await browser.request(method, EDITOR, data={**form, **new, **extra})
        assert answer.status_code == 422
        assert "Rule 11 has no text in a language of this network: fr." in answer.text
        assert 'aria-describedby="e-title-11-fr"' in answer.text
        assert html_forms.fields(answer.text, EDITOR)["title-11-en"] == "News of the square"
    assert (await rules.current()).version == 1
