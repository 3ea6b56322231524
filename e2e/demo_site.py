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

from domain.core import clock, dead_letters, ids
from e2e import actions, past_figures
from e2e.actions import Act
from e2e.client import Client
from ops.demo.cast import PASSWORD
from pwa import install_guide
from tests.helpers.services import ServerProcess, parvis

# One address and a few people stand for many, who have just signed up.
GENEROUS: dict[str, str | int] = {
    "signups_per_hour": 10_000,
    "signins_per_hour": 10_000,
    "posts_per_hour": 100_000,
    "acts_per_hour": 100_000,
    "reads_burst": 100_000,
    "address_reads_burst": 100_000,
    "reads_per_day": 1_000_000,
    "address_reads_per_day": 1_000_000,
    "new_links_per_hour": 1000,
    "new_media_per_hour": 1000,
    "new_mentions_per_hour": 1000,
    "guest_reports_per_hour": 1000,
    "guest_cache_ms": 0,
    "log_level": "warning",
}
# In the town, levels of trust are as they are anywhere.
TOWN = {name: value for name, value in GENEROUS.items() if not name.startswith("new_")}


class PageSight(NamedTuple):
    """Something to look at: who sees it ("" a guest), where, after doing what, and with which answer."""

    name: str
    who: str
    address: str
    act: Act | None = None
    status: int = 200


class DemoSite:
    """A server with the cast of ops/demo/cast.py in it, and a session for each who looks."""

    def __init__(self, base: str, folder: Path) -> None:
        self.base, self.folder = base, folder
        self.clients: dict[str, Client] = {}
        # Those that are mailed (e2e/mail_sights.py).
        self.links: dict[str, str] = {}

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
    kinds = [("LinkPreviewRequested", "TimeoutError", 1)] * 3 + [("Voted", "KeyError", 0)]
    with contextlib.closing(sqlite3.connect(folder / "parvis.sqlite")) as connection:
        for number, (kind, error, lane) in enumerate(kinds, 1):
            event = ids.first(clock.now() - number * 86_400_000) + number
            connection.execute(add, (event, kind, dead_letters.NEVER, error, lane))
        connection.execute(
            "INSERT INTO dropped_event (id, kind, attempts, error, dropped_at, dropped_by, reason)"
            " SELECT 5, 'PasswordResetDue', 20, 'SMTPServerDisconnected', ?, id, ? FROM account"
            " WHERE handle = 'ottilie'",
            (clock.now() - 3_600_000, "The link would be too old by now."),
        )
        connection.commit()


def _forget_rules(folder: Path) -> None:
    """Two have not accepted the rules in force; one of them accepted the version before."""
    with contextlib.closing(sqlite3.connect(folder / "parvis.sqlite")) as connection:
        for handle, version in (("gaston", 1), ("ibrahim", 0)):
            connection.execute("UPDATE account SET rules_version = ? WHERE handle = ?", (version, handle))
        connection.commit()


@contextlib.contextmanager
def demo(demo_data: Path | None = None) -> Iterator[DemoSite]:
    """The town, on a free port and in a temporary folder, with a copy of the data in ``demo_data`` if there is any."""
    with tempfile.TemporaryDirectory(prefix="parvis-town-") as folder:
        server = ServerProcess(Path(folder), **TOWN)
        if demo_data:
            shutil.copytree(demo_data, folder, dirs_exist_ok=True)
        else:
            parvis("demo", environment=server.environment)
        _give_up(Path(folder))
        _forget_rules(Path(folder))
        past_figures.add(Path(folder))
        try:
            yield DemoSite(server.start().base, Path(folder))
            print(server.tail())
        finally:
            server.stop()


def sights(town: DemoSite) -> list[PageSight]:
    """What there is but notifications, reports, moderation and mailed links (e2e/all_sights.py)."""
    return [*_for_guests(town), *_to_read(town), *_to_write(town), *_to_set(town), *installing()]


