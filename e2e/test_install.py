"""From the browser to the app: the offer, the page with the steps, a login that is carried over, how the app feels."""

import itertools
import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from e2e import device
from e2e.client import Client
from e2e.conftest import Meet
from e2e.installed import Profile
from e2e.user import PASSWORD

Join = Callable[..., Client]
# Whatever changes by degrees has changed.
AT_REST = """() => new Promise(requestAnimationFrame)
  .then(() => Promise.allSettled(document.getAnimations().map((one) => one.finished)))"""
# The script for installed apps, which comes later than the page, is there.
STANDALONE = """
    import(new URL("standalone.js", document.querySelector("script[src*='/pwa/static/js/']").src)).then(() => true)
"""

SHIFT = """() => new Promise((done) => { let sum = 0; new PerformanceObserver((list) => {
  for (const one of list.getEntries()) sum += one.value; }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 300); })"""


def visit(page: Page) -> Page:
    """A tab of its own, as a new visit has it."""
    other = page.context.new_page()
    page.close()
    other.goto("/")
    other.wait_for_load_state("networkidle")
    return other


def alone(page: Page) -> None:
    """Has the page believe that it is an installed app's, as iOS tells it."""
    page.add_init_script("Object.defineProperty(navigator, 'standalone', {value: true})")


# --- becoming an app


def test_one_tap_installs_it(profile: Profile, join: Join) -> None:
    profile.context.add_cookies(join("ana_tap").cookies())  # type: ignore[arg-type]
    page = profile.page
    page.goto("/install")
    profile.controlled()
    page.mouse.click(5, 300)
    page.reload()
    expect(page.get_by_role("button", name="Install", exact=True)).to_be_visible(timeout=10_000)
    expect(page.get_by_role("heading", name="Or by hand")).to_be_visible()
    assert profile.complaints() == []
    manifest = profile.manifest()
    assert manifest["id"].endswith("/")
    assert manifest["display"] == "kStandalone" or manifest["display"] == "standalone"


def test_the_app_starts_signed_out_and_takes_a_code(meet: Meet, join: Join) -> None:
    """As on an iPhone, where the app has a storage of its own; with and without scripts."""
    ana = join("ana_code", "Ana Ruiz")
    browser = meet("phone", member=ana)
    for scripts in (True, False):
        browser.page.goto("/install?device=iphone")
        browser.page.get_by_role("button", name="Make a code").click()
        code = browser.page.locator("output").inner_text()
        app = meet("phone", scripts=scripts)
        app.page.goto("/?from=app")
        app.page.get_by_role("link", name="Sign in").locator("visible=true").first.click()
        app.page.get_by_text("I have a code from my browser").click()
        app.page.get_by_label("Code", exact=True).fill(code.lower())
        app.page.get_by_role("button", name="Sign in with the code").click()
        expect(app.page.get_by_role("heading", name="Home", level=1)).to_be_visible()
        late = meet("phone", scripts=scripts)
        late.page.goto("/signin")
        late.page.get_by_text("I have a code from my browser").click()
        late.page.get_by_label("Code", exact=True).fill(code)
        with late.watch.foreseen("status: 422"):
            late.page.get_by_role("button", name="Sign in with the code").click()
            expect(late.page.get_by_role("alert")).to_contain_text("has been used")


def test_the_app_s_window(profile: Profile, join: Join) -> None:
    """Installed and launched: no browser around it, its page knows, and what it shares with others still works."""
    profile.context.add_cookies(join("ana_window").cookies())  # type: ignore[arg-type]
    profile.page.goto("/")
    profile.controlled()
    window = profile.install()
    assert window.url.endswith("/?from=app")
    assert profile.mode(window) == "standalone"
    window.goto("/install")
    expect(window.get_by_text("You are in the app already.")).to_be_visible()
    expect(window.locator(".steps").first).to_be_hidden()
    window.goto("/share?text=Look&url=https%3A%2F%2Ftilly.example%2F")
    expect(window.get_by_role("textbox").first).to_have_value("Look\nhttps://tilly.example/")
    window.goto("/me")
    expect(window.get_by_role("heading", level=2).first).to_have_text("Ana_Window")
    window.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend', '<a id=out href=\"http://a.invalid\">x</a>')"
    )
    window.locator("#out").evaluate("(one) => { addEventListener('click', (e) => e.preventDefault()); one.click(); }")
    assert window.locator("#out").get_attribute("target") == "_blank"
    profile.uninstall()


# --- the offer


def test_the_offer_comes_once_and_moves_nothing(meet: Meet) -> None:
    agent = "Mozilla/5.0 (Android 15; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0"
    guest = meet("phone", user_agent=agent)
    page = guest.page
    for _ in range(2):
        page = visit(page)
        expect(page.locator(".offer")).to_have_count(0)
    page = visit(page)
    expect(page.locator(".offer")).to_be_visible()
    assert page.evaluate(SHIFT) == 0
    page.goto("/public")
    expect(page.locator(".offer")).to_be_visible()
    page.get_by_role("button", name="Don’t offer this again").click()
    expect(page.locator(".offer")).to_have_count(0)
    for _ in range(2):
        page = visit(page)
        expect(page.locator(".offer")).to_have_count(0)


def test_nothing_is_offered_where_nothing_can_be_installed(meet: Meet) -> None:
    page = meet().page
    for _ in range(4):
        page = visit(page)
        expect(page.locator(".offer")).to_have_count(0)


# --- how it feels


