"""A freeze and a suspension end at their second, at a month's end, and once, while two worker processes wait for it."""

import asyncio
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.core import clock
from domain.core.signals import Kind
from domain.moderation import sanctions, statements
from domain.moderation.kinds import StatementKind
from tests.app.test_wall_clock import Clock
from tests.conftest import Watch
from tests.db.test_bus import End, ends
from tests.helpers.moderation import reported
from tests.helpers.people import LiveNetwork
from tests.helpers.services import PARVIS, ROOT, environment

SECONDS = 120
# Decided on January 31; February has 28 days.
DECIDED = datetime(2027, 1, 31, 23, 59, 59, tzinfo=UTC)
LATEST = 5_000


@contextmanager
def workers(url: str, folder: Path, machine: Clock) -> Iterator[list[Path]]:
    """Two ``parvis worker`` with that clock, and their logs."""
    logs, running = [folder / f"worker{number}.log" for number in range(2)], []
    surroundings = environment(folder, database_url=url) | machine.environment
    try:
        for file in logs:
            with file.open("wb") as log:
                running.append(subprocess.Popen([PARVIS, "worker"], cwd=ROOT, env=surroundings, stdout=log, stderr=log))
        yield logs
    finally:
        for one in running:
            one.kill()
            one.wait()


@pytest.mark.parametrize("kind", [StatementKind.FREEZE, StatementKind.SUSPENSION])
async def test_it_ends_at_its_second_and_once(
    network: LiveNetwork, watch: Watch, tmp_path: Path, kind: StatementKind
) -> None:
    _, eve, moderator, _, case = await reported(network)
    watch.ahead += int(DECIDED.timestamp() * 1000) - clock.now()
    await moderator.decide(case, StatementKind.WARNING, sanction=kind, days=30)
    await network.settle()
    (until,) = {one.ends_at for one in (await statements.mine(await eve.viewer())).items if one.kind is kind}
    assert until is not None
    assert datetime.fromtimestamp(until / 1000, UTC).isoformat(timespec="seconds") == "2027-03-02T23:59:59+00:00"
    # A minute before, while the two are starting.
    watch.ahead += until - 60_000 - clock.now()
    watch.ahead -= watch.ahead % 1000
    machine = Clock(tmp_path)
    machine.put(watch.ahead // 1000)
    async with asyncio.timeout(SECONDS), ends(network.settings.url, 1) as (bus,):
        with workers(network.settings.url, tmp_path, machine) as logs:
            while not all(b"is processing" in log.read_bytes() for log in logs):
                await asyncio.sleep(0.02)
            # Two seconds before, for all three.
            watch.ahead += (until - 2_000 - clock.now()) // 1000 * 1000
            machine.put(watch.ahead // 1000)
            while not _told(bus):
                before = clock.now()
                state = await sanctions.of_account(eve.id)
                assert before >= until or max(state.frozen_until, state.suspended_until) == until
                await asyncio.sleep(0.01)
            assert until <= clock.now() < until + LATEST
            while await network.count("outbox", "kind = 'SanctionEnds'"):
                await asyncio.sleep(0.02)
            assert await network.count("account", "suspended_until > 0 OR frozen_until > 0") == 0
    # Whoever had ended it a second time would have told of it again.
    assert _told(bus) == [eve.id]


def _told(bus: End) -> list[int]:
    """Whose devices were told that they may do something else now."""
    return [signal.a for signal in bus.heard if signal.kind == Kind.VIEWER]
