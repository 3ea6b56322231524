"""Who may be drawn for a jury, and who has to do with the parties to an appeal."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists
from db.sql import SQL


class JurorStandingRow(NamedTuple):
    """A member who may be drawn; times are Unix milliseconds."""

    account: int
    opted_in_at: int
    paused_until: int


class NamedAccount(NamedTuple):
    """What somebody is called."""

    handle: str
    name: str


class Bounds(NamedTuple):
    """What a juror must be: parameters of FIT, in their order, after the candidates.

    ``newest`` is the first id of accounts that are too new, ``since`` the first of statements whose points count,
    ``summons`` how many seats that wait for their answer are one too many, ``now`` is Unix milliseconds.
    """

    jury: int
    case: int
    newest: int
    since: int
    summons: int
    now: int


_STANDING = "SELECT s.account, s.opted_in_at, s.paused_until FROM juror_standing s WHERE s.account = ?1"
STANDING = SQL(_STANDING)
LOCK_STANDING = SQL(_STANDING, f"{_STANDING} FOR UPDATE")
OPT_IN = SQL("""
    INSERT INTO juror_standing (account, opted_in_at) VALUES (?1, ?2) ON CONFLICT (account) DO NOTHING
""")
OPT_OUT = SQL("DELETE FROM juror_standing WHERE account = ?1")
# The order is none: whoever draws shuffles.
POOL = SQL("SELECT s.account FROM juror_standing s WHERE s.paused_until <= ?1")
_LOCK = "SELECT s.account FROM juror_standing s WHERE s.account IN {ids:1} ORDER BY s.account"
LOCK = SQL(_LOCK, f"{_LOCK} FOR UPDATE OF s")
# Members without a role, a sanction or points, above the level of new accounts (TrustLevel.NEW is 0: who only waits
# stays there), who have not been drawn for this jury, nor decided on its case.
# Breaches are all kinds of statements but NO_BREACH (0) and REVERSAL (3).
FIT = SQL(f"""
    SELECT a.id FROM account a JOIN juror_standing g ON g.account = a.id AND g.paused_until <= ?7
    WHERE a.id IN {{ids:1}} AND a.id < ?4 AND a.role = 'member' AND a.trust > 0 AND {account_exists()}
        AND a.frozen_until = 0 AND a.suspended_until = 0
        AND NOT EXISTS (SELECT 1 FROM juror o WHERE o.jury = ?2 AND o.account = a.id)
        AND (SELECT count(*) FROM juror o WHERE o.account = a.id AND o.state = 0) < ?6
        AND NOT EXISTS (SELECT 1 FROM statement e WHERE e.mod_case = ?3 AND (e.author = a.id OR e.second = a.id))
        AND NOT EXISTS (
            SELECT 1 FROM statement s JOIN rule r ON r.version = s.rule_version AND r.number = s.rule_number
            WHERE s.account = a.id AND s.id >= ?5 AND s.kind NOT IN (0, 3) AND r.points > 0
                AND NOT EXISTS (SELECT 1 FROM statement t WHERE t.reverses = s.id))
