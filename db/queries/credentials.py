"""Credentials, what is made with them (sessions, sign-in codes), and handles that are held."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists
from db.sql import SQL


class Credentials(NamedTuple):
    """How an account proves who it is; ``changed_at`` as in ``db.tables.accounts.Credential``."""

    account: int
    password_hash: str
    email: str
    changed_at: int
    locale: str


class CredentialState(NamedTuple):
    email: str
    changed_at: int


class ResetNames(NamedTuple):
    """What a reset link can be asked for by."""

    handle: str
    email: str


class CodeOwner(NamedTuple):
    """The account that a sign-in code is for, and its credential's ``changed_at``."""

    account: int
    changed_at: int


class NewSession(NamedTuple):
    """A session to be started at ``now`` (Unix milliseconds), if ``changed_at`` is still the credential's, or None."""

    id: str
    account: int
    agent: str
    now: int
    changed_at: int | None


_CREDENTIALS = """
    SELECT c.account, c.password_hash, c.email, c.changed_at, a.locale
    FROM credential c JOIN account a ON a.id = c.account
"""
BY_HANDLE = SQL(f"{_CREDENTIALS} WHERE a.handle_key = ?1 AND {account_exists()}")
BY_ADDRESS = SQL(f"""
    {_CREDENTIALS} LEFT JOIN notice_setting s ON s.account = c.account AND s.digest_email = c.email
    WHERE c.email = ?1 AND c.email <> '' AND {account_exists()}
    ORDER BY CASE WHEN s.account IS NULL THEN 1 ELSE 0 END, c.account LIMIT ?2
""")
_LOCK = "SELECT email, changed_at FROM credential WHERE account = ?1"
LOCK_CREDENTIAL = SQL(_LOCK, f"{_LOCK} FOR UPDATE")
_HOLD_SESSION = "SELECT 1 FROM session WHERE id = ?1"
HOLD_SESSION = SQL(_HOLD_SESSION, f"{_HOLD_SESSION} FOR KEY SHARE")
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
RESET_NAMES = SQL("""
    SELECT a.handle_key, c.email FROM account a JOIN credential c ON c.account = a.id WHERE a.id = ?1
""")
RESERVE_HANDLE = SQL("""
    INSERT INTO held_handle (handle_hash, until) VALUES (?1, ?2)
    ON CONFLICT (handle_hash) DO UPDATE SET until = excluded.until
""")
IS_RESERVED = SQL("SELECT 1 FROM held_handle WHERE handle_hash = ?1 AND until > ?2")
FORGET_RELEASED = SQL("DELETE FROM held_handle WHERE until <= ?1")


async def by_handle(key: str) -> list[Credentials]:
    """The credential of the account with a lower-case handle, if there is one."""
    return list(map(Credentials._make, await DB.fetch(BY_HANDLE, key)))


async def by_address(email: str, limit: int) -> list[Credentials]:
    """The credentials with an email address: first those that confirmed it, then the oldest."""
    return list(map(Credentials._make, await DB.fetch(BY_ADDRESS, email, limit)))


async def lock_credential(account: int) -> CredentialState | None:
    """Locks a credential until the transaction ends: other transactions that lock it wait. None without one."""
    row = await DB.one(LOCK_CREDENTIAL, account)
    return CredentialState._make(row) if row is not None else None


async def hold_session(session: str) -> bool:
    """Keeps a session from ending until the transaction ends; whether it was still there."""
    return bool(await DB.fetch(HOLD_SESSION, session))


async def change_credential(account: int, now: int) -> None:
    """Gives a credential a later ``changed_at``, whatever the clock says."""
    await DB.fetch(CHANGE_CREDENTIAL, account, now)


async def reset_names(account: int) -> ResetNames | None:
    row = await DB.one(RESET_NAMES, account)
    return ResetNames._make(row) if row is not None else None


async def code_owner(code: str) -> CodeOwner | None:
    """Whom a sign-in code, given by its id, signs in."""
    row = await DB.one(CODE_OWNER, code)
    return CodeOwner._make(row) if row is not None else None


async def start_session(new: NewSession) -> bool:
    """Inserts a session; False when the account has left, or its credential has another ``changed_at``."""
    return await DB.one(START_SESSION, *new) is not None


async def reserve_handle(hashed: str, until: int) -> None:
    await DB.fetch(RESERVE_HANDLE, hashed, until)


async def is_reserved(hashed: str, now: int) -> bool:
    return await DB.one(IS_RESERVED, hashed, now) is not None


async def forget_released(now: int) -> None:
    await DB.fetch(FORGET_RELEASED, now)
