"""WebKit, as far as Debian has it: pages are drawn, buttons work, and the service worker keeps them for later."""

from collections.abc import Callable

from selenium.webdriver import ActionChains, WebKitGTK
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import WebDriverWait

from e2e.client import Client
from e2e.user import PASSWORD
from tests.helpers.services import ServerProcess

Join = Callable[..., Client]
SECONDS = 10
# A worker answers for the page.
SERVED = """const done = arguments[0];
navigator.serviceWorker.ready.then(() => {
  const look = () => navigator.serviceWorker.controller ? done("served") : setTimeout(look, 20);
  look();
}, (error) => done(String(error)));"""
WIDER = "return document.documentElement.scrollWidth - innerWidth"
# The script that answers a press of a button, brought by that of the offline queue, which the press asks for.
BROUGHT = """const done = arguments[0];
const look = () => {
  const script = performance.getEntriesByType("resource").find(({name}) => name.endsWith("/actions.js"));
  if (script) import(script.name).then(() => done("brought"), (error) => done(String(error)));
  else setTimeout(look, 5);
};
look();"""
KEPT = """const [path, done] = arguments;
caches.match(path).then((found) => done(Boolean(found)), (error) => done(String(error)));"""


def test_pages(gtk: WebKitGTK, server: ServerProcess, join: Join) -> None:
    join("ana", "Ana Ruiz")
    post = join("ben", "Ben Osei").publish("The tram runs again.")
    sign_in(gtk, server.base, "ana")
    for address in ("/", "/public", f"/@ben/{post}", "/@ana", "/notifications", "/settings", "/compose"):
        gtk.get(server.base + address)
        assert find(gtk, "main h1, main header").is_displayed(), address
        assert gtk.execute_script(WIDER) <= 0, address
    gtk.get(f"{server.base}/@ben/{post}")
    vote = find(gtk, ".post.focus .up")
    vote.click()
    wait_for_vote(gtk, vote, "true")
    gtk.refresh()
    assert find(gtk, ".post.focus .up").get_attribute("aria-pressed") == "true"


def test_a_slow_press(gtk: WebKitGTK, server: ServerProcess, join: Join) -> None:
    """Between the finger's coming and its going the script arrives: the press counts all the same."""
    join("cleo", "Cleo Marsh")
    post = join("dov", "Dov Stern").publish("Low water at noon.")
    sign_in(gtk, server.base, "cleo")
    for pressed in ("true", "false"):
        gtk.get(f"{server.base}/@dov/{post}")
        vote = find(gtk, ".post.focus .up")
        ActionChains(gtk).click_and_hold(vote).perform()
        assert gtk.execute_async_script(BROUGHT) == "brought"
        ActionChains(gtk).release().perform()
        wait_for_vote(gtk, vote, pressed)


def test_the_service_worker(gtk: WebKitGTK, server: ServerProcess) -> None:
    gtk.get(server.base + "/")
    assert gtk.execute_async_script(SERVED) == "served"
    assert gtk.execute_async_script(KEPT, "/offline") is True


def test_without_a_connection(gtk: WebKitGTK, server: ServerProcess) -> None:
    gtk.get(server.base + "/public")
    assert gtk.execute_async_script(SERVED) == "served"
    server.stop()
    try:
        gtk.get(server.base + "/nowhere-yet")
        assert "No connection" in find(gtk, "main h1, main").text
    finally:
        server.start()


def sign_in(gtk: WebKitGTK, base: str, handle: str) -> None:
    gtk.get(f"{base}/signin")
    if gtk.get_cookies():
        # Somebody else was here.
        gtk.delete_all_cookies()
        gtk.get(f"{base}/signin")
    find(gtk, "[name=handle]").send_keys(handle)
    find(gtk, "[name=password]").send_keys(PASSWORD)
    find(gtk, "form[action='/signin'] button.cta").click()
    wait(gtk, lambda: gtk.find_elements(By.CSS_SELECTOR, "html:not([data-me='0']) #feed, html:not([data-me='0']) main"))


def wait_for_vote(gtk: WebKitGTK, vote: WebElement, pressed: str) -> None:
    """The page shows it, and has had its answer."""
    wait(gtk, lambda: vote.get_attribute("aria-pressed") == pressed and not vote.get_attribute("aria-busy"))


def find(gtk: WebKitGTK, selector: str) -> WebElement:
    wait(gtk, lambda: gtk.find_elements(By.CSS_SELECTOR, selector))
    return gtk.find_element(By.CSS_SELECTOR, selector)


def wait(gtk: WebKitGTK, look: Callable[[], object]) -> None:
    WebDriverWait(gtk, SECONDS, poll_frequency=0.05).until(lambda _: look())
