"""The pages behind the links that people are mailed, as they can be seen in the demo town."""

from playwright.sync_api import Page, expect

from e2e import mailed_links
from e2e.demo_site import DemoSite, PageSight
from ops.demo.cast import PASSWORD

# Who has an address; nobody else in the town has.
READER, EMAIL = "mireille", "mireille@orle.example"


def sights(town: DemoSite) -> list[PageSight]:
    links = _links(town)
    return [
        PageSight("mail-reset", "", links["reset"]),
        PageSight("mail-reset-refused", "", links["reset"], choose_badly, 422),
        PageSight("mail-confirm", "", links["confirm"]),
        PageSight("mail-stop", "", links["stop"]),
        PageSight("mail-expired", "", f"{links['reset']}x", status=403),
        PageSight("notice-confirmation", "", links["notice"]),
        PageSight("notice-confirmed", "", links["notice-before"]),
        PageSight("guest-appeal", "", links["appeal"]),
        PageSight("guest-appeal-refused", "", links["appeal"], appeal_badly, 422),
        PageSight("guest-appeal-taken", "", links["appeal"], appeal),
        PageSight("guest-appeal-french", "simone", links["appeal"]),
        PageSight("guest-appeal-taken-french", "simone", links["appeal"], appeal),
        PageSight("upstream-confirmation", "", links["complaint"]),
    ]


def _links(town: DemoSite) -> dict[str, str]:
    """Made once: a second reset ends the first."""
    if not town.links:
        town.client(READER).send("/settings/account/email", {"email": EMAIL, "proof": PASSWORD})
        town.links.update(mailed_links.of(town.folder, READER))
    return town.links


def choose_badly(page: Page) -> None:
    page.locator("input[name=password]").evaluate("(field) => { field.minLength = 0 }")
    page.locator("input[name=password]").fill("short")
    page.locator("main .cta").click()
    expect(page.locator(".error, .refused").first).to_be_visible()


def appeal_badly(page: Page) -> None:
    page.locator("#f-words").evaluate("(area) => { area.required = false }")
    page.locator("main .cta").click()
    expect(page.locator(".error").first).to_be_visible()


def appeal(page: Page) -> None:
    page.locator("#f-words").fill("It is my number, and I am in no public directory.")
    page.locator("main .cta").click()
    expect(page.get_by_role("status").locator("visible=true")).to_be_visible()
