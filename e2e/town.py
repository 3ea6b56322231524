"""The demo town as a running server, and every page that can be seen in it."""

import contextlib
import html
import re
import secrets
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import FilePayload, Page, expect

from domain.core import clock, ids
from domain.keeping import dead_letters
from e2e import composing
from e2e.client import Client
from e2e.installed import CONTROLLED
from pwa import devices
from tests import photos
from tests.cast import PASSWORD
from tests.services import ServerProcess, parvis

# One address and a few people stand for many.
GENEROUS: dict[str, str | int] = {
    "signups_per_hour": 10_000,
    "signins_per_hour": 10_000,
    "posts_per_hour": 100_000,
    "acts_per_hour": 100_000,
    "reads_burst": 100_000,
    "address_reads_burst": 100_000,
    "reads_per_day": 1_000_000,
    "address_reads_per_day": 1_000_000,
    "guest_cache_ms": 0,
    "log_level": "warning",
}


class Sight(NamedTuple):
    """Something to look at: who sees it ("" a guest), where, after doing what, and with which answer."""

    name: str
    who: str
    address: str
    act: Callable[[Page], None] | None = None
    status: int = 200


class Town:
    """A server with the cast of tests/cast.py in it, and a session for each who looks."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.clients: dict[str, Client] = {}

    def client(self, handle: str) -> Client:
        if handle not in self.clients:
            client = self.clients[handle] = Client(self.base)
            if handle:
                client.sign_in(handle, PASSWORD)
        return self.clients[handle]

    def address(self, handle: str, words: str) -> str:
        """The address of a post by its author and some of its words."""
        tag = f'data-url="(/@{handle}/\\d+)"'
        for tab in ("", "/replies"):
            found = html.unescape(self.client("ottilie").http.get(f"/@{handle}{tab}").text)
            for article in found.split("<article")[1:]:
                if words in article and (match := re.search(tag, article)):
                    return match.group(1)
        raise AssertionError(f"@{handle} has not said {words!r}")


def _give_up(folder: Path) -> None:
    """Some events of the town failed too often, and one was dropped."""
    add = "INSERT INTO outbox (id, kind, payload, due_at, attempts, error, lane) VALUES (?, ?, '{}', ?, 20, ?, ?)"
    kinds = [("CardDue", "TimeoutError", 1)] * 3 + [("Voted", "KeyError", 0)]
    with contextlib.closing(sqlite3.connect(folder / "parvis.sqlite")) as connection:
        for number, (kind, error, lane) in enumerate(kinds, 1):
            event = ids.first(clock.now() - number * 86_400_000) + number
            connection.execute(add, (event, kind, dead_letters.NEVER, error, lane))
        connection.execute(
            "INSERT INTO dropped_event (id, kind, attempts, error, dropped_at, dropped_by, reason)"
            " SELECT 5, 'ResetDue', 20, 'SMTPServerDisconnected', ?, id, ? FROM account WHERE handle = 'ottilie'",
            (clock.now() - 3_600_000, "The link would be too old by now."),
        )
        connection.commit()


@contextlib.contextmanager
def demo() -> Iterator[Town]:
    """The town, on a free port and in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="parvis-town-") as folder:
        server = ServerProcess(Path(folder), **GENEROUS)
        parvis("demo", environment=server.environment)
        _give_up(Path(folder))
        try:
            yield Town(server.start().base)
            print(server.tail())
        finally:
            server.stop()


def sights(town: Town) -> list[Sight]:
    """Every page of the network, and what opens on one."""
    return [*_for_guests(town), *_to_read(town), *_to_write(town), *_to_set(town), *installing()]


def _for_guests(town: Town) -> list[Sight]:
    return [
        Sight("welcome", "", "/"),
        Sight("guest-public", "", "/public"),
        Sight("guest-profile", "", "/@ana"),
        Sight("guest-thread", "", town.address("mireille", "Le four est réparé")),
        Sight("guest-tag", "", "/tags/Tilleul"),
        Sight("guest-private", "", "/@yuki"),
        Sight("about", "", "/about"),
        Sight("terms", "", "/terms"),
        Sight("sign-in", "", "/signin"),
        Sight("sign-up", "", "/signup"),
        Sight("sign-up-refused", "", "/signup", _sign_up_badly, 422),
        Sight("reset", "", "/reset"),
        Sight("not-found", "", "/nowhere", status=404),
        Sight("moved", "", "/moved"),
        Sight("arrive", "", "/arrive"),
    ]


