"""`parvis outbox`: events that gave up are listed, tried again, and dropped with a reason."""

import sqlite3
from pathlib import Path

from domain.core import ids
from domain.core.dead_letters import NEVER
from tests.app.test_cli import fails, says

ADD = "INSERT INTO outbox (id, kind, payload, due_at, attempts, error, lane) VALUES (?, ?, '{}', ?, 20, 'KeyError', 0)"


def test_list_retry_and_drop(tmp_path: Path) -> None:
    says("migrate", folder=tmp_path)
    assert "There are no dead letters." in says("outbox", "list", folder=tmp_path)
    one, other = ids.new(), ids.new()
    with sqlite3.connect(tmp_path / "parvis.sqlite") as database:
        database.executemany(ADD, [(one, "Voted", NEVER), (other, "Voted", NEVER)])
    said = says("outbox", "list", folder=tmp_path)
    assert "Voted: 2 since" in said
    assert all(word in said for word in (str(one), str(other), "KeyError", "20 attempts"))
    assert "1 to be tried again" in says("outbox", "retry", "Voted", "--event", str(one), folder=tmp_path)
    assert "no longer here" in fails("outbox", "retry", "Voted", "--event", str(one), folder=tmp_path)
    assert "Say why." in fails("outbox", "drop", "Voted", "--reason", " ", folder=tmp_path)
    assert "1 dropped" in says("outbox", "drop", "Voted", "--reason", "Too old", folder=tmp_path)
    with sqlite3.connect(tmp_path / "parvis.sqlite") as database:
        assert database.execute("SELECT id, attempts FROM outbox WHERE due_at < ?", (NEVER,)).fetchall() == [(one, 0)]
        kept = database.execute("SELECT id, kind, reason, dropped_by FROM dropped_event").fetchall()
    assert kept == [(other, "Voted", "Too old", None)]
