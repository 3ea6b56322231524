"""A newer service worker is offered and waits; and the operator can take it away from everybody."""

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Route, expect

from e2e import device
from e2e.client import Client
from e2e.conftest import Meet
from e2e.user import User
from tests.helpers.services import ServerProcess

Join = Callable[..., Client]
UPDATE = "navigator.serviceWorker.getRegistration().then((one) => one.update()).then(() => true)"
SHELVES = "caches.keys().then((all) => all.filter((name) => name.startsWith('shell-')))"
REGISTERED = "navigator.serviceWorker.getRegistrations().then((all) => all.length)"
LAST_SCRIPT = """
    import([...document.querySelectorAll("script[type=module]")].pop().src).then((app) => typeof app.installer)
"""
THOUGHT = "A thought that is not finished"


def _from_yesterday(context: BrowserContext) -> None:
    """The first worker that this browser gets is one of an older version."""

    def older(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.text().replace('VERSION = "', 'VERSION = "older', 1))

    context.route("**/service-worker.js", older)


def _today(person: User) -> None:
    person.page.context.unroute("**/service-worker.js")
    person.page.evaluate(UPDATE)


def _updating(meet: Meet, member: Client) -> User:
    person = meet("phone", member=member)
    _from_yesterday(person.page.context)
    person.home()
    device.settled(person)
    return person


def test_an_update_in_mid_post(meet: Meet, join: Join) -> None:
    ana = _updating(meet, join("ana"))
    assert ana.page.evaluate("performance.getEntriesByType('navigation')[0].type") == "navigate", "no reload at first"
    ana.page.locator("a[href='/compose'][data-sheet]").locator("visible=true").first.click()
    area = ana.form().locator("textarea")
    area.press_sequentially(THOUGHT)
    ana.form().get_by_label("Who sees it").select_option("followers")
    _today(ana)
    offer = ana.page.locator("#toasts .toast", has_text="A new version is ready.")
    expect(offer).to_be_visible()
    # Nothing is forced: one writes on.
    area.press_sequentially(", really")
    assert all("older" in name for name in ana.page.evaluate(SHELVES)[:1])
    with ana.page.expect_navigation():
        offer.get_by_role("button", name="Reload").click()
    expect(area).to_have_value(f"{THOUGHT}, really")
    expect(ana.form().get_by_label("Who sees it")).to_have_value("followers")
    expect(offer).to_have_count(0)
    ana.form().locator(".send").click()
    ana.sees(f"{THOUGHT}, really")


def test_an_update_in_the_midst_of_an_unsent_post(meet: Meet, join: Join) -> None:
    """Taken back into the form from where it waited, it is in the form again afterwards, and the page is alive."""
    ida = _updating(meet, join("ida"))
    device.keep_refused(ida.page, device.account(ida.page), THOUGHT)
    ida.page.reload()
    ida.page.locator(".unsent").get_by_role("button", name="Edit").click()
    area = ida.form().locator("textarea")
    expect(area).to_have_value(THOUGHT)
    expect(ida.page.locator(".unsent")).to_have_count(0)
    _today(ida)
    offer = ida.page.locator("#toasts .toast", has_text="A new version is ready.")
    with ida.page.expect_navigation():
        offer.get_by_role("button", name="Reload").click()
    expect(area).to_have_value(THOUGHT)
    assert ida.page.evaluate(LAST_SCRIPT) == "object", "the page's last script has run to its end"
    ida.form().locator(".send").click()
    ida.sees(THOUGHT)


def test_an_update_that_waits(meet: Meet, join: Join) -> None:
    """Who does not want it now is asked again on a later page, and reads on with the old one."""
    ben = _updating(meet, join("ben"))
    _today(ben)
    offer = ben.page.locator("#toasts .toast", has_text="A new version is ready.")
    expect(offer).to_be_visible()
    ben.go("/@ben")
    expect(offer).to_be_visible()
    device.settled(ben, "/@ben")
    with device.offline(ben):
        device.read_copy(ben, "/@ben", "Ben")


def test_the_kill_switch(fresh: ServerProcess, meet_fresh: Meet) -> None:
    cleo = meet_fresh("phone", member=Client(fresh.base).found("cleo"))
    cleo.home()
    device.settled(cleo)
    with cleo.watch.foreseen("ERR_CONNECTION"):
        fresh.stop()
        fresh.environment["PARVIS_SERVICE_WORKER"] = "false"
        fresh.start()
        cleo.home()
    device.until(cleo.page, lambda: cleo.page.evaluate(REGISTERED) == 0)
    device.until(cleo.page, lambda: cleo.page.evaluate("caches.keys()") == [])
    cleo.home()
    cleo.write("All goes on without it.")
    cleo.sees("All goes on without it.")
