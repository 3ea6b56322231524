"""Pictures of a draft: those that have gone, those that are still on their way, and those that come too late."""

from collections.abc import Callable

from playwright.sync_api import expect

from e2e import composing, device
from e2e.client import Client
from e2e.composing import Form
from e2e.conftest import Meet
from e2e.user import User

Join = Callable[..., Client]
SECRET = Form("For the few who know us.", alts=("A lamp, at night", "A door"))


def test_pictures_that_are_gone(meet: Meet, join: Join) -> None:
    """The server keeps for a day what was sent and not posted: a draft without its pictures says so."""
    member = join("gus")
    person = meet("desktop", member=member)
    person.home()
    form = composing.write(person)
    wanted = composing.fill(form, SECRET)
    gone = form.locator(".attached").first.get_attribute("data-id")
    composing.close(person)
    member.http.request("DELETE", f"/media/{gone}")
    with person.watch.foreseen("status: 404"):
        form = composing.write(person)
        expect(form.get_by_role("alert")).to_contain_text("no longer here")
    composing.holds(form, wanted._replace(alts=("A door",)))
    form = composing.again_after_reload(person)
    expect(form.get_by_role("alert")).to_contain_text("no longer here")
    form.locator("[type=file]").set_input_files([composing.LAMP])
    composing.arrived(form, 2)
    expect(form.get_by_role("alert")).to_have_count(0)


def _on_a_slow_line(person: User) -> list[Callable[[], None]]:
    """What is sent from now on: each arrives once it is called."""
    held: list[Callable[[], None]] = []
    person.page.context.route("**/media?key=*", lambda route: held.append(route.continue_))
    return held


def test_a_picture_that_arrives_after_the_form_was_closed(meet: Meet, join: Join) -> None:
    """It is waited for, and not said to be lost."""
    person = meet("desktop", member=join("tim"))
    person.home()
    held = _on_a_slow_line(person)
    form = composing.write(person)
    form.locator("[name=text]").fill("It takes a while")
    form.locator("[type=file]").set_input_files([composing.LAMP])
    device.until(person.page, lambda: held)
    form = composing.again_in_the_sheet(person)
    expect(form.locator(".attached[data-state=sending]")).to_have_count(1)
    expect(form.get_by_role("alert")).to_have_count(0)
    expect(form.locator(".send")).to_be_disabled()
    form.locator(".attached textarea").fill("A lamp")
    held.pop()()
    composing.arrived(form, 1)
    expect(form.get_by_role("alert")).to_have_count(0)
    expect(form.locator(".attached textarea")).to_have_value("A lamp")
    form = composing.again_after_reload(person)
    composing.arrived(form, 1)
    assert composing.read(form).alts == ("A lamp",)


def test_pictures_that_are_on_their_way_count(meet: Meet, join: Join) -> None:
    """No more than four are taken, and one that was taken away while it was sent does not come back."""
    person = meet("desktop", member=join("vera"))
    person.home()
    held = _on_a_slow_line(person)
    form = composing.write(person)
    form.locator("[type=file]").set_input_files([composing.LAMP, composing.DOOR])
    device.until(person.page, lambda: len(held) == 2)
    form = composing.again_in_the_sheet(person)
    form.locator("[type=file]").set_input_files([composing.LAMP, composing.DOOR, composing.LAMP])
    expect(form.locator(".attached")).to_have_count(4)
    form.locator(".attached .drop").first.click()
    expect(form.locator(".attached")).to_have_count(3)
    device.until(person.page, lambda: len(held) == 4)
    with person.page.expect_response(lambda one: one.request.method == "DELETE"):
        while held:
            held.pop()()
    composing.arrived(form, 3)
    expect(form.locator(".attached")).to_have_count(3)
    form.locator("[name=text]").fill("Three of them")
    form.locator(".send").click()
    expect(person.page.locator("#toasts")).to_contain_text("Posted")


def test_a_picture_that_another_tab_sends(meet: Meet, join: Join) -> None:
    """The tab that shows the same draft waits for it; that it is lost is said once the other tab is gone."""
    person = meet("desktop", member=join("tara"))
    person.home()
    held = _on_a_slow_line(person)
    form = composing.write(person)
    form.locator("[name=text]").fill("From another tab")
    form.locator("[type=file]").set_input_files([composing.LAMP])
    device.until(person.page, lambda: held)
    other = person.another_tab("/compose")
    there = other.locator("main > .compose")
    expect(there.locator(".attached[data-state=sending]")).to_have_count(1)
    expect(there.get_by_role("alert")).to_have_count(0)
    held.pop()()
    composing.arrived(there, 1)
    expect(there.get_by_role("alert")).to_have_count(0)
    form.locator("[type=file]").set_input_files([composing.DOOR])
    device.until(person.page, lambda: held)
    other.evaluate("document.activeElement.blur()")
    other.reload()
    expect(there.locator(".attached")).to_have_count(2)
    person.page.close()
    expect(there.get_by_role("alert")).to_contain_text("no longer here")
    composing.arrived(there, 1)
    expect(there.locator(".attached")).to_have_count(1)
