"""By the clock: a backup is made when it is due, and operators hear of it when the newest is too old."""

from pathlib import Path

import msgspec
import pytest

from app import backup_jobs
from db.engine import DB
from db.queries import backups
from db.sql import SQL
from domain.backups import handover, history
from domain.backups.handover import SITE_MODE
from domain.core.leases import Lease
from ops.backup.repository import Repository
from settings import Settings
from tests.conftest import Watch
from tests.helpers.backups import PUBLIC
from tests.helpers.people import LiveNetwork
from tests.helpers.services import MailServer


@pytest.fixture
def engine() -> str:
    """The clock starts a process of its own, which has the database too."""
    return "sqlite"


@pytest.fixture
def settings(network: LiveNetwork, tmp_path: Path) -> Settings:
    return msgspec.structs.replace(
        network.settings, backup_url=(tmp_path / "repository").as_uri(), backup_recipients=PUBLIC, backup_hours=24
    )


async def test_a_backup_when_it_is_due(network: LiveNetwork, settings: Settings, watch: Watch, tmp_path: Path) -> None:
    place = Repository(settings.backup_url)
    await handover.stop_writes()
    await backup_jobs.back_up(settings)
    assert not (tmp_path / "repository").exists(), "not while the network moves"
    await handover.resume_writes()
    await backup_jobs.back_up(settings)
    assert await place.manifests() == [1]
    assert await history.last_success_at(place.name) > 0
    await backup_jobs.back_up(settings)
    assert await place.manifests() == [1], "none is due"
    async with backup_jobs.running_backups(settings):
        assert await backups.replication_state() is not None
    watch.forward(25 * 3600)
    await backup_jobs.back_up(settings)
    assert max(await place.manifests()) == 2
    async with backup_jobs.running_backups(network.settings):
        assert await backups.replication_state() is None, "without a place the copy ends"
    assert not SITE_MODE.writes_stopped


async def test_one_that_fails_is_not_tried_every_minute(settings: Settings, watch: Watch, tmp_path: Path) -> None:
    (tmp_path / "repository").write_text("not a folder")
    for _ in range(2):
        await backup_jobs.back_up(settings)
    assert len(await backups.backups(10)) == 1
    watch.forward(16 * 60)
    await backup_jobs.back_up(settings)
    assert len(await backups.backups(10)) == 2
    assert all(row[6] for row in await backups.backups(10)), "each with its problem"


async def test_the_alarm(
    network: LiveNetwork, settings: Settings, mail: MailServer, watch: Watch, tmp_path: Path
) -> None:
    (tmp_path / "repository").write_text("not a folder")
    settings = msgspec.structs.replace(settings, smtp_url=mail.url, origin="https://tilly.example")
    await backup_jobs.back_up(settings)
    assert mail.messages == [], "the network is new"
    operator = await (await network.operator()).viewer()
    member = await network.member("ana", email="ana@example.org")
    await DB.fetch(SQL("UPDATE credential SET email = 'ottilie@example.org' WHERE account = ?1"), operator.id)
    watch.forward(37 * 3600)
    await backup_jobs.back_up(settings)
    message = mail.wait()
    assert message["to"] == "ottilie@example.org"
    assert "no recent backup" in message["subject"]
    assert "https://tilly.example/settings/backups" in message.get_content()
    await backup_jobs.back_up(settings)
    assert len(mail.messages) == 1, "once a day"
    assert member.id != operator.id


async def test_a_copy_that_has_stopped(
    network: LiveNetwork, settings: Settings, mail: MailServer, watch: Watch
) -> None:
    settings = msgspec.structs.replace(settings, smtp_url=mail.url, origin="https://tilly.example")
    operator = await (await network.operator()).viewer()
    await DB.fetch(SQL("UPDATE credential SET email = 'ottilie@example.org' WHERE account = ?1"), operator.id)
    await backup_jobs.back_up(settings)
    watch.forward(29 * 60)
    await backup_jobs.back_up(settings)
    assert mail.messages == []
    watch.forward(2 * 60)
    async with Lease(backup_jobs.CLOCK).held():
        await backup_jobs.back_up(settings)
    assert mail.messages == [], "another process is at it, and may put it right"
    for _ in range(2):
        await backup_jobs.back_up(settings)
    message = mail.wait()
    assert "has stopped" in message["subject"]
    assert len(mail.messages) == 1, "once a day"
