"""Appeals against decisions: lodging, the moderators' queue, claims, and answers."""

from collections.abc import Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries.care import HARD
from db.sql import SQL


class AppealRow(NamedTuple):
    """An appeal, in the order of its columns; times are Unix milliseconds.

    ``appellant`` is None once they have left, and for a guest, who has sent ``report``.
    """

    id: int
    statement: int
    party: int
    appellant: int | None
    report: int | None
    words: str
    state: int
    due_at: int
    claimed_by: int | None
    claimed_until: int
    answer: str
    decided_by: int | None
    decided_at: int | None

    @property
    def is_left(self) -> bool:
        """Whether whoever lodged it has left, so that nobody waits for its answer."""
        return self.appellant is None and self.report is None


class NewAppeal(NamedTuple):
    """A row for ADD, in its order: a member's, or that of the guest who has sent ``report``."""

    id: int
    statement: int
    party: int
    appellant: int | None
    words: str
    due_at: int
    report: int | None = None


class LeftAppeal(NamedTuple):
    """An appeal whose appellant has left, and its case."""

    id: int
    mod_case: int


class FreeAppeal(NamedTuple):
    id: int
    due_at: int


_COLUMNS = ", ".join(f"x.{field}" for field in AppealRow._fields)
ADD = SQL("""
    INSERT INTO appeal (id, statement, party, appellant, words, due_at, report, state)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0)
""")
_BY_ID = f"SELECT {_COLUMNS} FROM appeal x WHERE x.id = ?1"
ONE = SQL(_BY_ID)
LOCK = SQL(_BY_ID, f"{_BY_ID} FOR UPDATE")
MINE = SQL(f"""
    SELECT {_COLUMNS} FROM appeal x WHERE x.appellant = ?1 AND x.id < ?2 ORDER BY x.id DESC LIMIT ?3
""")
BY = SQL(f"SELECT {_COLUMNS} FROM appeal x WHERE x.appellant = ?1 AND x.statement IN {{ids:2}}")
BY_GUEST = SQL(f"SELECT {_COLUMNS} FROM appeal x WHERE x.report = ?1 AND x.statement = ?2")
# Nobody waits for the answer to an appeal whose appellant has left.
# The sign keeps SQLite from an index of all appeals ever lodged.
_OPEN = "x.state = 0 AND (+x.appellant IS NOT NULL OR +x.report IS NOT NULL)"
# One answer goes to all who have appealed a decision on one side: the first of them stands for all.
_FIRST = """NOT EXISTS (
    SELECT 1 FROM appeal y WHERE y.statement = x.statement AND y.party = x.party AND y.state = 0 AND y.id < x.id
        AND (y.appellant IS NOT NULL OR y.report IS NOT NULL))"""
