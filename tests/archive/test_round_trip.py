"""SQLite, archive, PostgreSQL, archive: the same; and whoever lived there goes on living."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from archive import export, load, reports
from db import schema
from db.engine import DB, Unavailable
from domain.core.errors import Invalid
from domain.notifications import push_keys
from ops.demo import cast
from settings import Settings
from tests.conftest import OpenSite
from tests.helpers.archives import TIMELINE, counts, opened, town, whole
from tests.helpers.databases import Store
from tests.helpers.people import Member

QUICK = {"guest_cache_ms": 0, "undo_seconds": 0, "outbox_in_server": False}


@pytest.fixture
async def other(engine: str, sqlite: Store, postgresql: Store) -> AsyncIterator[Store]:
    """The engine that the network is not on."""
    found = postgresql if engine == "sqlite" else sqlite
    yield found
    await found.tidy()


async def test_there_and_back_it_is_the_same(store: Store, other: Store, tmp_path: Path) -> None:
    settings = Settings(database_url=await store.copy("migrated"), data=str(tmp_path))
    await opened(settings.url)
    ana = await town(settings)
    there = await counts()
    homes = {tuple(row) for row in await DB.fetch(TIMELINE)}
    last = (await ana.home())[0]
    wrote = await export.write(tmp_path / "one", domain="tilly.example")
    await DB.close()
    assert [table for table, count in there.items() if not count] == []
    assert wrote == (there, [], 0)
    assert load.look(tmp_path / "one").name == cast.ABOUT.name
    assert load.look(tmp_path / "one").domain == "tilly.example"
    assert (tmp_path / "one").stat().st_mode & 0o077 == 0

    for number, place in enumerate((other, store)):
        source, copy = tmp_path / ("one", "two")[number], tmp_path / ("two", "three")[number]
        await opened(await place.copy("migrated"))
        read = await load.read(source)
        assert read == (there, [], 0)
        with pytest.raises(Unavailable, match="has not ended"):
            await schema.check()
        await load.derive()
        await schema.check()
        # What was on its way to the followers has arrived; nothing else is new.
        found = {tuple(row) for row in await DB.fetch(TIMELINE)}
        assert homes <= found
        assert {row[1] for row in found - homes} == {last}
        await export.write(copy)
        await DB.close()
        assert whole(copy) == whole(source)
    assert not reports.beside(tmp_path / "one").exists()


async def test_members_stay_signed_in_and_find_everything(
    store: Store, other: Store, open_site: OpenSite, tmp_path: Path
) -> None:
    old = Settings(database_url=await store.copy("migrated"), data=str(tmp_path))
    await opened(old.url)
    ana = await town(old)
    home, key = await ana.home(), await push_keys.vapid()
    await export.write(tmp_path / "town")
    await DB.close()

    url = await other.copy("migrated")
    await opened(url)
    await load.read(tmp_path / "town")
    await load.derive()
    await DB.close()
    site = await open_site(database_url=url)
    ana = Member(ana.id, "ana", ana.token, site.network.settings)
    browser = site.browser(ana)
    page = await browser.get("/")
    assert page.status_code == 200
    assert "The last thing before the move." in page.text
    assert (await ana.home()) == home
    assert (await browser.get("/notifications")).status_code == 200
    guest = site.browser()
    assert (await guest.get("/@ana")).status_code == 200
    signed = await guest.post("/signin", data={"handle": "mireille", "password": cast.PASSWORD})
    assert signed.status_code == 303
    assert (await guest.get("/settings/profile")).status_code == 200
    # Pushes still go out with the key that devices know, and what was under way is worked off.
    assert await push_keys.vapid() == key
    await site.settle()
    # What is left is for the day on which suspensions end.
    assert await site.network.count("outbox", "kind NOT IN ('SanctionEnds', 'UrgentCaseWaits')") == 0
    assert await site.network.count("push_subscription", "session IS NOT NULL") == 1


async def test_a_stranger_with_a_wrong_password_stays_out(store: Store, tmp_path: Path) -> None:
    from domain.accounts import credentials

    await opened(await store.copy("founded"))
    await export.write(tmp_path / "one")
    await DB.close()
    await opened(await store.copy("migrated"))
    try:
        await load.read(tmp_path / "one")
        await load.derive()
        assert await credentials.prove("ottilie", cast.PASSWORD)
        with pytest.raises(Invalid):
            await credentials.prove("ottilie", "another password")
    finally:
        await DB.close()
