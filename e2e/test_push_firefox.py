"""Real pushes: from somebody's reply to the notification on the desktop of a person with stock Firefox, and back."""

import secrets
import statistics
import time
from collections.abc import Callable, Iterator

import pytest

from e2e.bidi import Session, until
from e2e.client import Client
from e2e.demo_site import GENEROUS
from e2e.firefox_user import FirefoxUser
from e2e.listener import Listener
from e2e.notifications import Desktop
from e2e.pushservice import PushService
from tests.helpers.services import ServerProcess, parvis, serve_process

Join = Callable[..., Client]
REPLIES = 7
CAT = "Has anybody seen my cat?"


@pytest.fixture(scope="module")
def server() -> Iterator[ServerProcess]:
    with serve_process(**GENEROUS, private=True) as server:
        Client(server.base).found()
        yield server
        print(server.tail())


@pytest.fixture
def listener(push: PushService, join: Join) -> Listener:
    """Somebody else who is told of things: what was to be sent before has been sent when she is."""
    number = secrets.token_hex(3)
    return Listener(push, join(f"nina{number}"), join(f"nils{number}"))


@pytest.fixture
def owner(fox: Session) -> FirefoxUser:
    return FirefoxUser(fox)


def test_a_reply_is_on_the_screen(owner: FirefoxUser, push: PushService, desktop: Desktop, join: Join) -> None:
    ana, ben = join("ana", "Ana Ruiz"), join("ben", "Ben Osei")
    cat = ana.publish(CAT)
    owner.sign_in("ana").turn_push_on()
    took, post = [], ""
    for number in range(REPLIES):
        began = time.monotonic()
        post = ben.publish(f"On roof {number}.", reply_to=cat)
        took.append(desktop.wait(f"On roof {number}.").at - began)
    print(f"From the reply's POST to the notification: median {statistics.median(took):.3f} s, {sorted(took)}")
    shown = desktop.having("On roof")[-1]
    assert (shown.title, list(shown.buttons)) == ("Ben Osei replied to you", ["Reply", "Vote"])
    _opens_it(owner, desktop, post)
    _is_confirmed(owner, push)


def _opens_it(owner: FirefoxUser, desktop: Desktop, post: str) -> None:
    account = owner.me()
    desktop.click(desktop.having("On roof")[-1])
    tab = owner.fox.tab_at(f"/@ben/{post}")
    tab.sees(f"On roof {REPLIES - 1}.")
    assert owner.me(tab) == account


def _is_confirmed(owner: FirefoxUser, push: PushService) -> None:
    assert [one.status for one in push.received] == [201] * REPLIES
    owner.tab.go("/settings/push")
    owner.tab.sees("last arrived")


def test_its_buttons(owner: FirefoxUser, desktop: Desktop, join: Join) -> None:
    cleo, ben, dan = join("cleo", "Cleo Marsh"), join("ben2", "Ben Osei"), join("dan", "Dan Wu")
    cat = cleo.publish(CAT)
    owner.sign_in("cleo").turn_push_on()
    post = ben.publish("In the lime tree.", reply_to=cat)
    desktop.click(desktop.wait("In the lime tree."), "Vote")
    owner.tab.go(f"/@ben2/{post}")
    owner.sees_own_vote("In the lime tree.")

    ben.publish("Now on the wall.", reply_to=cat)
    desktop.click(desktop.wait("Now on the wall."), "Reply")
    form = owner.fox.tab_at("/compose?reply_to=")
    form.sees("Now on the wall.")

    cleo.send("/settings/privacy", {"private": "1"})
    dan.follow("cleo")
    desktop.click(desktop.wait("Dan Wu"), "Accept")
    _until(lambda: "Has anybody" in dan.http.get("/@cleo").text, "the request is accepted")


def test_signing_out_ends_it(
    owner: FirefoxUser, push: PushService, desktop: Desktop, join: Join, listener: Listener
) -> None:
    eva, ben = join("eva", "Eva Blum"), join("ben3", "Ben Osei")
    cat = eva.publish(CAT)
    owner.sign_in("eva").turn_push_on()
    ben.publish("Not here.", reply_to=cat)
    desktop.wait("Not here.")
    owner.sign_out()
    _until(lambda: not desktop.visible, "what she was told is off the screen")
    _nothing_more(push, listener, lambda: ben.publish("Nor there.", reply_to=cat))
    assert len(push.endpoints()) == 1, "the listener's"
    assert desktop.having("Nor there.") == []


def test_a_device_signed_out_elsewhere(owner: FirefoxUser, push: PushService, join: Join, listener: Listener) -> None:
    fay, ben = join("fay", "Fay Lund"), join("ben4", "Ben Osei")
    cat = fay.publish(CAT)
    owner.sign_in("fay").turn_push_on()
    # The open page finds its stream closed.
    with owner.fox.foreseen("/live"):
        fay.send("/sessions?_method=DELETE")
        _nothing_more(push, listener, lambda: ben.publish("Nowhere.", reply_to=cat))


