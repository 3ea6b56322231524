"""A database of schema 8, upgraded: nothing is lost, and people find what they left."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from db import schema
from db.engine import DB, Unavailable
from domain.accounts import credentials, network_profile, profiles
from domain.backups import handover, history
from domain.core.errors import Invalid
from domain.media.stores import STORES
from ops.backup import replication_state
from ops.demo import cast
from settings import Settings
from tests.conftest import QUICK, OpenSite, Watch
from tests.helpers import notifications, old_network
from tests.helpers.backups import Host, bring_back, elsewhere
from tests.helpers.databases import Store
from tests.helpers.old_network import KNOWN
from tests.helpers.people import LiveNetwork, Member

HOUR = 3_600_000


@pytest.fixture
async def old(store: Store, engine: str, watch: Watch) -> str:
    """The address of the database, not migrated."""
    old_network.turn_back(watch)
    return await old_network.put_into(store, engine)


@pytest.fixture
async def upgraded(old: str, tmp_path: Path) -> AsyncIterator[LiveNetwork]:
    """The network, open, and taking what people write."""
    settings = Settings(database_url=old, data=str(tmp_path), **QUICK)
    network_profile.forget()
    await DB.open(old)
    try:
        await schema.migrate()
        await schema.check()
        await STORES.open("", settings.objects)
        await handover.resume_writes()
        yield LiveNetwork(settings)
    finally:
        await DB.close()


async def test_it_says_that_it_is_old(old: str) -> None:
    await DB.open(old)
    try:
        assert (await schema.done())[-1] == schema.known()[7]
        if len(schema.known()) > 8:
            with pytest.raises(Unavailable, match="lacks"):
                await schema.check()
    finally:
        await DB.close()


async def test_every_row_is_there_with_every_value(old: str) -> None:
    before = old_network.renamed(await old_network.rows(old))
    await DB.open(old)
    await schema.migrate()
    await DB.close()
    after = await old_network.rows(old)
    assert [table for table, there in before.items() if not there] == []
    for table, there in before.items():
        # A later schema may have more columns.
        now = [{column: row[column] for column in there[0]} for row in after[table]]
        assert [row for row in there if row not in now] == [], table
        assert table in old_network.GROW or len(now) == len(there), table


async def test_people_find_what_they_left(upgraded: LiveNetwork, engine: str) -> None:
    expected = old_network.expected(engine)
    homes = await old_network.homes(upgraded.settings)
    assert homes == expected.pop("homes")
    found = await old_network.described(upgraded.settings)
    for handle, person in expected["people"].items():
        assert found["people"][handle] == person, handle
    assert found == expected
    # It is not for nothing that all this is the same.
    tom = found["people"]["tom"]
    assert (tom["avatars"], tom["unread"], set(tom["set aside"])) == ([480, 128, 0], [6, 3], {"gaston", "vera", "lena"})
    operator = await old_network.member("ottilie", upgraded.settings)
    state = await history.state(await operator.viewer())
    assert [backup.number for backup in state.backups] == [1]
    assert len(state.rehearsals) == 1
    assert 0 < state.copied_at - KNOWN.made_at < HOUR


async def test_a_network_that_was_handed_over_stays_so(old: str) -> None:
    await DB.open(old)
    try:
        await schema.migrate()
        await handover.SITE_MODE.refresh()
        assert handover.SITE_MODE.writes_stopped
    finally:
        await handover.resume_writes()
        await DB.close()


async def test_members_stay_signed_in_and_others_sign_in(upgraded: LiveNetwork, open_site: OpenSite) -> None:
    assert await credentials.prove("mireille", cast.PASSWORD)
    with pytest.raises(Invalid):
        await credentials.prove("mireille", "another password")
    url = upgraded.settings.url
    await DB.close()
    site = await open_site(database_url=url)
    ana = Member(await credentials.account_named("ana"), "ana", KNOWN.token, site.network.settings)
    browser = site.browser(ana)
    profile = await browser.get("/@ana")
    large, small, header = old_network.avatars(await profiles.by_handle(await ana.viewer(), "ana"))
    assert large != small
    assert f"/media/{large}" in profile.text
    assert f"/media/{header}" in profile.text
    home = await browser.get("/")
    assert "For the digest of" in home.text
    assert f"/media/{small}" in home.text
    assert "Trần" in (await browser.get("/notifications")).text
    assert (await site.browser().get("/notifications")).status_code == 303
    form = {"text": "Still here", "key": "a-form-after-it"}
    refused = await browser.post("/posts", data=form)
    assert refused.status_code == 403, "nobody has accepted any rules yet"
    assert "Still here" in refused.text
    assert (await browser.put("/rules/acceptance", data={"rules": "1"})).status_code == 303
    assert (await browser.post("/posts", data=form)).status_code == 303
    assert "Still here" in (await browser.get("/")).text


async def test_a_copy_goes_on_following(upgraded: LiveNetwork, store: Store, engine: str, tmp_path: Path) -> None:
    """Triggers of schema 8 are on its tables, and must not stand in the way of who writes."""
    # As every process does when it starts.
    await replication_state.agree(KNOWN.copied_to)
    ana = await old_network.member("ana", upgraded.settings)
    before = await ana.post("Between the upgrade and the next backup.")
    host = Host(upgraded.settings, (tmp_path / "repository").as_uri())
    await host.back_up()
    after = await ana.post("After the next backup.")
    tom = await old_network.member("tom", upgraded.settings)
    await tom.vote(after, 1)
    await upgraded.settle()
    await host.catch_up()
    heard = await notifications.told(ana)
    assert "vote tom" in heard
    url = "" if engine == "sqlite" else await store.copy("empty")
    there = elsewhere(upgraded.settings, tmp_path / "b", url)
    restored = await bring_back(host, there)
    assert (restored.bad, restored.segments > 0) == ([], True)
    ana = await old_network.member("ana", there)
    assert {before, after} <= {*await ana.home()}
    assert await notifications.told(ana) == heard
