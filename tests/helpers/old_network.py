"""The network that schema 8 left in tests/fixtures/schema_8, and what anybody who upgrades it must find.

The README beside the files says how they were made.
"""

import json
import lzma
import sqlite3
import tarfile
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import asyncpg
import msgspec

from db import postgres
from db.engine import DB
from db.sql import SQL
from domain.accounts import profiles, sessions
from domain.accounts.profiles import Profile
from domain.core.access import Viewer
from domain.core.errors import NotFound
from domain.media import serving
from domain.notifications import notices, preferences, subscriptions
from domain.posts import receipts, views
from settings import Settings
from tests.conftest import Watch
from tests.helpers import notifications
from tests.helpers.databases import Store
from tests.helpers.people import Member

FOLDER = Path(__file__).parents[1] / "fixtures" / "schema_8"
DAY = 86_400

# --- All names of tables, columns and events in these tests: to be changed with the schema. ---------------------------
# What schema 8 says, and what the present code says where that is another name.
TABLES = {
    "object": "stored_object", "removal": "pending_removal", "card": "link_preview", "copying": "replication_state"
}  # fmt: skip
COLUMNS = {
    ("account", "picture"): "avatar_small",
    ("account", "portrait"): "avatar_large",
    ("network", "cards"): "link_previews",
    ("post", "card"): "link_preview",
    ("notice", "aside"): "state",
    ("notice_part", "stands"): "active",
    ("change", "tab"): "table_name",
}
# Tables into which a migration may write rows of its own.
GROW = {"change", "migration"}

AVATARS = ("avatar_large", "avatar_small", "header")  # of a Profile, the large one first
PEOPLE = SQL("SELECT id, handle FROM account WHERE left_at IS NULL ORDER BY handle_key")
POSTS = SQL("SELECT p.id, p.author FROM post p JOIN account a ON a.id = p.author WHERE a.left_at IS NULL ORDER BY p.id")
POST = SQL("SELECT id FROM post WHERE text LIKE ?1")
WIDTH = SQL("SELECT width FROM rendition WHERE key = ?1")
OUTBOX = SQL("SELECT kind, attempts, error FROM outbox ORDER BY id")
PAGE_AT = SQL("UPDATE link_preview SET url = ?1 WHERE url = 'http://127.0.0.1:9/page' RETURNING id")
ASKING = SQL("SELECT count(*) FROM notice_part WHERE account = ?1 AND actor = ?2 AND active = 1")
PUSHES = SQL("SELECT count(*) FROM push_delivery WHERE notice = ?1")
WIM = SQL("SELECT count(*) FROM account WHERE handle = 'wim'")
# ----------------------------------------------------------------------------------------------------------------------

Rows = list[dict[str, Any]]


class Known(msgspec.Struct):
    """What the maker of the files wrote down beside them.

    ``made_at``: Unix milliseconds. ``token``: the cookie of a device of @ana's. ``network_key``: base64url, of the
    network whose backup it is; ``identity``: an age key. ``copied_to``: the repository that replication went to.
    """

    made_at: int
    token: str
    identity: str
    network_key: str
    copied_to: str


KNOWN = msgspec.json.decode((FOLDER / "known.json").read_bytes(), type=Known)


def expected(engine: str = "sqlite") -> dict[str, Any]:
    """What ``described`` said when the files were made, and ``homes`` under that name.

    The archive and the backup are of the SQLite database.
    """
    found: dict[str, Any] = json.loads(_unpacked(f"expected-{engine}.json.xz"))
    return found


def _unpacked(name: str) -> bytes:
    return lzma.decompress((FOLDER / name).read_bytes())


def turn_back(watch: Watch) -> None:
    """The clock of the domain shows two days after the files were made, whenever the tests run."""
    watch.forward((KNOWN.made_at - watch()) / 1000 + 2 * DAY)


async def put_into(store: Store, engine: str) -> str:
    """The address of a fresh database as schema 8 left it; nobody has opened or migrated it."""
    url = await store.copy("empty")
    if engine == "sqlite":
        _file(url).write_bytes(_unpacked("database.sqlite.xz"))
        return url
    connection = await asyncpg.connect(**postgres.config(url))
    try:
        await connection.execute(_unpacked("database.sql.xz").decode())
    finally:
        await connection.close()
    return url


