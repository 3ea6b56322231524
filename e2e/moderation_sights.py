"""The pages of reports, decisions and moderators, as they can be seen in the demo town."""

import re

from playwright.sync_api import Page, expect

from e2e import (
    actions,
    filter_sights,
    jury_sights,
    moderator_tool_sights,
    profile_picture_sights,
    report_sights,
    simulation_sights,
)
from e2e.client import Client
from e2e.demo_site import DemoSite, PageSight
from ops.demo.cast import PASSWORD
from tests.helpers.services import until

RUDE, MEASURED = "rudi", "odile"
REASONS = {"rule": "2.6", "facts": "It threatens those who sit there.", "explanation": "", "kind": "warning"}
SUSPENDED = {"sanction": "suspension", "days": "30"}
PROPOSED = {"sanction": "permanent_suspension"}
# A place in the queue behind all cases.
END = "1.9999999999999.0.1"


def sights(town: DemoSite) -> list[PageSight]:
    """``@ottilie`` operates the town and ``@simone``, who reads French, moderates it."""
    _suspend(town)
    _measure(town)
    return [
        *report_sights.sights(town),
        PageSight("log", "", "/log"),
        PageSight("log-proofs", "", "/log", open_proofs),
        PageSight("log-french", "simone", "/log?kind=post_removal"),
        PageSight("log-none", "", "/log?kind=role_changed&rule=spam"),
        PageSight("transparency", "", "/transparency"),
        PageSight("transparency-month", "simone", "/transparency", choose_month),
        PageSight("standing", "gaston", "/standing"),
        PageSight("standing-none", "ana", "/standing"),
        PageSight("standing-link", "gaston", "/standing/link", make_link),
        PageSight("standing-link-none", "ana", "/standing/link"),
        PageSight("standing-shared", "gaston", "/standing/link", follow_link),
        PageSight("trust", "eszter", "/trust"),
        PageSight("trust-guest", "", "/trust"),
        PageSight("trust-points", "gaston", "/trust"),
        PageSight("trust-french", "simone", "/trust"),
        PageSight("trust-refused", "eszter", "/compose", post_too_many_links, 422),
        PageSight("messages-none", "ana", "/moderators"),
        PageSight("messages", "pavel", "/moderators"),
        PageSight("statement", "gaston", "/standing", open_first(".verdict a")),
        PageSight("measures-covered", "", town.address(MEASURED, "The tree was poisoned")),
        PageSight("measures-uncovered", "ana", town.address(MEASURED, "The tree was poisoned"), actions.uncover),
        PageSight("measures-french", "simone", town.address(MEASURED, "The tree was poisoned")),
        PageSight("measures-hidden", MEASURED, f"/@{MEASURED}"),
        PageSight("measures-quoted", "ana", town.address(MEASURED, "As I was saying")),
        PageSight("measures-statement", MEASURED, "/standing", open_first(".verdict a")),
        PageSight("measures-standing", MEASURED, "/standing"),
        PageSight("measures-case", "ottilie", "/moderation", choose_measures),
        PageSight("measures-edited-again", "simone", "/moderation", open_with("The fountain is closed")),
        PageSight("appeals-mine", "gaston", "/appeals"),
        PageSight("appeals-mine-none", "ana", "/appeals"),
        PageSight("suspended", RUDE, "/"),
        PageSight("suspended-statement", RUDE, "/standing", appeal_badly, 422),
        PageSight("suspended-data", RUDE, "/settings/data"),
        PageSight("suspended-leaves", RUDE, "/settings/leave"),
        PageSight("appeal-report", "lena", "/reports/mine", open_appeal),
        PageSight("appeal", "ottilie", "/moderation", open_with("I named no profession")),
        PageSight("appeal-decided-before", "simone", "/moderation", open_with("I named no profession")),
        PageSight("appeal-by-reporter", "ottilie", "/moderation", find_a_breach),
        PageSight("proposal", "ottilie", "/moderation", open_with("I have moved into number five")),
        PageSight("precedents", "ottilie", "/moderation", open_precedents),
        PageSight("precedents-french", "simone", "/moderation", open_precedents),
        PageSight("queue-narrow", "ottilie", "/moderation", actions.narrow_down),
        PageSight("queue", "ottilie", "/moderation", actions.show_everything),
        PageSight("queue-french", "simone", "/moderation"),
        PageSight("queue-end", "simone", f"/moderation?after={END}"),
        PageSight("case-reports", "ottilie", "/moderation", list_of("Biscuit has taken", "reports")),
        PageSight("case-earlier", "ottilie", "/moderation", list_of("Funny how there is", "earlier")),
        PageSight("case", "ottilie", "/moderation", take_next),
        PageSight("case-pictured", "ottilie", "/moderation", open_with("Biscuit has taken")),
        PageSight("case-french", "simone", "/moderation", open_with("Funny how there is")),
        *filter_sights.sights(),
        *jury_sights.sights(town),
        *simulation_sights.sights(town),
        *moderator_tool_sights.sights(),
        *profile_picture_sights.sights(town),
        PageSight("settings-staff", "ottilie", "/settings/staff"),
        PageSight("settings-moderator", "simone", "/settings"),
    ]


