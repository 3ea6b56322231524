"""The pages of reports, decisions and moderators, as they can be seen in the demo town."""

from playwright.sync_api import Page, expect

from e2e import actions
from e2e.demo_site import DemoSite, PageSight


def sights(town: DemoSite) -> list[PageSight]:
    """``@ottilie`` operates the town and ``@simone``, who reads French, moderates it."""
    pictured = town.address("tom", "Biscuit has taken the new metre")
    account = town.client("ana").id_of("gaston")
    return [
        PageSight("report-sheet", "ana", pictured, report),
        PageSight("report-page", "ana", f"/report?about=account.{account}"),
        PageSight("report-refused", "ana", f"/report?about=account.{account}", report_without_a_rule, 422),
        PageSight("reports-mine", "noor", "/reports/mine"),
        PageSight("reports-mine-none", "ana", "/reports/mine"),
        PageSight("notice", "", f"/notice?address={pictured}"),
        PageSight("notice-refused", "", "/notice", send_badly, 422),
        PageSight("log", "", "/log"),
        PageSight("log-proofs", "", "/log", open_proofs),
        PageSight("log-french", "simone", "/log?kind=warning"),
        PageSight("log-none", "", "/log?kind=post_removal&rule=spam"),
        PageSight("standing", "gaston", "/standing"),
        PageSight("standing-none", "ana", "/standing"),
        PageSight("statement", "gaston", "/standing", open_first(".verdict a")),
        PageSight("queue", "ottilie", "/moderation"),
        PageSight("queue-french", "simone", "/moderation"),
        PageSight("case", "ottilie", "/moderation", take_next),
        PageSight("case-pictured", "ottilie", "/moderation", open_with("Biscuit has taken")),
        PageSight("case-french", "simone", "/moderation", open_with("Funny how there is")),
        PageSight("settings-staff", "ottilie", "/settings/staff"),
        PageSight("settings-moderator", "simone", "/settings"),
    ]


def report(page: Page) -> None:
    page.locator("article.focus a.more").click()
    page.locator("#sheet").get_by_role("link", name="Report").click()
    expect(page.locator("#sheet .reporting")).to_be_visible()


def report_without_a_rule(page: Page) -> None:
    page.get_by_label("In your own words").fill("Every day of the week.")
    page.locator(".reporting form").evaluate("(form) => form.requestSubmit()")
    expect(page.locator(".reporting .refused")).to_be_visible()


def send_badly(page: Page) -> None:
    page.get_by_label("Its address").fill("https://tilly.example/@nobody")
    page.get_by_label("Incitement").check()
    page.get_by_label("What is wrong with it").fill("They call for a march on the library.")
    page.get_by_label("I believe in good faith").check()
    page.get_by_role("button", name="Send the report").click()
    expect(page.locator(".error").first).to_be_visible()


def open_proofs(page: Page) -> None:
    page.get_by_text("How to check this log").click()
    page.locator(".log-entry", has_text="Warning").get_by_text("Proof").click()
    expect(page.get_by_role("link", name="Receipt of this entry")).to_be_visible()


def open_first(link: str) -> actions.Act:
    def opening(page: Page) -> None:
        page.locator(link).first.click()
        expect(page.locator(".reasons")).to_be_visible()

    return opening


def open_with(words: str) -> actions.Act:
    def opening(page: Page) -> None:
        page.locator(".cases a", has_text=words).click()
        expect(page.locator(".evidence").first).to_be_visible()

    return opening


def take_next(page: Page) -> None:
    page.get_by_role("button", name="Next case").click()
    expect(page.locator(".evidence").first).to_be_visible()
    page.get_by_text("Why the rule applies").scroll_into_view_if_needed()
