"""Hands on the keyboard, and everything that goes wrong between a person and the server."""

import json
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e.client import Client
from e2e.conftest import Meet
from tests.helpers.services import until

Join = Callable[..., Client]


def focused(page: Page) -> Locator:
    return page.locator(":focus")


def test_reading_by_keyboard(meet: Meet, join: Join) -> None:
    client = join("kay", "Kay Lund")
    for text in ("First words.", "Second words.", "Third words."):
        client.publish(text)
    kay = meet(member=client)
    kay.home()
    kay.page.keyboard.press("j")
    expect(focused(kay.page)).to_contain_text("Third words.")
    kay.page.keyboard.press("j")
    expect(focused(kay.page)).to_contain_text("Second words.")
    kay.page.keyboard.press("k")
    expect(focused(kay.page)).to_contain_text("Third words.")
    kay.page.keyboard.press("u")
    expect(kay.post("Third words.").locator(".up")).to_have_attribute("aria-pressed", "true")
    kay.page.keyboard.press("r")
    expect(kay.form()).to_have_attribute("data-title", "Reply")
    kay.page.keyboard.press("Escape")
    kay.page.keyboard.press("o")
    expect(kay.page.get_by_role("heading", name="Thread", level=1)).to_be_visible()
    # Before its scripts have run a page hears no keys.
    kay.page.wait_for_load_state()
    kay.page.keyboard.press("g")
    kay.page.keyboard.press("p")
    expect(kay.page).to_have_url(f"{client.http.base_url}/public".replace("//public", "/public"))
    kay.page.wait_for_load_state()
    kay.page.keyboard.press("g")
    kay.page.keyboard.press("h")
    expect(kay.page.get_by_role("heading", name="Home", level=1)).to_be_visible()
    kay.page.wait_for_load_state()
    kay.page.keyboard.press("/")
    expect(focused(kay.page)).to_have_attribute("type", "search")
    kay.page.keyboard.type("n?")
    expect(kay.page.locator("#sheet")).to_be_hidden()


def test_keys_pressed_together_keep_their_order(meet: Meet, join: Join) -> None:
    client = join("kit", "Kit Lund")
    for text in ("First words.", "Second words.", "Third words."):
        client.publish(text)
    kit = meet(member=client)
    # Before the script that they need has come; in the wrong order one time in a few.
    for _ in range(6):
        kit.home()
        kit.page.evaluate("""() => {
          for (const key of "jjk") {
            const press = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
            document.activeElement.dispatchEvent(press);
          }
        }""")
        expect(focused(kit.page)).to_contain_text("Third words.")


