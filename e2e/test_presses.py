"""What is pressed once more while the answer to the first press is under way counts as well."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e import device
from e2e.client import Client
from e2e.conftest import Meet
from e2e.user import User

Join = Callable[..., Client]


UP, DOWN = ".post.focus .up", ".post.focus .down"


@pytest.mark.parametrize(
    ("presses", "pressed"), [((UP, UP), ()), ((UP, UP, UP), (UP,)), ((UP, UP, DOWN), (DOWN,)), ((UP, DOWN), (DOWN,))]
)
def test_votes(meet: Meet, join: Join, presses: tuple[str, ...], pressed: tuple[str, ...]) -> None:
    """Each press shows at once, and the last one counts."""
    author = join(handle := f"olaf{len(presses)}{len(pressed)}{presses[-1][-2:]}")
    # Only replies can be voted down.
    post = author.publish("At eight.", reply_to=str(author.publish("Shall we meet on Thursday?")))
    person = meet("desktop", member=join(handle.replace("olaf", "nora")))
    person.go(f"/@{handle}/{post}")
    held = _on_a_slow_line(person, "**/posts/*/vote*")
    for button in presses:
        person.page.locator(button).click()
    _are_pressed(person, pressed)
    _let_through(person, held)
    _are_pressed(person, pressed)
    person.page.reload()
    _are_pressed(person, pressed)


def test_following(meet: Meet, join: Join) -> None:
    join("vilma")
    person = meet("desktop", member=join("ole"))
    person.go("/@vilma")
    held = _on_a_slow_line(person, "**/accounts/*/follow*")
    button = person.page.locator(".profile .follow")
    for relation in ("following", "none"):
        button.click()
        expect(button).to_have_attribute("data-relation", relation)
    _let_through(person, held)
    expect(button).to_have_attribute("data-relation", "none")
    person.page.reload()
    expect(button).to_have_attribute("data-relation", "none")


def test_a_key_that_is_held_presses_once(meet: Meet, join: Join) -> None:
    join("sture").publish("Who has seen the key?")
    reader = join("siv")
    reader.follow("sture")
    person = meet("desktop", member=reader)
    person.home()
    person.page.keyboard.press("j")
    expect(person.page.locator(".post:focus")).to_contain_text("Who has seen the key?")
    for _ in range(4):
        person.page.keyboard.down("u")
    person.page.keyboard.up("u")
    expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
    expect(person.post("Who has seen the key?").locator(".up")).to_have_attribute("aria-pressed", "true")


def _are_pressed(person: User, pressed: tuple[str, ...]) -> None:
    for button in (UP, DOWN):
        expect(person.page.locator(button)).to_have_attribute("aria-pressed", str(button in pressed).lower())


def _on_a_slow_line(person: User, addresses: str) -> list[Callable[[], None]]:
    """What is sent to these addresses from now on: each arrives once it is called."""
    held: list[Callable[[], None]] = []
    person.page.route(addresses, lambda route: held.append(route.continue_))
    return held


def _let_through(person: User, held: list[Callable[[], None]]) -> None:
    """The first press, and then the last one."""
    for _ in range(2):
        device.until(person.page, lambda: held)
        assert len(held) == 1, "one at a time"
        held.pop()()
    expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
    assert held == []
