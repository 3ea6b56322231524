"""Signed-in members, profiles and threads picked from the seeded network."""

import asyncio
from dataclasses import dataclass
from random import Random

from asgi.sessions import Cookies
from db import schema
from db.engine import DB, Database
from db.queries.home_activity import receives
from db.queries.visibility import account_shown, open_account, open_post
from db.sql import SQL
from domain.accounts import sessions
from domain.core import clock

MEMBERS, PROFILES, THREADS = 300, 200, 200

OPEN = SQL(f"""
    SELECT a.id, a.handle FROM account a WHERE {account_shown()} AND {open_account()} AND a.posts >= 20 ORDER BY a.id
""")
# Threads people are in: some answers, not the few that everybody answered.
TALKED_ABOUT = SQL(f"""
    SELECT a.handle, p.id FROM post p JOIN account a ON a.id = p.author
    WHERE p.parent IS NULL AND {open_post()} AND p.replies BETWEEN 3 AND 30 ORDER BY p.id DESC LIMIT 5000
""")
LAST = SQL("SELECT max(id) FROM post")
WRITTEN = SQL(f"""
    SELECT count(*), coalesce(sum(1 + (
        SELECT count(*) FROM follow f WHERE f.followee = p.author AND {receives("f.follower")})), 0)
    FROM post p WHERE p.id > ?1
""")
DELIVERED = SQL("SELECT count(*) FROM timeline WHERE entry > ?1 AND actor = 0")
BACKLOG = SQL("SELECT count(*) FROM outbox WHERE due_at <= ?1")


@dataclass(frozen=True, slots=True)
class Site:
    """Cookies of members, addresses of profiles and of threads."""

    cookies: list[str]
    profiles: list[str]
    threads: list[str]


def pick(url: str) -> Site:
    """Signs MEMBERS people in, and picks what they read; the same for the same database."""
    return asyncio.run(_pick(url))


async def _pick(url: str) -> Site:
    random = Random(1)
    await DB.open(url)
    try:
        schema.bind()
        people = await DB.fetch(OPEN)
        members = random.sample(list(people), min(MEMBERS, len(people)))
        tokens = [await sessions.start(member[0], "bench") for member in members]
        threads = [f"/@{handle}/{post}" for handle, post in await DB.fetch(TALKED_ABOUT)]
    finally:
        await DB.close()
    profiles = [f"/@{person[1]}" for person in random.sample(list(people), min(PROFILES, len(people)))]
    name = Cookies(secure=False).session
    return Site(
        cookies=[f"{name}={token}" for token in tokens],
        profiles=profiles,
        threads=random.sample(threads, min(THREADS, len(threads))),
    )


class Watch:
    """Looks into a server's database from outside, to see what has really been written."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._database = Database()
        self._runner = asyncio.Runner()

    def __enter__(self) -> "Watch":
        self._runner.run(self._database.open(self._url))
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.run(self._database.close())
        self._runner.close()

    def last_post(self) -> int:
        return int(self._runner.run(self._database.value(LAST)))

    def backlog(self) -> int:
        """Events that are due and still wait to be worked on."""
        return int(self._runner.run(self._database.value(BACKLOG, clock.now())))

    def written(self, since: int) -> tuple[int, int]:
        """Posts made after the post ``since``, and the timelines they belong in."""
        row = self._runner.run(self._database.one(WRITTEN, since))
        assert row is not None
        return int(row[0]), int(row[1])

    def delivered(self, since: int) -> int:
        """The timelines that posts after ``since`` have reached."""
        return int(self._runner.run(self._database.value(DELIVERED, since)))
