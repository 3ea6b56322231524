"""What is done on a page of the demo town before it is looked at."""

import secrets
from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, expect

from e2e import composing
from e2e.installed import CONTROLLED
from tests.helpers import media_files

Act = Callable[[Page], None]
# Sends the form of a button as a browser does where no script runs.
PLAINLY = """(button) => {
  const form = button.form;
  if (button.name) form.append(Object.assign(document.createElement("input"), {
    type: "hidden", name: button.name, value: button.value,
  }));
  if (button.hasAttribute("formaction")) form.action = button.formAction;
  form.submit();
}"""


def sheet_by(act: Act) -> Act:
    """An act that opens the sheet."""

    def opening(page: Page) -> None:
        act(page)
        expect(page.locator("#sheet[open]")).to_be_visible()

    return opening


def sheet(opener: str) -> Act:
    return sheet_by(lambda page: page.locator(opener).first.click())


def make_code(page: Page) -> None:
    page.get_by_role("button", name="Make a code").click()
    expect(page.locator(".digits")).to_be_visible()


def enter_code(page: Page) -> None:
    page.get_by_text("I have a code from my browser").click()
    page.get_by_label("Code", exact=True).fill("7KQM-2XTR")


def take_addresses(page: Page) -> None:
    """A feed, and a push address entered by hand."""
    headers = {"origin": page.url.removesuffix("/settings/devices")}
    endpoint = f"https://push.tilly.example/{secrets.token_hex(8)}"
    page.request.post("/settings/notifications/feed", form={"feed": "new"}, headers=headers)
    page.request.post("/push/addresses", form={"endpoint": endpoint}, headers=headers)
    page.reload()
    expect(page.locator("input[name=push_addresses]")).to_be_checked()


def enter_address(page: Page) -> None:
    """A push address of another program, once."""
    named = page.get_by_text("push.tilly.example")
    if not named.count():
        page.get_by_label("Address").fill(f"https://push.tilly.example/{secrets.token_hex(8)}")
        page.get_by_role("button", name="Add", exact=True).click()
    expect(named.first).to_be_visible()


def sign_up_badly(page: Page) -> None:
    page.get_by_label("Handle").fill("ana")
    page.get_by_label("Name", exact=True).fill("Another Ana")
    page.get_by_label("Password").fill("password12")
    page.get_by_label("Date of birth").fill("2020-01-01")
    page.get_by_label("I accept the rules").check()
    page.get_by_role("button", name="Join").click()
    expect(page.locator(".error").first).to_be_visible()


def uncover(page: Page) -> None:
    page.locator(".post.focus details.cover summary").click()


def write(page: Page) -> None:
    page.locator("a[href='/compose'][data-sheet]").locator("visible=true").first.click()
    # The space ends the tag: no offers for it hide the rest.
    page.locator("#sheet textarea").fill(
        "The fountain has been mended, and three of us drank from it. @lena @tom #Tilleul "
    )


def write_covered(page: Page) -> None:
    write(page)
    page.locator("#sheet [name=sensitive]").check()
    page.locator("#sheet [name=cover]").fill("What was in the fountain")


def attach(page: Page) -> None:
    write(page)
    picture = FilePayload(
        name="fountain.jpg", mimeType="image/jpeg", buffer=media_files.encoded(media_files.photo(1200, 900))
    )
    page.locator("#sheet input[type=file]").set_input_files(picture)
    expect(page.locator("#sheet .attached[data-state=there]")).to_be_visible()


def share(page: Page) -> None:
    page.locator("main > .compose [name=text]").fill("What I wanted to say anyway.")
    page.evaluate(CONTROLLED)
    page.evaluate(composing.SHARE, ["/share", "Seen at the weekend market", composing.PICTURE])
    expect(page.locator("main > .shared img")).to_have_js_property("complete", True)


def lose_pictures(page: Page) -> None:
    """A draft whose pictures the server has not kept."""
    page.locator("main > .compose [name=text]").fill("Two pictures of the fountain.")
    page.evaluate("""() => {
      const key = Object.keys(localStorage).find((one) => one.startsWith("draft:"));
      localStorage[key] = JSON.stringify({ ...JSON.parse(localStorage[key]), lost: 2 });
    }""")
    page.reload()
    expect(page.locator("main > .compose .missing")).to_be_visible()


def enlarge(page: Page) -> None:
    page.locator(".photos .photo").first.click()
    expect(page.locator("dialog.gallery img").first).to_be_visible()


def drop_one(page: Page) -> None:
    page.locator(".dropping summary").first.click()


def open_rule(page: Page) -> None:
    page.locator(".rule-form summary").nth(5).click()


def preview_rules(page: Page) -> None:
    open_rule(page)
    page.get_by_label("Text").nth(10).fill(
        "Argue with what people say. Don't hound them, and don't call on others to do so."
    )
    page.get_by_role("button", name="Remove rule 5").click()
    page.get_by_role("button", name="Preview").first.click()
    expect(page.get_by_role("button", name="Publish")).to_be_visible()


def write_rule_badly(page: Page) -> None:
    page.get_by_role("button", name="Add a rule").click()
    page.locator(".rule-form details[open]").get_by_label("Title").first.fill("Ball games")
    page.get_by_role("button", name="Remove rule 2").click()
    page.get_by_role("button", name="Preview").first.click()
    expect(page.locator(".error").first).to_be_visible()


def post_without_rules(page: Page) -> None:
    page.locator("textarea[name=text]").fill("Does nobody else hear the bells at six in the morning?")
    page.get_by_role("button", name="Post", exact=True).click()
    expect(page.locator(".compose .refused")).to_be_visible()


def delete(page: Page) -> None:
    page.locator("article a.more").first.click()
    page.locator("#sheet .menu .danger").click()
    expect(page.locator("#toasts button")).to_be_visible()
    # What is looked at stays as it was: nothing is deleted in the end.
    page.request.post(page.locator("#toasts button").get_attribute("formaction") or "")


def delete_plainly(page: Page) -> None:
    """As without a script: the answer is a page."""
    page.locator("article a.more").first.click()
    page.locator("#sheet .menu .danger").evaluate(PLAINLY)
    undo = page.locator("main .cta")
    expect(undo).to_be_visible()
    page.request.post(undo.get_attribute("formaction") or "")


def narrow_down(page: Page) -> None:
    """Of the moderators' queue, the part under one rule."""
    page.locator(".queue-next summary").click()
    page.get_by_label("Rule").select_option("spam")
    page.locator(".queue-next .form .ghost").click()
    expect(page.locator(".queue-next .notice")).to_be_visible()


def show_everything(page: Page) -> None:
    """The whole queue, whatever was chosen before."""
    for button in page.get_by_role("button", name="Show everything").all():
        button.click()
    expect(page.locator(".queue-next .notice")).to_have_count(0)
