"""Writing that is interrupted: by a lost connection, by a session that ends, without scripts, by the way back."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e import composing, device
from e2e.client import Client
from e2e.composing import Form
from e2e.conftest import Meet
from e2e.firefox_user import KNOWN, ME
from e2e.user import PASSWORD, User

Join = Callable[..., Client]
SECRET = Form("For the few who know us.", alts=("A lamp, at night", "A door"))


def test_back_from_the_offline_queue(meet: Meet, join: Join) -> None:
    """One picture had arrived, one waits on the device with the words: both come back where they were."""
    member, stranger = join("otis"), join("stella")
    person = meet("phone", member=member)
    person.home()
    device.settled(person)
    form = composing.write(person)
    composing.fill(form, SECRET._replace(alts=SECRET.alts[:1]))
    with device.offline(person, "ERR_") as connect:
        form.locator("[type=file]").set_input_files([composing.DOOR])
        expect(form.locator(".attached[data-state=kept]")).to_have_count(1)
        form.locator(".attached textarea").nth(1).fill("A door")
        wanted = composing.read(form)
        assert wanted.alts == SECRET.alts
        form.locator(".send").click()
        row = person.page.locator(".unsent")
        expect(row).to_contain_text(SECRET.text)
        another = composing.fill(composing.write(person), Form("Something else, meanwhile", visibility="public"))
        composing.close(person)
        row.get_by_role("button", name="Edit").click()
        composing.holds(person.form(), wanted)
        expect(row).to_have_count(0)
        connect()
        person.form().locator(".attached[data-state=kept] .drop").wait_for(state="visible")
        person.form().locator(".send").click()
        device.emptied(person.page)
    composing.holds(composing.write(person), another)
    assert SECRET.text not in stranger.http.get("/@otis").text
    page = member.http.get("/@otis").text
    assert page.count(SECRET.text) == 1
    assert page.index('alt="A lamp, at night"') < page.index('alt="A door"')


def test_pictures_without_a_connection(meet: Meet, join: Join) -> None:
    """That a picture can't be looked at says nothing about it; one that never left the device is gone with its page."""
    person = meet("phone", member=join("otto"))
    person.home()
    device.settled(person)
    wanted = composing.fill(composing.write(person), SECRET)
    looked: list[str] = []
    person.page.on("requestfailed", lambda one: looked.append(one.method))
    with device.offline(person, "ERR_"):
        person.page.reload()
        form = composing.write(person)
        # Two pictures, in this form and in the one on top of home.
        device.until(person.page, lambda: looked.count("HEAD") == 4)
        composing.holds(form, wanted)
        expect(form.get_by_role("alert")).to_have_count(0)
        form.locator("[type=file]").set_input_files([composing.LAMP])
        expect(form.locator(".attached[data-state=kept]")).to_have_count(1)
        person.page.reload()
        form = composing.write(person)
        composing.holds(form, wanted)
        expect(form.get_by_role("alert")).to_contain_text("no longer here")


def test_an_answer_for_followers_without_a_connection(meet: Meet, join: Join) -> None:
    """Wherever one answers from, and whether the post is at hand or not: it is not for more people than the post."""
    writer, reader = join("wanda"), join("ruth")
    reader.follow("wanda")
    closed = writer.publish("Just between us", visibility="followers")
    opened = writer.publish("To everybody")
    person = meet("phone", member=reader)
    person.home()
    device.settled(person)
    for post in (closed, opened):
        person.go(f"/@wanda/{post}")
        device.settled(person, f"/@wanda/{post}")
    with device.offline(person):
        for post, visibility in ((closed, "followers"), (opened, "public")):
            wanted = Form("@wanda ", visibility, None, "", sensitive=False, about=f"reply_to {post}")
            person.go(f"/@wanda/{post}")
            for opener in ("a.answer", ".post.focus .acts a"):
                person.page.locator(opener).click()
                assert composing.read(person.form())._replace(key="") == wanted, opener
                composing.close(person)
            person.home()
            person.page.locator(f".post[data-id='{post}'] .acts a").click()
            assert composing.read(person.form())._replace(key="") == wanted
        person.go(f"/compose?reply_to={opened}")
        form = person.page.locator("main > .compose")
        expect(form.locator("[name=reply_to]")).to_have_value(opened)
        assert composing.read(form).visibility == "followers", "nothing is known of the post here"


