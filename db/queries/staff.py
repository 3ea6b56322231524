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


STAFF = SQL(f"""
    SELECT a.id, a.handle, a.name, a.hue, a.avatar_small, a.role FROM account a
    WHERE a.role <> 'member' AND {account_exists()} ORDER BY a.role DESC, a.handle_key
""")
_OPERATORS = f"SELECT a.id FROM account a WHERE a.role <> 'member' AND a.role = 'operator' AND {account_exists()}"
LOCK_OPERATORS = SQL(_OPERATORS, f"{_OPERATORS} ORDER BY a.id FOR NO KEY UPDATE")
ROLE = SQL(f"SELECT role FROM account WHERE handle_key = ?1 AND {account_exists('account')}")
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
