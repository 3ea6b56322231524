"""An archive of format 2 goes into an empty database of either engine, and all of it fits."""

import json
from pathlib import Path

import pytest

from archive import formats, load, reports
from db import schema
from db.engine import DB
from domain.accounts import credentials, network_profile, sessions
from domain.core.errors import Invalid
from domain.media.stores import STORES
from ops.demo import cast
from settings import Settings
from tests.conftest import QUICK, Watch
from tests.helpers import old_network
from tests.helpers.archives import opened
from tests.helpers.databases import Store
from tests.helpers.old_network import KNOWN, TABLES
from tests.helpers.people import LiveNetwork

HOUR = 3_600_000


@pytest.fixture
def old(tmp_path: Path, watch: Watch) -> Path:
    old_network.turn_back(watch)
    return old_network.archive(tmp_path)


def test_it_says_what_it_is(old: Path) -> None:
    about = load.look(old)
    assert (about.name, about.domain) == (cast.ABOUT.name, "tilly.example")
    assert 0 < about.made_at - KNOWN.made_at < HOUR


async def test_all_of_it_fits(old: Path, store: Store, tmp_path: Path) -> None:
    settings = Settings(database_url=await store.copy("migrated"), data=str(tmp_path), **QUICK)
    network_profile.forget()
    await opened(settings.url)
    said = json.loads(load.look(old).rows)
    assert all(said.values())
    read = await load.read(old)
    assert (read.bad, read.left_out) == ([], 0)
    written = {TABLES.get(table, table): count for table, count in said.items()}
    assert read.rows == written | dict.fromkeys(formats.of(2).lacks, 0)
    assert not reports.beside(old).exists()
    await load.derive()
    await schema.check()
    await STORES.settle("", settings.objects)

    expected = old_network.expected()
    homes = expected.pop("homes")
    assert await old_network.described(settings) == expected
    assert (await sessions.viewer(KNOWN.token)).handle == "ana"
    assert await credentials.prove("mireille", cast.PASSWORD)
    with pytest.raises(Invalid):
        await credentials.prove("mireille", "another password")

    # What was under way goes on here. Timelines are made anew, so that nothing in them waits for it.
    await LiveNetwork(settings).settle()
    rows = await DB.fetch(old_network.OUTBOX)
    assert [tuple(row[1:]) for row in rows] == [(20, "TimeoutError")], "only the one that had given up before"
    for handle, there in (await old_network.homes(settings)).items():
        assert set(homes[handle]) - {"Hello, I am Wim."} <= set(there), handle
