"""The pages on which members and guests report something, as they can be seen in the demo town."""

from playwright.sync_api import Page, expect

from e2e import actions
from e2e.demo_site import DemoSite, PageSight


def sights(town: DemoSite) -> list[PageSight]:
    pictured = town.address("tom", "Biscuit has taken the new metre")
    account = town.client("ana").id_of("gaston")
    return [
        PageSight("report-sheet", "ana", pictured, report),
        PageSight("report-page", "ana", f"/report?about=account.{account}"),
        PageSight("report-refused", "ana", f"/report?about=account.{account}", report_without_a_rule, 422),
        PageSight("report-done", "lena", pictured, report_spam),
        PageSight("report-done-page", "lena", f"/report?about=account.{account}", choose_rule),
        PageSight("report-done-plainly", "lena", f"/report?about=account.{account}", choose_rule_plainly),
        PageSight("report-picture", "noor", pictured, report_picture),
        PageSight("reports-mine", "noor", "/reports/mine"),
        PageSight("reports-mine-none", "ana", "/reports/mine"),
        PageSight("notice", "", f"/notice?address={pictured}"),
        PageSight("notice-refused", "", "/notice", send_badly, 422),
        PageSight("notice-taken", "", "/notice", send_threat),
    ]


def report(page: Page) -> None:
    page.locator("article.focus a.more").click()
    page.locator("#sheet").get_by_role("link", name="Report").click()
    expect(page.locator("#sheet .reporting")).to_be_visible()


def report_without_a_rule(page: Page) -> None:
    page.get_by_label("In your own words").fill("Every day of the week.")
    page.locator(".reporting form").evaluate("(form) => form.requestSubmit()")
    expect(page.locator(".reporting .refused")).to_be_visible()


def choose_rule(page: Page) -> None:
    page.locator(".reporting button[name=rule]").last.click()
    expect(page.locator(".reporting[role=status]")).to_be_visible()


def choose_rule_plainly(page: Page) -> None:
    page.locator(".reporting button[name=rule]").last.evaluate(actions.PLAINLY)
    expect(page.locator(".reporting[role=status]")).to_be_visible()


def report_spam(page: Page) -> None:
    """Twice is once: the same report changes nothing."""
    report(page)
    choose_rule(page)


def report_picture(page: Page) -> None:
    page.locator("article.focus .photo").first.click()
    page.locator("dialog.gallery .report").click()
    expect(page.locator("#sheet .reporting")).to_be_visible()


def send_threat(page: Page) -> None:
    _send_notice(page, "/@gaston", "They say when I leave the house.")
    expect(page.get_by_text("A moderator looks at it within an hour.")).to_be_visible()


def send_badly(page: Page) -> None:
    _send_notice(page, "https://tilly.example/@nobody", "They say what they will do to the librarian.")
    expect(page.locator(".error").first).to_be_visible()


def _send_notice(page: Page, address: str, words: str) -> None:
    page.get_by_label("Its address").fill(address)
    page.get_by_label("Threats and violence").check()
    page.get_by_label("What is wrong with it").fill(words)
    page.get_by_label("I believe in good faith").check()
    page.get_by_role("button", name="Send the report").click()
