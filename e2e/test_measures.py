"""What moderators do to posts that stay: a cover that one taps away, and a post that comes back when it is edited."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from e2e import device
from e2e.client import Client
from e2e.conftest import Meet
from e2e.user import PASSWORD
from tests.helpers import media_files
from tests.helpers.services import ServerProcess

Join = Callable[..., Client]
FACTS = {"rule": "1.6", "facts": "It threatens those who read it.", "explanation": ""}
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "plain"])


@pytest.fixture
def moderator(server: ServerProcess, join: Join, request: pytest.FixtureRequest) -> Client:
    handle = "mea_" + re.sub(r"\W", "", request.node.name)[-20:]
    client = join(handle)
    Client(server.base).sign_in("desk", PASSWORD).send(
        "/settings/staff", {"handle": handle, "role": "moderator", "words": "More hands."}
    )
    return client


def decide(moderator: Client, reporter: Client, post: str, **decision: str) -> str:
    """Has a post reported and decided; returns the address of the case."""
    reporter.send("/reports", {"about": f"post.{post}", "rule": "1.6"})
    queue = moderator.http.get("/moderation").text
    case = f"/moderation/cases/{max(re.findall(r'/moderation/cases/([0-9]+)', queue), key=int)}"
    (version,) = re.findall(r'name="version" value="(\d+)"', moderator.http.get(case).text)
    moderator.send(f"{case}/decisions", {**FACTS, **decision, "version": version})
    return case


@SCRIPTS
def test_a_cover_is_tapped_away_and_its_picture_waits(meet: Meet, join: Join, moderator: Client, scripts: bool) -> None:
    kind = "s" if scripts else "p"
    author, reader = join(f"cov_{kind}", "Cora Vane"), join(f"rea_{kind}", "Rea Calm")
    form = {"text": f"Look at this ({kind}).", "key": f"measure-cover-{kind}"}
    sent = author.http.post("/posts", data=form, files={"files": ("look.png", media_files.encoded(), "image/png")})
    post = sent.headers["location"].rsplit("/", 1)[1]
    decide(moderator, reader, post, cover="1", label="misleading")
    rea = meet("phone", scripts=scripts, member=reader)
    asked: list[str] = []
    rea.page.on("request", lambda request: asked.append(request.url))
    rea.page.goto(f"/@cov_{kind}/{post}")
    text = rea.page.get_by_text(f"Look at this ({kind}).")
    expect(rea.page.get_by_role("link", name="Misleading")).to_be_visible()
    expect(text).to_be_hidden()
    # Without scripts browsers load what is lazy at once, so that nobody can tell how far somebody scrolls.
    assert not [url for url in asked if "/media/" in url and scripts]
    rea.page.get_by_text("Covered by moderators: Harassment").click()
    expect(text).to_be_visible()
    picture = rea.page.locator("article.focus .photo img")
    expect(picture).to_have_js_property("complete", True)
    assert [url for url in asked if "/media/" in url]
    rea.page.get_by_role("link", name="Misleading").click()
    expect(rea.page.get_by_role("heading", name="Harassment")).to_be_visible()


@SCRIPTS
def test_what_is_hidden_comes_back_when_it_is_edited(meet: Meet, join: Join, moderator: Client, scripts: bool) -> None:
    kind = "s" if scripts else "p"
    author, reader = join(f"hid_{kind}", "Hilda Ide"), join(f"see_{kind}", "Sia Calm")
    post = author.publish(f"You will be sorry ({kind}).")
    case = decide(moderator, reader, post, kind="hide_until_edited")
    sia = meet("desktop", scripts=scripts, member=reader)
    with sia.watch.foreseen("status: 404"):
        sia.page.goto(f"/@hid_{kind}/{post}")
    expect(sia.page.get_by_role("heading", name="Not found")).to_be_visible()
    hilda = meet("phone", scripts=scripts, member=author)
    hilda.page.goto("/standing")
    hilda.page.get_by_role("link", name="Hidden until edited").click()
    expect(hilda.page.get_by_text("It threatens those who read it.")).to_be_visible()
    hilda.page.get_by_role("link", name="Edit the post").click()
    form = hilda.page.locator("form.compose:visible")
    form.locator("textarea[name=text]").fill(f"You will be glad ({kind}).")
    form.get_by_role("button", name="Save").click()
    expect(hilda.page.locator("article.focus .text")).to_have_text(f"You will be glad ({kind}).")
    sia.page.goto(f"/@hid_{kind}/{post}")
    expect(sia.page.get_by_text(f"You will be glad ({kind}).")).to_be_visible()
    mona = meet("desktop", scripts=scripts, member=moderator)
    _open(mona.page, case)
    expect(mona.page.get_by_text("Its author has edited the post after it was hidden")).to_be_visible()
    mona.page.get_by_label("No breach").check()
    mona.page.get_by_role("button", name="Decide", exact=True).click()
    expect(mona.page.get_by_text("Decided.")).to_be_visible()


def _open(page: Page, case: str) -> None:
    """Opens a case once the server has brought it back."""

    def is_open() -> bool:
        page.goto(case)
        return page.get_by_role("button", name="Decide", exact=True).count() > 0

    device.until(page, is_open)
