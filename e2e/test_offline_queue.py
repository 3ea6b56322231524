"""What one writes and presses without a connection waits on the device, and arrives once, in the order it was made."""

import html
import re
from collections.abc import Callable

from playwright.sync_api import Locator, Request, Route, expect

from e2e import device
from e2e.client import Client
from e2e.conftest import Meet
from e2e.user import User
from tests.helpers.services import ServerProcess

Join = Callable[..., Client]
LAMP = "The lamp on the pier is out."


def _reader(meet: Meet, member: Client, *addresses: str) -> User:
    """Somebody on a phone who has read some pages."""
    person = meet("phone", member=member)
    person.home()
    device.settled(person)
    for address in addresses:
        person.go(address)
    device.settled(person, *addresses)
    return person


def _write(person: User, text: str) -> None:
    person.page.locator("a[href='/compose'][data-sheet]").locator("visible=true").first.click()
    _send(person, text)


def _send(person: User, text: str) -> None:
    person.form().locator("textarea").press_sequentially(text)
    person.form().locator(".send").click()
    expect(person.form()).to_have_count(0)


def _waiting(person: User, text: str) -> Locator:
    row = person.page.locator(".unsent", has=person.page.locator(".text", has_text=text))
    expect(row).to_contain_text("Waiting for a connection")
    return row


def _times(client: Client, address: str, text: str) -> int:
    """How often a text stands on a page."""
    return html.unescape(client.http.get(address).text).count(f"{text}</div>")


def test_each_once_and_in_order(meet: Meet, join: Join) -> None:
    """Home, a thread and a profile are read; then all is written and pressed without a connection."""
    olga, ines = join("olga"), join("ines")
    number = olga.publish(LAMP)
    thread = f"/@olga/{number}"
    reader = _reader(meet, ines, thread, "/@olga")
    sent: list[str] = []
    reader.page.context.on("response", lambda response: _note(sent, response.request))
    with device.offline(reader) as connect:
        _live_offline(reader, thread)
        wanted = ["post", "vote", "post", "follow"]
        device.until(reader.page, lambda: [action["kind"] for action in device.queue(reader.page)] == wanted)
        device.stop_worker(reader.page)
        connect()
        device.emptied(reader.page)
    assert _times(ines, "/@ines", "From the tunnel.") == 1
    assert _times(ines, thread, " I see it too.") == 1
    assert re.search(r'class="act up"[^>]*aria-pressed="true"', ines.http.get(thread).text)
    assert "/@ines" in olga.http.get("/@olga/followers").text
    paths = ["/posts", f"/posts/{number}/vote", "/posts", f"/accounts/{ines.id_of('olga')}/follow"]
    assert sent == paths
    reader.home()
    reader.sees("From the tunnel.")
    expect(reader.page.locator(".unsent")).to_have_count(0)


def _live_offline(reader: User, thread: str) -> None:
    page = reader.page
    device.read_copy(reader, "/", "Home")
    _write(reader, "From the tunnel.")
    _waiting(reader, "From the tunnel.")
    device.read_copy(reader, thread, "Thread")
    reader.post(LAMP).locator(".up").click()
    reader.post(LAMP).locator(".acts a").click()
    expect(reader.form().locator("textarea")).to_have_value("@olga ")
    reader.form().locator("textarea").press("End")
    _send(reader, "I see it too.")
    _waiting(reader, "@olga I see it too.")
    # Opened again, the copy shows what was pressed since.
    page.reload()
    expect(reader.post(LAMP).locator(".up")).to_have_attribute("aria-pressed", "true")
    device.read_copy(reader, "/@olga", "Olga")
    page.locator(".profile .follow").click()
    expect(page.locator(".profile .follow")).to_contain_text("Following")


def _note(sent: list[str], request: Request) -> None:
    # What the worker says of itself comes when it comes.
    if request.method == "POST" and "/push/" not in request.url and "/move/" not in request.url:
        sent.append(re.sub(r"^https?://[^/]+|\?.*", "", request.url))


def test_an_answer_that_was_lost(meet: Meet, join: Join) -> None:
    """The network took the post, and the connection broke before it could say so."""
    reader = _reader(meet, join("pia"))
    lost: list[str] = []

    def lose(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.request.url)
            route.fetch()
            route.abort("internetdisconnected")
        else:
            route.continue_()

    reader.page.context.route("**/posts", lose)
    with reader.watch.foreseen(device.DISCONNECTED):
        _write(reader, "Said in a lift.")
        device.emptied(reader.page)
    assert lost
    assert _times(join("paul"), "/@pia", "Said in a lift.") == 1


def test_a_crowd(meet: Meet, join: Join) -> None:
    """A proxy that sends everybody away says nothing about what was written: it waits, and goes first."""
    kurt = join("kurt")
    reader = _reader(meet, kurt)
    asked: list[str] = []

    def away(route: Route) -> None:
        asked.append(route.request.post_data or "")
        if len(asked) > 9:
            route.continue_()
        else:
            route.fulfill(status=503, headers={"Retry-After": "900" if len(asked) == 9 else "0"}, body="<p>Later.</p>")

    with device.offline(reader, "status: 503") as connect:
        device.read_copy(reader, "/", "Home")
        _write(reader, "First in line.")
        _write(reader, "Second in line.")
        reader.page.context.route("**/posts", away)
        connect()
        for _ in range(12):
            device.flushed(reader.page)
        assert [action["status"] for action in device.queue(reader.page)] == ["waiting"] * 2
        assert len(asked) == 9, "it rests when it is told to"
        assert all("First" in one for one in asked)
        reader.page.evaluate(device.REST_OVER)
        device.flushed(reader.page)
        device.emptied(reader.page)
    assert [_times(kurt, "/@kurt", f"{which} in line.") for which in ("First", "Second")] == [1, 1]


