"""A page that stays open: what is new waits behind a pill, counts change where they stand, nothing jumps."""

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import Page, Route, expect

from e2e import device
from e2e.client import Client
from e2e.conftest import Meet

Join = Callable[..., Client]
SOON = 8_000


def listening(page: Page) -> None:
    """Loads the page anew, and waits until it has its stream."""
    with page.expect_response(lambda answer: "/live?" in answer.url):
        page.reload()


def order(page: Page) -> list[str]:
    return [text.strip() for text in page.locator("#feed > .post .text").all_inner_texts()]


def test_new_posts_wait_behind_a_pill(meet: Meet, join: Join) -> None:
    writer, reader = join("anouk", "Anouk Petit"), join("bram", "Bram Visser")
    reader.follow("anouk")
    for number in range(12):
        writer.publish(f"Old post {number}")
    bram = meet("phone", member=reader)
    bram.finds_at_home("Old post 11", 5)
    page = bram.page
    listening(page)
    page.locator(".post").nth(8).scroll_into_view_if_needed()
    place = page.evaluate("scrollY")
    assert place > 0
    pill = page.get_by_role("status").locator(".pill")
    expect(pill).to_be_hidden()
    writer.publish("First news")
    expect(pill).to_have_text("1 new post", timeout=SOON)
    writer.publish("Second news")
    expect(pill).to_have_text("2 new posts", timeout=SOON)
    bram.misses("First news")
    assert page.evaluate("scrollY") == place
    pill.click()
    bram.sees("Second news")
    expect(pill).to_be_hidden()
    assert order(page)[:3] == ["Second news", "First news", "Old post 11"]
    assert len(order(page)) == 14
    expect(page.get_by_role("heading", name="Home", level=1)).to_be_in_viewport()
    expect(page.locator("#feed > .post").first).to_be_in_viewport()
    # And the stream goes on.
    writer.publish("Third news")
    expect(pill).to_have_text("1 new post", timeout=SOON)


def test_replies_come_to_their_place_in_an_open_thread(meet: Meet, join: Join) -> None:
    writer, reader = join("cora", "Cora Lund"), join("dirk", "Dirk Maas")
    root = writer.publish("Who has a ladder?")
    branch = writer.publish("Three metres at least.", reply_to=root)
    dirk = meet("desktop", member=reader)
    dirk.go(f"/@cora/{root}")
    listening(dirk.page)
    pill = dirk.page.locator(".pill")
    writer.publish("Four would be better.", reply_to=branch)
    expect(pill).to_have_text("1 new reply", timeout=SOON)
    writer.publish("Or a scaffold.", reply_to=root)
    expect(pill).to_have_text("2 new replies", timeout=SOON)
    pill.click()
    below = dirk.sees("Four would be better.").locator("xpath=..")
    expect(below).to_have_class(re.compile(r"\bd1\b"))
    above = below.locator("xpath=preceding-sibling::*[1]")
    expect(above).to_contain_text("Three metres at least.")
    expect(dirk.sees("Or a scaffold.").locator("xpath=..")).to_have_class(re.compile(r"\bd0\b"))
    expect(pill).to_be_hidden()


def test_counts_change_where_they_stand(meet: Meet, join: Join) -> None:
    writer, reader, other = join("elsa", "Elsa Berg"), join("finn", "Finn Roth"), join("greta", "Greta Olsen")
    post = writer.publish("Market on Saturday?")
    gone = writer.publish("Not this one.")
    reader.follow("elsa")
    finn = meet("phone", member=reader)
    finn.finds_at_home("Not this one.", 5)
    listening(finn.page)
    other.send(f"/posts/{post}/vote?_method=PUT&value=up", {})
    expect(finn.post("Market on Saturday?").locator(".up b")).to_have_text("1", timeout=SOON)
    other.publish("Yes!", reply_to=post)
    expect(finn.post("Market on Saturday?").locator(".acts > a b")).to_have_text("1", timeout=SOON)
    finn.post("Market on Saturday?").locator(".up").click()
    expect(finn.post("Market on Saturday?").locator(".up b")).to_have_text("2", timeout=SOON)
    expect(finn.post("Market on Saturday?").locator(".up")).to_have_attribute("aria-pressed", "true")
    writer.send(f"/posts/{gone}?_method=DELETE", {})
    expect(finn.post("Not this one.")).to_be_hidden(timeout=SOON)
    writer.send(f"/posts/{gone}/deletion?_method=DELETE", {})
    expect(finn.post("Not this one.")).to_be_visible(timeout=SOON)


def test_notices_are_counted_on_every_page(meet: Meet, join: Join) -> None:
    writer, reader = join("hanna", "Hanna Weiss"), join("igor", "Igor Sokol")
    post = reader.publish("Anybody there?")
    igor = meet("phone", member=reader)
    igor.go("/about")
    listening(igor.page)
    badge = igor.page.locator(".tabs [data-unread]")
    expect(badge).to_be_hidden()
    writer.publish("Here!", reply_to=post)
    expect(badge).to_have_text("1", timeout=SOON)
    expect(igor.page).to_have_title(re.compile(r"^\(1\) "))


def test_new_notifications_are_one_press_away(meet: Meet, join: Join) -> None:
    writer, reader = join("clio", "Clio Marin"), join("dorus", "Dorus Bos")
    dorus = meet("phone", member=reader)
    dorus.go("/notifications")
    page = dorus.page
    listening(page)
    pill = page.locator("[data-notes] .pill")
    expect(pill).to_be_hidden()
    writer.publish("@dorus are you there?")
    expect(pill).to_be_visible(timeout=SOON)
    dorus.misses("are you there?")
    pill.click()
    dorus.sees("are you there?")
    expect(pill).to_be_hidden()


# What a page does when somebody comes back to it, again and again; each time is told.
COMES_BACK = """() => setInterval(() => {
  document.dispatchEvent(new Event("visibilitychange"));
  fetch("/healthz");
}, 300)"""


def test_nothing_listens_once_somebody_signs_out(meet: Meet, join: Join) -> None:
    """However long the server takes to answer: by then it sends streams away, which browsers call an error."""
    page = meet("desktop", member=join("ella", "Ella Vik")).page
    page.goto("/settings")
    listening(page)
    held: list[Route] = []
    page.route("**/signout", lambda route: held.append(route))  # noqa: PLW0108  # Playwright marks what it is given
    page.evaluate(COMES_BACK)
    with page.expect_event("requestfailed", lambda request: "/live?" in request.url):
        # Else it waits for the page that comes next.
        page.get_by_role("button", name="Sign out").click(no_wait_after=True)
    device.until(page, lambda: held)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(urlsplit(request.url).path))
    device.until(page, lambda: asked.count("/healthz") > 2)
    assert "/live" not in asked
    held[0].continue_()
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()