def _to_read(town: Town) -> list[Sight]:
    return [
        Sight("home", "ana", "/"),
        Sight("home-switches", "ana", "/", lambda page: page.locator("details.pop summary").click()),
        Sight("keys", "ana", "/", _sheet_by(lambda page: page.keyboard.press("?"))),
        Sight("post-menu", "ana", "/", _sheet("article a.more")),
        Sight("repost-menu", "ana", "/", _sheet(".repost[aria-pressed=false]")),
        Sight("voted", "ana", "/public", lambda page: page.locator(".up[aria-pressed=false]").first.click()),
        Sight("public", "ana", "/public"),
        Sight("thread", "ana", town.address("mireille", "Le four est réparé")),
        Sight("thread-reply", "ana", town.address("lena", "The question is the roots")),
        Sight("thread-newest", "ana", town.address("tom", "Lost: Biscuit") + "?sort=newest"),
        Sight("thread-pictures", "ana", town.address("ana", "Repair café, the tally")),
        Sight("gallery", "ana", town.address("ana", "Repair café, the tally"), _enlarge),
        Sight("thread-members", "noor", town.address("ottilie", "House rule")),
        Sight("cover", "ana", town.address("ottilie", "How Monday’s film ends"), _uncover),
        Sight("edits", "ana", town.address("ana", "Repair café on Saturday") + "/edits"),
        Sight("post-menu-page", "ana", town.address("ana", "Repair café on Saturday") + "/menu"),
        Sight("tag", "ana", "/tags/Tilleul"),
        Sight("profile-own", "ana", "/@ana"),
        Sight("profile-votes", "ana", "/@ana/votes"),
        Sight("profile-media", "tom", "/@ana/media"),
        Sight("profile-media-none", "ana", "/@eszter/media"),
        Sight("profile", "ana", "/@simone"),
        Sight("profile-replies", "ana", "/@tom/replies"),
        Sight("profile-menu", "ana", "/@tom", _sheet(".profile .round")),
        Sight("profile-private", "tom", "/@yuki"),
        Sight("profile-blocked", "noor", "/@gaston"),
        Sight("followers", "ana", "/@ana/followers"),
        Sight("following", "ana", "/@tom/following"),
        Sight("people", "eszter", "/people"),
        Sight("people-found", "ana", "/people?q=to"),
        Sight("people-none", "ana", "/people?q=zzz"),
        Sight("requests", "yuki", "/requests"),
        Sight("home-french", "mireille", "/"),
        Sight("thread-french", "mireille", town.address("mireille", "Le four est réparé")),
    ]


def _to_write(town: Town) -> list[Sight]:
    own = town.address("ana", "Repair café on Saturday").rpartition("/")[2]
    other = town.address("bao", "The coffee machine lives").rpartition("/")[2]
    block = town.client("ana").id_of("gaston")
    return [
        Sight("compose", "ana", "/compose"),
        Sight("compose-reply", "ana", f"/compose?reply_to={other}"),
        Sight("compose-quote", "ana", f"/compose?quote={other}"),
        Sight("compose-sheet", "ana", "/", _write),
        Sight("compose-sheet-cover", "ana", "/", _write_covered),
        Sight("compose-sheet-picture", "ana", "/", _attach),
        Sight("reply-sheet", "ana", "/", _sheet(".acts a")),
        Sight("compose-sheet-french", "simone", "/", _write),
        Sight("edit", "ana", f"/posts/{own}/edit"),
        Sight("compose-shared", "lena", "/compose", _share),
        Sight("compose-shared-french", "simone", "/compose", _share),
        Sight("compose-missing", "tom", "/compose", _lose_pictures),
        Sight("block", "ana", f"/accounts/{block}/block"),
        Sight("toast", "ottilie", "/@ottilie", _delete),
    ]


def _to_set(town: Town) -> list[Sight]:
    pages = ("profile", "account", "reading", "privacy", "devices", "leave")
    return [
        Sight("settings", "ottilie", "/settings"),
        *(Sight(f"settings-{page}", "lena", f"/settings/{page}") for page in pages),
        Sight("settings-devices-addresses", "noor", "/settings/devices", _take_addresses),
        Sight("settings-devices-french", "simone", "/settings/devices", _take_addresses),
        Sight("settings-saved", "lena", "/settings/reading?saved=1"),
        Sight("settings-network", "ottilie", "/settings/network"),
        Sight("settings-receipts", "lena", "/settings/receipts"),
        Sight("settings-backups", "ottilie", "/settings/backups"),
        Sight("settings-outbox", "ottilie", "/settings/outbox", _drop_one),
        Sight("settings-forbidden", "ana", "/settings/network", status=403),
        Sight("settings-french", "mireille", "/settings"),
        Sight("settings-profile-french", "simone", "/settings/profile"),
    ]