# What a jury hears (JuryState.SITTING is 0) is none of the moderators'.
_QUEUED = f"{_OPEN} AND {_FIRST} AND NOT EXISTS (SELECT 1 FROM jury j WHERE j.appeal = x.id AND j.state = 0)"
# The viewer (?1) sat on its jury before they moderated.
_SAT = "EXISTS (SELECT 1 FROM juror o WHERE o.jury = x.id AND o.account = ?1)"
ARE_OPEN = SQL(f"SELECT 1 FROM appeal x WHERE x.statement IN {{ids:1}} AND {_OPEN} LIMIT 1")
WERE_GRANTED = SQL("""
    SELECT 1 FROM appeal x JOIN statement s ON s.id = x.statement WHERE s.mod_case = ?1 AND x.state = 2 LIMIT 1
""")
# Of the sanctioned (Party 0).
GRANTED = SQL("""
    SELECT x.statement FROM appeal x JOIN statement s ON s.id = x.statement
    WHERE s.mod_case IN {ids:1} AND x.party = 0 AND x.state = 2
""")
# What the viewer is no party to.
_SHOWN = f"""
    appeal x JOIN statement s ON s.id = x.statement
    WHERE {_QUEUED} AND s.account <> ?1 AND NOT {_SAT}
        AND NOT EXISTS (SELECT 1 FROM report r WHERE r.mod_case = s.mod_case AND r.reporter = ?1)
"""
QUEUE = SQL(f"""
    SELECT {_COLUMNS} FROM {_SHOWN} AND (x.due_at, x.id) > (?3, ?4) ORDER BY x.due_at, x.id LIMIT ?2
""")
COUNT = SQL(f"SELECT count(*), coalesce(sum(CASE WHEN x.due_at < ?2 THEN 1 ELSE 0 END), 0) FROM {_SHOWN}")
# Not about a case on which the moderator (?1) has decided, nor about them or what they have reported; nor one on whose
# jury they sat.
FREE = f"""
    SELECT x.id, x.due_at FROM appeal x JOIN statement s ON s.id = x.statement
    WHERE {_QUEUED} AND (x.claimed_by IS NULL OR x.claimed_by = ?1 OR x.claimed_until <= ?2)
        AND s.account <> ?1 AND NOT {_SAT} AND NOT EXISTS (
            SELECT 1 FROM statement e WHERE e.mod_case = s.mod_case AND (e.author = ?1 OR e.second = ?1))
        AND NOT EXISTS (SELECT 1 FROM report r WHERE r.mod_case = s.mod_case AND r.reporter = ?1)
"""
# With ?3, none about a case that is hard to look at.
FIRST_FREE = SQL(f"""
    {FREE} AND (?3 = 0 OR NOT EXISTS (SELECT 1 FROM mod_case c WHERE c.id = s.mod_case AND {HARD}))
    ORDER BY x.due_at, x.id LIMIT 1
""")
CLAIM = SQL(f"""
    UPDATE appeal SET claimed_by = ?1, claimed_until = ?4
    WHERE id = ?3 AND state = 0 AND (claimed_by IS NULL OR claimed_by = ?1 OR claimed_until <= ?2)
        AND id IN (SELECT f.id FROM ({FREE} AND x.id = ?3) f) RETURNING id
""")
RELEASE = SQL("""
    UPDATE appeal SET claimed_by = NULL, claimed_until = 0 WHERE id = ?1 AND claimed_by = ?2 RETURNING id
""")
RELEASE_ALL = SQL("UPDATE appeal SET claimed_by = NULL, claimed_until = 0 WHERE claimed_by = ?1")
FORGET_WORDS = SQL("UPDATE appeal SET words = '' WHERE statement IN (SELECT id FROM statement WHERE mod_case = ?1)")
_DECIDED = "decided_by = ?{}, decided_at = ?{}, claimed_by = NULL, claimed_until = 0"
ANSWER = SQL(f"UPDATE appeal SET state = ?2, answer = ?3, {_DECIDED.format(4, 5)} WHERE id = ?1 AND state = 0")
ANSWER_ALL = SQL(f"""
    UPDATE appeal SET state = ?3, answer = ?4, {_DECIDED.format(5, 6)} WHERE statement = ?1 AND party = ?2 AND state = 0
    RETURNING id
""")
OPEN_OF_SIDE = SQL(f"""
    SELECT {_COLUMNS} FROM appeal x WHERE x.statement = ?1 AND x.party = ?2 AND {_OPEN} ORDER BY x.id LIMIT ?3
""")
# AppealState.UPHELD is 1.
TURNED_DOWN = SQL("""
    SELECT x.statement, x.answer FROM appeal x WHERE x.statement IN {ids:1} AND x.party = ?2 AND x.state = 1
    ORDER BY x.id DESC
""")
# AppealState.LAPSED is 3.
LEFT = SQL("""
    SELECT x.id, s.mod_case FROM appeal x JOIN statement s ON s.id = x.statement
    WHERE x.state = 0 AND x.appellant IS NULL AND x.report IS NULL ORDER BY x.id LIMIT ?1
""")
PUT_OFF = SQL("UPDATE appeal SET due_at = ?2 WHERE id = ?1 AND state = 0")
LAPSE = SQL("UPDATE appeal SET state = 3, decided_at = ?2 WHERE id = ?1 AND state = 0")
OPEN_OF_CASE = SQL("""
    SELECT 1 FROM appeal x JOIN statement s ON s.id = x.statement WHERE s.mod_case = ?1 AND x.state = 0 LIMIT 1
""")


async def add(new: NewAppeal) -> None:
    """Within a transaction. Errors: ``ConstraintViolation`` when this account has appealed already."""
    await DB.fetch(ADD, *new)


async def forget_words(case: int) -> None:
    """Within a transaction: empties what was said against the decisions on a case."""
    await DB.fetch(FORGET_WORDS, case)


async def one(appeal: int) -> AppealRow | None:
    row = await DB.one(ONE, appeal)
    return AppealRow._make(row) if row is not None else None


async def lock(appeal: int) -> AppealRow | None:
    """Within a transaction: the appeal, which nobody else can change until its end."""
    row = await DB.one(LOCK, appeal)
    return AppealRow._make(row) if row is not None else None


