"""A seeded network is what the domain would have made of the same actions."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from db import schema
from db.engine import DB
from db.sql import SQL
from ops.rigs.postgres_cluster import throwaway
from ops.seed import NetworkSize, NotEmpty, seed

SIZE = NetworkSize(accounts=60, posts=1500, follows=12)
HOME = 50


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if request.param == "sqlite":
        yield _seeded(f"sqlite:///{tmp_path_factory.mktemp('seed') / 'parvis.sqlite'}")
    else:
        with throwaway() as cluster:
            yield _seeded(cluster.create("seeded"))


def _seeded(url: str) -> str:
    async def make() -> None:
        await DB.open(url)
        await schema.migrate()
        await DB.close()
        await seed(url, SIZE, home_length=HOME)

    asyncio.run(make())
    return url


async def ask(url: str, query: str) -> Any:
    await DB.open(url)
    try:
        return await DB.value(SQL(query))
    finally:
        await DB.close()


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("accounts", "SELECT count(*) - 60 FROM account"),
        ("posts", "SELECT count(*) - 1500 FROM post"),
        ("follows", "SELECT count(*) - 60 * 12 FROM follow"),
        ("self-follows", "SELECT count(*) FROM follow WHERE follower = followee"),
        (
            "post counts",
            "SELECT count(*) FROM account a WHERE posts <> (SELECT count(*) FROM post WHERE author = a.id)",
        ),
        ("replies", "SELECT count(*) FROM post p WHERE replies <> (SELECT count(*) FROM post c WHERE c.parent = p.id)"),
        ("quotes", "SELECT count(*) FROM post p WHERE quotes <> (SELECT count(*) FROM post c WHERE c.quote = p.id)"),
        ("reposts", "SELECT count(*) FROM post p WHERE reposts <> (SELECT count(*) FROM repost r WHERE r.post = p.id)"),
        (
            "votes",
            """SELECT count(*) FROM post p
                WHERE ups - downs <> (SELECT coalesce(sum(value), 0) FROM vote WHERE post = p.id)""",
        ),
        ("roots", "SELECT count(*) FROM post c JOIN post p ON p.id = c.parent WHERE c.root <> p.root OR c.id <= p.id"),
        (
            "homes",
            """SELECT count(*) FROM account a WHERE (SELECT count(*) FROM timeline WHERE viewer = a.id) <>
                (SELECT count(*) FROM post p WHERE p.id > a.home_floor AND (p.author = a.id
                    OR p.author IN (SELECT followee FROM follow WHERE follower = a.id)))
                + (SELECT count(*) FROM repost r WHERE r.id > a.home_floor AND (r.account = a.id
                    OR r.account IN (SELECT followee FROM follow WHERE follower = a.id)))""",
        ),
    ],
)
async def test_everything_adds_up(url: str, what: str, query: str) -> None:
    assert await ask(url, query) == 0, what


async def test_indexes_are_back(url: str) -> None:
    assert await ask(url, "SELECT count(*) FROM post WHERE author = 1 AND parent IS NULL") == 0
    names = SQL(
        "SELECT count(*) FROM sqlite_master WHERE name = 'post_by_author'",
        "SELECT count(*) FROM pg_indexes WHERE indexname = 'post_by_author'",
    )
    await DB.open(url)
    try:
        assert await DB.value(names) == 1
    finally:
        await DB.close()


async def test_a_network_with_people_is_left_alone(url: str) -> None:
    with pytest.raises(NotEmpty):
        await seed(url, SIZE)
