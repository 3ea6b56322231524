"""People: who asks, whom one looks at, and the lists of people."""

from collections.abc import Iterable
from typing import Any

from db.engine import DB, Row
from db.queries.notifications import unread
from db.queries.posts import VISIBLE, unblocked
from db.sql import SQL

VIEWER = SQL(f"""
    SELECT a.id, a.handle, a.name, a.hue, a.locale, a.theme, a.role, a.private, a.hide_reposts, a.hide_replies,
        a.home_floor,
        CASE WHEN a.private = 0 THEN 0 ELSE (SELECT count(*) FROM (
            SELECT 1 FROM follow_request q WHERE q.target = a.id LIMIT 100) few) END,
        s.id, s.seen_at, EXISTS (SELECT 1 FROM follow f WHERE f.follower = a.id AND f.pull = 1),
        EXISTS (SELECT 1 FROM block b WHERE b.blocker = a.id) OR EXISTS (SELECT 1 FROM block b WHERE b.blocked = a.id)
            OR EXISTS (SELECT 1 FROM mute m WHERE m.muter = a.id),
        {unread("a.id")}, a.picture, a.data_saver
    FROM session s JOIN account a ON a.id = s.account WHERE s.id = ?1 AND a.left_at IS NULL
""")
CARDS = SQL("SELECT id, handle, name FROM account WHERE id IN {ids:1}")
PULL_SINCE = SQL("SELECT pull_since FROM account WHERE id = ?1")
PROFILE = SQL("""
    SELECT a.id, a.handle, a.name, a.hue, a.picture, a.portrait, a.header, a.bio, a.bio_mentions, a.links, a.private,
        a.posts, a.followers, a.following,
        EXISTS (SELECT 1 FROM follow f WHERE f.follower = ?1 AND f.followee = a.id),
        EXISTS (SELECT 1 FROM follow_request q WHERE q.target = a.id AND q.requester = ?1),
        EXISTS (SELECT 1 FROM follow f WHERE f.follower = a.id AND f.followee = ?1),
        EXISTS (SELECT 1 FROM mute m WHERE m.muter = ?1 AND m.muted = a.id),
        EXISTS (SELECT 1 FROM block b WHERE b.blocker = ?1 AND b.blocked = a.id),
        EXISTS (SELECT 1 FROM bell g WHERE g.account = ?1 AND g.target = a.id)
    FROM account a WHERE a.handle_key = ?2 AND a.left_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker = a.id AND b.blocked = ?1)
""")
HANDLE_OF = SQL("""
    SELECT a.handle_key FROM account a WHERE a.id = ?2 AND a.left_at IS NULL
    AND NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker = a.id AND b.blocked = ?1)
""")