def installing() -> list[Sight]:
    """The install page as each device has it."""
    return [
        *(Sight(f"install-{kind}", "", f"/install?device={kind}") for kind in devices.KINDS),
        Sight("install-code", "ana", "/install?device=iphone", _make_code),
        Sight("sign-in-code", "", "/signin", _enter_code),
    ]


Act = Callable[[Page], None]


def _sheet_by(act: Act) -> Act:
    """An act that opens the sheet."""

    def opening(page: Page) -> None:
        act(page)
        expect(page.locator("#sheet[open]")).to_be_visible()

    return opening


def _sheet(opener: str) -> Act:
    return _sheet_by(lambda page: page.locator(opener).first.click())


def _make_code(page: Page) -> None:
    page.get_by_role("button", name="Make a code").click()
    expect(page.locator(".digits")).to_be_visible()


def _enter_code(page: Page) -> None:
    page.get_by_text("I have a code from my browser").click()
    page.get_by_label("Code", exact=True).fill("7KQM-2XTR")


def _take_addresses(page: Page) -> None:
    """A feed, and a push address entered by hand."""
    headers = {"origin": page.url.removesuffix("/settings/devices")}
    endpoint = f"https://push.tilly.example/{secrets.token_hex(8)}"
    page.request.post("/settings/notifications/feed", form={"feed": "new"}, headers=headers)
    page.request.post("/push/addresses", form={"endpoint": endpoint}, headers=headers)
    page.reload()
    expect(page.locator("input[name=push_addresses]")).to_be_checked()


def _sign_up_badly(page: Page) -> None:
    page.get_by_label("Handle").fill("ana")
    page.get_by_label("Name", exact=True).fill("Another Ana")
    page.get_by_label("Password").fill("password12")
    page.get_by_label("Date of birth").fill("2020-01-01")
    page.get_by_label("I accept the terms").check()
    page.get_by_role("button", name="Join").click()
    expect(page.locator(".error").first).to_be_visible()


def _uncover(page: Page) -> None:
    page.locator(".post.focus details.cover summary").click()


def _write(page: Page) -> None:
    page.locator("a[href='/compose'][data-sheet]").locator("visible=true").first.click()
    page.locator("#sheet textarea").fill(
        "The fountain has been mended, and three of us drank from it. @lena @tom #Tilleul"
    )


def _write_covered(page: Page) -> None:
    _write(page)
    page.locator("#sheet [name=sensitive]").check()
    page.locator("#sheet [name=cover]").fill("What was in the fountain")


def _attach(page: Page) -> None:
    _write(page)
    picture = FilePayload(name="fountain.jpg", mimeType="image/jpeg", buffer=photos.encoded(photos.photo(1200, 900)))
    page.locator("#sheet input[type=file]").set_input_files(picture)
    expect(page.locator("#sheet .attached[data-state=there]")).to_be_visible()


def _share(page: Page) -> None:
    page.locator("main > .compose [name=text]").fill("What I wanted to say anyway.")
    page.evaluate(CONTROLLED)
    page.evaluate(composing.SHARE, ["/share", "Seen at the weekend market", composing.PICTURE])
    expect(page.locator("main > .shared img")).to_have_js_property("complete", True)


def _lose_pictures(page: Page) -> None:
    """A draft whose pictures the server has not kept."""
    page.locator("main > .compose [name=text]").fill("Two pictures of the fountain.")
    page.evaluate("""() => {
      const key = Object.keys(localStorage).find((one) => one.startsWith("draft:"));
      localStorage[key] = JSON.stringify({ ...JSON.parse(localStorage[key]), lost: 2 });
    }""")
    page.reload()
    expect(page.locator("main > .compose .missing")).to_be_visible()


def _enlarge(page: Page) -> None:
    page.locator(".photos .photo").first.click()
    expect(page.locator("dialog.gallery img").first).to_be_visible()


def _drop_one(page: Page) -> None:
    page.locator(".dropping summary").first.click()


def _delete(page: Page) -> None:
    page.locator("article a.more").first.click()
    page.locator("#sheet .menu .danger").click()
    expect(page.locator("#toasts button")).to_be_visible()
    # What is looked at stays as it was: nothing is deleted in the end.
    page.request.post(page.locator("#toasts button").get_attribute("formaction") or "")
