"""Members' notification settings: one row for each member who has changed something."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists, account_shown
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

# Digests go only to a confirmed address: one that was changed has to be confirmed again.
_CONFIRMED = f"""
    FROM notice_setting s JOIN credential c ON c.account = s.account JOIN account a ON a.id = s.account
    WHERE s.digest <> 0 AND c.email <> '' AND c.email = s.digest_email AND {account_shown()}
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
FORGET_CONFIRMED = SQL("""
    UPDATE notice_setting SET digest_email = ''
    WHERE account = ?1 AND digest_email <> (SELECT email FROM credential WHERE account = ?1)
""")
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
FORGET = SQL("DELETE FROM notice_setting WHERE account = ?1")
END_FEED = SQL("UPDATE notice_setting SET feed_token = NULL WHERE account = ?1")
SET_FEED = SQL("""
    INSERT INTO notice_setting (account, feed_token) VALUES (?1, ?2)
    ON CONFLICT (account) DO UPDATE SET feed_token = excluded.feed_token
""")
BY_FEED = SQL(f"""
    SELECT a.id, a.handle, a.name, a.locale FROM notice_setting s JOIN account a ON a.id = s.account
    WHERE s.feed_token = ?1 AND {account_shown()}
""")


class PreferencesRow(NamedTuple):
    """``kinds`` is JSON; ``discreet`` is 0 or 1; see ``domain.notifications.preferences.Preferences``."""

    kinds: str
    strangers: int
    newcomers: int
    discreet: int
    quiet_from: int | None
    quiet_to: int | None
    zone: str
    digest: int


class SavedPreferences(NamedTuple):
    """What a member has chosen, in the order of SAVE."""

    account: int
    kinds: str
    strangers: int
    newcomers: int
    discreet: int
    quiet_from: int | None
    quiet_to: int | None
    zone: str


class DigestRow(NamedTuple):
    """A member's digest. The first three are None where nothing was chosen; ``email`` is the account's address, ""
    without one; ``due_at`` is in Unix milliseconds."""

    often: int | None
    confirmed_email: str | None
    due_at: int | None
    email: str
    zone: str


class DueDigest(NamedTuple):
    """A digest to be sent; ``due_at`` is in Unix milliseconds."""

    account: int
    often: int
    due_at: int
    zone: str


class DigestRecipient(NamedTuple):
    """Whom a digest is mailed to; ``entry`` is the last entry in an earlier one."""

    email: str
    handle: str
    name: str
    locale: str
    entry: int


class AddressOwner(NamedTuple):
    handle: str
    email: str


class FeedRow(NamedTuple):
    """Whose feed it is."""

    id: int
    handle: str
    name: str
    locale: str


async def preferences(account: int) -> PreferencesRow | None:
    """None where nothing was chosen."""
    row = await DB.one(PREFERENCES, account)
    return PreferencesRow(*row) if row else None


async def save(saved: SavedPreferences) -> None:
    await DB.fetch(SAVE, *saved)


async def fill_zone(account: int, zone: str) -> None:
    """Sets a time zone where there is none."""
    await DB.fetch(FILL_ZONE, account, zone)


async def digest(account: int) -> DigestRow | None:
    """None for an account that is closed."""
    row = await DB.one(DIGEST, account)
    return DigestRow(*row) if row else None


async def set_digest(account: int, often: int, at: int, entry: int) -> None:
    """Sets how often, and when next; a digest that was off begins after ``entry``."""
    await DB.fetch(SET_DIGEST, account, often, at, entry)


async def confirm(account: int, email: str) -> None:
    await DB.fetch(CONFIRM, account, email)


async def forget_confirmed(account: int) -> None:
    """Forgets a confirmed address that is no longer the account's."""
    await DB.fetch(FORGET_CONFIRMED, account)


async def stop(account: int) -> None:
    await DB.fetch(STOP, account)


async def due(now: int, limit: int) -> list[DueDigest]:
    """Confirmed digests that are due, the longest due first."""
    return [DueDigest(*row) for row in await DB.fetch(DUE, now, limit)]


async def plan(account: int, due_at: int, next_at: int) -> bool:
    """Moves a due digest to its next date. False when another process has done so."""
    return await DB.one(PLAN, account, due_at, next_at) is not None


async def to_send(account: int) -> DigestRecipient | None:
    """None when the digest is off, or its address is not confirmed (any more)."""
    row = await DB.one(TO_SEND, account)
    return DigestRecipient(*row) if row else None


async def claim(account: int, due_at: int) -> bool:
    """Takes a digest to send it. False when it, or a later one, was taken already."""
    return await DB.one(CLAIM, account, due_at) is not None


async def give_back(account: int, due_at: int) -> None:
    """Undoes :func:`claim`."""
    await DB.fetch(GIVE_BACK, account, due_at)


async def sent(account: int, entry: int) -> None:
    """The next digest begins after ``entry``."""
    await DB.fetch(SENT, account, entry)


async def owner(account: int) -> AddressOwner | None:
    """An account's handle and address; None when it has no address or is closed."""
    row = await DB.one(OWNER, account)
    return AddressOwner(*row) if row else None


async def feed_of(account: int) -> str | None:
    """The secret part of a feed's address."""
    token: str | None = await DB.value(FEED_OF, account)
    return token


async def forget(account: int) -> None:
    """Removes all settings of an account."""
    await DB.fetch(FORGET, account)


async def end_feed(account: int) -> None:
    await DB.fetch(END_FEED, account)


async def set_feed(account: int, token: str) -> None:
    """Errors: ``ConstraintViolation`` when another account has this token."""
    await DB.fetch(SET_FEED, account, token)


async def by_feed(token: str) -> FeedRow | None:
    row = await DB.one(BY_FEED, token)
    return FeedRow(*row) if row else None