_CARD = """
    SELECT a.id, a.handle, a.name, a.hue, a.picture, a.bio, a.private, a.followers,
        EXISTS (SELECT 1 FROM follow f WHERE f.follower = ?1 AND f.followee = a.id),
        EXISTS (SELECT 1 FROM follow_request q WHERE q.target = a.id AND q.requester = ?1),
        EXISTS (SELECT 1 FROM block b WHERE b.blocker = ?1 AND b.blocked = a.id)
    FROM account a
"""
_THERE = f"a.left_at IS NULL AND {unblocked('a.id')}"
FOLLOWERS = SQL(f"""
    {_CARD} JOIN follow g ON g.follower = a.id WHERE g.followee = ?2 AND g.follower < ?3 AND {_THERE}
    ORDER BY g.follower DESC LIMIT ?4
""")
FOLLOWING = SQL(f"""
    {_CARD} JOIN follow g ON g.followee = a.id WHERE g.follower = ?2 AND g.followee < ?3 AND {_THERE}
    ORDER BY g.followee DESC LIMIT ?4
""")
SUGGESTED = SQL(f"""
    {_CARD} WHERE a.id <> ?1 AND (a.followers < ?2 OR a.followers = ?2 AND a.id < ?3) AND {_THERE}
    AND NOT EXISTS (SELECT 1 FROM follow f WHERE f.follower = ?1 AND f.followee = a.id)
    ORDER BY a.followers DESC, a.id DESC LIMIT ?4
""")
MATCHING = SQL(f"""
    {_CARD} WHERE (a.handle_key >= ?2 AND a.handle_key < ?3 OR a.name_key >= ?4 AND a.name_key < ?5) AND {_THERE}
    ORDER BY a.handle_key LIMIT ?6
""")
REQUESTING = SQL(f"""
    {_CARD} JOIN follow_request w ON w.requester = a.id WHERE w.target = ?1 AND {_THERE} ORDER BY a.id LIMIT 100
""")
MUTED = SQL(f"{_CARD} JOIN mute w ON w.muted = a.id WHERE w.muter = ?1 AND {_THERE} ORDER BY a.handle_key LIMIT 500")
BLOCKED = SQL(f"{_CARD} JOIN block w ON w.blocked = a.id WHERE w.blocker = ?1 ORDER BY a.handle_key LIMIT 500")
# From one tag to the next by the index, however many posts each has.
TAGS_LIKE = SQL(f"""
    WITH RECURSIVE next (tag) AS (
        SELECT min(tag) FROM post_tag WHERE tag >= ?2 AND tag < ?3
        UNION ALL SELECT (SELECT min(t.tag) FROM post_tag t WHERE t.tag > next.tag AND t.tag < ?3) FROM next
        WHERE next.tag IS NOT NULL)
    SELECT next.tag FROM next WHERE next.tag IS NOT NULL AND EXISTS (
        SELECT 1 FROM post_tag t JOIN post p ON p.id = t.post JOIN account a ON a.id = p.author
        WHERE t.tag = next.tag AND p.visibility = 0 AND a.private = 0 AND {VISIBLE})
    LIMIT ?4
""")
_CREDENTIALS = """
    SELECT c.account, c.password_hash, c.email, c.changed_at, a.locale
    FROM credential c JOIN account a ON a.id = c.account
"""
BY_HANDLE = SQL(f"{_CREDENTIALS} WHERE a.handle_key = ?1 AND a.left_at IS NULL")
BY_ADDRESS = SQL(f"""
    {_CREDENTIALS} LEFT JOIN notice_setting s ON s.account = c.account AND s.digest_email = c.email
    WHERE c.email = ?1 AND c.email <> '' AND a.left_at IS NULL
    ORDER BY CASE WHEN s.account IS NULL THEN 1 ELSE 0 END, c.account LIMIT ?2
""")
_LOCK = "SELECT email, changed_at FROM credential WHERE account = ?1"
LOCK_CREDENTIAL = SQL(_LOCK, f"{_LOCK} FOR UPDATE")
_START_SESSION = """
    INSERT INTO session (id, account, agent, created_at, seen_at)
    SELECT CAST(?1 AS text), c.account, CAST(?3 AS text), CAST(?4 AS bigint), CAST(?4 AS bigint) FROM credential c
    WHERE c.account = ?2 AND c.changed_at = coalesce(CAST(?5 AS bigint), c.changed_at)
"""
START_SESSION = SQL(f"{_START_SESSION} RETURNING id", f"{_START_SESSION} FOR SHARE RETURNING id")
CODE_OWNER = SQL("""
    SELECT c.account, c.changed_at FROM signin_code s JOIN credential c ON c.account = s.account WHERE s.id = ?1
""")
_CHANGE = "UPDATE credential SET changed_at = {}(changed_at + 1, CAST(?2 AS bigint)) WHERE account = ?1"
CHANGE_CREDENTIAL = SQL(_CHANGE.format("max"), _CHANGE.format("greatest"))
NAMES = SQL("""
    SELECT a.handle_key, c.email FROM account a JOIN credential c ON c.account = a.id WHERE a.id = ?1
""")
HOLD_HANDLE = SQL("""
    INSERT INTO held_handle (handle_hash, until) VALUES (?1, ?2)
    ON CONFLICT (handle_hash) DO UPDATE SET until = excluded.until
""")
IS_HELD = SQL("SELECT 1 FROM held_handle WHERE handle_hash = ?1 AND until > ?2")
FORGET_RELEASED = SQL("DELETE FROM held_handle WHERE until <= ?1")
NUMBERS = SQL("SELECT count(*), coalesce(sum(posts), 0) FROM account WHERE left_at IS NULL")
# Above every character of a handle or a tag: the end of a prefix's range.
END = "\U0010ffff"


