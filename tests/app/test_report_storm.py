"""A storm of reports by processes of which some are killed: each report is in one case, and each is answered once."""

import asyncio
import multiprocessing
import os
import random
import signal
from collections.abc import Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from db.engine import DB
from db.sql import SQL
from domain.accounts import sessions
from domain.moderation import cases, reports
from domain.moderation.kinds import CaseState, Outcome, ReportState, StatementKind, SubjectKind
from domain.moderation.reports import FiledReport, NamedRule
from domain.moderation.subjects import Subject
from tests.app.test_notification_storm import kill_at_work, progress, two_workers
from tests.helpers.people import LiveNetwork, Member

WRITERS, REPORTERS, SUBJECTS = 8, 50, 200
KILLS = 6
SECONDS = 600

FORKS = multiprocessing.get_context("forkserver")
COUNTED = SQL("SELECT count(*) FROM report")
# Cases whose count is not that of their reports.
MISCOUNTED = SQL("""
    SELECT c.id FROM mod_case c WHERE c.reports <> (SELECT count(*) FROM report r WHERE r.mod_case = c.id)
""")
TOLD = SQL(
    "SELECT account, post, count(*) FROM notice_part WHERE topic = 9 GROUP BY account, post HAVING count(*) <> 1"
)


def write(url: str, tokens: Sequence[str], subjects: Sequence[int], seed: int) -> None:
    """Has every one of some members report every subject, in an order of its own. Safe to repeat."""
    asyncio.run(_write(url, tokens, subjects, seed))


async def _write(url: str, tokens: Sequence[str], subjects: Sequence[int], seed: int) -> None:
    await DB.open(url)
    try:
        viewers = [await sessions.viewer(token) for token in tokens]
        wanted = [(viewer, subject) for viewer in viewers for subject in subjects]
        random.Random(seed).shuffle(wanted)
        for viewer, subject in wanted:
            filed = FiledReport(Subject(SubjectKind.POST, subject), NamedRule(1, 1 + subject % 10), "Look.")
            await reports.file(viewer, filed)
    finally:
        await DB.close()


async def report_all(url: str, tokens: Sequence[str], subjects: Sequence[int]) -> None:
    """Eight processes at once; some are killed in the midst of it, and begin anew."""
    chance = random.Random(5)

    def begin(number: int) -> ForkServerProcess:
        own = tokens[number::WRITERS]
        process = FORKS.Process(target=write, args=(url, own, subjects, number), daemon=True)
        process.start()
        return process

    running = [begin(number) for number in range(WRITERS)]
    for number in chance.sample(range(WRITERS), KILLS):
        before = await DB.value(COUNTED)
        while running[number].is_alive() and await DB.value(COUNTED) < before + 100:
            await asyncio.sleep(0.005)
        if pid := running[number].pid:
            os.kill(pid, signal.SIGKILL)
        running[number].join()
        running[number] = begin(number)
    for process in running:
        while process.is_alive():
            await asyncio.sleep(0.02)
        assert process.exitcode == 0


async def test_each_report_is_in_one_case_and_answered_once(network: LiveNetwork, tmp_path: Path) -> None:
    author = await network.member("author")
    crowd = await network.members(*(f"r{number}" for number in range(REPORTERS)))
    moderators = [await network.moderator(f"m{number}") for number in range(2)]
    subjects = [await author.post(f"Post {number}") for number in range(SUBJECTS)]
    await network.settle()
    async with asyncio.timeout(SECONDS):
        await report_all(network.settings.url, [one.token for one in crowd], subjects)
        assert await network.count("report") == REPORTERS * SUBJECTS
        assert await network.count("mod_case") == await network.count("evidence") == SUBJECTS
        assert await DB.fetch(MISCOUNTED) == []
        assert await network.count("mod_case", f"reports = {REPORTERS} AND state = {CaseState.OPEN}") == SUBJECTS
        with two_workers(network.settings.url, tmp_path) as (alive, others):
            decided = [asyncio.create_task(_decide_all(one)) for one in moderators]
            chance = random.Random(3)
            for _ in range(2):
                await kill_at_work(alive.pop(0), chance)
                alive.append(next(others))
            assert sum(await asyncio.gather(*decided)) == SUBJECTS
            while (await progress())[1]:
                await asyncio.sleep(0.02)
    await network.settle()
    assert await network.count("statement") == SUBJECTS
    answered = f"state = {ReportState.ANSWERED} AND outcome = {Outcome.ACTION}"
    assert await network.count("report", answered) == REPORTERS * SUBJECTS
    assert await DB.fetch(TOLD) == []
    assert await network.count("notice_part", "topic = 9") == REPORTERS * SUBJECTS
    assert await network.count("notice_part", f"topic = 8 AND account = {author.id}") == SUBJECTS


async def _decide_all(moderator: Member) -> int:
    """Takes one case after the other until there is none. Returns how many."""
    decided = 0
    while (case := await cases.claim_next(await moderator.viewer())) is not None:
        await moderator.decide(case, StatementKind.WARNING)
        decided += 1
    return decided