def test_help_and_the_way_back(meet: Meet, join: Join) -> None:
    ada = meet(member=join("ada"))
    ada.home()
    ada.page.keyboard.press("?")
    expect(ada.page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    ada.page.keyboard.press("Escape")
    expect(ada.page.get_by_role("dialog")).to_be_hidden()
    write = ada.page.locator(".rail .cta")
    write.focus()
    ada.page.keyboard.press("Enter")
    expect(focused(ada.page)).to_have_attribute("name", "text")
    ada.page.keyboard.press("Escape")
    expect(write).to_be_focused()


def test_skip_link(meet: Meet, join: Join) -> None:
    ida = meet(member=join("ida"))
    ida.home()
    ida.page.keyboard.press("Tab")
    expect(focused(ida.page)).to_have_text("Skip to content")
    expect(focused(ida.page)).to_be_in_viewport()
    ida.page.keyboard.press("Enter")
    expect(ida.page.locator("main")).to_be_focused()


@pytest.mark.parametrize("lines", [1, 4])
def test_offers_leave_the_line_in_sight(meet: Meet, join: Join, lines: int) -> None:
    zita = meet("phone", member=join(f"zita_{lines}"))
    zita.go("/compose")
    area = zita.page.locator("main > .compose textarea")
    area.press_sequentially("A line.\n" * (lines - 1) + f"Ask @zita_{lines}")
    offers = zita.page.get_by_role("listbox")
    expect(offers.get_by_role("option")).to_have_count(1)
    field, list_ = area.bounding_box(), offers.bounding_box()
    height = float(area.evaluate("area => parseFloat(getComputedStyle(area).lineHeight)"))
    assert field
    assert list_
    below = list_["y"] - field["y"] - lines * height
    assert 0 <= below < 1.5 * height
    area.press("Enter")
    expect(area).to_have_value("A line.\n" * (lines - 1) + f"Ask @zita_{lines} ")


def test_an_offer_replaces_all_that_is_typed_by_now(meet: Meet, join: Join) -> None:
    """One types on while the offers for the first letters still stand there, since a newer answer takes its time."""
    zelda = meet(member=join("zelda_1"))
    zelda.go("/compose")
    area = zelda.page.locator("main > .compose [name=text]")
    area.press_sequentially("Ask @ze")
    offers = zelda.page.get_by_role("listbox")
    expect(offers.get_by_role("option")).to_have_count(1)
    zelda.page.route("**/complete?q=*", lambda route: None)
    area.press_sequentially("lda")
    area.press("Enter")
    expect(area).to_have_value("Ask @zelda_1 ")


@pytest.mark.parametrize("script", ["autocomplete.js", "main.js"])
def test_offers_for_what_is_typed_before_the_script_comes(meet: Meet, join: Join, script: str) -> None:
    handle = f"zoe_{script.removesuffix('.js')}"
    zoe = meet(member=join(handle))
    held: list[Callable[[], None]] = []
    zoe.page.route(re.compile(rf"/web/static/js/{script}$"), lambda route: held.append(route.continue_))
    zoe.page.goto("/compose", wait_until="commit")
    area = zoe.page.locator("main > .compose [name=text]")
    area.press_sequentially(f"Ask @{handle}")
    until(lambda: zoe.page.title() and held)
    for go_on in held:
        go_on()
    expect(zoe.page.get_by_role("listbox").get_by_role("option")).to_have_count(1)
    area.press("Enter")
    expect(area).to_have_value(f"Ask @{handle} ")


def test_writing_by_keyboard(meet: Meet, join: Join) -> None:
    leo = meet(member=join("leo"))
    leo.home()
    leo.page.keyboard.press("n")
    expect(focused(leo.page)).to_have_attribute("name", "text")
    leo.page.keyboard.type("Written without a mouse.")
    leo.page.keyboard.press("Control+Enter")
    expect(leo.page.locator("#toasts")).to_contain_text("Posted")
    leo.sees("Written without a mouse.")


def test_drafts_survive_a_reload(meet: Meet, join: Join) -> None:
    client = join("dora")
    post = client.publish("Answer me tomorrow.")
    dora = meet("phone", member=client)
    for address, opener in (("/", ".tabs .write"), (f"/@dora/{post}", ".post.focus .acts a")):
        dora.go(address)
        dora.page.locator(opener).click()
        dora.form().locator("textarea").fill(f"Half a thought at {address}")
        dora.page.reload()
        dora.page.locator(opener).click()
        expect(dora.form().locator("textarea")).to_have_value(f"Half a thought at {address}")
    dora.form().locator(".send").click()
    expect(dora.page.locator("#toasts")).to_contain_text("Posted")
    dora.page.reload()
    dora.page.locator(".post.focus .acts a").click()
    expect(dora.form().locator("textarea")).to_have_value("")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_double_tap_posts_once(meet: Meet, join: Join, scripts: bool) -> None:
    handle = f"max_{scripts}".lower()
    max_ = meet("phone", scripts, join(handle))
    max_.go("/compose")
    form = max_.page.locator("main > .compose")
    form.locator("textarea").fill("Said once.")
    form.locator(".send").dblclick(no_wait_after=True)
    expect(form).to_have_count(0)
    max_.go(f"/@{handle}")
    max_.sees("Said once.")


def test_an_expired_session_keeps_the_text(meet: Meet, join: Join) -> None:
    eva = meet(member=join("eva"))
    eva.home()
    eva.page.keyboard.press("n")
    eva.form().locator("textarea").fill("Too long thought about.")
    # What the page and its worker read for her by themselves is refused as well.
    with eva.watch.foreseen("status: 401", "status: 409"):
        eva.page.context.clear_cookies()
        eva.form().locator(".send").click()
        toast = eva.page.locator("#toasts")
        expect(toast).to_contain_text("what you typed is kept")
        toast.get_by_role("link", name="Sign in").click()
        eva.sign_in("eva")
    eva.page.keyboard.press("n")
    expect(eva.form().locator("textarea")).to_have_value("Too long thought about.")


def test_an_expired_session_keeps_the_text_without_scripts(meet: Meet, join: Join) -> None:
    eli = meet("phone", scripts=False, member=join("eli"))
    eli.go("/compose")
    eli.form().locator("textarea").fill("Too long thought about.")
    eli.page.context.clear_cookies()
    with eli.watch.foreseen("status: 401"):
        eli.form().locator(".send").click()
        expect(eli.page.get_by_role("alert")).to_contain_text("what you typed is kept")
    eli.page.get_by_label("Handle or email").fill("eli")
    eli.page.get_by_label("Password").fill("correct horse battery")
    eli.page.get_by_role("button", name="Sign in").click()
    expect(eli.form().locator("textarea")).to_have_value("Too long thought about.")
    eli.form().locator(".send").click()
    eli.sees("Too long thought about.")
    # The session that came with the form is handed to nobody else.
    stranger = join("finn")
    assert "set-cookie" not in stranger.http.get("/compose").headers


def test_back_finds_the_place(meet: Meet, join: Join) -> None:
    client = join("ola")
    for number in range(60):
        client.publish(f"Page {number} of a long story.")
    ola = meet("phone", member=client)
    ola.go("/@ola")
    posts = ola.page.locator("article.post")
    while not ola.post("Page 12 of").count():
        before = posts.count()
        posts.last.scroll_into_view_if_needed()
        expect(posts).not_to_have_count(before)
    ola.post("Page 12 of").scroll_into_view_if_needed()
    # What can be clicked stands still.
    ola.post("Page 12 of").locator("a.when").click(trial=True)
    place = ola.post("Page 12 of").bounding_box()
    ola.open_post("Page 12 of")
    ola.page.go_back()
    expect(ola.post("Page 12 of")).to_be_in_viewport()
    again = ola.post("Page 12 of").bounding_box()
    assert place
    assert again
    assert abs(place["y"] - again["y"]) < 60, json.dumps([place, again])


def test_older_posts_by_a_link(meet: Meet, join: Join) -> None:
    client = join("per")
    for number in range(60):
        client.publish(f"Page {number} of a plain story.")
    per = meet("desktop", scripts=False, member=client)
    per.home()
    seen = 0
    for _ in range(10):
        seen += per.page.locator("article.post").count()
        if not per.page.get_by_role("link", name="Older", exact=True).count():
            break
        with per.page.expect_navigation(url=re.compile("before=")):
            per.page.get_by_role("link", name="Older", exact=True).click()
    assert seen == 60
    per.sees("Page 0 of a plain story.")