""")
_REPORTS = "report r JOIN mod_case c ON c.id = r.mod_case"
# Who has something to do with whom: by what candidates have done, and by what parties have.
_BY_CANDIDATES = (
    "SELECT f.follower FROM follow f WHERE f.follower IN {mine} AND f.followee IN {theirs}",
    "SELECT q.requester FROM follow_request q WHERE q.requester IN {mine} AND q.target IN {theirs}",
    "SELECT b.blocker FROM block b WHERE b.blocker IN {mine} AND b.blocked IN {theirs}",
    "SELECT m.muter FROM mute m WHERE m.muter IN {mine} AND m.muted IN {theirs}",
    # Replies, quotes and mentions.
    "SELECT p.author FROM post p WHERE p.author IN {mine} AND p.parent_author IN {theirs}",
    "SELECT p.author FROM post p JOIN post q ON q.id = p.quote WHERE p.author IN {mine} AND q.author IN {theirs}",
    "SELECT p.author FROM mention n JOIN post p ON p.id = n.post WHERE n.account IN {theirs} AND p.author IN {mine}",
    "SELECT v.account FROM vote v JOIN post p ON p.id = v.post WHERE v.account IN {mine} AND p.author IN {theirs}",
    "SELECT t.account FROM repost t JOIN post p ON p.id = t.post WHERE t.account IN {mine} AND p.author IN {theirs}",
    f"SELECT r.reporter FROM {_REPORTS} WHERE r.reporter IN {{mine}} AND c.account IN {{theirs}}",
)
_BY_PARTIES = (
    "SELECT f.followee FROM follow f WHERE f.followee IN {mine} AND f.follower IN {theirs}",
    "SELECT q.target FROM follow_request q WHERE q.target IN {mine} AND q.requester IN {theirs}",
    "SELECT b.blocked FROM block b WHERE b.blocked IN {mine} AND b.blocker IN {theirs}",
    "SELECT m.muted FROM mute m WHERE m.muted IN {mine} AND m.muter IN {theirs}",
    "SELECT p.parent_author FROM post p WHERE p.author IN {theirs} AND p.parent_author IN {mine}",
    "SELECT q.author FROM post p JOIN post q ON q.id = p.quote WHERE p.author IN {theirs} AND q.author IN {mine}",
    "SELECT n.account FROM mention n JOIN post p ON p.id = n.post WHERE n.account IN {mine} AND p.author IN {theirs}",
    "SELECT p.author FROM vote v JOIN post p ON p.id = v.post WHERE v.account IN {theirs} AND p.author IN {mine}",
    "SELECT p.author FROM repost t JOIN post p ON p.id = t.post WHERE t.account IN {theirs} AND p.author IN {mine}",
    f"SELECT c.account FROM {_REPORTS} WHERE r.reporter IN {{theirs}} AND c.account IN {{mine}}",
)


def _ties(pairs: Sequence[str]) -> SQL:
    """The lists are looked up once, and not for each candidate."""
    return SQL(" UNION ".join(pairs).format(mine="{ids:1}", theirs="{ids:2}"))


TIED, SINGLED_OUT = _ties(_BY_CANDIDATES), _ties(_BY_PARTIES)
PARTIES = SQL("""
    SELECT c.account FROM mod_case c WHERE c.id = ?1
    UNION SELECT r.reporter FROM report r WHERE r.mod_case = ?1 AND r.reporter IS NOT NULL
""")
NAMES = SQL("""
    SELECT a.handle, a.name FROM account a WHERE a.id IN {ids:1} OR a.handle_key IN {texts:2} ORDER BY a.id
""")


async def standing(account: int) -> JurorStandingRow | None:
    """None for somebody who has not opted in."""
    row = await DB.one(STANDING, account)
    return JurorStandingRow._make(row) if row is not None else None


async def lock_standing(account: int) -> JurorStandingRow | None:
    """Within a transaction: the same, which nobody else can change until its end; nor can they be drawn."""
    row = await DB.one(LOCK_STANDING, account)
    return JurorStandingRow._make(row) if row is not None else None


async def opt_in(account: int, now: int) -> None:
    """``now`` in Unix milliseconds. Safe to repeat."""
    await DB.fetch(OPT_IN, account, now)


async def opt_out(account: int) -> None:
    """Safe to repeat."""
    await DB.fetch(OPT_OUT, account)


async def pool(now: int) -> list[int]:
    """All who have opted in and are not paused at ``now`` (Unix milliseconds)."""
    return [row[0] for row in await DB.fetch(POOL, now)]


async def lock(accounts: Collection[int]) -> set[int]:
    """Within a transaction: those of these accounts that are still opted in. No other jury draws them until its end."""
    return {row[0] for row in await DB.fetch(LOCK, DB.ids(sorted(accounts)))}


async def fit(candidates: Collection[int], bounds: Bounds) -> set[int]:
    """Those of these accounts who may sit on a jury, whoever the parties are."""
    return {row[0] for row in await DB.fetch(FIT, DB.ids(candidates), *bounds)}


async def involved(candidates: Collection[int], parties: Collection[int]) -> set[int]:
    """Those of these accounts who follow, block or mute a party, or have replied to, quoted, mentioned, voted on,
    reposted or reported one, or the other way round.
    """
    return await tied(candidates, parties) | await singled_out(candidates, parties)


async def tied(candidates: Collection[int], parties: Collection[int]) -> set[int]:
    """Those of them who are involved by what they have done themselves."""
    return {row[0] for row in await DB.fetch(TIED, DB.ids(candidates), DB.ids(parties))}


async def singled_out(candidates: Collection[int], parties: Collection[int]) -> set[int]:
    """Those of them who are involved by what a party has done, who may have done it to choose their jury."""
    return {row[0] for row in await DB.fetch(SINGLED_OUT, DB.ids(candidates), DB.ids(parties))}


async def parties(case: int) -> set[int]:
    """Whom a case concerns: whose the subject is, and the members who have reported it."""
    return {row[0] for row in await DB.fetch(PARTIES, case)}


async def names(accounts: Collection[int], handles: Collection[str]) -> list[NamedAccount]:
    """What these accounts, and those with these handles (lower case), are called now."""
    return [NamedAccount(*row) for row in await DB.fetch(NAMES, DB.ids(accounts), DB.texts(handles))]
