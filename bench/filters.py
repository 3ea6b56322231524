"""What filters cost a post that is published, and how long the simulation of one takes."""

import asyncio
import gc
import time
from collections.abc import Iterator
from random import Random
from typing import NamedTuple

from bench import databases
from bench.databases import Database
from db.engine import DB
from domain.core import clock, ids
from domain.moderation import filter_engine, filter_simulation, filter_words
from domain.moderation.filter_engine import Filter
from domain.moderation.filter_fields import PostFields
from domain.moderation.filter_tally import Tally
from domain.moderation.filter_words import WordList
from ops.seed import NetworkSize
from ops.seeding import words

RULES, LISTS, WORDS, TIMES = 50, 5, 1000, 2000
# One of each kind that operators write.
CONDITIONS = (
    'words("list-{list}") && trust < 2',
    "account_age < {number} && links.size() > 1",
    'text.contains("offer {number}")',
    r'skeleton.matches(r"\bbuy{number}\b.{{0,20}}\bnow\b")',
    'hosts.exists(host, host.endsWith(".shop{number}.example"))',
    "mentions.size() > 5 && posts_last_hour > {number}",
    '"tag{number}" in tags',
    'language == "fr" && has_picture && words("list-{list}")',
    '["a{number}", "b{number}"].exists(one, skeleton.contains(one))',
    "!is_reply && posts_last_hour > {number}",
)
SIMULATED = r'words("list-0") || skeleton.matches(r"\b(lamp|square)s?\b.{0,20}\bspring\b")'


class Costs(NamedTuple):
    """``check_ms``: CPU of a post with all rules. The rest is one rule over all posts; ``lag_ms`` is the longest that
    the event loop could not go on.
    """

    check_ms: float
    posts: int
    seconds: float
    cpu_s: float
    lag_ms: float

    def words(self) -> str:
        return (
            f"{RULES} filters with {LISTS * WORDS:,} words take {self.check_ms:.2f} ms of CPU a post. A filter is"
            f" simulated over {self.posts:,} posts in {self.seconds:.1f} s ({self.cpu_s:.1f} s of CPU); the event"
            f" loop waits for {self.lag_ms:.0f} ms at most."
        )


def measure(database: Database) -> Costs:
    """Errors: ``NoCluster``."""
    random = Random(4)
    lists = {f"list-{number}": _list(random) for number in range(LISTS)}
    check_ms = _check(random, lists)
    with databases.fresh(database, NetworkSize()) as (url, _):
        return asyncio.run(_simulated(url, lists, check_ms))


def _list(random: Random) -> WordList:
    made = ("".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=random.randint(5, 10))) for _ in range(WORDS))
    return filter_words.parse("\n".join(made))


def _rules() -> Iterator[Filter]:
    for number in range(RULES):
        condition = CONDITIONS[number % len(CONDITIONS)].format(number=number, list=number % LISTS)
        yield Filter(number, f"Filter {number}", condition)


def _check(random: Random, lists: dict[str, WordList]) -> float:
    """Milliseconds of CPU."""
    filters = filter_engine.compile_all(_rules(), lists)
    assert not filters.broken, filters.broken
    posts = [
        PostFields(
            text=words.say(random, ["somebody"]).text,
            descriptions=(words.say(random, ["somebody"]).text,) * (number % 2),
            pictures=number % 2,
            account_age=number,
            trust=number % 4,
            posts_last_hour=number % 60,
            language=("en", "fr")[number // 2 % 2],
        )
        for number in range(TIMES)
    ]
    began = time.process_time()
    for post in posts:
        filters.check(post)
    return (time.process_time() - began) / TIMES * 1000


async def _simulated(url: str, lists: dict[str, WordList], check_ms: float) -> Costs:
    # What other lines have left would be gone through with each collection, which a worker's memory is too small for.
    gc.collect()
    gc.freeze()
    await DB.open(url)
    try:
        condition = filter_engine.compile_alone(SIMULATED, lists)
        since, until = 0, ids.first(clock.now())
        lags: list[float] = []
        ticking = asyncio.create_task(_tick(lags))
        began, cpu = time.perf_counter(), time.process_time()
        tally: Tally = await filter_simulation.begun(since, until)
        async for _ in filter_simulation.go_on(condition, tally, since, until):
            pass
        seconds, cpu_s = time.perf_counter() - began, time.process_time() - cpu
        ticking.cancel()
        return Costs(check_ms, tally.posts, seconds, cpu_s, max(lags) * 1000)
    finally:
        gc.unfreeze()
        await DB.close()


async def _tick(lags: list[float]) -> None:
    """Notes every two milliseconds how long that took.

    By the clock it would depend on the rest of the machine, and by the CPU time of all threads on how many run at once:
    it is no longer than either.
    """
    while True:
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.sleep(0.002)
        lags.append(min(time.perf_counter() - began, time.process_time() - cpu))


if __name__ == "__main__":
    print(measure("sqlite").words())
