"""New rules: an operator writes them, a member's post waits for their acceptance, with and without JavaScript."""

import pytest
from playwright.sync_api import expect

from e2e.client import Client
from e2e.conftest import Meet
from tests.helpers.services import ServerProcess


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_post_waits_for_the_rules(meet_fresh: Meet, fresh: ServerProcess, scripts: bool) -> None:
    desk, tilda = Client(fresh.base).found(), Client(fresh.base).sign_up("tilda")
    operator, member = meet_fresh("desktop", scripts, desk), meet_fresh("phone", scripts, tilda)
    member.go("/compose")
    page = operator.page
    page.goto("/settings/rules")
    page.get_by_role("button", name="Add a rule").click()
    new = page.locator("details[open]")
    for place, (title, text) in enumerate(
        [("Ball games", "Not below the windows."), ("Jeux de ballon", "Pas sous les fenêtres.")]
    ):
        new.get_by_label("Title").nth(place).fill(title)
        new.get_by_label("Text").nth(place).fill(text)
    page.get_by_role("button", name="Move rule 11 up").click()
    page.get_by_role("button", name="Preview").first.click()
    expect(page.get_by_role("heading", name="10. Ball games")).to_be_visible()
    expect(page.get_by_text("It was rule 10 before.")).to_be_visible()
    page.get_by_role("button", name="Publish").click()
    expect(page.get_by_text("Published.")).to_be_visible()

    page = member.page
    words = "Who plays under my window?"
    page.locator("textarea[name=text]").fill(words)
    status = "422" if scripts else "403"
    with member.watch.foreseen(f"status: {status}"):
        page.get_by_role("button", name="Post", exact=True).click()
        expect(page.get_by_text("This network has new rules.")).to_be_visible()
    expect(page.locator("textarea[name=text]")).to_have_value(words)
    refusal = page.locator("form.compose")
    if scripts:
        refusal.get_by_role("link", name="Read the rules").click()
    else:
        refusal.get_by_role("button", name="Read the rules").click()
    expect(page.get_by_role("heading", name="What has changed since version 1")).to_be_visible()
    page.get_by_role("button", name="I accept these rules").click()
    expect(page.locator("textarea[name=text]")).to_have_value(words)
    expect(page.get_by_text("The rules have changed.")).to_have_count(0)
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator("article", has_text=words).first).to_be_visible()
    assert tilda.http.get("/@tilda").text.count(words) == 1
