"""A draft is all of a form, and its member's own: it comes back as it was, or not at all."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from e2e import composing, device
from e2e.client import Client
from e2e.composing import Form
from e2e.conftest import Meet
from e2e.user import User

Join = Callable[..., Client]
SECRET = Form("For the few who know us.", alts=("A lamp, at night", "A door"))
STORED = "Object.keys(localStorage).filter((key) => key.startsWith('draft:'))"


def _again_on_its_own_page(person: User) -> Locator:
    person.go("/compose")
    return person.page.locator("main > .compose")


def _again_on_top_of_home(person: User) -> Locator:
    person.go("/")
    return person.page.locator(".inline .compose")


def _again_on_the_way_back(person: User) -> Locator:
    person.go("/compose")
    person.go("/about")
    person.page.go_back()
    return person.page.locator("main > .compose")


Way = Callable[[User], Locator]
WAYS: list[Way] = [
    composing.again_in_the_sheet,
    composing.again_after_reload,
    _again_on_its_own_page,
    _again_on_top_of_home,
    _again_on_the_way_back,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__.removeprefix("_"))
def test_a_draft_is_the_whole_form(meet: Meet, join: Join, way: Way) -> None:
    handle = f"d{WAYS.index(way)}"
    member, stranger = join(handle), join(f"s{handle}")
    person = meet("desktop", member=member)
    person.home()
    wanted = composing.fill(composing.write(person), SECRET)
    form = way(person)
    composing.holds(form, wanted)
    form.locator(".send").click()
    expect(form.locator(".attached")).to_have_count(0)
    assert SECRET.text not in stranger.http.get(f"/@{handle}").text
    stranger.follow(handle)
    person.go(f"/@{handle}")
    post = person.page.locator("article.post")
    expect(post.locator("summary")).to_contain_text("How it ends")
    expect(post.locator(".photo img").nth(0)).to_have_attribute("alt", "A lamp, at night")
    assert person.page.evaluate(STORED) == [], "what is posted is no draft any more"
    composing.blank(composing.write(person))


def test_replies_and_quotes_have_their_own(meet: Meet, join: Join) -> None:
    writer, reader = join("rina"), join("rolf")
    reader.follow("rina")
    post = writer.publish("What do you think?")
    person = meet("phone", member=reader)
    wanted: dict[str, Form] = {}
    for kind, form in (("reply_to", Form("@rina Not much", replies_to=None)), ("quote", Form("Well said"))):
        person.go(f"/compose?{kind}={post}")
        wanted[kind] = composing.fill(person.page.locator("main > .compose"), form._replace(about=f"{kind} {post}"))
    person.go("/compose")
    composing.blank(person.page.locator("main > .compose"))
    for kind, form in wanted.items():
        person.go(f"/compose?{kind}={post}")
        composing.holds(person.page.locator("main > .compose"), form)


def test_it_is_its_members_own(meet: Meet, join: Join) -> None:
    """Her session ends, his begins, hers comes back: nobody is given what the other one wrote."""
    hanna, bo = join("hanna"), join("bo")
    person = meet("desktop", member=hanna)
    person.home()
    device.settled(person)
    hers = composing.fill(composing.write(person), SECRET)
    _become(person, bo)
    composing.blank(composing.write(person))
    his = composing.fill(person.form(), Form("His own", alts=()))
    _become(person, hanna)
    composing.holds(composing.write(person), hers)
    composing.close(person)
    _sign_out(person)
    kept = person.page.evaluate(f"{STORED}.map((key) => JSON.parse(localStorage[key]).fields.text)")
    assert kept == ["His own"], "hers is gone with her, his waits for him"
    _become(person, hanna.sign_in("hanna"))
    composing.blank(composing.write(person))
    _become(person, bo)
    composing.holds(composing.write(person), his)


def _become(person: User, member: Client) -> None:
    with person.watch.foreseen("401", "409"):
        person.page.context.clear_cookies()
        person.page.context.add_cookies(member.cookies())  # type: ignore[arg-type]
        person.home()
        device.settled(person)


def _sign_out(person: User) -> None:
    with person.watch.foreseen("401", "409"):
        person.go("/settings")
        person.page.locator("main [data-signout]").click()
        expect(person.page.get_by_role("link", name="Sign in").locator("visible=true").first).to_be_visible()


def test_what_an_older_version_has_left(meet: Meet, join: Join) -> None:
    """Words alone, that do not say whose they are: they are shown to nobody."""
    person = meet("desktop", member=join("olive"))
    person.home()
    for key in ("draft:new", "draft:new:shots", "draft:reply-123"):
        person.page.evaluate(f"localStorage.setItem('{key}', 'Half a thought')")
    person.page.reload()
    composing.blank(composing.write(person))
    assert person.page.evaluate(STORED) == []


def test_a_page_of_somebody_who_has_left(meet: Meet, join: Join) -> None:
    """It stays open in another tab while she signs out; what is typed there afterwards is kept nowhere."""
    person = meet("desktop", member=join("lotte"))
    person.home()
    other = person.another_tab("/compose")
    other.locator("main > .compose [name=text]").fill("Before she left")
    # Once the script has come: it keeps what was written before.
    device.until(other, lambda: len(other.evaluate(STORED)) == 1)
    _sign_out(person)
    with person.watch.foreseen("401", "409"):
        other.locator("main > .compose [name=text]").fill("After she left")
        assert other.evaluate(STORED) == []


def test_a_page_that_outlives_a_sign_out(meet: Meet, join: Join) -> None:
    """Its member signs out and in again elsewhere: as soon as it is looked at again it keeps what is written on it."""
    member = join("lena")
    person = meet("desktop", member=member)
    person.home()
    other = person.another_tab("/compose")
    person.page.bring_to_front()
    _sign_out(person)
    _become(person, member.sign_in("lena"))
    with other.expect_navigation():
        other.evaluate("dispatchEvent(new Event('focus'))")
    wanted = composing.fill(other.locator("main > .compose"), Form("Written in the other one"))
    other.close()
    person.go("/compose")
    composing.holds(person.page.locator("main > .compose"), wanted)


def test_signing_out_that_is_thought_better_of(meet: Meet, join: Join) -> None:
    """Nothing is forgotten before the last question is answered; her drafts stay, and go on being kept."""
    person = meet("desktop", member=join("sara"))
    person.home()
    device.settled(person)
    wanted = composing.fill(composing.write(person), SECRET._replace(alts=()))
    composing.close(person)
    # This browser can't clear what it keeps of the member, and somebody else has something that is not sent yet.
    person.go("/settings")
    device.keep_refused(person.page, "1", "Not sent yet")
    person.page.evaluate("() => { caches.keys = () => Promise.reject(new Error('not now')); }")
    person.page.locator("main [data-signout]").click()
    question = person.page.locator("#sheet[open] .confirm")
    expect(question).to_contain_text("not sent yet")
    question.get_by_role("button", name="Cancel").click()
    form = composing.write(person)
    composing.holds(form, wanted)
    form.locator("[name=text]").fill("Written on")
    composing.holds(composing.again_after_reload(person), wanted._replace(text="Written on"))


def test_a_refused_form_is_kept_whole(meet: Meet, join: Join) -> None:
    person = meet("desktop", member=join("rafa"))
    person.home()
    crowd = " ".join(f"@nobody{number}" for number in range(21))
    wanted = composing.fill(composing.write(person), SECRET._replace(text=crowd))
    with person.watch.foreseen("status: 422"):
        person.form().locator(".send").click()
        expect(person.form().get_by_role("alert").first).to_contain_text("at most 20 people")
    composing.holds(person.form(), wanted)
    composing.holds(composing.again_in_the_sheet(person), wanted)
    composing.holds(composing.again_after_reload(person), wanted)


def test_two_tabs(meet: Meet, join: Join) -> None:
    """What is written in one is not put over what is written in the other; what both show is posted once."""
    member = join("tess")
    person = meet("desktop", member=member)
    person.home()
    other = person.another_tab("/compose")
    there = other.locator("main > .compose")
    first = composing.fill(composing.write(person), Form("Written here"))
    second = composing.fill(there, Form("Written there", visibility="public"))
    assert first.key != second.key
    assert len(person.page.evaluate(STORED)) == 2
    other.evaluate("document.activeElement.blur()")
    there.locator(".send").click()
    other.wait_for_url("**/@tess/*")
    other.goto("/compose")
    composing.holds(there, first)
    other.evaluate("document.activeElement.blur()")
    person.form().locator(".send").click()
    expect(person.page.locator("#toasts")).to_contain_text("Posted")
    composing.blank(there)
    page = member.http.get("/@tess").text
    assert (page.count("Written here</div>"), page.count("Written there</div>")) == (1, 1)


def test_it_is_published_once(meet: Meet, join: Join) -> None:
    """The network took it and could not say so; written on later, it is the same post."""
    member = join("ona")
    person = meet("desktop", member=member)
    person.home()
    form = composing.write(person)
    composing.fill(form, Form("Said once."))
    with person.watch.foreseen("status: 500"):
        person.page.route("**/posts", lambda route: (route.fetch(), route.fulfill(status=500)))
        form.locator(".send").click()
        expect(person.page.locator("#toasts")).to_contain_text("That did not work")
        person.page.unroute("**/posts")
    composing.again_after_reload(person).locator(".send").click()
    expect(person.page.locator("#toasts")).to_contain_text("Posted")
    assert member.http.get("/@ona").text.count("Said once.</div>") == 1


def test_a_post_that_is_changed(meet: Meet, join: Join) -> None:
    member = join("edna")
    post = member.publish("First words", visibility="followers", cover="Old", sensitive="1")
    person = meet("phone", member=member)
    person.go(f"/posts/{post}/edit")
    form = person.page.locator("main > .compose")
    form.locator("[name=text]").fill("Other words")
    form.locator("[name=cover]").fill("New")
    form.locator("[type=file]").set_input_files([composing.LAMP])
    composing.arrived(form, 1)
    wanted = composing.read(form)
    person.go("/compose")
    composing.blank(person.page.locator("main > .compose"))
    person.go(f"/posts/{post}/edit")
    composing.holds(form, wanted)
    member.send(f"/posts/{post}?_method=PUT", {"text": "Changed elsewhere", "version": "1", "cover": "Old"})
    person.go(f"/posts/{post}/edit")
    expect(form.locator("[name=text]")).to_have_value("Changed elsewhere")
    assert composing.read(form).cover == "Old"
    assert person.page.evaluate(STORED) == [], "it was for what stood there before"


def test_an_account_that_has_become_private(meet: Meet, join: Join) -> None:
    member = join("priya")
    person = meet("desktop", member=member)
    person.home()
    composing.fill(composing.write(person), Form("Meant for all", visibility="public"))
    member.send("/settings/privacy", {"private": "1"})
    form = composing.again_after_reload(person)
    assert composing.read(form).visibility == "followers"
    form.locator(".send").click()
    expect(person.page.locator("#toasts")).to_contain_text("Posted")
    assert "Meant for all" not in join("pelle").http.get("/@priya").text


FULL = "() => { Storage.prototype.setItem = () => { throw new DOMException('', 'QuotaExceededError'); }; }"


def test_nothing_is_better_than_half(meet: Meet, join: Join) -> None:
    """A device without room: what was kept before is dropped rather than left as it no longer is."""
    person = meet("desktop", member=join("nora"))
    person.home()
    form = composing.write(person)
    form.locator("[name=text]").fill("To everybody")
    person.page.evaluate(FULL)
    form.locator("[name=visibility]").select_option("followers")
    assert person.page.evaluate(STORED) == []
    composing.blank(composing.again_after_reload(person))
