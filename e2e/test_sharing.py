"""What other apps and sites hand over waits for the member's word: until then nothing is sent or put into a post."""

import json
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Request, expect

from e2e import composing, device, other_site
from e2e.client import Client
from e2e.composing import PICTURE, SHARE, Form
from e2e.conftest import Meet
from e2e.user import User
from tests.helpers.services import ServerProcess

Join = Callable[..., Client]
HANDED = """() => new Promise((done) => {
  const asked = indexedDB.open("parvis");
  asked.onsuccess = () => {
    const found = asked.result.transaction("state").objectStore("state").get("shared");
    found.onsuccess = () => { asked.result.close(); done(found.result ?? null); };
  };
})"""
# The script that offers it has been read and run, if this page needs it.
LOOKED = """() => /shared|text/.test(location.search)
  && import(new URL("shared.js", document.querySelector("script[src*='/pwa/static/js/']").src))
    .then(() => new Promise(requestAnimationFrame))"""
DRAFT = Form("My own thoughts", alts=("A door",))


def _member(meet: Meet, join: Join, handle: str) -> User:
    person = meet("phone", member=join(handle))
    person.home()
    device.settled(person)
    return person


def _writes(person: User) -> Form:
    """Leaves a draft behind."""
    return composing.fill(composing.write(person), DRAFT)


def _posts(page: Page) -> list[str]:
    """Everything that is sent to the network from now on, but for what the app says of itself."""
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method not in ("GET", "HEAD") and not request.url.endswith(("/share", "/move/device")):
            sent.append(request.url)

    page.context.on("request", note)
    return sent


def _box(person: User) -> Locator:
    box = person.page.locator("main > .shared")
    expect(box).to_be_visible()
    return box


def _no_box(person: User) -> None:
    """The page has looked for something that was handed over, and has nothing to offer."""
    person.page.evaluate(LOOKED)
    person.page.evaluate(HANDED)
    expect(person.page.locator("main > .shared")).to_have_count(0)


def _form(person: User) -> Locator:
    return person.page.locator("main > .compose")


def test_shared_by_another_app(meet: Meet, join: Join) -> None:
    """The worker keeps it on the device and is ended; the page offers it all the same."""
    person = _member(meet, join, "share")
    sent = _posts(person.page)
    person.page.evaluate(SHARE, ["/share", "From the camera", PICTURE])
    box = _box(person)
    device.stop_worker(person.page)
    person.page.reload()
    expect(box).to_contain_text("From the camera")
    expect(box.locator("img")).to_have_js_property("naturalWidth", 640)
    composing.blank(_form(person))
    assert sent == []
    box.get_by_role("button", name="Add to post").click()
    composing.arrived(_form(person), 1)
    expect(_form(person).locator("[name=text]")).to_have_value("From the camera")
    expect(box).to_have_count(0)
    person.page.reload()
    composing.arrived(_form(person), 1)
    expect(box).to_have_count(0)
    _form(person).locator(".send").click()
    expect(person.page.locator(".photo img").first).to_be_visible()


def test_what_is_shared_joins_a_draft(meet: Meet, join: Join) -> None:
    """It takes nothing of it away, and shows it to nobody else."""
    person = _member(meet, join, "joan")
    draft = _writes(person)
    person.page.evaluate(SHARE, ["/share", "From the camera", PICTURE])
    box = _box(person)
    composing.holds(_form(person), draft)
    box.get_by_role("button", name="Add to post").click()
    composing.arrived(_form(person), 2)
    composing.holds(_form(person), draft._replace(text="My own thoughts\n\nFrom the camera", alts=("A door", "")))


@pytest.mark.parametrize("way", ["share", "compose"])
def test_words_from_an_address(meet: Meet, join: Join, way: str) -> None:
    """A link can begin a post, and never put its words over what one has written."""
    person = _member(meet, join, f"way{way}")
    link = f"/{way}?text=Bridge+%26+song"
    person.go(link)
    form = _form(person)
    composing.blank(form, "Bridge & song")
    _no_box(person)
    person.home()
    draft = _writes(person)
    person.go(link)
    expect(_box(person)).to_contain_text("Bridge & song")
    composing.holds(form, draft)
    _box(person).get_by_role("button", name="Discard").click()
    _no_box(person)
    person.page.reload()
    composing.holds(form, draft)
    _no_box(person)
    person.go(link)
    _box(person).get_by_role("button", name="Add to post").click()
    composing.holds(form, draft._replace(text="My own thoughts\n\nBridge & song"))


def test_words_that_one_has_changed_are_not_offered_again(meet: Meet, join: Join) -> None:
    person = _member(meet, join, "wim")
    person.go("/compose?text=Bridge")
    wanted = composing.fill(_form(person), Form("Bridge, mended"))
    person.page.reload()
    composing.holds(_form(person), wanted)
    _no_box(person)


def test_without_a_connection(meet: Meet, join: Join) -> None:
    person = _member(meet, join, "sina")
    with device.offline(person, "ERR_") as connect:
        person.go("/share?title=A+bridge&text=A+bridge+%26+a+song&url=https%3A%2F%2Fbridge.example%2F")
        expect(_form(person).locator("[name=text]")).to_have_value(
            "A bridge\nA bridge & a song\nhttps://bridge.example/"
        )
        person.page.evaluate(SHARE, ["/share", "From the tunnel", PICTURE])
        _box(person).get_by_role("button", name="Add to post").click()
        expect(_form(person).locator(".attached[data-state=kept]")).to_have_count(1)
        _form(person).locator(".send").click()
        expect(person.page.locator(".unsent")).to_contain_text("From the tunnel")
        connect()
        device.emptied(person.page)


@pytest.mark.parametrize("says", ["whence", "nothing"])
def test_a_form_of_another_site(meet: Meet, join: Join, server: ServerProcess, says: str) -> None:
    """A browser hands it to the service worker as if an app had shared it. One that says where it comes from is the
    server's to refuse; one that does not is offered, and nothing else happens."""
    person = _member(meet, join, f"eve{says}")
    draft = _writes(person)
    policy = "no-referrer" if says == "nothing" else "strict-origin-when-cross-origin"
    sent = _posts(person.page)
    given = json.dumps([f"{server.base}/share", "Buy now", PICTURE])
    page = f'<meta name="referrer" content="{policy}"><body><script>({SHARE})({given})</script>'
    with other_site.site(page) as address, person.watch.foreseen("elsewhere", "status: 403"):
        person.go(address)
        if says == "whence":
            expect(person.page.locator("body")).to_contain_text("This request came from another site.")
        else:
            expect(_box(person)).to_contain_text("Buy now")
            composing.holds(_form(person), draft)
            _box(person).get_by_role("button", name="Discard").click()
            device.until(person.page, lambda: person.page.evaluate(HANDED) is None)
    person.go("/compose")
    assert person.page.evaluate(HANDED) is None
    _no_box(person)
    composing.holds(_form(person), draft)
    assert sent == []


def test_what_is_shared_is_for_who_is_here(meet: Meet, join: Join) -> None:
    """Another member who signs in is not offered what was handed to the first one."""
    person = _member(meet, join, "gil")
    person.page.evaluate(SHARE, ["/share", "For Gil alone", PICTURE])
    expect(_box(person)).to_contain_text("For Gil alone")
    hope = join("hope")
    with person.watch.foreseen("401", "409"):
        person.page.context.clear_cookies()
        person.page.context.add_cookies(hope.cookies())  # type: ignore[arg-type]
        person.home()
        device.settled(person)
    person.go("/compose?shared=1")
    composing.blank(_form(person))
    _no_box(person)
    assert person.page.evaluate(HANDED) is None
