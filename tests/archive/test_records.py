"""The records: nothing that people would miss is left out, and nothing that does not fit gets in."""

import hashlib
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import ValidationError

from archive import records
from archive.records import DERIVED, FORMAT, TABLES
from db.engine import DB
from db.sql import SQL
from db.table_specs import WORKING
from domain.accounts import profiles
from domain.posts import publishing
from tests.helpers.databases import Store

COLUMNS = SQL(
    """SELECT m.name, c.name, c.pk FROM sqlite_master m, pragma_table_info(m.name) c
       WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite_%'""",
    """SELECT c.table_name, c.column_name, coalesce((SELECT u.ordinal_position FROM
           information_schema.table_constraints k JOIN information_schema.key_column_usage u
           ON u.constraint_name = k.constraint_name AND u.table_schema = k.table_schema
           WHERE k.constraint_type = 'PRIMARY KEY' AND k.table_name = c.table_name
           AND u.column_name = c.column_name), 0)
       FROM information_schema.columns c WHERE c.table_schema = 'public'""",
)
REFERENCES = SQL(
    """SELECT m.name, f."table" FROM sqlite_master m, pragma_foreign_key_list(m.name) f WHERE m.type = 'table'""",
    "SELECT conrelid::regclass::text, confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'",
)
# What each format looks like: a record that changes is another format.
LOOKS = {
    1: "cbdc6f32d4f0da3c", 2: "0775d31444edaaca", 3: "e79963dfd773dcac", 4: "9b913cedd413ecee", 5: "a6fd966a0a01bd83",
    6: "ca6169a2216b3248", 7: "00d1b5d6c3fe46c3", 8: "eb5e58157b50f4cd",
}  # fmt: skip


@pytest.fixture
async def live(store: Store) -> AsyncIterator[dict[str, dict[str, int]]]:
    """The columns of each table of a database that was migrated, with their places in its key (0: none)."""
    await DB.open(await store.copy("migrated"))
    found: dict[str, dict[str, int]] = {}
    for table, column, place in await DB.fetch(COLUMNS):
        found.setdefault(table, {})[column] = place
    yield found
    await DB.close()


async def test_every_table_is_archived_or_said_to_be_derived(live: dict[str, dict[str, int]]) -> None:
    assert set(live) == set(TABLES) | set(DERIVED)
    assert not set(TABLES) & {*DERIVED, WORKING}
    assert all(reason.endswith(".") and len(reason) > 30 for reason in DERIVED.values())


async def test_every_column_is_in_its_record(live: dict[str, dict[str, int]]) -> None:
    for table in TABLES:
        assert set(records.shape(table).columns) == set(live[table]), table
        key = sorted((place, column) for column, place in live[table].items() if place)
        assert records.key(table) == tuple(column for _, column in key), table


async def test_what_a_row_points_at_is_loaded_before_it(live: dict[str, dict[str, int]]) -> None:
    order = list(TABLES)
    for table, other in await DB.fetch(REFERENCES):
        assert table in DERIVED or order.index(other) < order.index(table), (table, other)


def test_another_look_is_another_format() -> None:
    """An archive is read by the format that it was written in: one that was released keeps its look for ever."""
    tables = [
        [table, [(one.name, type(one.type).__name__, one.nullable) for one in records.table_of(table).columns]]
        for table in TABLES
    ]
    assert hashlib.sha256(json.dumps(tables).encode()).hexdigest()[:16] == LOOKS[FORMAT]


def test_text_columns_are_known() -> None:
    """PostgreSQL sorts them by their bytes, as SQLite does, and not by its own language."""
    assert records.shape("stored_object").words == {"key", "path", "type"}
    assert records.shape("vote").words == frozenset()
    assert {"name", "value"} == records.shape("secret").words


ACCOUNT: dict[str, Any] = {
    "id": 5, "handle": "Ana", "handle_key": "ana", "name": "Ana", "name_key": "ana", "bio": "", "bio_mentions": "",
    "links": "[]", "hue": 3, "private": 0, "role": "member", "locale": "en", "theme": "auto", "hide_reposts": 0,
    "hide_replies": 0, "terms_version": 1, "terms_at": 1, "version": 1, "posts": 0, "followers": 0, "following": 0,
    "home_floor": 0, "pull_since": None, "left_at": None, "avatar_small": "", "avatar_large": "", "header": "",
    "alt_required": 0, "data_saver": 0, "rules_version": 1, "frozen_until": 0, "suspended_until": 0,
    "trust": 0,
}  # fmt: skip


HASH = f"$argon2id$v=19$m=19456,t=2,p=1${'s' * 22}${'h' * 43}"
CREDENTIAL: dict[str, Any] = {"account": 5, "password_hash": HASH, "email": "", "changed_at": 1}


def problems(table: str, row: dict[str, Any]) -> list[tuple[str, str]]:
    good, bad = records.check(table, [tuple(row[column] for column in records.shape(table).columns)])
    assert bool(good) != bool(bad)
    return [(key, field) for _, key, field, _ in bad]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("id", 0),
        ("id", -1),
        ("id", 2**63 - 1),
        ("id", 5.0),
        ("handle", "An a"),
        ("handle", "a" * 31),
        ("handle", "ana\n"),
        ("handle_key", "Ana"),
        ("name", "x" * (profiles.MAX_NAME * 8 + 1)),
        ("name", "zero \0 inside"),
        ("name", "half a pair \ud83d"),
        ("name", None),
        ("name", b"bytes"),
        ("bio", 7),
        ("links", "no JSON"),
        ("hue", profiles.HUES),
        ("hue", "3"),
        ("private", 2),
        ("private", True),
        ("role", "emperor"),
        ("role", "member\nmore"),
        ("theme", ""),
        ("locale", "a b"),
        ("posts", -1),
        ("posts", 2**31),
        ("home_floor", None),
        ("left_at", -5),
        ("terms_at", 10**16),
        ("avatar_small", "short"),
    ],
)
def test_what_does_not_fit_is_named(field: str, value: Any) -> None:
    assert problems("account", ACCOUNT) == []
    row = {**ACCOUNT, field: value}
    assert [found for _, found in problems("account", row)] == [field]
    with pytest.raises(ValidationError):
        TABLES["account"].model_validate(row)


