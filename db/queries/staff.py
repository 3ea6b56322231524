"""Who moderates and who operates the network."""

from typing import NamedTuple

from db.engine import DB
from db.queries.visibility import account_exists
from db.sql import SQL


class StaffRow(NamedTuple):
    id: int
    handle: str
    name: str
    hue: int
    avatar_small: str
    role: str


class NamesRow(NamedTuple):
    handle: str
    name: str


STAFF = SQL(f"""
    SELECT a.id, a.handle, a.name, a.hue, a.avatar_small, a.role FROM account a
    WHERE a.role <> 'member' AND {account_exists()} ORDER BY a.role DESC, a.handle_key
""")
_OPERATORS = f"SELECT a.id FROM account a WHERE a.role <> 'member' AND a.role = 'operator' AND {account_exists()}"
LOCK_OPERATORS = SQL(_OPERATORS, f"{_OPERATORS} ORDER BY a.id FOR NO KEY UPDATE")
ROLE = SQL(f"SELECT role FROM account WHERE handle_key = ?1 AND {account_exists('account')}")
NAMED = SQL(f"SELECT handle, name FROM account WHERE handle_key = ?1 AND {account_exists('account')}")
# Of somebody who has left, until nothing of them is there any more.
_LEFT = f"SELECT role FROM account WHERE id = ?1 AND NOT {account_exists('account')}"
LOCK_ROLE_OF_LEFT = SQL(_LEFT, f"{_LEFT} FOR NO KEY UPDATE")
RESIGN = SQL("UPDATE account SET role = 'member' WHERE id = ?1")
SET_ROLE = SQL(f"UPDATE account SET role = ?2 WHERE handle_key = ?1 AND {account_exists('account')} RETURNING id")


async def staff() -> list[StaffRow]:
    """Operators and moderators, by handle."""
    return list(map(StaffRow._make, await DB.fetch(STAFF)))


async def lock_operators() -> list[int]:
    """Within a transaction: the operators, who stay so until its end."""
    return [row[0] for row in await DB.fetch(LOCK_OPERATORS)]


async def role(key: str) -> str | None:
    """The role of the account with this lower-case handle. None when nobody has the handle."""
    found: str | None = await DB.value(ROLE, key)
    return found


async def set_role(key: str, role: str) -> int | None:
    """Within a transaction: gives the account with this lower-case handle a role. None when nobody has the handle."""
    account: int | None = await DB.value(SET_ROLE, key, role)
    return account


async def named(key: str) -> NamesRow | None:
    """What the account with this lower-case handle is called. None when nobody has the handle."""
    row = await DB.one(NAMED, key)
    return NamesRow._make(row) if row is not None else None


async def lock_role_of_left(account: int) -> str | None:
    """Within a transaction: the role of somebody who has left the network; None once the account is purged."""
    found: str | None = await DB.value(LOCK_ROLE_OF_LEFT, account)
    return found


async def resign(account: int) -> None:
    """Within a transaction: takes an account's role."""
    await DB.fetch(RESIGN, account)
