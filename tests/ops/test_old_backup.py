"""A backup that schema 8 made, and the changes copied after it, bring the network back on either engine."""

from pathlib import Path

import pytest

from archive.progress import ignore_progress
from db.engine import DB
from domain.accounts import profiles, sessions
from domain.core import secrets
from domain.media import serving
from ops.backup import errors, sealing, verifying
from ops.backup.restoring import Wanted
from settings import Settings
from tests.conftest import QUICK, Watch
from tests.helpers import old_network
from tests.helpers.backups import IDENTITY, Host, bring_back
from tests.helpers.databases import Store
from tests.helpers.old_network import KNOWN
from tests.helpers.people import LiveNetwork

KEY = secrets.unpadded(KNOWN.network_key)
OLD_IDENTITY = sealing.identities(KNOWN.identity)


@pytest.fixture
async def host(store: Store, engine: str, tmp_path: Path, watch: Watch) -> Host:
    """A machine that has nothing but the backups."""
    old_network.turn_back(watch)
    url = "" if engine == "sqlite" else await store.copy("empty")
    return Host(Settings(database_url=url, data=str(tmp_path / "new"), **QUICK), old_network.backups(tmp_path))


async def test_it_can_be_verified(host: Host) -> None:
    found = await verifying.verify(host.repository, 0, KEY, OLD_IDENTITY, ignore_progress)
    assert (found.manifest.number, found.manifest.origin, found.segments) == (1, "https://tilly.example", 1)
    assert found.manifest.at < found.until


async def test_only_with_its_keys(host: Host) -> None:
    with pytest.raises(errors.WrongIdentity):
        await verifying.verify(host.repository, 0, KEY, IDENTITY, ignore_progress)
    with pytest.raises(errors.WrongSignature):
        await verifying.verify(host.repository, 0, bytes(32), OLD_IDENTITY, ignore_progress)


async def test_it_brings_the_network_back(host: Host) -> None:
    try:
        restored = await bring_back(host, host.settings, Wanted(key=KEY), OLD_IDENTITY)
        assert (restored.bad, restored.lost, restored.segments) == ([], [], 1)
        assert restored.pictures > 10
        expected = old_network.expected()
        homes = expected.pop("homes")
        assert await old_network.described(host.settings) == expected
        assert (await sessions.viewer(KNOWN.token)).handle == "ana"
        await can_be_looked_at()

        network = LiveNetwork(host.settings)
        await network.settle()
        rows = await DB.fetch(old_network.OUTBOX)
        assert [tuple(row[1:]) for row in rows] == [(20, "TimeoutError")], "only the one that had given up before"
        for handle, there in (await old_network.homes(host.settings)).items():
            assert set(homes[handle]) - {"Hello, I am Wim."} <= set(there), handle
        # The new host makes the next backup at the same place.
        assert await host.back_up() == 2
    finally:
        await DB.close()


async def can_be_looked_at() -> None:
    """The pictures of people are whole, each at its own size."""
    viewer = await sessions.viewer(KNOWN.token)
    bodies = []
    for key in old_network.avatars(await profiles.by_handle(viewer, "ana")):
        found = await serving.find(key)
        assert found is not None
        bodies.append(await serving.read(found, 0, found.size))
    assert all(body[:4] == b"RIFF" and body[8:12] == b"WEBP" for body in bodies)
    assert len(set(bodies)) == 3


async def test_what_came_after_the_backup_is_in_the_segments(host: Host) -> None:
    """Else the changes of schema 8 would be restored by nobody in these tests."""
    async for _, _, path in host.repository.segments():
        await host.repository.delete(path)
    try:
        restored = await bring_back(host, host.settings, Wanted(key=KEY), OLD_IDENTITY)
        assert restored.segments == 0
        assert not await old_network.post("Copied to one of many.")
        assert await old_network.post("This is to be deleted.")
    finally:
        await DB.close()
