"""What moderators have beside their queue, as it can be seen in the demo town: bulk decisions, known pictures, the
brake, a crisis, and care.
"""

from playwright.sync_api import Page, expect

from e2e.demo_site import PageSight


def sights() -> list[PageSight]:
    return [
        PageSight("bulk-list", "ottilie", "/moderation/bulk"),
        PageSight("bulk-refused", "ottilie", "/moderation/bulk", search_badly, 422),
        PageSight("bulk-preview", "ottilie", "/moderation/bulk", preview_posts),
        PageSight("bulk-preview-french", "simone", "/moderation/bulk", preview_posts),
        PageSight("bulk-done", "ottilie", "/moderation/bulk", open_bulk),
        PageSight("bulk-done-french", "simone", "/moderation/bulk", open_bulk),
        PageSight("log-bulk", "", "/log?kind=bulk_decision"),
        PageSight("known-pictures", "simone", "/moderation", remember_picture),
        PageSight("known-pictures-waiting", "simone", "/moderation", add_picture),
        PageSight("known-pictures-second", "ottilie", "/moderation/pictures"),
        PageSight("known-pictures-none", "ottilie", "/moderation/pictures", forget_picture),
        PageSight("brake", "ottilie", "/moderation/brake"),
        PageSight("brake-refused", "ottilie", "/moderation/brake", switch_badly, 422),
        PageSight("crisis", "simone", "/moderation/crisis"),
        PageSight("crisis-proposed", "ottilie", "/moderation/crisis", propose_crisis),
        PageSight("care", "simone", "/moderation/care"),
        PageSight("care-break", "ottilie", "/moderation/care", take_break),
    ]


def crisis_sights() -> list[PageSight]:
    """A crisis from its beginning, by the second of two moderators, to its end. They come last, and in this order."""
    return [
        PageSight("crisis-in-force-french", "simone", "/moderation/crisis", agree_to_crisis),
        PageSight("crisis-in-force", "ottilie", "/moderation/crisis"),
        PageSight("crisis-for-members", "ana", "/"),
        PageSight("crisis-for-guests", "", "/public"),
        PageSight("crisis-sign-up", "", "/signup"),
        PageSight("crisis-over", "ottilie", "/moderation/crisis", end_crisis),
    ]


def agree_to_crisis(page: Page) -> None:
    """To what ``@ottilie`` has proposed (``crisis-proposed``)."""
    page.locator(".desk button[formaction$='_method=PUT']").click()
    expect(page.locator(".desk .state.on")).to_be_visible()


def end_crisis(page: Page) -> None:
    page.locator(".desk .state.on button").click()
    expect(page.locator(".desk .state")).to_have_count(0)


def switch_badly(page: Page) -> None:
    page.get_by_label("Words for everybody").fill("Ask @ottilie what it is about.")
    page.get_by_label("For how long?").select_option("6")
    page.get_by_role("button", name="Switch it on and tell everybody").click()
    expect(page.locator(".bad .error")).to_be_visible()


def propose_crisis(page: Page) -> None:
    if page.get_by_text("You proposed this.").count() == 0:
        page.get_by_label("Words for everybody").fill("There are threats after the vote on the square.")
        page.get_by_label("For how long?").select_option("72")
        page.get_by_role("button", name="Propose it to the other moderators").click()
    expect(page.get_by_text("You proposed this.")).to_be_visible()


def take_break(page: Page) -> None:
    if page.get_by_text("You are on a break").count() == 0:
        page.get_by_role("button", name="Take a break").click()
    expect(page.get_by_text("You are on a break")).to_be_visible()


def search_badly(page: Page) -> None:
    page.locator("#f-link").fill("bench bargains")
    page.locator("#search .cta").click()
    expect(page.locator(".error")).to_be_visible()


def preview_posts(page: Page) -> None:
    """Those of the last month that link to the town's page; nothing is decided about them."""
    page.locator("#f-link").fill("tilly.example")
    page.locator("#search .cta").click()
    expect(page.locator(".bulk-subject").first).to_be_visible()


def open_bulk(page: Page) -> None:
    page.locator(".cases a", has_text="bench-bargains.example").click()
    expect(page.locator("#bulk .statement")).to_be_visible()


def remember_picture(page: Page) -> None:
    page.locator(".cases a", has_text="Biscuit has taken").click()
    page.locator(".alike summary").click()
    page.locator('.alike a[href^="/moderation/pictures"]').first.click()
    expect(page.locator("#f-name")).to_be_visible()


def add_picture(page: Page) -> None:
    remember_picture(page)
    page.locator("#f-name").fill("Biscuit")
    page.locator(".form .cta").click()
    expect(page.locator(".verdict .tag")).to_be_visible()


def forget_picture(page: Page) -> None:
    page.locator(".verdict button[formaction$='_method=DELETE']").click()
    expect(page.locator(".empty")).to_be_visible()
