"""Operators hear by mail, on their pages and in the metrics that the database is out or the disk almost full."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from app import health_watch, metrics
from db.engine import DB
from db.outage import DatabaseUnreachable
from db.sql import SQL
from domain.backups import history
from domain.core.outages import DATABASE_STATUS, LOW
from settings import Settings
from tests import conftest
from tests.conftest import OpenSite
from tests.helpers.people import LiveNetwork
from tests.helpers.services import MailServer, free_port
from web import operator_mails


@pytest.fixture
def engine() -> str:
    return "sqlite"


@pytest.fixture(autouse=True)
async def well() -> AsyncIterator[None]:
    DATABASE_STATUS.forget()
    yield
    DATABASE_STATUS.forget()


@pytest.fixture
async def settings(network: LiveNetwork, mail: MailServer) -> Settings:
    """Of a network whose operator reads French, beside a member with an address."""
    operator = await (await network.operator()).viewer()
    await network.member("ana", email="ana@example.org")
    await DB.fetch(SQL("UPDATE credential SET email = 'ottilie@example.org' WHERE account = ?1"), operator.id)
    await DB.fetch(SQL("UPDATE account SET locale = 'fr' WHERE id = ?1"), operator.id)
    return msgspec.structs.replace(network.settings, smtp_url=mail.url, origin="https://tilly.example")


async def test_an_outage_that_lasts(settings: Settings, mail: MailServer, watch: conftest.Watch) -> None:
    looking = health_watch.HealthWatch(settings)
    await looking.check()
    assert DATABASE_STATUS.refusal(DatabaseUnreachable()) is not None
    await looking.check()
    watch.forward(59)
    await looking.check()
    assert mail.messages == [], "it may be over in a moment"
    watch.forward(2)
    await looking.check()
    message = mail.wait()
    assert message["to"] == "ottilie@example.org"
    assert "ne répond pas" in message["subject"]
    watch.forward(3600)
    await looking.check()
    watch.forward(23 * 3600)
    await looking.check()
    assert len(mail.messages) == 2, "once a day"


async def test_one_process_of_a_machine_tells(settings: Settings, mail: MailServer, watch: conftest.Watch) -> None:
    processes = [health_watch.HealthWatch(settings) for _ in range(3)]
    for one in processes:
        await one.check()
    assert DATABASE_STATUS.refusal(DatabaseUnreachable()) is not None
    watch.forward(61)
    for one in processes:
        await one.check()
    await health_watch.HealthWatch(settings).check()
    assert len(mail.messages) == 1


async def test_without_a_mail_server_it_is_told_once_there_is_one(
    settings: Settings, mail: MailServer, watch: conftest.Watch
) -> None:
    silent = msgspec.structs.replace(settings, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    without, with_mail = health_watch.HealthWatch(silent), health_watch.HealthWatch(settings)
    for one in (without, with_mail):
        await one.check()
    assert DATABASE_STATUS.refusal(DatabaseUnreachable()) is not None
    watch.forward(61)
    await without.check()
    await with_mail.check()
    assert mail.messages == [], "not at every look"
    watch.forward(history.TELLING_MS // 1000 + 1)
    await with_mail.check()
    assert len(mail.messages) == 1


async def test_an_alarm_that_could_not_be_sent_is_tried_again(
    settings: Settings, mail: MailServer, watch: conftest.Watch
) -> None:
    silent = msgspec.structs.replace(settings, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    for alarm in (
        operator_mails.outbox_stuck,
        operator_mails.disk_almost_full,
        operator_mails.backup_too_old,
        operator_mails.replication_behind,
    ):
        figures = (1, 20) if alarm is operator_mails.outbox_stuck else (1,)
        mail.messages.clear()
        await alarm(silent, *figures)
        await alarm(settings, *figures)
        assert mail.messages == []
        watch.forward(history.TELLING_MS // 1000 + 1)
        for _ in range(2):
            await alarm(settings, *figures)
        assert len(mail.messages) == 1


async def test_a_folder_that_takes_no_file(settings: Settings, mail: MailServer, watch: conftest.Watch) -> None:
    """One process at least keeps to once a day."""
    looking = health_watch.HealthWatch(msgspec.structs.replace(settings, data=f"{settings.data}/none/there"))
    await looking.check()
    assert DATABASE_STATUS.refusal(DatabaseUnreachable()) is not None
    for _ in range(3):
        watch.forward(3600)
        await looking.check()
    assert len(mail.messages) == 1


async def test_a_disk_that_is_almost_full(settings: Settings, mail: MailServer, watch: conftest.Watch) -> None:
    looking = health_watch.HealthWatch(settings)
    DATABASE_STATUS.free = LOW
    await looking.check()
    assert mail.messages == []
    DATABASE_STATUS.free = LOW - 1
    for _ in range(3):
        await looking.check()
    message = mail.wait()
    assert "presque plein" in message["subject"]
    assert "511 Mo" in message.get_content()
    assert len(mail.messages) == 1, "once a day"


async def test_what_operators_see(open_site: OpenSite) -> None:
    site = await open_site()
    ana, ottilie = await site.member("ana"), await site.network.operator()
    words = "almost full: 100 MB are left"
    assert words not in (await site.browser(ottilie).get("/")).text
    DATABASE_STATUS.free = 100 * 1024 * 1024
    assert words in (await site.browser(ottilie).get("/")).text
    for member in (ana, None):
        assert words not in (await site.browser(member).get("/public")).text


async def test_metrics(open_site: OpenSite) -> None:
    await open_site()

    def value(gauge: Any) -> float:
        return float(next(iter(gauge.collect())).samples[0].value)

    metrics.watched()
    DATABASE_STATUS.free = 12345
    assert (value(metrics.WRITABLE), value(metrics.DISK_FREE)) == (1, 12345)
    assert DATABASE_STATUS.refusal(DatabaseUnreachable()) is not None
    assert value(metrics.WRITABLE) == 0