async def viewer(session: str) -> Row | None:
    """What a request needs of the person behind a session; the fields of ``domain.core.access.Viewer`` in order."""
    return await DB.one(VIEWER, session)


async def cards(accounts: Iterable[int]) -> list[Row]:
    """``(id, handle, name)`` of people whom the caller has been shown already."""
    return await DB.fetch(CARDS, DB.ids(accounts))


async def pull_since(account: int) -> int | None:
    """The id from which an author's posts are pulled by readers; None while they are copied."""
    return await DB.value(PULL_SINCE, account)  # type: ignore[no-any-return]


async def profile(viewer: int, key: str) -> Row | None:
    """A person by lower-case handle, and what lies between them and the viewer."""
    return await DB.one(PROFILE, viewer, key)


async def handle_of(viewer: int, account: int) -> str | None:
    """The lower-case handle of somebody who has not blocked the viewer."""
    return await DB.value(HANDLE_OF, viewer, account)  # type: ignore[no-any-return]


async def followers(viewer: int, account: int, before: int, limit: int) -> list[Row]:
    return await DB.fetch(FOLLOWERS, viewer, account, before, limit)


async def following(viewer: int, account: int, before: int, limit: int) -> list[Row]:
    return await DB.fetch(FOLLOWING, viewer, account, before, limit)


async def suggested(viewer: int, followers: int, before: int, limit: int) -> list[Row]:
    """People not yet followed, those with most followers first; the cursor is the last one's count and id."""
    with DB.off_loop():
        return await DB.fetch(SUGGESTED, viewer, followers, before, limit)


async def matching(viewer: int, handle: str, name: str, limit: int) -> list[Row]:
    """People whose handle or whose name begins so; both in lower case."""
    with DB.off_loop():
        return await DB.fetch(MATCHING, viewer, handle, handle + END, name, name + END, limit)


async def requesting(viewer: int) -> list[Row]:
    return await DB.fetch(REQUESTING, viewer)


async def muted(viewer: int) -> list[Row]:
    return await DB.fetch(MUTED, viewer)


async def blocked(viewer: int) -> list[Row]:
    return await DB.fetch(BLOCKED, viewer)


async def tags_like(viewer: int, prefix: str, limit: int) -> list[str]:
    """Tags of public posts that the viewer may see."""
    with DB.off_loop():
        return [row[0] for row in await DB.fetch(TAGS_LIKE, viewer, prefix, prefix + END, limit)]


async def by_handle(key: str) -> list[Row]:
    """Of the account with a lower-case handle, the fields of ``domain.accounts.credentials.Credentials``."""
    return await DB.fetch(BY_HANDLE, key)


async def by_address(email: str, limit: int) -> list[Row]:
    """The same of the accounts with an email address: first those that confirmed it, then the oldest."""
    return await DB.fetch(BY_ADDRESS, email, limit)


async def lock_credential(account: int) -> Row | None:
    """``(email, changed_at)``; whoever else locks it waits for the end of the transaction."""
    return await DB.one(LOCK_CREDENTIAL, account)


async def change_credential(account: int, now: int) -> None:
    """Gives a credential a later ``changed_at``, whatever the clock says."""
    await DB.fetch(CHANGE_CREDENTIAL, account, now)


async def names(account: int) -> Row | None:
    """``(handle, email)``, by which a reset link can be asked for."""
    return await DB.one(NAMES, account)


async def code_owner(code: str) -> Row | None:
    """``(account, changed_at)`` of a sign-in code."""
    return await DB.one(CODE_OWNER, code)


async def start_session(session: str, account: int, agent: str, now: int, changed_at: int | None) -> bool:
    """False when the account has left, or its credential has another ``changed_at`` than this, if one is given."""
    return await DB.one(START_SESSION, session, account, agent, now, changed_at) is not None


async def hold_handle(hashed: str, until: int) -> None:
    await DB.fetch(HOLD_HANDLE, hashed, until)


async def is_held(hashed: str, now: int) -> bool:
    return await DB.one(IS_HELD, hashed, now) is not None


async def forget_released(now: int) -> None:
    await DB.fetch(FORGET_RELEASED, now)


async def numbers() -> tuple[Any, Any]:
    """How many accounts and posts there are."""
    with DB.off_loop():
        row = await DB.one(NUMBERS)
    assert row is not None
    return row[0], row[1]
