"""What is pressed once more while the answer to the first press is under way counts as well."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e import device
from e2e.client import Client
from e2e.conftest import Meet
from e2e.user import User

Join = Callable[..., Client]


@pytest.mark.parametrize(("presses", "pressed"), [(2, "false"), (3, "true")])
def test_a_vote(meet: Meet, join: Join, presses: int, pressed: str) -> None:
    author = join(f"olaf{presses}")
    post = author.publish("Shall we meet on Thursday?")
    person = meet("desktop", member=join(f"nora{presses}"))
    person.go(f"/@olaf{presses}/{post}")
    held = _on_a_slow_line(person, "**/posts/*/vote*")
    up = person.page.locator(".post.focus .up")
    for _ in range(presses):
        up.click()
    _let_through(person, held, presses)
    expect(up).to_have_attribute("aria-pressed", pressed)
    person.page.reload()
    expect(up).to_have_attribute("aria-pressed", pressed)


def test_following(meet: Meet, join: Join) -> None:
    join("vilma")
    person = meet("desktop", member=join("ole"))
    person.go("/@vilma")
    held = _on_a_slow_line(person, "**/accounts/*/follow*")
    button = person.page.locator(".profile .follow")
    for _ in range(2):
        button.click()
    _let_through(person, held, 2)
    expect(button).to_have_attribute("data-relation", "none")
    person.page.reload()
    expect(button).to_have_attribute("data-relation", "none")


def _on_a_slow_line(person: User, addresses: str) -> list[Callable[[], None]]:
    """What is sent to these addresses from now on: each arrives once it is called."""
    held: list[Callable[[], None]] = []
    person.page.route(addresses, lambda route: held.append(route.continue_))
    return held


def _let_through(person: User, held: list[Callable[[], None]], number: int) -> None:
    """The first of ``number`` presses, and where they are even, the one that takes it back."""
    device.until(person.page, lambda: held)
    assert len(held) == 1, "one at a time"
    held.pop()()
    if number % 2 == 0:
        device.until(person.page, lambda: held)
        held.pop()()
    expect(person.page.locator("[aria-busy=true]")).to_have_count(0)
