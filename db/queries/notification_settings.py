"""What members want to be told and how: one row each, once something differs from how everybody begins."""

from db.engine import DB, Row
from db.queries.visibility import account_exists
from db.sql import SQL

PREFERENCES = SQL("""
    SELECT kinds, strangers, newcomers, discreet, quiet_from, quiet_to, zone, digest
    FROM notice_setting WHERE account = ?1
""")
SAVE = SQL("""
    INSERT INTO notice_setting (account, kinds, strangers, newcomers, discreet, quiet_from, quiet_to, zone)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (account) DO UPDATE SET kinds = excluded.kinds, strangers = excluded.strangers,
        newcomers = excluded.newcomers, discreet = excluded.discreet, quiet_from = excluded.quiet_from,
        quiet_to = excluded.quiet_to, zone = excluded.zone
""")
FILL_ZONE = SQL("""
    INSERT INTO notice_setting (account, zone) VALUES (?1, ?2)
    ON CONFLICT (account) DO UPDATE SET zone = excluded.zone WHERE notice_setting.zone = ''
""")

# Whether a digest goes out hangs on the address: one that was changed has to be confirmed anew.
_CONFIRMED = f"""
    FROM notice_setting s JOIN credential c ON c.account = s.account JOIN account a ON a.id = s.account
    WHERE s.digest <> 0 AND c.email <> '' AND c.email = s.digest_email AND {account_exists()}
"""
DIGEST = SQL("""
    SELECT s.digest, s.digest_email, s.digest_at, c.email, coalesce(s.zone, '')
    FROM credential c LEFT JOIN notice_setting s ON s.account = c.account WHERE c.account = ?1
""")
SET_DIGEST = SQL("""
    INSERT INTO notice_setting (account, digest, digest_at, digest_entry) VALUES (?1, ?2, ?3, ?4)
    ON CONFLICT (account) DO UPDATE SET digest = excluded.digest, digest_at = excluded.digest_at,
        digest_entry = CASE WHEN notice_setting.digest = 0 THEN excluded.digest_entry
            ELSE notice_setting.digest_entry END
""")
CONFIRM = SQL("UPDATE notice_setting SET digest_email = ?2 WHERE account = ?1")
STOP = SQL("UPDATE notice_setting SET digest = 0 WHERE account = ?1")
DUE = SQL(f"""
    SELECT s.account, s.digest, s.digest_at, s.zone {_CONFIRMED} AND s.digest_at <= ?1 ORDER BY s.digest_at LIMIT ?2
""")
PLAN = SQL("""
    UPDATE notice_setting SET digest_at = ?3 WHERE account = ?1 AND digest_at = ?2 AND digest <> 0 RETURNING account
""")
TO_SEND = SQL(f"SELECT c.email, a.handle, a.name, a.locale, s.digest_entry {_CONFIRMED} AND s.account = ?1")
CLAIM = SQL(
    "UPDATE notice_setting SET digest_sent = ?2 WHERE account = ?1 AND digest_sent < ?2 AND digest <> 0"
    " RETURNING account"
)
GIVE_BACK = SQL("UPDATE notice_setting SET digest_sent = ?2 - 1 WHERE account = ?1 AND digest_sent = ?2")
SENT = SQL("UPDATE notice_setting SET digest_entry = ?2 WHERE account = ?1 AND digest_entry < ?2")
OWNER = SQL(f"""
    SELECT a.handle, c.email FROM account a JOIN credential c ON c.account = a.id
    WHERE a.id = ?1 AND {account_exists()} AND c.email <> ''
""")

FEED_OF = SQL("SELECT feed_token FROM notice_setting WHERE account = ?1")
SET_FEED = SQL("""
    INSERT INTO notice_setting (account, feed_token) VALUES (?1, ?2)
    ON CONFLICT (account) DO UPDATE SET feed_token = excluded.feed_token
""")
BY_FEED = SQL(f"""
    SELECT a.id, a.handle, a.name, a.locale FROM notice_setting s JOIN account a ON a.id = s.account
    WHERE s.feed_token = ?1 AND {account_exists()}
""")


async def preferences(account: int) -> Row | None:
    """``(kinds, strangers, newcomers, discreet, quiet_from, quiet_to, zone, digest)``; None where nothing was set."""
    return await DB.one(PREFERENCES, account)


async def save(
    account: int,
    kinds: str,
    strangers: int,
    newcomers: int,
    discreet: bool,
    quiet_from: int | None,
    quiet_to: int | None,
    zone: str,
) -> None:
    await DB.fetch(SAVE, account, kinds, strangers, newcomers, int(discreet), quiet_from, quiet_to, zone)


async def fill_zone(account: int, zone: str) -> None:
    """Sets a time zone where there is none."""
    await DB.fetch(FILL_ZONE, account, zone)


async def digest(account: int) -> Row | None:
    """``(how often, confirmed address, next at, address, zone)``; the first three None where nothing was set."""
    return await DB.one(DIGEST, account)


async def set_digest(account: int, often: int, at: int, entry: int) -> None:
    """How often, and when next; one that was off begins after ``entry``."""
    await DB.fetch(SET_DIGEST, account, often, at, entry)


async def confirm(account: int, email: str) -> None:
    await DB.fetch(CONFIRM, account, email)


async def stop(account: int) -> None:
    await DB.fetch(STOP, account)


async def due(now: int, limit: int) -> list[Row]:
    """``(account, how often, due at, zone)`` of confirmed digests that are due, the longest due first."""
    return await DB.fetch(DUE, now, limit)


async def plan(account: int, due_at: int, next_at: int) -> bool:
    """Takes a due digest on; False when another process was quicker."""
    return await DB.one(PLAN, account, due_at, next_at) is not None


async def to_send(account: int) -> Row | None:
    """``(address, handle, name, locale, last entry sent)``; None when it is off, or not confirmed any more."""
    return await DB.one(TO_SEND, account)


async def claim(account: int, due_at: int) -> bool:
    """Whether nobody has sent this digest or a later one yet."""
    return await DB.one(CLAIM, account, due_at) is not None


async def give_back(account: int, due_at: int) -> None:
    await DB.fetch(GIVE_BACK, account, due_at)


async def sent(account: int, entry: int) -> None:
    """The next digest begins after ``entry``."""
    await DB.fetch(SENT, account, entry)


async def owner(account: int) -> Row | None:
    """``(handle, address)`` of somebody who has one."""
    return await DB.one(OWNER, account)


async def feed_of(account: int) -> str | None:
    """The secret part of a feed's address."""
    return await DB.value(FEED_OF, account)  # type: ignore[no-any-return]


async def set_feed(account: int, token: str | None) -> None:
    """Errors: ``Conflict`` when somebody else has this token."""
    await DB.fetch(SET_FEED, account, token)


async def by_feed(token: str) -> Row | None:
    """``(id, handle, name, locale)`` of whose feed this is."""
    return await DB.one(BY_FEED, token)
