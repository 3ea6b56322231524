"""Accounts: the one behind a request, profiles, and lists of people.

Flags of a row are 0 or 1; PostgreSQL gives a bool where a statement says EXISTS.
"""

from collections.abc import Iterable
from typing import NamedTuple

from db.engine import DB
from db.queries.notifications import unread
from db.queries.visibility import (
    VISIBLE,
    account_exists,
    account_shown,
    listed,
    not_blocked_by,
    open_account,
    visible_person,
)
from db.sql import SQL


class ViewerRow(NamedTuple):
    """The account behind a session, in the order of VIEWER. ``seen_at``: Unix milliseconds."""

    id: int
    handle: str
    name: str
    hue: int
    locale: str
    theme: str
    role: str
    private: int
    hide_reposts: int
    hide_replies: int
    home_floor: int
    requests: int
    session: str
    seen_at: int
    follows_wide: int
    restricted: int
    unread: int
    avatar_small: str
    data_saver: int
    rules_version: int
    frozen_until: int
    suspended_until: int
    trust: int


class NameRow(NamedTuple):
    id: int
    handle: str
    name: str


class ProfileRow(NamedTuple):
    """An account and its relation to the viewer, in the order of PROFILE. ``links`` are JSON."""

    id: int
    handle: str
    name: str
    hue: int
    avatar_small: str
    avatar_large: str
    header: str
    bio: str
    bio_mentions: str
    links: str
    private: int
    posts: int
    followers: int
    followings: int
    following: int
    requested: int
    follows_you: int
    muted: int
    blocked: int
    bell: int
    version: int


class PersonRow(NamedTuple):
    """An account in a list, in the order of _PERSON; the last three say what the viewer did."""

    id: int
    handle: str
    name: str
    hue: int
    avatar_small: str
    bio: str
    private: int
    followers: int
    following: int
    requested: int
    blocked: int


class NetworkSize(NamedTuple):
    accounts: int
    posts: int


VIEWER = SQL(f"""
    SELECT a.id, a.handle, a.name, a.hue, a.locale, a.theme, a.role, a.private, a.hide_reposts, a.hide_replies,
        a.home_floor,
        CASE WHEN {open_account()} THEN 0 ELSE (SELECT count(*) FROM (
            SELECT 1 FROM follow_request q JOIN account w ON w.id = q.requester
            WHERE q.target = a.id AND {account_shown("w")} LIMIT 100) few) END,
        s.id, s.seen_at, EXISTS (SELECT 1 FROM follow f WHERE f.follower = a.id AND f.pull = 1),
        EXISTS (SELECT 1 FROM block b WHERE b.blocker = a.id) OR EXISTS (SELECT 1 FROM block b WHERE b.blocked = a.id)
            OR EXISTS (SELECT 1 FROM mute m WHERE m.muter = a.id),
        {unread("a.id")}, a.avatar_small, a.data_saver, a.rules_version, a.frozen_until,
        a.suspended_until, a.trust
    FROM session s JOIN account a ON a.id = s.account WHERE s.id = ?1 AND {account_exists()}
""")
NAMES = SQL("SELECT id, handle, name FROM account WHERE id IN {ids:1}")
AUDIENCE = SQL("SELECT followers, pull_since FROM account WHERE id = ?1")
PROFILE = SQL(f"""
    SELECT a.id, a.handle, a.name, a.hue, a.avatar_small, a.avatar_large, a.header, a.bio, a.bio_mentions,
        a.links, a.private, a.posts, a.followers, a.following,
        EXISTS (SELECT 1 FROM follow f WHERE f.follower = ?1 AND f.followee = a.id),
        EXISTS (SELECT 1 FROM follow_request q WHERE q.target = a.id AND q.requester = ?1),
        EXISTS (SELECT 1 FROM follow f WHERE f.follower = a.id AND f.followee = ?1),
        EXISTS (SELECT 1 FROM mute m WHERE m.muter = ?1 AND m.muted = a.id),
        EXISTS (SELECT 1 FROM block b WHERE b.blocker = ?1 AND b.blocked = a.id),
        EXISTS (SELECT 1 FROM bell g WHERE g.account = ?1 AND g.target = a.id), a.version
    FROM account a WHERE a.handle_key = ?2 AND {account_shown()} AND {not_blocked_by("a.id")}
""")
HANDLE_OF = SQL(f"""
    SELECT a.handle_key FROM account a WHERE a.id = ?2 AND {account_shown()} AND {not_blocked_by("a.id")}
""")