def test_two_accounts_on_one_device(owner: FirefoxUser, desktop: Desktop, join: Join, listener: Listener) -> None:
    gus, hana, ben = join("gus", "Gus Adler"), join("hana", "Hana Sato"), join("ben5", "Ben Osei")
    his, hers = gus.publish("A word from Gus."), hana.publish("A word from Hana.")
    owner.sign_in("gus").turn_push_on()
    ben.publish("For Gus alone.", reply_to=his)
    desktop.wait("For Gus alone.")
    # He did not sign out here: his browser still has its address for pushes.
    with owner.fox.foreseen("/live"):
        gus.send("/sessions?_method=DELETE")
        owner.sign_in("hana")
    _until(lambda: not desktop.visible, "what he was told is off the screen")
    owner.turn_push_on()
    ben.publish("Again for Gus.", reply_to=his)
    ben.publish("This is for Hana.", reply_to=hers)
    desktop.wait("This is for Hana.")
    listener.hears_of_what_comes_after()
    ben.publish("This too.", reply_to=hers)
    desktop.wait("This too.")
    assert desktop.having("Again for Gus.") == []
    assert {one.body for one in desktop.visible.values()} == {"This is for Hana.", "This too."}


def test_a_dead_subscription_is_tried_once(
    owner: FirefoxUser, push: PushService, desktop: Desktop, join: Join, listener: Listener
) -> None:
    ivo, ben = join("ivo", "Ivo Petrov"), join("ben6", "Ben Osei")
    cat = ivo.publish(CAT)
    dead = owner.sign_in("ivo").turn_push_on()
    push.end(dead)
    ben.publish("Into the void.", reply_to=cat)
    assert push.wait(1).status == 410
    _until(lambda: not owner.push_state()["subscription"], "the network has dropped it")
    _nothing_more(push, listener, lambda: ben.publish("And again.", reply_to=cat))
    owner.tab.go("/settings/push")
    owner.tab.sees("No device gets notifications yet.")
    # The browser knows nothing of it; the next launch puts it right.
    owner.launch()
    _until(lambda: owner.subscription() not in ("", dead), "he has a new address")
    ben.publish("Into a new ear.", reply_to=cat)
    desktop.wait("Into a new ear.")


def test_the_service_forgets_a_device(owner: FirefoxUser, push: PushService, desktop: Desktop, join: Join) -> None:
    jun, ben = join("jun", "Jun Mori"), join("ben7", "Ben Osei")
    cat = jun.publish(CAT)
    before = owner.sign_in("jun").turn_push_on()
    push.forget()
    _until(lambda: push.endpoints() not in ([], [before]), "the worker subscribes anew")
    _until(lambda: owner.push_state()["subscription"], "the network knows")
    ben.publish("At the new address.", reply_to=cat)
    desktop.wait("At the new address.")
    assert {one.status for one in push.received} == {201}


def test_a_new_key_keeps_the_subscriber(
    server: ServerProcess, owner: FirefoxUser, push: PushService, desktop: Desktop, join: Join
) -> None:
    kim, ben = join("kim", "Kim Larsen"), join("ben8", "Ben Osei")
    cat = kim.publish(CAT)
    before = owner.sign_in("kim").turn_push_on()
    parvis("push", "rotate", environment=server.environment)
    ben.publish("Before she is back.", reply_to=cat)
    desktop.wait("Before she is back.")
    owner.launch()
    _until(lambda: owner.subscription() not in ("", before), "she has an address under the new key")
    ben.publish("After she is back.", reply_to=cat)
    desktop.wait("After she is back.")
    assert {one.status for one in push.received} == {201}


def test_in_private_mode_nothing_is_told(owner: FirefoxUser, desktop: Desktop, join: Join) -> None:
    lea, ben = join("lea", "Lea Roth"), join("ben9", "Ben Osei")
    cat = lea.publish(CAT)
    lea.send(
        "/settings/notifications",
        {"reply_page": "1", "reply_push": "1", "strangers": "accept", "newcomers": "accept", "discreet": "1"},
    )
    owner.sign_in("lea").turn_push_on()
    post = ben.publish("A secret.", reply_to=cat)
    shown = desktop.wait("You have a new notification.")
    assert (shown.title, shown.buttons) == ("Old Harbour", {})
    desktop.click(shown)
    owner.fox.tab_at(f"/@ben9/{post}").sees("A secret.")


def _nothing_more(push: PushService, listener: Listener, action: Callable[[], object]) -> None:
    before = len(push.received)
    action()
    listener.hears_of_what_comes_after()
    assert listener.others(before) == []


def _until(look: Callable[[], object], words: str) -> None:
    """Errors: ``AssertionError`` with the words, unless it is so soon."""
    assert until(look, 10), words
