"""Very many notices: a page finds its own by index, whatever lies above them, and never looks through the rest."""

import json
from typing import Any

import pytest

from db.engine import DB
from db.queries import notification_writes
from db.queries import notifications as queries
from db.sql import SQL
from domain.core import ids
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind
from tests.helpers.people import LiveNetwork, Member

# So many that hardly one has to do with what is asked for.
MANY = 3000
# In a statement each: nine thousand take fifteen seconds on PostgreSQL.
_ENTRIES = """
    WITH RECURSIVE made (entry) AS (
        SELECT CAST(?1 AS bigint) UNION ALL SELECT entry + 1 FROM made WHERE entry < CAST(?2 AS bigint)
    )
"""
NOTICES = SQL(f"""
    INSERT INTO notice (id, account, kind, post, actor, people, entry, unread, state) {_ENTRIES}
    SELECT entry, CAST(?3 AS bigint), CAST(?4 AS smallint), CAST(NULL AS bigint), CAST(?5 AS bigint),
        CAST(?6 AS integer), entry, CAST(?7 AS smallint), CAST(?8 AS smallint) FROM made
""")
LAST = SQL("SELECT coalesce(max(entry), 0) FROM notice WHERE account = ?1")
PARTS = SQL(f"""
    INSERT INTO notice_part (account, topic, post, actor, notice, entry, active) {_ENTRIES}
    SELECT CAST(?3 AS bigint), 1, entry, CAST(?4 AS bigint), entry, entry, 1 FROM made
""")


async def many(member: Member, by: Member, count: int, kind: int = NotificationKind.FOLLOW, **fields: int) -> None:
    """Notices above all that there are: ids of one millisecond come in any order."""
    shown = {"people": 1, "unread": 1, "state": 0} | fields
    first = max(ids.new(), 1 + await DB.value(LAST, member.id))
    last = first + count - 1
    async with DB.writing():
        await DB.fetch(NOTICES, first, last, member.id, kind, by.id, shown["people"], shown["unread"], shown["state"])
        await DB.fetch(PARTS, first, last, member.id, by.id)


async def rows_read(statement: SQL, *args: object) -> int:
    """How many notices PostgreSQL has looked at for a statement."""
    plan = await DB.fetch(SQL("", f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.postgres}"), *args)
    return _looked_at(json.loads(plan[0][0])[0]["Plan"])


def _looked_at(node: dict[str, Any]) -> int:
    own = 0
    if node.get("Relation Name") == "notice":
        own = int(node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)))
    return own + sum(_looked_at(one) for one in node.get("Plans", []))


def searches(statement: SQL, *args: object) -> list[str]:
    """How SQLite looks for notices."""
    reader = DB.engine.reader  # type: ignore[attr-defined]
    steps = [row[3] for row in reader.execute(f"EXPLAIN QUERY PLAN {statement.sqlite}", args)]
    return [step for step in steps if " w " in step or " notice " in step]


@pytest.fixture
async def ana(network: LiveNetwork) -> Member:
    """Somebody with a page of votes below very much else."""
    ana, bob, cat = await network.members("ana", "bob", "cat")
    await many(ana, bob, 30, NotificationKind.VOTE, unread=0)
    await many(ana, bob, MANY, NotificationKind.FOLLOW, unread=0)
    await many(ana, bob, MANY, NotificationKind.MENTION, people=0)
    await many(ana, bob, MANY, NotificationKind.MENTION, state=1)
    await many(ana, cat, 5, NotificationKind.MENTION, state=1)
    if DB.dialect == "postgres":
        await DB.fetch(SQL("ANALYZE"))
    return ana


async def test_pages_are_what_they_should_be(ana: Member) -> None:
    viewer = await ana.viewer()
    assert viewer.counts.unread == 0
    assert await notices.people_set_aside(ana.id) == 2
    first = await notices.page(viewer)
    assert {one.kind for one in first.items} == {NotificationKind.FOLLOW}
    votes = await notices.page(viewer, "votes")
    rest = await notices.page(viewer, "votes", votes.next)
    assert len(votes.items + rest.items) == 30
    assert {one.kind for one in votes.items + rest.items} == {NotificationKind.VOTE}
    assert [one.entry for one in votes.items] == sorted((one.entry for one in votes.items), reverse=True)
    assert (await notices.page(viewer, "mentions")).items == []


ASKED: list[tuple[SQL, tuple[object, ...], str]] = [
    (queries.PAGE, (ids.LAST, 21), "notice_listed"),
    (queries.PAGE_OF_KINDS, (ids.LAST, 21, NotificationKind.VOTE, 0, 0), "notice_shelf"),
    (queries.UNREAD, (), "notice_new"),
    (queries.SET_ASIDE_PEOPLE, (), "notice_set_aside_by"),
    (notification_writes.UNREAD_UPTO, (ids.LAST, [NotificationKind.VOTE], 10), "notice_new"),
]


@pytest.mark.parametrize(("statement", "args", "index"), ASKED)
async def test_none_looks_through_the_rest(ana: Member, statement: SQL, args: tuple[object, ...], index: str) -> None:
    values = [DB.ids(value) if isinstance(value, list) else value for value in args]
    if DB.dialect == "postgres":
        assert await rows_read(statement, ana.id, *values) <= 42
    else:
        steps = searches(statement, ana.id, *values)
        assert steps
        assert all(index in step for step in steps)


async def test_very_many_are_marked_as_read_in_batches(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "READ_AT_ONCE", 10)
    ana, bob = await network.members("ana", "bob")
    await many(ana, bob, 25, NotificationKind.FOLLOW)
    await many(ana, bob, 4, NotificationKind.MENTION)
    viewer = await ana.viewer()
    middle = (await notices.page(viewer)).items[10].entry
    assert await notices.read(viewer, middle, "follows") == 10
    assert await notices.read(viewer, ids.LAST, "follows") == 4
    assert await notices.read(viewer, ids.LAST) == 0
