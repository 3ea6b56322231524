"""A report from the menu of a post to the answer, and a moderator at work with the keyboard alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from e2e import device, test_gallery
from e2e.client import Client
from e2e.conftest import Meet
from e2e.user import PASSWORD
from tests.helpers.services import ServerProcess

Join = Callable[..., Client]
FOCUSED = "(name) => document.activeElement.matches('button') && document.activeElement.innerText.includes(name)"
# What a browser's bars leave of a phone's screen, and the smallest that is still sold.
SMALL = [(390, 664), (375, 667), (360, 640), (320, 568)]


@pytest.fixture
def moderator(server: ServerProcess, join: Join, request: pytest.FixtureRequest) -> Client:
    handle = "mod_" + re.sub(r"\W", "", request.node.name)[-20:]
    client = join(handle)
    Client(server.base).sign_in("desk", PASSWORD).send(
        "/settings/staff", {"handle": handle, "role": "moderator", "words": "More hands."}
    )
    return client


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_from_the_menu_to_the_answer(meet: Meet, join: Join, moderator: Client, scripts: bool) -> None:
    kind = "s" if scripts else "p"
    author, reporter = join(f"eve_{kind}", "Eve Rude"), join(f"ana_{kind}", "Ana Calm")
    post = author.publish(f"You will be sorry, all of you ({kind}).")
    ana = meet("phone", scripts=scripts, member=reporter)
    ana.page.goto(f"/@eve_{kind}/{post}")
    # Two taps from the menu, and nothing to scroll to.
    ana.page.locator("article.focus a.more").click()
    ana.page.get_by_role("link", name="Report", exact=True).click()
    rule = ana.page.get_by_role("button", name="Harassment")
    expect(rule).to_be_visible()
    spam = ana.page.get_by_role("button", name="Spam")
    expect(spam).to_be_in_viewport()
    ana.page.get_by_label("In your own words").fill("Every day.")
    rule.click()
    expect(ana.page.get_by_text("Thank you for the report.")).to_be_visible()
    ana.page.goto("/reports/mine")
    expect(ana.page.get_by_text("A moderator will look at it.")).to_be_visible()

    mona = meet("desktop", scripts=scripts, member=moderator)
    mona.page.goto("/settings")
    mona.page.get_by_role("link", name="Moderation What people report").click()
    mona.page.locator(".cases a", has_text=f"all of you ({kind})").click()
    mona.page.get_by_role("button", name="Take this case").click()
    expect(mona.page.get_by_text("You have this case until")).to_be_visible()
    expect(mona.page.locator(".case", has_text="Ana Calm")).to_have_count(0)
    mona.page.get_by_label("Remove the post").check()
    mona.page.get_by_label("What happened").fill("Eve Rude threatens everybody.")
    with mona.watch.foreseen("status: 422"):
        mona.page.get_by_role("button", name="Decide").click()
        expect(mona.page.get_by_text("is also the name of somebody")).to_be_visible()
    expect(mona.page.get_by_label("Remove the post")).to_be_checked()
    mona.page.get_by_label("What happened").fill("The post threatens everybody who reads it.")
    mona.page.get_by_role("button", name="Decide").click()
    expect(mona.page.get_by_text("Decided.")).to_be_visible()

    expect(_until(ana.page, "/reports/mine", "moderators have acted on it")).to_be_visible()
    eve = meet("phone", scripts=scripts, member=author)
    eve.page.goto("/standing")
    eve.page.get_by_role("link", name="Post removed").click()
    for words in ("The post threatens everybody who reads it.", f"You will be sorry, all of you ({kind})."):
        expect(eve.page.get_by_text(words)).to_be_visible()
    with eve.watch.foreseen("status: 404"):
        eve.page.goto(f"/@eve_{kind}/{post}")
    expect(eve.page.get_by_role("heading", name="Not found")).to_be_visible()


@pytest.mark.parametrize("language", ["en-GB", "fr-FR"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_every_rule_is_seen_at_once_on_a_small_phone(meet: Meet, join: Join, scripts: bool, language: str) -> None:
    """The ten rules that are shipped, for a post with pictures, whose form has a field more."""
    kind = ("s" if scripts else "p") + language[:2]
    author, reporter = join(f"noa_{kind}"), join(f"olu_{kind}")
    post = test_gallery.post(author, f"Two of them ({kind})", 2)
    olu = meet("phone", scripts=scripts, member=reporter, locale=language)
    for width, height in SMALL:
        olu.page.set_viewport_size({"width": width, "height": height})
        olu.page.goto(f"/@noa_{kind}/{post}")
        olu.page.locator("article.focus a.more").click()
        olu.page.locator(".menu a[href^='/report']").click()
        rules = olu.page.locator(".reporting button[name=rule]")
        expect(rules).to_have_count(10)
        covered = olu.page.locator(".tabs").bounding_box() if not scripts else None
        for rule in rules.all():
            expect(rule).to_be_in_viewport(ratio=1)
            box = rule.bounding_box()
            assert box
            assert box["height"] >= 44
            assert not covered or box["y"] + box["height"] <= covered["y"], (width, height)
            # No name runs over its edge.
            assert rule.evaluate("(one) => one.scrollWidth <= one.clientWidth && one.scrollHeight <= one.clientHeight")
        if scripts:
            assert olu.page.locator("#sheet-body").evaluate("(one) => one.scrollTop") == 0
            # A second press of Enter sends nothing: no rule has the focus.
            assert olu.page.evaluate("document.activeElement.name") != "rule"


def _until(page: Page, address: str, words: str) -> Locator:
    """The words on a page, once the server has got so far."""
    found = page.get_by_text(words)

    def is_there() -> bool:
        page.goto(address)
        return found.count() > 0

    device.until(page, is_there)
    return found


def test_twenty_cases_with_the_keyboard_alone(meet: Meet, join: Join, moderator: Client) -> None:
    """Every second is no breach; of the others a post is removed, one is covered, and one has its author frozen."""
    author, reporter = join("loud", "Loud Person"), join("calm", "Calm Person")
    for number in range(20):
        post = author.publish(f"Noise number {number}.")
        reporter.send("/reports", {"about": f"post.{post}", "rule": "1.10"})
    mona = meet(member=moderator)
    mona.page.goto("/moderation")
    keyboard = mona.page.keyboard
    for number in range(20):
        mona.page.wait_for_load_state()
        keyboard.press("x")
        expect(mona.page.get_by_text("You have this case until")).to_be_visible()
        mona.page.wait_for_load_state()
        if number % 2 == 0:
            # To the decisions, of which the first is that nothing is wrong, and send the form.
            _tab_to(mona.page, "kind")
            keyboard.press("Space")
            keyboard.press("Enter")
        else:
            _decide_breach(mona.page, ("removal", "cover", "freeze")[number % 3])
        expect(mona.page.get_by_text("Decided.")).to_be_visible()
    expect(mona.page.locator(".cases", has_text="Noise number")).to_have_count(0)
    loud = meet(member=author)
    loud.page.goto("/standing")
    for words, count in (("Post removed", 3), ("Post covered", 4), ("Posting frozen", 3)):
        expect(loud.page.locator(".verdict .name", has_text=words)).to_have_count(count)


def _tab_to(page: Page, name: str) -> None:
    """Goes on with the keyboard to a field, or to the button of a form."""
    while not page.evaluate(f"(one => one.name === '{name}' || one.innerText === '{name}')(document.activeElement)"):
        page.keyboard.press("Tab")


def _decide_breach(page: Page, what: str) -> None:
    keyboard = page.keyboard
    if what == "cover":
        _tab_to(page, "cover")
        keyboard.press("Space")
    else:
        _tab_to(page, "kind")
        wanted = "post_removal" if what == "removal" else "warning"
        keyboard.press("Space")
        while page.evaluate("document.activeElement.value") != wanted:
            keyboard.press("ArrowDown")
    if what == "freeze":
        _tab_to(page, "sanction")
        while page.evaluate("document.activeElement.value") != "freeze":
            keyboard.press("ArrowDown")
        _tab_to(page, "days")
        keyboard.type("3 days")
    _tab_to(page, "rule")
    keyboard.type("10. Spam")
    expect(page.get_by_label("Rule", exact=True)).to_have_value("1.10")
    _tab_to(page, "facts")
    keyboard.type("It is nothing but noise.")
    _tab_to(page, "Decide")
    keyboard.press("Enter")


def test_a_complaint_is_handled_by_the_keyboard_alone(meet: Meet, join: Join, moderator: Client) -> None:
    author = join("brash", "Brash Person")
    base = str(author.http.base_url).rstrip("/")
    post = author.publish("I will come to the town hall.")
    order = {"sender": "authority", "name": "Préfecture", "email": "ordre@prefecture.example", "locale": "fr"}
    author.send("/upstream", {**order, "words": "Order 2026-41.", "addresses": f"{base}/@brash/{post}"})
    mona = meet("desktop", member=moderator)
    keyboard = mona.page.keyboard

    def press(name: str) -> None:
        """Goes on by Tab to the button, and presses it."""
        mona.page.wait_for_load_state()
        while not mona.page.evaluate(FOCUSED, name):
            keyboard.press("Tab")
        keyboard.press("Enter")

    mona.page.goto("/moderation")
    keyboard.press("x")
    expect(mona.page.get_by_text("You have this complaint until")).to_be_visible()
    press("Give it back")
    expect(mona.page).to_have_url(re.compile(r"/moderation$"))
    mona.page.wait_for_load_state()
    keyboard.press("x")
    expect(mona.page.get_by_text("You have this complaint until")).to_be_visible()
    mona.page.wait_for_load_state()
    while not mona.page.evaluate("document.activeElement.id === 'f-rule'"):
        keyboard.press("Tab")
    keyboard.press("ArrowDown")
    press("Open a case for each")
    expect(mona.page.get_by_text("One of its cases is still open.")).to_be_visible()
    mona.page.wait_for_load_state()
    keyboard.press("x")
    expect(mona.page.get_by_text("You have this case until")).to_be_visible()
    mona.page.wait_for_load_state()
    while not mona.page.evaluate("document.activeElement.name === 'kind'"):
        keyboard.press("Tab")
    keyboard.press("Space")
    keyboard.press("Enter")
    expect(mona.page.get_by_text("Decided.")).to_be_visible()
    mona.page.wait_for_load_state()
    keyboard.press("x")
    expect(mona.page.get_by_text("You have this complaint until")).to_be_visible()
    press("Close without an answer")
    expect(mona.page.get_by_text("Closed.", exact=True)).to_be_visible()


def test_guests_report_by_a_form(meet: Meet, join: Join, moderator: Client) -> None:
    post = join("mean", "Mean Person").publish("I will come to your house.")
    guest = meet("phone", scripts=False)
    guest.page.goto(f"/@mean/{post}")
    guest.page.locator("article.focus a.more").click()
    guest.page.get_by_role("link", name="Report", exact=True).click()
    expect(guest.page.get_by_label("Its address")).to_have_value(re.compile(rf"/@mean/{post}$"))
    guest.page.get_by_label("Threats and violence").check()
    guest.page.get_by_label("What is wrong with it").fill("He knows where I live.")
    guest.page.get_by_label("I believe in good faith").check()
    guest.page.get_by_role("button", name="Send the report").click()
    expect(guest.page.get_by_text("A moderator looks at it within an hour.")).to_be_visible()
    mona = meet(member=moderator)
    mona.page.goto("/moderation")
    expect(mona.page.locator(".cases li").first).to_contain_text("I will come to your house.")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_suspension_is_appealed_and_lifted(meet: Meet, join: Join, moderator: Client, scripts: bool) -> None:
    kind = "s" if scripts else "p"
    author, reporter = join(f"rude_{kind}", "Rude Person"), join(f"meek_{kind}", "Meek Person")
    post = author.publish(f"Whoever sits on my bench will find out ({kind}).")
    reporter.send("/reports", {"about": f"post.{post}", "rule": "1.6"})
    mona = meet("desktop", scripts=scripts, member=moderator)
    mona.page.goto("/moderation")
    mona.page.locator(".cases a", has_text=f"find out ({kind})").click()
    days = mona.page.get_by_label("For how long")
    expect(days).to_be_hidden()
    mona.page.get_by_label("Warning").check()
    mona.page.get_by_role("radio", name=re.compile(r"^Suspend\b(?! for good)")).check()
    expect(days).to_be_visible()
    days.select_option("30 days")
    mona.page.get_by_label("What happened").fill("The post threatens whoever sits there.")
    mona.page.get_by_role("button", name="Decide").click()
    expect(mona.page.get_by_text("Decided.")).to_be_visible()

    rude = meet("phone", scripts=scripts, member=author)
    rude.page.goto("/")
    expect(rude.page.get_by_role("heading", name="Your account is suspended until")).to_be_visible()
    with mona.watch.foreseen("status: 404"):
        mona.page.goto(f"/@rude_{kind}/{post}")
    rude.page.get_by_role("link", name="You can appeal until").click()
    rude.page.get_by_label("What is wrong with the decision").fill(f"It is a line from a song ({kind}).")
    rude.page.get_by_role("button", name="Appeal").click()
    expect(rude.page.get_by_text("will look at it and answer here")).to_be_visible()

    # Not for whoever decided it: for another moderator.
    mona.page.goto("/moderation")
    mona.page.locator(".cases a", has_text=f"It is a line from a song ({kind}).").click()
    expect(mona.page.get_by_text("You made this decision")).to_be_visible()
    expect(mona.page.get_by_role("button", name="Decide")).to_have_count(0)
    desk = meet("desktop", scripts=scripts, member=Client(str(author.http.base_url)).sign_in("desk"))
    desk.page.goto("/moderation")
    desk.page.locator(".cases a", has_text=f"It is a line from a song ({kind}).").click()
    desk.page.get_by_role("button", name="Take this appeal").click()
    expect(desk.page.get_by_text("You have this appeal until")).to_be_visible()
    desk.page.get_by_label("Take the decision back").check()
    desk.page.get_by_role("textbox", name="Your answer").fill("It is a song indeed, and an old one.")
    desk.page.get_by_role("button", name="Decide").click()
    expect(desk.page.get_by_text("Decided.")).to_be_visible()

    rude.page.goto(f"/@rude_{kind}/{post}")
    expect(rude.page.locator("article.focus")).to_contain_text(f"find out ({kind})")
    rude.page.goto("/appeals")
    expect(rude.page.get_by_text("It is a song indeed, and an old one.")).to_be_visible()
