"""The pages of filters and word lists, as they can be seen in the demo town, and a post that one of them holds."""

from playwright.sync_api import Page, expect

from e2e import actions
from e2e.demo_site import PageSight


def sights() -> list[PageSight]:
    """``@simone``, who reads French, has written them; ``@gaston`` is the author of the post that waits."""
    return [
        PageSight("filters", "ottilie", "/moderation/filters"),
        PageSight("filters-french", "simone", "/moderation/filters"),
        PageSight("filter-live", "ottilie", "/moderation/filters", open_named("Things for sale")),
        PageSight("filter-shadow", "ottilie", "/moderation/filters", open_named("Many hashtags")),
        PageSight("filter-draft", "simone", "/moderation/filters", open_named("Insults")),
        PageSight("filter-edit", "ottilie", "/moderation/filters", change("Many hashtags")),
        PageSight("filter-edit-french", "simone", "/moderation/filters", change("Insults")),
        PageSight("filter-new", "ottilie", "/moderation/filters/new", open_fields),
        PageSight("filter-refused", "ottilie", "/moderation/filters/new", send_badly, 422),
        PageSight("filter-tried", "simone", "/moderation/filters/new", try_it),
        PageSight("filter-words", "ottilie", "/moderation/words"),
        PageSight("filter-words-list", "ottilie", "/moderation/words", open_named("insults")),
        PageSight("filter-words-new", "simone", "/moderation/words/new"),
        PageSight("filter-case", "ottilie", "/moderation", open_named("Two parking spaces")),
        PageSight("filter-held", "gaston", "/@gaston", open_held),
        PageSight("filter-held-profile", "gaston", "/@gaston"),
    ]


def open_named(words: str) -> actions.Act:
    def opening(page: Page) -> None:
        before = page.url
        page.locator(".cases a", has_text=words).click()
        expect(page).not_to_have_url(before)

    return opening


def change(words: str) -> actions.Act:
    def changing(page: Page) -> None:
        open_named(words)(page)
        page.locator("a[href$='/edit']").click()
        expect(page.locator("#f-condition")).to_be_visible()

    return changing


def open_held(page: Page) -> None:
    page.locator(".post", has_text="Two parking spaces").locator(".when").click()
    expect(page.locator(".post.focus .measure")).to_be_visible()


def open_fields(page: Page) -> None:
    page.locator(".filter-fields summary").click()
    expect(page.locator(".filter-fields dl")).to_be_visible()


def send_badly(page: Page) -> None:
    page.locator("form.filter-form").evaluate("(form) => { form.noValidate = true }")
    page.locator("#f-condition").fill("text ==")
    page.locator("form.filter-form .cta").click()
    expect(page.locator(".error").first).to_be_visible()


def try_it(page: Page) -> None:
    page.locator("#f-condition").fill('text.contains("fontaine")')
    page.locator("#f-sample").fill("La fontaine est fermée.")
    page.locator("button[name=try]").click()
    expect(page.locator(".trial")).to_be_visible()
