"""What somebody presses while a page fades in, who has nothing against motion."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e import device
from e2e.browser import Device
from e2e.client import Client
from e2e.conftest import Meet
from e2e.user import User

Join = Callable[..., Client]
# The page as it is fades into itself, under the same rules as into another one, but for longer than the story lasts.
# Between two pages Chromium sometimes does without.
FADE = """() => {
  const slow = new CSSStyleSheet();
  const parts = ["group", "old", "new"].map((part) => `::view-transition-${part}(root)`);
  slow.replaceSync(`${parts} { animation-duration: 60s !important; }`);
  document.adoptedStyleSheets.push(slow);
  return document.startViewTransition(() => {}).ready;
}"""
PICTURES = (
    """document.getAnimations().filter(({effect}) => effect.pseudoElement?.startsWith("::view-transition")).length"""
)


@pytest.mark.parametrize("kind", ["phone", "desktop"])
def test_a_button(meet: Meet, join: Join, kind: Device) -> None:
    """The press is for what one sees by then, and one waits no longer."""
    person = _before_a_fading_thread(meet, join(f"ines_{kind}"), kind)
    _press(person, ".post.focus .up")
    expect(person.page.locator(".post.focus .up")).to_have_attribute("aria-pressed", "true")
    assert person.page.evaluate(PICTURES) == 0


def test_a_field(meet: Meet, join: Join) -> None:
    person = _before_a_fading_thread(meet, join("ilse"), "desktop")
    _press(person, "aside [name=q]")
    expect(person.page.locator("aside [name=q]")).to_be_focused()


def _before_a_fading_thread(meet: Meet, member: Client, kind: Device) -> User:
    person = meet(kind, member=member, reduced_motion="no-preference")
    person.go(f"/@{member.handle}/{member.publish('The ferry is late again.')}")
    person.page.evaluate(device.BOUNDED % FADE)
    assert person.page.evaluate(PICTURES) > 0
    return person


def _press(person: User, what: str) -> None:
    """As a finger or a mouse does, wherever it is: it looks for nothing below."""
    box = person.page.locator(what).bounding_box()
    assert box
    press = person.page.touchscreen.tap if person.device == "phone" else person.page.mouse.click
    press(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
