"""One-time codes: they carry a login from the browser into the installed app, whose storage is apart.

A code has 40 bits and a few minutes; what is kept of it is slow to make, so that not even a stolen table gives it away
in time.
"""

import hashlib
import secrets

from db.engine import DB
from db.queries import credentials as queries
from db.tables.notifications import SigninCode
from domain.accounts import credentials, revocation
from domain.accounts.credentials import Proof
from domain.core import clock
from domain.core.access import Viewer, member
from domain.core.errors import Invalid

# Nothing that is taken for something else when read from one screen and typed into another: no 0 O 1 I.
ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH, MINUTES = 8, 10


async def make(viewer: Viewer) -> str:
    """A code such as "ABCD-EFGH" that signs the viewer in once; an earlier one ends."""
    account = member(viewer).id
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    kept = await _digest(code)
    async with DB.writing():
        await revocation.lock_signed_in(viewer)
        await SigninCode.delete().where(SigninCode.account == account)
        await SigninCode.insert(SigninCode(id=kept, account=account, expires_at=clock.now() + MINUTES * 60_000))
    return f"{code[:4]}-{code[4:]}"


async def redeem(typed: str) -> Proof:
    """That somebody has this code, which works no more. Errors: ``Invalid``, the same for wrong, used and old."""
    code = "".join(letter for letter in typed.upper() if letter.isalnum())
    if len(code) == LENGTH and set(code) <= set(ALPHABET):
        kept = await _digest(code)
        owner = await queries.code_owner(kept)
        gone = await SigninCode.delete().where(SigninCode.id == kept).returning(SigninCode.expires_at)
        if owner and gone and gone[0]["expires_at"] > clock.now():
            return Proof(owner.account, owner.changed_at)
    raise Invalid(
        "This code is not right, or it has been used, or it is older than %(minutes)s minutes. "
        "Make another one in the browser where you are signed in.",
        minutes=MINUTES,
    )


async def _digest(code: str) -> str:
    # No salt: the code is looked up by this. A try takes 20 ms and 8 MB.
    made = await credentials.slowly(lambda: hashlib.scrypt(code.encode(), salt=b"parvis code", n=8192, r=8, p=1))
    return made.hex()


async def forget_old() -> None:
    await SigninCode.delete().where(SigninCode.expires_at < clock.now())