def _for_guests(town: DemoSite) -> list[PageSight]:
    return [
        PageSight("welcome", "", "/"),
        PageSight("guest-public", "", "/public"),
        PageSight("guest-profile", "", "/@ana"),
        PageSight("guest-thread", "", town.address("mireille", "Le four est réparé")),
        PageSight("guest-tag", "", "/tags/Tilleul"),
        PageSight("guest-private", "", "/@yuki"),
        PageSight("about", "", "/about"),
        PageSight("terms", "", "/terms"),
        PageSight("rules", "", "/rules"),
        PageSight("rules-version", "", "/rules/1"),
        PageSight("rules-history", "", "/rules/history"),
        PageSight("sign-in", "", "/signin"),
        PageSight("sign-up", "", "/signup"),
        PageSight("sign-up-refused", "", "/signup", actions.sign_up_badly, 422),
        PageSight("reset", "", "/reset"),
        PageSight("not-found", "", "/nowhere", status=404),
        PageSight("moved", "", "/moved"),
        PageSight("arrive", "", "/arrive"),
        PageSight("offline", "", "/offline"),
    ]


def _to_read(town: DemoSite) -> list[PageSight]:
    return [
        PageSight("home", "ana", "/"),
        PageSight("home-switches", "ana", "/", lambda page: page.locator("details.pop summary").click()),
        PageSight("keys", "ana", "/", actions.sheet_by(lambda page: page.keyboard.press("?"))),
        PageSight("post-menu", "ana", "/", actions.sheet("article a.more")),
        PageSight("repost-menu", "ana", "/", actions.sheet(".repost[aria-pressed=false]")),
        PageSight("voted", "ana", "/public", lambda page: page.locator(".up[aria-pressed=false]").first.click()),
        PageSight("public", "ana", "/public"),
        PageSight("thread", "ana", town.address("mireille", "Le four est réparé")),
        PageSight("thread-reply", "ana", town.address("lena", "The question is the roots")),
        PageSight("thread-newest", "ana", town.address("tom", "Lost: Biscuit") + "?sort=newest"),
        PageSight("thread-pictures", "ana", town.address("ana", "Repair café, the tally")),
        PageSight("gallery", "tom", town.address("ana", "Repair café, the tally"), actions.enlarge),
        PageSight("thread-members", "noor", town.address("ottilie", "House rule")),
        PageSight("cover", "ana", town.address("ottilie", "How Monday’s film ends"), actions.uncover),
        PageSight("edits", "ana", town.address("ana", "Repair café on Saturday") + "/edits"),
        PageSight("post-menu-page", "ana", town.address("ana", "Repair café on Saturday") + "/menu"),
        PageSight("tag", "ana", "/tags/Tilleul"),
        PageSight("profile-own", "ana", "/@ana"),
        PageSight("profile-votes", "ana", "/@ana/votes"),
        PageSight("profile-media", "tom", "/@ana/media"),
        PageSight("profile-media-none", "ana", "/@eszter/media"),
        PageSight("profile", "ana", "/@simone"),
        PageSight("profile-replies", "ana", "/@tom/replies"),
        PageSight("profile-menu", "ana", "/@tom", actions.sheet(".profile .round")),
        PageSight("profile-menu-page", "ana", "/@tom/menu"),
        PageSight("profile-private", "tom", "/@yuki"),
        PageSight("profile-blocked", "noor", "/@gaston"),
        PageSight("followers", "ana", "/@ana/followers"),
        PageSight("following", "ana", "/@tom/following"),
        PageSight("people", "eszter", "/people"),
        PageSight("people-found", "ana", "/people?q=to"),
        PageSight("people-none", "ana", "/people?q=zzz"),
        PageSight("requests", "yuki", "/requests"),
        PageSight("rules-changed", "gaston", "/rules?next=/public"),
        PageSight("rules-changed-banner", "gaston", "/public"),
        PageSight("rules-unread", "ibrahim", "/rules"),
        PageSight("rules-unread-banner", "ibrahim", "/people"),
        PageSight("home-french", "mireille", "/"),
        PageSight("thread-french", "mireille", town.address("mireille", "Le four est réparé")),
    ]


