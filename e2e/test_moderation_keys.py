"""Moderators' pages by the keyboard: the queue, the kinds of decision, what a refused form has the focus on."""

import re
from collections.abc import Callable

from playwright.sync_api import expect

from e2e.client import Client
from e2e.conftest import Meet
from e2e.user import PASSWORD
from tests.helpers.services import ServerProcess

Join = Callable[..., Client]


def test_a_case_is_decided_by_its_keys(server: ServerProcess, meet: Meet, join: Join) -> None:
    moderator, author, reporter = join("mod_keys"), join("loud_keys", "Loud Keys"), join("calm_keys", "Calm Keys")
    desk = Client(server.base)
    desk.sign_in("desk", PASSWORD).send(
        "/settings/staff", {"handle": "mod_keys", "role": "moderator", "words": "More hands."}
    )
    for number in range(2):
        post = author.publish(f"Noise by key {number}.")
        reporter.send("/reports", {"about": f"post.{post}", "rule": "1.10"})
    mona = meet(member=moderator)
    page, keyboard = mona.page, mona.page.keyboard
    page.goto("/moderation")
    page.wait_for_load_state()
    expect(page.get_by_role("heading", name="People you may know")).to_have_count(0)
    keyboard.press("?")
    expect(page.locator("#sheet")).to_contain_text("Choose what is decided")
    keyboard.press("Escape")
    keyboard.press("j")
    first = page.locator(".cases > li > a").first
    expect(first).to_be_focused()
    keyboard.press("j")
    keyboard.press("k")
    expect(first).to_be_focused()
    keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/moderation/cases/\d+$"))
    page.wait_for_load_state()
    # What a moderator takes for "next" opens no form in which an answer would become a public post.
    keyboard.press("n")
    keyboard.press("x")
    expect(page.get_by_text("You have this case until")).to_be_visible()
    expect(page.locator("#sheet")).to_be_hidden()
    page.wait_for_load_state()
    keyboard.press("d")
    expect(page.locator("#decision :focus")).to_have_count(1)
    remove = page.get_by_label("Remove the post")
    key = remove.get_attribute("data-key")
    assert key
    keyboard.press(key)
    expect(remove).to_be_checked()
    page.get_by_label("What happened").fill("")
    with mona.watch.foreseen("status: 422"):
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_label("What happened")).to_be_focused()
    page.wait_for_load_state()
    keyboard.press("Tab")
    keyboard.press("Shift+Tab")
    keyboard.type("The same noise, again and again.")
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_text("Decided.")).to_be_visible()
    page.wait_for_load_state()
    keyboard.press("n")
    expect(page.get_by_text("You have this case until")).to_be_visible()
