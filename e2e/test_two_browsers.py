"""Two people at once, each at their own screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from e2e.client import Client
from e2e.conftest import Meet

Join = Callable[..., Client]


def test_a_post_reaches_the_others_home_within_a_second(meet: Meet, join: Join) -> None:
    writer, reader = join("mireille", "Mireille Caron"), join("tom", "Tom Okafor")
    reader.follow("mireille")
    mireille, tom = meet("phone", member=writer), meet("desktop", member=reader)
    mireille.home()
    mireille.write("Réunion du conseil jeudi à 19 h.")
    tom.finds_at_home("Réunion du conseil jeudi à 19 h.")


def test_both_vote_at_once(meet: Meet, join: Join) -> None:
    author = join("lena", "Lena Vogt")
    post = author.publish("Who waters the trees this week?")
    people = [meet("phone", member=join("noor")), meet("desktop", member=join("pavel"))]
    for person in people:
        person.go(f"/@lena/{post}")
        person.sees("Who waters the trees this week?")
    for person in people:
        # The click alone: nobody waits for the other's answer.
        person.page.evaluate("document.querySelector('.post.focus .up').click()")
    for person in people:
        expect(person.page.locator(".post.focus .up")).to_have_attribute("aria-pressed", "true")
        expect(person.page.locator("[aria-busy='true']")).to_have_count(0)
    for person in people:
        person.page.reload()
        assert person.figure("Who waters the trees this week?", "up") == "2"


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])
def test_a_private_account_is_asked(meet: Meet, join: Join, scripts: bool) -> None:
    kind = "scripts" if scripts else "plain"
    owner, asking = f"ibrahim_{kind}", f"rosa_{kind}"
    client = join(owner, "Ibrahim Diallo")
    client.send("/settings/privacy", {"private": "1"})
    client.publish("Only for those I know.", visibility="followers")
    ibrahim, rosa = meet("phone", scripts, client), meet("desktop", scripts, join(asking, "Rosa Lind"))
    rosa.go(f"/@{owner}")
    expect(rosa.page.get_by_text("This account is private.")).to_be_visible()
    rosa.misses("Only for those I know.")
    rosa.follow(owner, "Requested")
    rosa.page.reload()
    rosa.misses("Only for those I know.")

    ibrahim.go("/people")
    ibrahim.page.get_by_role("link", name="asks to follow you").click()
    with ibrahim.page.expect_response("**/requests/*"):
        ibrahim.page.get_by_role("button", name=f"Accept @{asking}").click()
    # With the last of them gone the page reads itself anew.
    expect(ibrahim.page.get_by_text("No requests.")).to_be_visible()
    ibrahim.page.wait_for_load_state()
    ibrahim.page.reload()
    expect(ibrahim.page.get_by_text("No requests.")).to_be_visible()

    rosa.go(f"/@{owner}")
    rosa.sees("Only for those I know.")


def test_a_block_hides_both_ways(meet: Meet, join: Join) -> None:
    otto_client, vera_client = join("otto", "Otto Brand"), join("vera", "Vera Brand")
    otto_client.follow("vera")
    vera_client.follow("otto")
    otto_client.publish("A word from Otto.")
    vera_client.publish("A word from Vera.")
    otto, vera = meet("desktop", member=otto_client), meet("phone", member=vera_client)
    for person, other in ((otto, "Vera"), (vera, "Otto")):
        person.finds_at_home(f"A word from {other}.")
    otto.block("vera")
    for person, other in ((otto, "Vera"), (vera, "Otto")):
        for page in ("/", "/public"):
            person.go(page)
            expect(person.page.locator("#feed")).to_be_visible()
            person.misses(f"A word from {other}.")
        person.go(f"/people?q={other}")
        expect(person.page.locator("#people .person")).to_have_count(0)
    with vera.watch.foreseen("status: 404"):
        vera.go("/@otto")
    expect(vera.page.get_by_role("heading", name="Not found")).to_be_visible()