def test_what_is_refused_is_kept_with_its_reason(meet: Meet, join: Join) -> None:
    udo, vera = join("udo"), join("verena")
    number = udo.publish("Who has a ladder?")
    reader = _reader(meet, vera, f"/@udo/{number}")
    with device.offline(reader, "status: 404") as connect:
        device.read_copy(reader, f"/@udo/{number}", "Thread")
        reader.post("Who has a ladder?").locator(".acts a").click()
        _send(reader, "I have one.")
        udo.send(f"/posts/{number}?_method=DELETE")
        connect()
        row = reader.page.locator(".unsent.refused-row")
        expect(row).to_contain_text("Not sent")
        expect(row).to_contain_text("There is nothing here, or it is not for you to see.")
        reader.home()
        expect(row).to_contain_text("@udo I have one.")
        with reader.page.context.expect_event("response", lambda one: one.status == 404):
            row.get_by_role("button", name="Try again").click()
        expect(row).to_contain_text("Not sent")
        device.until(reader.page, lambda: device.queue(reader.page)[0]["status"] == "refused")
    row.get_by_role("button", name="Discard").click()
    expect(row).to_have_count(0)
    assert device.queue(reader.page) == []


def test_changing_ones_mind_before_it_is_sent(meet: Meet, join: Join) -> None:
    wim = join("wim")
    reader = _reader(meet, wim)
    with device.offline(reader) as connect:
        device.read_copy(reader, "/", "Home")
        _write(reader, "A first thought.")
        _write(reader, "A bad thought.")
        _waiting(reader, "A bad thought.").get_by_role("button", name="Discard").click()
        _waiting(reader, "A first thought.").get_by_role("button", name="Edit").click()
        expect(reader.form().locator("textarea")).to_have_value("A first thought.")
        expect(reader.page.locator(".unsent")).to_have_count(0)
        reader.form().locator("textarea").fill("")
        _send(reader, "A second thought.")
        connect()
        device.emptied(reader.page)
    assert [_times(wim, "/@wim", f"A {which} thought.") for which in ("first", "bad", "second")] == [0, 0, 1]


def test_a_vote_taken_back(meet: Meet, join: Join) -> None:
    xenia, yann = join("xenia"), join("yann")
    post = f"/@xenia/{xenia.publish('Soup or salad?')}"
    reader = _reader(meet, yann, post)
    with device.offline(reader) as connect:
        device.read_copy(reader, post, "Thread")
        _press_up(reader, "true", "PUT")
        _press_up(reader, "false", "DELETE")
        connect()
        device.emptied(reader.page)
    assert 'class="act up"' in (there := yann.http.get(post).text)
    assert not re.search(r'class="act up"[^>]*aria-pressed="true"', there)


def _press_up(reader: User, pressed: str, method: str) -> None:
    """Returns when that press, and none before it, waits to be sent."""
    reader.post("Soup or salad?").locator(".up").click()
    expect(reader.post("Soup or salad?").locator(".up")).to_have_attribute("aria-pressed", pressed)
    wanted = [f"_method={method}"]
    device.until(reader.page, lambda: [one["url"].rpartition("&")[2] for one in device.queue(reader.page)] == wanted)


def test_it_waits_for_its_member(meet: Meet, join: Join) -> None:
    """Written by one, while the session ended; another signs in on the device and neither sees nor sends it."""
    zita, bert = join("zita"), join("bertil")
    reader = _reader(meet, zita)
    context = reader.page.context
    with device.offline(reader, "status: 409") as connect:
        device.read_copy(reader, "/", "Home")
        _write(reader, "Mine alone.")
        context.clear_cookies()
        context.add_cookies(bert.cookies())  # type: ignore[arg-type]
        connect()
        reader.home()
        device.settled(reader)
        expect(reader.page.locator(".unsent")).to_have_count(0)
        device.flushed(reader.page)
        assert [action["status"] for action in device.queue(reader.page)] == ["waiting"]
        assert _times(bert, "/@bertil", "Mine alone.") == _times(bert, "/@zita", "Mine alone.") == 0
        context.clear_cookies()
        context.add_cookies(zita.cookies())  # type: ignore[arg-type]
        reader.home()
        device.emptied(reader.page)
    assert _times(bert, "/@zita", "Mine alone.") == 1


def test_signing_out_asks_first(meet: Meet, join: Join) -> None:
    reader = _reader(meet, join("alma"))
    reader.go("/settings")
    with reader.watch.foreseen(device.DISCONNECTED):
        device.keep_refused(reader.page, device.account(reader.page), "Mine")
        device.keep_refused(reader.page, "1", "Somebody else's")
        sign_out = reader.page.locator("main [data-signout]")
        sign_out.click()
        question = reader.page.locator("#sheet[open] .confirm")
        expect(question).to_contain_text("not sent yet")
        question.get_by_role("button", name="Cancel").click()
        assert len(device.queue(reader.page)) == 2
        sign_out.click()
        question.get_by_role("button", name="Sign out").click()
        expect(reader.page.get_by_role("link", name="Sign in").locator("visible=true").first).to_be_visible()
        assert [action["account"] for action in device.queue(reader.page)] == ["1"], "another's stays"


def test_a_server_that_is_away(meet: Meet, join: Join, server: ServerProcess) -> None:
    """It stops in the middle; what was written then is sent once it is back."""
    carl = join("carl")
    reader = _reader(meet, carl)
    server.stop()
    with reader.watch.foreseen("ERR_CONNECTION"):
        reader.page.locator("a[href='/compose'][data-sheet]").locator("visible=true").first.click()
        _send(reader, "While it was away.")
        server.start()
        reader.home()
        device.emptied(reader.page)
    assert _times(carl, "/@carl", "While it was away.") == 1