def test_nothing_zooms_when_one_types(meet: Meet, join: Join) -> None:
    """iOS zooms into a field whose letters are smaller than 16 pixels."""
    ana = meet("phone", member=join("ana_zoom"))
    sizes = """() => [...document.querySelectorAll("input, textarea, select")].filter((one) =>
      !["hidden", "radio", "checkbox", "submit", "file"].includes(one.type) &&
      parseFloat(getComputedStyle(one).fontSize) < 16)
      .map((one) => one.outerHTML)"""
    for address in ("/", "/compose", "/people", "/settings/profile", "/settings/account", "/settings/notifications"):
        ana.page.goto(address)
        assert ana.page.evaluate(sizes) == [], address
    guest = meet("phone")
    for address in ("/signin", "/signup", "/reset"):
        guest.page.goto(address)
        assert guest.page.evaluate(sizes) == [], address


def test_the_bars_around_the_page_follow_the_theme(meet: Meet) -> None:
    page = meet("phone", color_scheme="light").page
    page.goto("/public")
    metas = page.locator("meta[name=theme-color]")

    def shown() -> str:
        """What the browser takes: the first whose condition holds."""
        found: str = page.evaluate("""() => [...document.querySelectorAll("meta[name=theme-color]")]
          .find((one) => matchMedia(one.media).matches).content""")
        return found

    def paper() -> list[int]:
        found: list[int] = page.evaluate("""() => { const c = document.createElement("canvas").getContext("2d");
          c.fillStyle = getComputedStyle(document.documentElement).backgroundColor; c.fillRect(0, 0, 1, 1);
          return [...c.getImageData(0, 0, 1, 1).data].slice(0, 3); }""")
        return found

    def as_numbers(colour: str) -> list[int]:
        return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]

    for theme in ("Light", "Dark", "As the device"):
        page.get_by_role("button", name=theme, exact=True).click()
        for model in ("light", "dark"):
            page.emulate_media(color_scheme=model)
            page.evaluate(AT_REST)
            assert as_numbers(shown()) == paper(), (theme, model)
    assert metas.count() == 2


def _drag(page: Page, way: int) -> None:
    session = page.context.new_cdp_session(page)

    def touch(kind: str, *points: dict[str, Any]) -> None:
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": list(points)})

    touch("touchStart", {"x": 200, "y": 200})
    for step in range(1, 11):
        touch("touchMove", {"x": 200, "y": 200 + way * step / 10})
    touch("touchEnd")
    session.detach()


def test_drawing_the_page_down_reads_it_anew(meet: Meet, join: Join) -> None:
    page = meet("phone", member=join("ana_pull")).page
    alone(page)
    page.goto("/")
    page.evaluate("window.kept = 1")
    page.evaluate(STANDALONE)
    _drag(page, 100)
    # It stays until the page is read anew, when it was drawn far enough.
    expect(page.locator(".puller")).to_have_count(0)
    assert page.evaluate("window.kept") == 1, "not far enough"
    with page.expect_event("load"):
        _drag(page, 320)
    assert page.evaluate("window.kept") is None


def test_only_the_app_is_drawn_down_and_only_from_its_top(meet: Meet, join: Join) -> None:
    ana = join("ana_tab")
    for n in range(12):
        ana.publish(f"Post {n}. " + "All is quiet on the square. " * 6)
    tab = meet("phone", member=ana).page
    tab.goto("/")
    tab.evaluate("window.kept = 1")
    _drag(tab, 320)
    expect(tab.locator(".puller")).to_have_count(0)
    app = meet("phone", member=ana).page
    alone(app)
    app.goto("/")
    app.evaluate("window.kept = 1; scrollTo(0, 600)")
    app.evaluate(STANDALONE)
    _drag(app, 320)
    expect(app.locator(".puller")).to_have_count(0)
    assert (tab.evaluate("window.kept"), app.evaluate("window.kept")) == (1, 1)


def _fades(page: Page, address: str) -> bool:
    """Whether the page changes to another tab with a transition."""
    page.locator(f".tabs a[href='{address}']").click()
    expect(page).to_have_url(re.compile(f"{re.escape(address)}$"))
    return bool(page.evaluate("window.faded"))


def test_the_bars_stand_still_while_the_page_changes(meet: Meet, join: Join) -> None:
    """And nothing moves for who asked for that."""
    for motion in ("no-preference", "reduce"):
        person = meet("phone", member=join(f"ana_{motion[:2]}"), reduced_motion=motion)
        page = person.page
        page.add_init_script(
            "addEventListener('pagereveal', (event) => { window.faded = Boolean(event.viewTransition); })"
        )
        page.goto("/")
        addresses = itertools.cycle(("/public", "/"))
        if motion == "reduce":
            assert not any(_fades(page, next(addresses)) for _ in range(4))
        else:
            # Chromium leaves a transition out if the service worker brings the style a moment too late.
            with person.watch.foreseen("ViewTransition opt-in disabled"):
                device.until(page, lambda after=addresses, on=page: _fades(on, next(after)))
        names = page.evaluate(
            "[...document.querySelectorAll('.top, .tabs')].map((one) => getComputedStyle(one).viewTransitionName)"
        )
        assert names == ["top", "tabs"]


def test_a_password_still_signs_in(meet: Meet, join: Join) -> None:
    """The two forms of the page don't get in each other's way."""
    join("ana_both")
    guest = meet("phone")
    guest.sign_in("ana_both", PASSWORD)
