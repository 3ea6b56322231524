"""Announcements of a move to another domain, keys of devices, and login codes that have been used."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists
from db.sql import SQL

NOTICES = SQL("SELECT text, ed25519, p256 FROM move_notice ORDER BY number DESC LIMIT 20")
LAST = SQL("SELECT coalesce(max(number), 0) FROM move_notice")
ADD = SQL("INSERT INTO move_notice (number, text, ed25519, p256) VALUES (?1, ?2, ?3, ?4)")

REGISTER = SQL("""
    INSERT INTO device_key (id, session, public, made_at) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (session) DO UPDATE SET id = excluded.id, public = excluded.public, made_at = excluded.made_at
""")
OF_SESSION = SQL("SELECT id FROM device_key WHERE session = ?1")
DEVICE = SQL(f"""
    SELECT d.session, d.public, s.account, c.changed_at, s.seen_at FROM device_key d JOIN session s ON s.id = d.session
    JOIN credential c ON c.account = s.account JOIN account a ON a.id = s.account
    WHERE d.id = ?1 AND {account_exists()}
""")
USE = SQL("INSERT INTO arrival (nonce, expires_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING RETURNING nonce")
FORGET = SQL("DELETE FROM arrival WHERE expires_at < ?1")

# Every device that can be pushed to, in batches: see ``domain.domain_migration.push_fanout``.
TO_TELL = SQL("""
    SELECT id FROM push_subscription WHERE id > ?1 AND endpoint <> '' AND failed < ?2 ORDER BY id LIMIT ?3
""")


class NoticeRow(NamedTuple):
    """A notice as it was signed, with its two signatures."""

    text: str
    ed25519: str
    p256: str


class DeviceRow(NamedTuple):
    """A device's key and session; ``changed_at``: when the account's password last changed, Unix milliseconds."""

    session: str
    public: str
    account: int
    changed_at: int
    seen_at: int


async def notices() -> list[NoticeRow]:
    """The last few, newest first."""
    return [NoticeRow(*row) for row in await DB.fetch(NOTICES)]


async def last() -> int:
    """The highest number of a notice, 0 before the first."""
    return int(await DB.value(LAST))


async def add(number: int, text: str, ed25519: str, p256: str) -> None:
    await DB.fetch(ADD, number, text, ed25519, p256)


async def register(device: int, session: str, public: str, now: int) -> None:
    """Stores the public key of a session's device, in place of the one it had."""
    await DB.fetch(REGISTER, device, session, public, now)


async def of_session(session: str) -> int | None:
    """The id of the session's key."""
    found: int | None = await DB.value(OF_SESSION, session)
    return found


async def device(identifier: int) -> DeviceRow | None:
    """The device with this key; None when its session has ended or its account has left."""
    row = await DB.one(DEVICE, identifier)
    return DeviceRow(*row) if row else None


async def use(nonce: str, expires_at: int) -> bool:
    """Marks a code as used; False when it was used before."""
    return await DB.one(USE, nonce, expires_at) is not None


async def forget(before: int) -> None:
    await DB.fetch(FORGET, before)


async def to_tell(after: int, most_failed: int, limit: int) -> list[int]:
    """The next subscriptions that can be pushed to, with ids above ``after``."""
    return [row[0] for row in await DB.fetch(TO_TELL, after, most_failed, limit)]
