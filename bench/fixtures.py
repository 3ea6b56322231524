"""A network for the archive's benchmark: many people, posts and follows, made quickly and in the order of their keys.

Nobody signs in or reads here, so there are no timelines, votes or passwords.
"""

import asyncio
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple

from db import schema
from db.engine import DB
from domain.accounts import profiles
from domain.core import clock, ids
from ops.seeding import bulk, words

DAY = 86_400_000
# Different texts; the same one comes again after as many posts.
TEXTS = 5000
ACCOUNT = (
    "id handle handle_key name name_key bio links hue private role terms_version terms_at posts followers following"
)
POST = "id author parent parent_author root text mentions visibility replies_to key replies"


class FixtureSize(NamedTuple):
    """``follows`` of each account."""

    accounts: int
    posts: int
    follows: int

    @property
    def rows(self) -> int:
        return self.accounts + self.posts + self.accounts * self.follows


def fill(url: str, size: FixtureSize) -> None:
    """Migrates the empty database at ``url`` and fills it."""
    asyncio.run(_fill(url, size))


async def _fill(url: str, size: FixtureSize) -> None:
    await DB.open(url)
    await schema.migrate()
    await DB.close()
    random, now = Random(size.rows), clock.now()
    people = _ids(random, size.accounts, now - 400 * DAY, 300 * DAY)
    posts = _ids(random, size.posts, now - 90 * DAY, 89 * DAY)
    database = await bulk.connect(url)
    network = (1, "Crowded", "Invented people, for measuring.", "operator@example.org", 8, now)
    await database.put("network", "id name description contact hue created_at", [network])
    await database.put("account", ACCOUNT, _accounts(random, people, size, now))
    await database.put("follow", "follower followee", _follows(people, size.follows))
    await database.put("post", POST, _posts(random, people, posts))
    await database.finish()


def _ids(random: Random, count: int, start: int, span: int) -> list[int]:
    return [ids.first(start + span * number // count) | random.getrandbits(ids.RANDOM_BITS) for number in range(count)]


def _accounts(random: Random, people: list[int], size: FixtureSize, now: int) -> Iterator[tuple[Any, ...]]:
    each = size.posts // size.accounts
    for number, identifier in enumerate(sorted(people)):
        handle, name = words.person(random, number)
        bio, hue = random.choice(words.BIOS), number % profiles.HUES
        yield (
            identifier, handle, handle.lower(), name, name.lower(), bio, "[]", hue, 0,
            "member" if number else "operator", 1, now, each, size.follows, size.follows,
        )  # fmt: skip


def _follows(people: list[int], each: int) -> Iterator[tuple[Any, ...]]:
    """Everyone follows as many, far and wide, in the order of their ids."""
    ring = sorted(people)
    count = len(ring)
    steps = sorted({(number * number * 7919 + number + 1) % count for number in range(1, 4 * each)} - {0})[:each]
    for number, follower in enumerate(ring):
        for followee in sorted(ring[(number + step) % count] for step in steps):
            yield follower, followee


def _posts(random: Random, people: list[int], posts: list[int]) -> Iterator[tuple[Any, ...]]:
    """A third of them answer the post before."""
    said = [words.say(random, ["nobody_here"]).text for _ in range(TEXTS)]
    ordered = sorted(posts)
    before, who = 0, 0
    for number, identifier in enumerate(ordered):
        author = people[number * 7919 % len(people)]
        answer = number % 3 == 2
        yield (
            identifier, author, before if answer else None, who if answer else None,
            before if answer else identifier, said[number % TEXTS], "", 0, 0, f"seed-{number}", int(number % 3 == 1),
        )  # fmt: skip
        before, who = identifier, author