def test_home_is_no_form_for_something(meet: Meet, join: Join) -> None:
    """An address that somebody made up begins nothing on top of home."""
    member = join("hal")
    post = member.publish("Hello")
    person = meet("desktop", member=member)
    person.go(f"/?reply_to={post}&text=Hello+there")
    composing.blank(person.page.locator(".inline .compose"))


def _end_session(person: User) -> None:
    person.page.context.clear_cookies()
    with person.watch.foreseen("401"):
        person.form().locator(".send").click()
        expect(person.page.get_by_role("alert").first).to_contain_text("what you typed is kept")


def _sign_in(person: User, handle: str) -> None:
    person.page.get_by_label("Handle or email").fill(handle)
    person.page.get_by_label("Password").fill(PASSWORD)
    person.page.get_by_role("button", name="Sign in", exact=True).click()


def _written(meet: Meet, member: Client) -> tuple[User, Form]:
    """Somebody without scripts who has filled the whole form."""
    person = meet("phone", scripts=False, member=member)
    person.go("/compose")
    form = person.form()
    composing.fill(form, SECRET._replace(alts=()))
    form.locator("[type=file]").set_input_files([composing.LAMP, composing.DOOR])
    form.get_by_role("button", name="Attach").click()
    composing.arrived(form, 2)
    for place, alt in enumerate(SECRET.alts):
        form.locator(".attached textarea").nth(place).fill(alt)
    return person, composing.read(form)


def test_a_session_that_ends_without_scripts(meet: Meet, join: Join) -> None:
    member, stranger = join("pia"), join("paul")
    person, wanted = _written(meet, member)
    assert wanted == SECRET._replace(key=wanted.key), "attaching keeps all of the form"
    _end_session(person)
    _sign_in(person, "pia")
    composing.holds(person.form(), wanted)
    person.form().locator(".send").click()
    expect(person.page.locator("article.post .photo img")).to_have_count(2)
    assert SECRET.text not in stranger.http.get("/@pia").text


def test_somebody_else_signs_in_without_scripts(meet: Meet, join: Join) -> None:
    join("max")
    person, _ = _written(meet, join("mia"))
    _end_session(person)
    _sign_in(person, "max")
    composing.blank(person.form())
    expect(person.page.locator("html")).not_to_contain_text(SECRET.text)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_the_way_back_to_somebody_elses_form(meet: Meet, join: Join, scripts: bool) -> None:
    """One signs out, another signs in and goes back in the history, where the browser may remember fields."""
    first, second = join(f"fay{scripts}".lower()), join(f"guy{scripts}".lower())
    person = meet("desktop", scripts=scripts, member=first)
    person.go("/compose")
    if scripts:
        device.settled(person)
    person.page.locator("main > .compose [name=text]").fill(SECRET.text)
    person.page.locator("main > .compose [name=visibility]").select_option("followers")
    person.go("/settings")
    with person.watch.foreseen("401", "409"):
        person.page.locator("main [data-signout]").click()
        expect(person.page.get_by_role("link", name="Sign in").locator("visible=true").first).to_be_visible()
    person.sign_in(second.handle)
    for _ in range(8):
        if person.page.locator("main > .compose").count():
            break
        person.page.go_back()
    composing.blank(person.page.locator("main > .compose"))


PUT_BACK = "dispatchEvent(new PageTransitionEvent('pageshow', {persisted: true}))"


def test_a_page_that_the_browser_puts_back(meet: Meet, join: Join) -> None:
    """As it was, some browsers do, without asking the network: what is on it may be posted since, or be another's."""
    first, second = join("ivo"), join("ida")
    person = meet("desktop", member=first)
    person.go("/compose")
    form = person.page.locator("main > .compose")
    composing.fill(form, Form("Said and done"))
    person.page.evaluate("localStorage.clear()")
    person.page.evaluate(PUT_BACK)
    composing.blank(form)
    composing.fill(form, Form("Not for others"))
    with person.watch.foreseen("401", "409"):
        person.page.context.clear_cookies()
        person.page.context.add_cookies(second.cookies())  # type: ignore[arg-type]
        other = person.another_tab("/")
        device.until(other, lambda: other.evaluate(KNOWN) == other.evaluate(ME))
        person.page.evaluate(PUT_BACK)
        composing.blank(form)