@pytest.mark.parametrize("email", ["", "ana@tilly.example"])
def test_addresses_that_a_record_takes(email: str) -> None:
    assert problems("credential", CREDENTIAL | {"email": email}) == []


SUBSCRIPTION: dict[str, Any] = {
    "id": 5, "account": 5, "session": None, "endpoint": "https://push.example/1", "endpoint_key": "ab" * 32,
    "p256dh": "", "auth": "", "vapid": "", "locale": "", "zone": "", "permission": "", "made_at": 1, "sent_at": None,
    "confirmed_at": None, "failed": 0, "problem": "",
}  # fmt: skip
STORE: dict[str, Any] = {"id": 1, "url": "", "state": 0, "since": 1}
MARKS = "a" + "\u0301\u0316" * 40


@pytest.mark.parametrize(
    ("table", "row"),
    [
        # Text that is blank, or cut short, by today's rules.
        *(("account", ACCOUNT | {"name": name, "name_key": name}) for name in ("\u2800", "\u3164", MARKS)),
        *(
            ("account", ACCOUNT | {"links": json.dumps([[label, "https://x.org"]])})
            for label in ("", "\u2800", "\u3164", MARKS, "\u200d")
        ),
        ("account", ACCOUNT | {"bio": "\u2800\n\n\n\u2800" + MARKS}),
        ("account", ACCOUNT | {"links": json.dumps([["x", "HTTPS://X.org:8443/a?b#c"]])}),
        # Sent there or not, as the settings of the version that sends say.
        ("push_subscription", SUBSCRIPTION | {"endpoint": "http://192.168.1.7:8080/UP?x=1"}),
        ("push_subscription", SUBSCRIPTION | {"endpoint": "HTTPS://push.example/1"}),
        ("push_subscription", SUBSCRIPTION | {"p256dh": "B" * 87 + "===", "auth": "a" * 22 + "=="}),
        # What an older server writes after the migration that drops it.
        ("credential", CREDENTIAL | {"email": "a@my_host.example.org"}),
        ("credential", CREDENTIAL | {"email": "zoë@exämple.org"}),
        ("object_store", STORE | {"url": "file:///mnt/My Disk"}),
        ("object_store", STORE | {"url": "FILE:///mnt/disk"}),
    ],
)
def test_what_earlier_versions_took_still_fits(table: str, row: dict[str, Any]) -> None:
    assert problems(table, row) == []


@pytest.mark.parametrize(
    "links",
    [
        [["me", "javascript:alert(1)"]],
        [["me", "https://x.org/\x00"]],
        [["right to left \u202e", "https://x.org"]],
        [["two\nlines", "https://x.org"]],
        [["x" * (profiles.MAX_LABEL * 8 + 1), "https://x.org"]],
        [["me", "https://x.org/" + "x" * profiles.MAX_ADDRESS * 8]],
        [["me", "https://x.org"]] * (profiles.MAX_LINKS + 1),
    ],
)
def test_links_that_do_harm_are_refused(links: list[list[str]]) -> None:
    assert problems("account", ACCOUNT | {"links": json.dumps(links)}) == [("5", "links")]


@pytest.mark.parametrize("email", ["b@x.org,root", "b@x", "b@x.org\nBcc: c@y.org", "B@x.org", "b" * 250 + "@x.org"])
def test_addresses_that_a_record_refuses(email: str) -> None:
    assert problems("credential", CREDENTIAL | {"email": email}) == [("5", "email")]


def test_reasons_quote_nothing() -> None:
    row = {**ACCOUNT, "links": "my secret diary", "role": "my secret role", "name": "my secret name \0"}
    _, bad = records.check("account", [tuple(row[column] for column in records.shape("account").columns)])
    assert len(bad) == 1
    assert "secret" not in json.dumps(bad)
    long = (1, 1, None, None, 1, None, "secret " * publishing.MAX_LENGTH * 2, "", None, 0, 0, "k", 1, None, None)
    _, bad = records.check("post", [(*long, 0, 0, 0, 0, 0, 0, None)])
    assert [(table, key, field) for table, key, field, _ in bad] == [("post", "1", "text")]
    assert "secret" not in json.dumps(bad)


def test_of_many_rows_the_good_ones_stay_in_order() -> None:
    rows: list[Any] = [(number, 9, 0) for number in range(1, 9)]
    rows[2], rows[5] = (3, "x", 0), (6, 9, 7)
    good, bad = records.check("follow", rows)
    assert [row[0] for row in good] == [1, 2, 4, 5, 7, 8]
    assert [(key, field) for _, key, field, _ in bad] == [("3", "followee"), ("6, 9", "pull")]


def test_keys_that_are_secret_are_cut_short() -> None:
    digest = "ab" * 32
    _, bad = records.check("session", [(digest, 0, "", 1, 1)])
    assert bad[0][:3] == ("session", digest[:12], "account")
    _, bad = records.check("post_tag", [("secret", 0)])
    assert "secret" not in json.dumps(bad)