def _file(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


def archive(folder: Path) -> Path:
    """A fresh copy of the archive, in format 2."""
    file = folder / "old-archive"
    file.write_bytes(_unpacked("archive.xz"))
    return file


def backups(folder: Path) -> str:
    """The address of a fresh copy of the place with the backups."""
    with tarfile.open(FOLDER / "backup.tar.xz") as packed:
        packed.extractall(folder / "old-backups", filter="data")
    return (folder / "old-backups").as_uri()


async def rows(url: str) -> dict[str, Rows]:
    """Every row of a database by table, read without any code of Parvis."""
    return _rows_of_file(url) if url.startswith("sqlite") else await _rows_of_server(url)


def _rows_of_file(url: str) -> dict[str, Rows]:
    with closing(sqlite3.connect(_file(url))) as connection:
        connection.row_factory = sqlite3.Row
        listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
        return {name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')] for (name,) in listed}


async def _rows_of_server(url: str) -> dict[str, Rows]:
    connection = await asyncpg.connect(**postgres.config(url))
    try:
        listed = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row[0]: [dict(one) for one in await connection.fetch(f'SELECT * FROM "{row[0]}"')] for row in listed}
    finally:
        await connection.close()


def renamed(old: dict[str, Rows]) -> dict[str, Rows]:
    """Rows of schema 8 with the names of today."""
    return {TABLES.get(table, table): [_renamed(table, row) for row in there] for table, there in old.items()}


def _renamed(table: str, row: dict[str, Any]) -> dict[str, Any]:
    return {COLUMNS.get((table, column), column): value for column, value in row.items()}


async def member(handle: str, settings: Settings) -> Member:
    """Somebody of the open network, on a new device."""
    account = {row[1]: row[0] for row in await DB.fetch(PEOPLE)}[handle]
    return Member(account, handle, await sessions.start(account, "upgraded"), settings)


async def post(words: str) -> int:
    """The id of the post whose text begins so; 0 when there is none."""
    return int(await DB.value(POST, f"{words}%") or 0)


async def described(settings: Settings) -> dict[str, Any]:
    """What the open network is to the people in it, without ids and times."""
    handles = [row[1] for row in await DB.fetch(PEOPLE)]
    people = {handle: await member(handle, settings) for handle in handles}
    return {
        "people": {handle: await _person(one, handles) for handle, one in people.items()},
        "posts": await _posts(),
    }


async def homes(settings: Settings) -> dict[str, list[str]]:
    """Everybody's home timeline, as the beginnings of its posts."""
    found = {}
    for _, handle in await DB.fetch(PEOPLE):
        one = await member(handle, settings)
        found[handle] = [(await one.view(entry)).text[:30] for entry in await one.home()]
    return found


async def _person(one: Member, handles: Iterable[str]) -> dict[str, Any]:
    viewer = await one.viewer()
    profile = await profiles.by_handle(viewer, one.handle)
    return {
        "page": [profile.name, profile.bio, profile.hue, [link.address for link in profile.links], profile.private],
        "counts": [profile.posts, profile.followers, profile.followings],
        "avatars": [await _width(key) for key in avatars(profile)],
        "as others see them": {
            handle: relation for handle in handles if (relation := await _between(viewer, handle)) != "none"
        },
        "notices": await notifications.told(one),
        "set aside": await notifications.set_aside(one),
        "unread": [viewer.counts.unread, await notices.people_set_aside(one.id)],
        "wishes": msgspec.to_builtins(await preferences.of(one.id)),
        "devices": sorted(device.host for device in await subscriptions.devices(viewer)),
        "receipts": [len(receipt.lines) for receipt in await receipts.of(viewer)],
    }


def avatars(profile: Profile) -> list[str]:
    """The keys of somebody's own pictures: the large one, the small one, the header; "" for none."""
    return [getattr(profile, name) for name in AVATARS]


async def _width(key: str) -> int:
    """How wide a stored picture is, in pixels; 0 for none. Errors: ``AssertionError`` when nobody could be sent it."""
    assert not key or await serving.find(key)
    return int(await DB.value(WIDTH, key)) if key else 0


async def _between(viewer: Viewer, handle: str) -> str:
    """What somebody is to the viewer, in words; "hidden" for whoever has blocked them."""
    try:
        found = await profiles.by_handle(viewer, handle)
    except NotFound:
        return "hidden"
    more = {"follows you": found.follows_you, "muted": found.muted, "bell": found.bell}
    return ", ".join([found.relation, *(word for word, holds in more.items() if holds)])


async def _posts() -> list[list[Any]]:
    """Every post as its author sees it, oldest first."""
    found = []
    for identifier, author in await DB.fetch(POSTS):
        seen = await views.load(Viewer(id=author), [identifier])
        found += [_post(one) for one in seen.values()]
    return found


def _post(one: views.PostView) -> list[Any]:
    return [
        [one.handle, one.text, one.cover, one.parent_handle, bool(one.quote)],
        [one.visibility, one.replies_to, one.version],
        [one.replies, one.reposts, one.quotes, one.ups, one.downs, one.my_vote],
        [[media.kind, media.alt, len(media.files)] for media in one.media],
        one.preview and [one.preview.title, one.preview.description, bool(one.preview.image)],
    ]  # fmt: skip
