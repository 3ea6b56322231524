"""The demo town as a running server, and every page that can be seen in it."""

import contextlib
import html
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from domain.core import clock, ids
from domain.keeping import dead_letters
from e2e import acts
from e2e.acts import Act
from e2e.client import Client
from pwa import devices
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
    act: Act | None = None
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
def demo(demo_data: Path | None = None) -> Iterator[Town]:
    """The town, on a free port and in a temporary folder, with a copy of the data in ``demo_data`` if there is any."""
    with tempfile.TemporaryDirectory(prefix="parvis-town-") as folder:
        server = ServerProcess(Path(folder), **GENEROUS)
        if demo_data:
            shutil.copytree(demo_data, folder, dirs_exist_ok=True)
        else:
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
        Sight("sign-up-refused", "", "/signup", acts.sign_up_badly, 422),
        Sight("reset", "", "/reset"),
        Sight("not-found", "", "/nowhere", status=404),
        Sight("moved", "", "/moved"),
        Sight("arrive", "", "/arrive"),
    ]


def _to_read(town: Town) -> list[Sight]:
    return [
        Sight("home", "ana", "/"),
        Sight("home-switches", "ana", "/", lambda page: page.locator("details.pop summary").click()),
        Sight("keys", "ana", "/", acts.sheet_by(lambda page: page.keyboard.press("?"))),
        Sight("post-menu", "ana", "/", acts.sheet("article a.more")),
        Sight("repost-menu", "ana", "/", acts.sheet(".repost[aria-pressed=false]")),
        Sight("voted", "ana", "/public", lambda page: page.locator(".up[aria-pressed=false]").first.click()),
        Sight("public", "ana", "/public"),
        Sight("thread", "ana", town.address("mireille", "Le four est réparé")),
        Sight("thread-reply", "ana", town.address("lena", "The question is the roots")),
        Sight("thread-newest", "ana", town.address("tom", "Lost: Biscuit") + "?sort=newest"),
        Sight("thread-pictures", "ana", town.address("ana", "Repair café, the tally")),
        Sight("gallery", "ana", town.address("ana", "Repair café, the tally"), acts.enlarge),
        Sight("thread-members", "noor", town.address("ottilie", "House rule")),
        Sight("cover", "ana", town.address("ottilie", "How Monday’s film ends"), acts.uncover),
        Sight("edits", "ana", town.address("ana", "Repair café on Saturday") + "/edits"),
        Sight("post-menu-page", "ana", town.address("ana", "Repair café on Saturday") + "/menu"),
        Sight("tag", "ana", "/tags/Tilleul"),
        Sight("profile-own", "ana", "/@ana"),
        Sight("profile-votes", "ana", "/@ana/votes"),
        Sight("profile-media", "tom", "/@ana/media"),
        Sight("profile-media-none", "ana", "/@eszter/media"),
        Sight("profile", "ana", "/@simone"),
        Sight("profile-replies", "ana", "/@tom/replies"),
        Sight("profile-menu", "ana", "/@tom", acts.sheet(".profile .round")),
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
        Sight("compose-sheet", "ana", "/", acts.write),
        Sight("compose-sheet-cover", "ana", "/", acts.write_covered),
        Sight("compose-sheet-picture", "ana", "/", acts.attach),
        Sight("reply-sheet", "ana", "/", acts.sheet(".acts a")),
        Sight("compose-sheet-french", "simone", "/", acts.write),
        Sight("edit", "ana", f"/posts/{own}/edit"),
        Sight("compose-shared", "lena", "/compose", acts.share),
        Sight("compose-shared-french", "simone", "/compose", acts.share),
        Sight("compose-missing", "tom", "/compose", acts.lose_pictures),
        Sight("block", "ana", f"/accounts/{block}/block"),
        Sight("toast", "ottilie", "/@ottilie", acts.delete),
    ]


def _to_set(town: Town) -> list[Sight]:
    pages = ("profile", "account", "reading", "privacy", "devices", "leave")
    return [
        Sight("settings", "ottilie", "/settings"),
        *(Sight(f"settings-{page}", "lena", f"/settings/{page}") for page in pages),
        Sight("settings-devices-addresses", "noor", "/settings/devices", acts.take_addresses),
        Sight("settings-devices-french", "simone", "/settings/devices", acts.take_addresses),
        Sight("settings-saved", "lena", "/settings/reading?saved=1"),
        Sight("settings-network", "ottilie", "/settings/network"),
        Sight("settings-receipts", "lena", "/settings/receipts"),
        Sight("settings-backups", "ottilie", "/settings/backups"),
        Sight("settings-outbox", "ottilie", "/settings/outbox", acts.drop_one),
        Sight("settings-forbidden", "ana", "/settings/network", status=403),
        Sight("settings-french", "mireille", "/settings"),
        Sight("settings-profile-french", "simone", "/settings/profile"),
    ]


def installing() -> list[Sight]:
    """The install page as each device has it."""
    return [
        *(Sight(f"install-{kind}", "", f"/install?device={kind}") for kind in devices.KINDS),
        Sight("install-code", "ana", "/install?device=iphone", acts.make_code),
        Sight("sign-in-code", "", "/signin", acts.enter_code),
    ]