async def by(appellant: int, statements: Sequence[int]) -> list[AppealRow]:
    """What an account has said against these decisions."""
    return list(map(AppealRow._make, await DB.fetch(BY, appellant, DB.ids(statements)))) if statements else []


async def by_guest(report: int, statement: int) -> AppealRow | None:
    """What the guest who sent a report has said against a decision."""
    row = await DB.one(BY_GUEST, report, statement)
    return AppealRow._make(row) if row is not None else None


async def mine(appellant: int, before: int, limit: int) -> list[AppealRow]:
    """What an account has appealed, the newest first."""
    return list(map(AppealRow._make, await DB.fetch(MINE, appellant, before, limit)))


async def were_granted(case: int) -> bool:
    """Whether an appeal against a decision on the case was granted."""
    return await DB.one(WERE_GRANTED, case) is not None


async def granted(cases: Sequence[int]) -> set[int]:
    """The statements on these cases that were taken back because the sanctioned appealed."""
    return {row[0] for row in await DB.fetch(GRANTED, DB.ids(cases))} if cases else set()


async def are_open(statements: Sequence[int]) -> bool:
    """Whether an appeal against one of these statements waits for its answer."""
    return await DB.one(ARE_OPEN, DB.ids(statements)) is not None


async def queue(moderator: int, limit: int, due_at: int = 0, appeal: int = 0) -> list[AppealRow]:
    """Open appeals after this one, by when they are due, but those about the moderator or what they have reported."""
    return list(map(AppealRow._make, await DB.fetch(QUEUE, moderator, limit, due_at, appeal)))


async def count_open(viewer: int, now: int) -> tuple[int, int]:
    """How many appeals are open in the viewer's queue, and how many of those are overdue."""
    row = await DB.one(COUNT, viewer, now)
    assert row is not None
    return row[0], row[1]


async def first_free(moderator: int, now: int, *, easy: bool) -> FreeAppeal | None:
    """The first appeal that this moderator may decide and nobody else has; ``now`` in Unix milliseconds. ``easy``: none
    about a case that is hard to look at.
    """
    row = await DB.one(FIRST_FREE, moderator, now, int(easy))
    return FreeAppeal._make(row) if row is not None else None


async def claim(appeal: int, moderator: int, until: int, now: int) -> bool:
    """False when somebody else has the appeal, it is decided, or it is not for this moderator."""
    return await DB.one(CLAIM, moderator, now, appeal, until) is not None


async def release(appeal: int, moderator: int) -> bool:
    """False when the moderator has not had it."""
    return await DB.one(RELEASE, appeal, moderator) is not None


async def release_all(moderator: int) -> None:
    """Gives back every appeal that somebody has."""
    await DB.fetch(RELEASE_ALL, moderator)


async def answer(appeal: int, state: int, words: str, by: int | None, now: int) -> None:
    """Within a transaction that has locked the appeal; ``by`` is None for a jury. ``now`` in Unix milliseconds."""
    await DB.fetch(ANSWER, appeal, state, words, by, now)


async def answer_all(statement: int, party: int, state: int, words: str, by: int | None, now: int) -> list[int]:
    """Within a transaction: answers every open appeal of one side against a decision. Returns their ids."""
    return [row[0] for row in await DB.fetch(ANSWER_ALL, statement, party, state, words, by, now)]


async def open_of_side(statement: int, party: int, limit: int) -> list[AppealRow]:
    """The open appeals of one side against a decision; the first stands for all of them."""
    return list(map(AppealRow._make, await DB.fetch(OPEN_OF_SIDE, statement, party, limit)))


async def turned_down(statements: Sequence[int], party: int) -> dict[int, str]:
    """By statement: the first answer that turned appeals of this side down, where there is one."""
    return dict(tuple(row) for row in await DB.fetch(TURNED_DOWN, DB.ids(statements), party)) if statements else {}


async def left(limit: int) -> list[LeftAppeal]:
    """Open appeals whose appellant has left."""
    return [LeftAppeal(*row) for row in await DB.fetch(LEFT, limit)]


async def put_off(appeal: int, due_at: int) -> None:
    """Within a transaction: has moderators answer by another time (Unix milliseconds)."""
    await DB.fetch(PUT_OFF, appeal, due_at)


async def lapse(appeal: int, now: int) -> None:
    """Within a transaction: closes an appeal that nobody waits for."""
    await DB.fetch(LAPSE, appeal, now)


async def has_open(case: int) -> bool:
    """Whether an appeal against a decision on the case is not closed."""
    return await DB.one(OPEN_OF_CASE, case) is not None