def make_link(page: Page) -> None:
    page.get_by_role("button", name=re.compile("^Make a")).click()
    expect(page.locator(".made-link code")).to_be_visible()


def follow_link(page: Page) -> None:
    make_link(page)
    address = page.locator(".made-link code").inner_text()
    page.goto(address[address.index("/standing") :])
    expect(page.locator(".verdict").first).to_be_visible()


def post_too_many_links(page: Page) -> None:
    words = "My lamps: " + " ".join(f"https://lamps.example/{number}" for number in range(1, 5))
    page.locator("main .compose textarea").fill(words)
    page.locator("main .compose .send").click()
    expect(page.locator("main .compose .refused")).to_contain_text("links are limited")


def choose_month(page: Page) -> None:
    page.locator("#f-month").select_option(index=2)
    page.locator(".figures-filter button").click()
    expect(page).to_have_url(re.compile("month="))


def _suspend(town: DemoSite) -> None:
    """Three cases that the demo has not: of somebody suspended, of a proposal, and of an outcome that is appealed."""
    if RUDE in town.clients:
        return
    rude = town.clients[RUDE] = Client(town.base)
    person = {"name": "Rudi Rauh", "birth_date": "1990-05-04", "terms": "1", "rules": "2", "handle": RUDE}
    rude.send("/signup", {**person, "password": PASSWORD})
    _decide(town, _report(town, rude.publish("Whoever sits on that bench again will find out.")), SUSPENDED)
    _decide(town, _report(town, town.client("eszter").publish("I have moved into number five.")), PROPOSED)
    for words in ("The tea was better before.", "Coffee has a memory, and so have I."):
        _decide(town, _report(town, town.client("bao").publish(words)), {"kind": "no_breach"})
    # One of the two is appealed, and the other can be.
    found = re.findall(r"/reports/(\d+)/appeal", _until(town, "lena", "/reports/mine", r"(?s)appeal.*appeal"))
    town.client("lena").send(f"/reports/{found[0]}/appeal", {"words": "It was not about tea."})


def _measure(town: DemoSite) -> None:
    """What is done to posts that stay, which the demo has little of: a label, a cover, what is hidden until edited."""
    if MEASURED in town.clients:
        return
    odile = town.clients[MEASURED] = Client(town.base)
    person = {"name": "Odile Rumeur", "birth_date": "1988-03-02", "terms": "1", "rules": "2", "handle": MEASURED}
    odile.send("/signup", {**person, "password": PASSWORD})
    edited = odile.publish("The fountain is poisoned, and I know by whom.")
    labelled = odile.publish("The mayor sold the bench to a hotel. I have seen the papers.")
    covered = odile.publish("The tree was poisoned, and this is what its roots look like now.")
    hidden = odile.publish("Ring at his door at night until he gives the bench back.")
    for post, measures in (
        (edited, {"kind": "hide_until_edited"}),
        (labelled, {"kind": "", "label": "misleading"}),
        (covered, {"kind": "", "cover": "1", "label": "unverified"}),
        (hidden, {"kind": "hide_until_edited"}),
    ):
        _decide(town, _report(town, post), measures)
    odile.send(f"/posts/{edited}?_method=PUT", {"text": "The fountain is closed until Monday.", "version": "1"})
    odile.publish("As I was saying.", quote=labelled)
    _until(town, "simone", "/moderation", "The fountain is closed")