_PERSON = """
    SELECT a.id, a.handle, a.name, a.hue, a.avatar_small, a.bio, a.private, a.followers,
        EXISTS (SELECT 1 FROM follow f WHERE f.follower = ?1 AND f.followee = a.id),
        EXISTS (SELECT 1 FROM follow_request q WHERE q.target = a.id AND q.requester = ?1),
        EXISTS (SELECT 1 FROM block b WHERE b.blocker = ?1 AND b.blocked = a.id)
    FROM account a
"""
_THERE = visible_person()
FOLLOWERS = SQL(f"""
    {_PERSON} JOIN follow g ON g.follower = a.id WHERE g.followee = ?2 AND g.follower < ?3 AND {_THERE}
    ORDER BY g.follower DESC LIMIT ?4
""")
FOLLOWING = SQL(f"""
    {_PERSON} JOIN follow g ON g.followee = a.id WHERE g.follower = ?2 AND g.followee < ?3 AND {_THERE}
    ORDER BY g.followee DESC LIMIT ?4
""")
SUGGESTED = SQL(f"""
    {_PERSON} WHERE a.id <> ?1 AND (a.followers < ?2 OR a.followers = ?2 AND a.id < ?3) AND {_THERE}
    AND NOT EXISTS (SELECT 1 FROM follow f WHERE f.follower = ?1 AND f.followee = a.id)
    ORDER BY a.followers DESC, a.id DESC LIMIT ?4
""")
MATCHING = SQL(f"""
    {_PERSON} WHERE (a.handle_key >= ?2 AND a.handle_key < ?3 OR a.name_key >= ?4 AND a.name_key < ?5) AND {_THERE}
    ORDER BY a.handle_key LIMIT ?6
""")
REQUESTING = SQL(f"""
    {_PERSON} JOIN follow_request w ON w.requester = a.id WHERE w.target = ?1 AND {_THERE} ORDER BY a.id LIMIT 100
""")
MUTED = SQL(f"{_PERSON} JOIN mute w ON w.muted = a.id WHERE w.muter = ?1 AND {_THERE} ORDER BY a.handle_key LIMIT 500")
BLOCKED = SQL(f"{_PERSON} JOIN block w ON w.blocked = a.id WHERE w.blocker = ?1 ORDER BY a.handle_key LIMIT 500")
# From one tag to the next by the index, however many posts each has.
TAGS_LIKE = SQL(f"""
    WITH RECURSIVE next (tag) AS (
        SELECT min(tag) FROM post_tag WHERE tag >= ?2 AND tag < ?3
        UNION ALL SELECT (SELECT min(t.tag) FROM post_tag t WHERE t.tag > next.tag AND t.tag < ?3) FROM next
        WHERE next.tag IS NOT NULL)
    SELECT next.tag FROM next WHERE next.tag IS NOT NULL AND EXISTS (
        SELECT 1 FROM post_tag t JOIN post p ON p.id = t.post JOIN account a ON a.id = p.author
        WHERE t.tag = next.tag AND {listed()} AND {VISIBLE})
    LIMIT ?4
""")
SIZE = SQL(f"SELECT count(*), coalesce(sum(a.posts), 0) FROM account a WHERE {account_exists()}")
# Above every character of a handle or a tag: the end of a prefix's range.
END = "\U0010ffff"


async def viewer(session: str) -> ViewerRow | None:
    """The account behind a session, by the session's id; None without such a session."""
    row = await DB.one(VIEWER, session)
    return ViewerRow._make(row) if row is not None else None


async def names(accounts: Iterable[int]) -> list[NameRow]:
    """Names of people whom the caller has been shown already."""
    return list(map(NameRow._make, await DB.fetch(NAMES, DB.ids(accounts))))


class Audience(NamedTuple):
    """How many follow an author, and the id from which on they pull posts; None while all posts are copied to them."""

    followers: int
    pull_since: int | None


async def audience(account: int) -> Audience | None:
    """None when there is no such account any more."""
    row = await DB.one(AUDIENCE, account)
    return Audience._make(row) if row is not None else None


async def profile(viewer: int, key: str) -> ProfileRow | None:
    """An account by its lower-case handle; None for one that has blocked the viewer."""
    row = await DB.one(PROFILE, viewer, key)
    return ProfileRow._make(row) if row is not None else None


async def handle_of(viewer: int, account: int) -> str | None:
    """The lower-case handle of an account; None for one that has blocked the viewer."""
    return await DB.value(HANDLE_OF, viewer, account)  # type: ignore[no-any-return]


async def _people(statement: SQL, *args: object) -> list[PersonRow]:
    return list(map(PersonRow._make, await DB.fetch(statement, *args)))


async def followers(viewer: int, account: int, before: int, limit: int) -> list[PersonRow]:
    return await _people(FOLLOWERS, viewer, account, before, limit)


async def following(viewer: int, account: int, before: int, limit: int) -> list[PersonRow]:
    return await _people(FOLLOWING, viewer, account, before, limit)


async def suggested(viewer: int, followers: int, before: int, limit: int) -> list[PersonRow]:
    """People not yet followed, those with most followers first.

    The cursor is the ``followers`` and the id (``before``) of the last one of the page before.
    """
    with DB.off_loop():
        return await _people(SUGGESTED, viewer, followers, before, limit)


async def matching(viewer: int, handle: str, name: str, limit: int) -> list[PersonRow]:
    """People whose handle or whose name begins so; both in lower case."""
    with DB.off_loop():
        return await _people(MATCHING, viewer, handle, handle + END, name, name + END, limit)


async def requesting(viewer: int) -> list[PersonRow]:
    return await _people(REQUESTING, viewer)


async def muted(viewer: int) -> list[PersonRow]:
    return await _people(MUTED, viewer)


async def blocked(viewer: int) -> list[PersonRow]:
    return await _people(BLOCKED, viewer)


async def tags_like(viewer: int, prefix: str, limit: int) -> list[str]:
    """Tags of public posts that the viewer may see."""
    with DB.off_loop():
        return [row[0] for row in await DB.fetch(TAGS_LIKE, viewer, prefix, prefix + END, limit)]


async def network_size() -> NetworkSize:
    with DB.off_loop():
        row = await DB.one(SIZE)
    assert row is not None
    return NetworkSize._make(row)
