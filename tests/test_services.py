"""What the tests stand on: a mail server that keeps mail, a PostgreSQL that leaves nothing behind."""

import asyncio
from email.message import EmailMessage
from pathlib import Path

from aiosmtplib import send

from ops.rigs.postgres_cluster import throwaway
from tests.helpers.services import environment, mail_server


def test_mail_arrives() -> None:
    with mail_server() as server:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Été"
        message.set_content("Bonjour")
        asyncio.run(send(message, hostname="127.0.0.1", port=server.port))
        assert server.wait()["Subject"] == "Été"


def test_postgres_copies_and_leaves_nothing() -> None:
    with throwaway() as cluster:
        cluster.create("one")
        cluster.create("two", template="one")
        assert cluster.exists("two")
        cluster.drop("two")
        assert not cluster.exists("two")
        folder = Path(f"/proc/{cluster.pid}")
        assert folder.exists()
    assert not folder.exists()


def test_settings_of_this_machine_stay_out(tmp_path: Path) -> None:
    assert environment(tmp_path, port=1)["PARVIS_PORT"] == "1"
    assert environment(tmp_path)["PARVIS_DATA"] == str(tmp_path)
