"""What an entry of the public log costs whoever decides, and how long a log of 100,000 entries takes to verify."""

import time
from typing import NamedTuple

from db.engine import DB
from db.queries import public_log as queries
from db.queries.public_log import LogEntryRow
from db.queries.statements import StatementRow
from domain.core import clock, ids
from domain.core.events import LogEntryAdded
from domain.moderation import public_log, public_log_checks, public_log_key, public_log_sequencer
from domain.moderation.kinds import Source, StatementKind

TIMES, ENTRIES, BATCH = 500, 100_000, 5000
FACTS = "The same advertisement was put under every drawing of a member, in the same words each time. " * 4


class LogCosts(NamedTuple):
    """``verify_s`` is seconds of CPU, ``rate`` how many entries a second the sequencer gives their places."""

    append_ms: float
    verify_s: float
    rate: float

    def words(self) -> str:
        return (
            f"An entry of the public log takes {self.append_ms:.2f} ms of a decision's transaction; {self.rate:,.0f} of"
            f" them get their places in a second; {ENTRIES:,} are verified in {self.verify_s:.2f} s of CPU."
        )


async def measure(url: str) -> LogCosts:
    """In the seeded database at ``url``, which gets all these entries."""
    await DB.open(url)
    try:
        append_ms = await _append()
        await _fill()
        rate = await _sequence()
        began = time.process_time()
        await public_log_checks.verify(public_log_checks.own, await public_log_key.verifier_key())
        return LogCosts(append_ms, time.process_time() - began, rate)
    finally:
        await DB.close()


async def _append() -> float:
    """Milliseconds within the transaction."""
    spent = 0.0
    for _ in range(TIMES):
        async with DB.writing():
            made = _decision()
            began = time.perf_counter()
            await public_log.add_statement(made)
            spent += time.perf_counter() - began
    return spent / TIMES * 1000


def _decision() -> StatementRow:
    number = ids.new()
    return StatementRow(
        id=number,
        puid=str(number),
        mod_case=1,
        account=1,
        post=1,
        kind=StatementKind.WARNING,
        rule_version=1,
        rule_number=6,
        facts=FACTS,
        explanation=FACTS,
        source=Source.OTHER_NOTICE,
        revision=1,
        content_at=clock.now(),
        author=None,
        reverses=None,
    )


async def _fill() -> None:
    day, salt = "2026-11-30", "ab" * 32
    async with DB.writing():
        for _ in range(ENTRIES - TIMES):
            number = ids.new()
            row = LogEntryRow(number, None, "warning", day, number, None, "spam", None, "{}", salt, salt, salt)
            await queries.add(row)


async def _sequence() -> float:
    before, public_log_sequencer.BATCH = public_log_sequencer.BATCH, BATCH
    began = time.perf_counter()
    for _ in range(ENTRIES // BATCH):
        async with DB.writing():
            await public_log_sequencer.sequence(LogEntryAdded())
    public_log_sequencer.BATCH = before
    return ENTRIES / (time.perf_counter() - began)
