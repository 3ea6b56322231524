"""On PostgreSQL limits are written into statements, so that a plan that is made once reads no more than is shown."""

import re
from typing import Any

import asyncpg
import pytest

from db import postgres
from db.engine import DB
from db.queries import posts
from db.sql import LIMITS, SQL
from domain.core import ids
from tests.helpers.people import LiveNetwork

POSTS = SQL(
    "",
    """INSERT INTO post (id, author, root, text, visibility, replies_to, key)
       SELECT n, ?1, n, 'One of many', 0, 0, n FROM generate_series(1, 20000) n""",
)


def test_what_is_a_limit_is_written_and_the_rest_counted_anew() -> None:
    statement = SQL("SELECT ?2 FROM post WHERE id < ?3 AND author = ?1 LIMIT ?4")
    text, args = statement.on_postgres(("author", "column", "id", 21))
    assert text == "SELECT $2 FROM post WHERE id < $3 AND author = $1 LIMIT 21"
    assert list(args) == ["author", "column", "id"]
    statement = SQL("SELECT 1 FROM (SELECT 1 FROM post WHERE id > ?3 LIMIT ?1) few WHERE ?2 = ?4 LIMIT ?1")
    text, args = statement.on_postgres((5, "two", "three", "four"))
    assert text == "SELECT 1 FROM (SELECT 1 FROM post WHERE id > $2 LIMIT 5) few WHERE $1 = $3 LIMIT 5"
    assert list(args) == ["two", "three", "four"]


@pytest.mark.parametrize(
    "text", ["SELECT 1 FROM post", "SELECT 1 FROM post LIMIT 3", "SELECT ?1 FROM post LIMIT ?1", "SELECT 1 OFFSET ?1"]
)
def test_what_has_none_stays_as_it_is(text: str) -> None:
    statement = SQL(text)
    assert statement.on_postgres((7,)) == (statement.postgres, (7,))


def test_no_more_than_a_few_texts_of_one_statement() -> None:
    statement = SQL("SELECT 1 FROM post LIMIT ?1")
    written = [statement.on_postgres((number,))[0] for number in range(1, LIMITS + 3)]
    assert written[LIMITS - 1] == f"SELECT 1 FROM post LIMIT {LIMITS}"
    assert written[LIMITS:] == [statement.postgres] * 2
    assert statement.on_postgres((1,))[0] == written[0]


@pytest.mark.parametrize("value", [None, "3", 2.5, "1; DROP TABLE post"])
def test_nothing_but_a_whole_number_is_written(value: object) -> None:
    statement = SQL("SELECT 1 FROM post LIMIT ?1")
    assert statement.on_postgres((value,)) == (statement.postgres, (value,))


@pytest.mark.parametrize("engine", ["postgresql"])
async def test_the_public_timeline_reads_the_newest_posts_only(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    await DB.fetch(POSTS, ana.id)
    await DB.fetch(SQL("", "ANALYZE"))
    text, args = posts.PUBLIC.open.on_postgres((0, ids.LAST, 21))
    database = await asyncpg.connect(**postgres.config(network.settings.url), server_settings=postgres.SESSION)
    try:
        plan = await _plan(database, text, len(args))
        assert re.match(r"Limit .* rows=21 ", plan)
        assert "Sort" not in plan
        # What it is about: as a parameter, the limit is taken for a tenth of all there is.
        assert re.match(r"Limit .* rows=[0-9]{3,} ", await _plan(database, posts.PUBLIC.open.postgres, 3))
    finally:
        await database.close()


async def _plan(database: "asyncpg.Connection[Any]", text: str, parameters: int) -> str:
    """As the server makes it once for whatever the parameters are."""
    await database.execute(f"PREPARE looked_at ({', '.join(['bigint'] * parameters)}) AS {text}")
    rows = await database.fetch(f"EXPLAIN EXECUTE looked_at ({', '.join(['1'] * parameters)})")
    await database.execute("DEALLOCATE looked_at")
    return "\n".join(row[0] for row in rows)