def _to_write(town: DemoSite) -> list[PageSight]:
    own = town.address("ana", "Repair café on Saturday").rpartition("/")[2]
    other = town.address("bao", "The coffee machine lives").rpartition("/")[2]
    block = town.client("ana").id_of("gaston")
    return [
        PageSight("compose", "ana", "/compose"),
        PageSight("compose-reply", "ana", f"/compose?reply_to={other}"),
        PageSight("compose-quote", "ana", f"/compose?quote={other}"),
        PageSight("compose-sheet", "ana", "/", actions.write),
        PageSight("compose-sheet-cover", "ana", "/", actions.write_covered),
        PageSight("compose-sheet-picture", "ana", "/", actions.attach),
        PageSight("reply-sheet", "ana", "/", actions.sheet(".acts a")),
        PageSight("compose-sheet-french", "simone", "/", actions.write),
        PageSight("edit", "ana", f"/posts/{own}/edit"),
        PageSight("compose-shared", "lena", "/compose", actions.share),
        PageSight("compose-shared-french", "simone", "/compose", actions.share),
        PageSight("compose-rules-changed", "gaston", "/compose", actions.post_without_rules, 422),
        PageSight("compose-missing", "tom", "/compose", actions.lose_pictures),
        PageSight("block", "ana", f"/accounts/{block}/block"),
        PageSight("toast", "ottilie", "/@ottilie", actions.delete),
        PageSight("post-deleted", "ottilie", "/@ottilie", actions.delete_plainly),
    ]


def _to_set(town: DemoSite) -> list[PageSight]:
    pages = ("profile", "account", "reading", "notifications", "privacy", "devices", "push", "leave")
    return [
        PageSight("settings", "ottilie", "/settings"),
        *(PageSight(f"settings-{page}", "lena", f"/settings/{page}") for page in pages),
        PageSight("settings-push-addresses", "noor", "/settings/push", actions.enter_address),
        PageSight("settings-notifications-french", "simone", "/settings/notifications"),
        PageSight("settings-devices-addresses", "noor", "/settings/devices", actions.take_addresses),
        PageSight("settings-devices-french", "simone", "/settings/devices", actions.take_addresses),
        PageSight("settings-saved", "lena", "/settings/reading?saved=1"),
        PageSight("settings-network", "ottilie", "/settings/network"),
        PageSight("settings-data", "lena", "/settings/data"),
        PageSight("settings-receipts", "lena", "/settings/receipts"),
        PageSight("settings-backups", "ottilie", "/settings/backups"),
        PageSight("settings-outbox", "ottilie", "/settings/outbox", actions.drop_one),
        PageSight("settings-rules", "ottilie", "/settings/rules"),
        PageSight("settings-rules-open", "ottilie", "/settings/rules", actions.open_rule),
        PageSight("settings-rules-preview", "ottilie", "/settings/rules", actions.preview_rules),
        PageSight("settings-rules-refused", "ottilie", "/settings/rules", actions.write_rule_badly, 422),
        PageSight("settings-forbidden", "ana", "/settings/network", status=403),
        PageSight("settings-french", "mireille", "/settings"),
        PageSight("settings-profile-french", "simone", "/settings/profile"),
    ]


def installing() -> list[PageSight]:
    """The install page as each device has it."""
    return [
        *(PageSight(f"install-{kind}", "", f"/install?device={kind}") for kind in install_guide.KINDS),
        PageSight("install-code", "ana", "/install?device=iphone", actions.make_code),
        PageSight("sign-in-code", "", "/signin", actions.enter_code),
    ]
