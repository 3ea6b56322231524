"""The pages of complaints from upstream, as they can be seen in the demo town."""

import secrets

from playwright.sync_api import Page, expect

from e2e import actions
from e2e.demo_site import PageSight

DESK = "/moderation/upstream"


def sights() -> list[PageSight]:
    return [
        PageSight("upstream-form", "", "/upstream"),
        PageSight("upstream-form-refused", "", "/upstream", send_badly, 422),
        PageSight("upstream-taken", "", "/upstream", send_an_order),
        PageSight("upstream-desk", "ottilie", DESK),
        PageSight("upstream-desk-french", "simone", DESK),
        PageSight("upstream-complaint", "ottilie", DESK, open_with("Bureau des noms")),
        PageSight("upstream-complaint-french", "simone", DESK, correct),
        PageSight("upstream-answer", "simone", DESK, read_the_answer),
        PageSight("upstream-answered", "ottilie", DESK, open_with("Nordhost")),
        PageSight("upstream-trail", "simone", DESK, read_the_trail),
        PageSight("upstream-entry", "ottilie", f"{DESK}/new"),
        PageSight("upstream-senders", "ottilie", f"{DESK}/senders"),
    ]


def send_badly(page: Page) -> None:
    page.get_by_label("Authority", exact=True).check()
    page.get_by_label("Your organisation and name").fill("Nordhost")
    page.get_by_label("Addresses of the content").fill("https://tilly.example/@gaston")
    page.get_by_label("Email address").evaluate("(field) => { field.required = false }")
    page.get_by_label("What is wrong with it").evaluate("(area) => { area.required = false }")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.locator(".error").first).to_be_visible()


def send_an_order(page: Page) -> None:
    page.get_by_label("Authority", exact=True).check()
    page.get_by_label("Your organisation and name").fill("Préfecture de Tilly")
    page.get_by_label("Email address").fill(f"{secrets.token_hex(4)}@prefecture.example")
    page.get_by_label("What is wrong with it").fill("Order 2026-41: the drawing of the tree shows a public building.")
    page.get_by_role("button", name="Send the complaint").click()
    expect(page.get_by_text("within an hour")).to_be_visible()


def open_with(words: str) -> actions.Act:
    def opening(page: Page) -> None:
        page.locator(".cases a", has_text=words).first.click()
        expect(page.locator(".case")).to_be_visible()

    return opening


def correct(page: Page) -> None:
    open_with("Bureau des noms")(page)
    page.locator(".case details summary").first.click()
    expect(page.locator("#f-sender")).to_be_visible()


def read_the_answer(page: Page) -> None:
    open_with("Bureau des noms")(page)
    page.locator("#f-words").scroll_into_view_if_needed()


def read_the_trail(page: Page) -> None:
    open_with("Nordhost")(page)
    page.locator(".case ol").scroll_into_view_if_needed()