def _until(town: DemoSite, handle: str, address: str, pattern: str) -> str:
    """A page, once the server has got so far. Errors: ``AssertionError``."""
    client = town.client(handle)
    until(lambda: re.search(pattern, client.http.get(address).text))
    return str(client.http.get(address).text)


def _report(town: DemoSite, post: str) -> str:
    """Has somebody report a post; returns its case."""
    town.client("lena").send("/reports", {"about": f"post.{post}", "rule": "2.6"})
    page = town.client("simone").http.get("/moderation").text
    return str(max(re.findall(r"/moderation/cases/(\d+)", page), key=int))


def _decide(town: DemoSite, case: str, decision: dict[str, str]) -> None:
    """Has ``@simone`` decide a case."""
    (version,) = re.findall(
        r'name="version" value="(\d+)"', town.client("simone").http.get(f"/moderation/cases/{case}").text
    )
    town.client("simone").send(f"/moderation/cases/{case}/decisions", {**REASONS, **decision, "version": version})


def open_precedents(page: Page) -> None:
    open_with("I have moved into number five")(page)
    page.locator("details", has=page.locator("a[href^='/statements/']")).locator("summary").click()


def open_proofs(page: Page) -> None:
    page.get_by_text("How to check this log").click()
    page.locator(".log-entry").first.get_by_text("Proof").click()
    expect(page.get_by_role("link", name="Receipt of this entry")).to_be_visible()


def appeal_badly(page: Page) -> None:
    page.locator(".verdict a").first.click()
    page.get_by_label("What is wrong with the decision").evaluate("(area) => { area.required = false }")
    page.get_by_role("button", name="Appeal").click()
    expect(page.locator(".error")).to_be_visible()


def open_appeal(page: Page) -> None:
    page.get_by_role("link", name="You can appeal until").first.click()
    expect(page.get_by_label("What is wrong with the decision")).to_be_visible()


def find_a_breach(page: Page) -> None:
    page.locator(".cases a", has_text="It was not about tea.").click()
    page.get_by_label("It is a breach after all").check()
    page.get_by_label("Freeze posting").check()
    expect(page.get_by_label("For how long")).to_be_visible()


def open_first(link: str) -> actions.Act:
    def opening(page: Page) -> None:
        page.locator(link).first.click()
        expect(page.locator(".reasons")).to_be_visible()

    return opening


def choose_measures(page: Page) -> None:
    page.locator(".cases a", has_text="Biscuit has taken").click()
    page.get_by_label("Cover it").check()
    page.get_by_label("Label above it").select_option("unverified")
    page.get_by_text("What is shown of the post").scroll_into_view_if_needed()


def open_with(words: str) -> actions.Act:
    def opening(page: Page) -> None:
        page.locator(".cases a", has_text=words).click()
        expect(page.locator(".evidence").first).to_be_visible()

    return opening


def list_of(words: str, name: str) -> actions.Act:
    """A page of a list that is longer than what its case shows."""

    def opening(page: Page) -> None:
        open_with(words)(page)
        page.goto(f"{page.url}/{name}")
        expect(page.locator(".lines")).to_be_visible()

    return opening


def take_next(page: Page) -> None:
    page.get_by_role("button", name="Next").click()
    expect(page.locator(".evidence").first).to_be_visible()
    page.get_by_text("Why the rule applies").scroll_into_view_if_needed()
