"""A network that is served without https, and so without a service worker: all else works."""

from collections.abc import Callable

from playwright.sync_api import expect

from e2e import composing, device, plain
from e2e.client import Client
from e2e.composing import PICTURE, SHARE, Form
from e2e.conftest import Meet
from e2e.user import User

Join = Callable[..., Client]
# The page comes back from the browser's memory. Whatever it does because of that it has begun when this is answered.
COMES_BACK = """async () => {
  dispatchEvent(new PageTransitionEvent("pageshow", {persisted: true}));
  const asked = indexedDB.open("parvis");
  const base = await new Promise((done) => { asked.onsuccess = () => done(asked.result); });
  const got = base.transaction("state").objectStore("state").get("me");
  const found = await new Promise((done) => { got.onsuccess = () => done(got.result); });
  base.close();
  await fetch("/healthz");
  return found;
}"""
KNOWN = """() => new Promise((done) => {
  const asked = indexedDB.open("parvis");
  asked.onsuccess = () => {
    const found = asked.result.transaction("state").objectStore("state").get("me");
    found.onsuccess = () => { asked.result.close(); done(found.result ?? ""); };
  };
})"""

KEEPS_NOTHING = """(() => {
  indexedDB.open = () => { throw new DOMException("Not here", "SecurityError"); };
})()"""
# What signing out needs is there before it is asked for.
READY_TO_GO = """async () => {
  const look = () => performance.getEntriesByType("resource").find(({name}) => name.endsWith("/sign_out.js"));
  while (!look()) await new Promise((done) => setTimeout(done, 20));
  await import(look().name);
}"""


def _at_home(meet: Meet, member: Client | None = None) -> User:
    person = plain.http(meet("phone", member=member))
    person.go("/public" if member is None else "/")
    assert person.page.evaluate("!navigator.serviceWorker && !self.caches")
    return person


def _on_the_way_back(person: User) -> None:
    """Nothing is loaded again."""
    loaded: list[str] = []
    person.page.on("framenavigated", lambda frame: loaded.append(frame.url))
    person.page.evaluate("self.same = true")
    person.page.evaluate(COMES_BACK)
    assert person.page.evaluate("self.same")
    assert loaded == []


def test_the_way_back(meet: Meet, join: Join) -> None:
    """A page of whoever is here stays as it is; one of a member who has left is loaded again."""
    _on_the_way_back(_at_home(meet))
    person = _at_home(meet, join("bea"))
    _on_the_way_back(person)
    other = person.another_tab("/settings")
    other.locator("main [data-signout]").click()
    expect(other.get_by_role("link", name="Sign in").locator("visible=true").first).to_be_visible()
    device.until(other, lambda: other.evaluate(KNOWN) == "0")
    with person.watch.foreseen("401"), person.page.expect_navigation():
        person.page.evaluate("() => { dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true})); }")


def test_signed_in_again(meet: Meet, join: Join) -> None:
    """That somebody signed out here before says nothing of who is here now."""
    member = join("gil")
    person = _at_home(meet, member)
    person.go("/settings")
    person.page.locator("main [data-signout]").click()
    expect(person.page.get_by_role("link", name="Sign in").locator("visible=true").first).to_be_visible()
    person.page.context.add_cookies(member.sign_in("gil").cookies())  # type: ignore[arg-type]
    person.go("/")
    device.until(person.page, lambda: person.page.evaluate(KNOWN) == device.account(person.page))
    _on_the_way_back(person)


def test_signing_out_where_nothing_is_kept(meet: Meet, join: Join) -> None:
    """A browser that says at once that it keeps nothing leaves nothing to wait for: one press is enough."""
    person = _at_home(meet, join("vera"))
    person.page.context.add_init_script(KEEPS_NOTHING)
    person.go("/settings")
    person.page.mouse.move(5, 5)
    person.page.evaluate(device.BOUNDED % READY_TO_GO)
    person.page.locator("main [data-signout]").click()
    expect(person.page.get_by_role("link", name="Sign in").locator("visible=true").first).to_be_visible()


def test_the_offline_queue(meet: Meet, join: Join) -> None:
    """What was written without a connection is sent by the page."""
    member = join("otto")
    person = _at_home(meet, member)
    # The form comes over the network here: it is opened before that is away.
    composing.write(person).locator("[name=text]").fill("From the tunnel")
    with device.offline(person, "ERR_") as connect:
        person.form().locator(".send").click()
        device.until(person.page, lambda: len(device.queue(person.page)) == 1)
        connect()
        device.until(person.page, lambda: member.http.get("/@otto").text.count("From the tunnel</div>") == 1)
    device.until(person.page, lambda: device.queue(person.page) == [])


def test_shared_by_another_app(meet: Meet, join: Join) -> None:
    """The server puts it into a form of its own, which is no draft before the member changes it."""
    person = _at_home(meet, join("shea"))
    draft = composing.fill(composing.write(person), Form("My own thoughts"))
    form = person.page.locator("main > .compose")
    person.page.evaluate(SHARE, ["/share", "From the camera", PICTURE])
    composing.arrived(form, 1)
    expect(form.locator("[name=text]")).to_have_value("From the camera")
    person.page.evaluate("() => { dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true})); }")
    expect(form.locator("[name=text]")).to_have_value("From the camera")
    person.go("/compose")
    composing.holds(form, draft)
    person.page.evaluate(SHARE, ["/share", "From the camera", PICTURE])
    composing.arrived(form, 1)
    form.locator("[name=text]").fill("From the camera, today")
    person.go("/compose")
    composing.arrived(form, 1)
    expect(form.locator("[name=text]")).to_have_value("From the camera, today")
    form.locator(".send").click()
    expect(person.page.locator(".photo img").first).to_be_visible()
    person.go("/compose")
    composing.holds(form, draft)
