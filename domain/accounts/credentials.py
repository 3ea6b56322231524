"""Passwords and the ways back when one is lost."""

import asyncio
import base64
import hashlib
import secrets
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import argon2
from argon2 import PasswordHasher

from adapters import email_address
from db.engine import DB
from db.queries import credentials as queries
from db.queries.credentials import Credentials
from db.tables.accounts import Credential, Reset
from domain.accounts import emails, revocation
from domain.accounts.revocation import Grant
from domain.core import clock, events
from domain.core.access import Viewer, account_holder
from domain.core.blocking import run_blocking
from domain.core.errors import Forbidden, Invalid, NotFound, Refused, collect
from domain.core.translatable import N_

T = TypeVar("T")

# argon2id with 19 MiB, 2 passes and 1 lane: the least that OWASP's Password Storage Cheat Sheet asks for.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def _no_hash() -> str:
    """A string in the form of _HASHER's hashes that matches no known password. Hashing one would take as long as a
    sign-in, at every start."""
    salt, output = (
        base64.b64encode(secrets.token_bytes(size)).rstrip(b"=").decode()
        for size in (_HASHER.salt_len, _HASHER.hash_len)
    )
    costs = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    return f"$argon2id$v={argon2.low_level.ARGON2_VERSION}${costs}${salt}${output}"


# Verified when there is no such account, so that the answer takes as long.
_NOBODY = _no_hash()
MINIMUM, MAXIMUM = 10, 256
RESET_HOURS = 1
WRONG = N_("The handle or the password is not right.")
# So many accounts with one e-mail address are told apart by their passwords.
SHARED_MOST = 5
_at_once = asyncio.Semaphore(2)


class Proof(NamedTuple):
    """Somebody has shown that an account is theirs, by what was good while its credential had this ``changed_at``."""

    account: int
    changed_at: int


def password_problem(password: str, handle: str = "") -> Refused | None:
    if len(password) < MINIMUM:
        return Invalid("A password has at least %(limit)s characters.", limit=MINIMUM)
    if len(password) > MAXIMUM:
        return Invalid("A password has at most %(limit)s characters.", limit=MAXIMUM)
    if password.lower() == handle.strip().lower() or len(set(password)) < 4:
        return Invalid("This password is too easy to guess.")
    return None


async def slowly(work: Callable[[], T]) -> T:
    """Hashes in a thread; at most two at a time, to bound memory."""
    async with _at_once:
        return await run_blocking(work)


async def hash_password(password: str) -> str:
    return await slowly(lambda: _HASHER.hash(password))


async def _verify(password_hash: str, password: str) -> bool:
    try:
        return await slowly(lambda: _HASHER.verify(password_hash, password[: MAXIMUM + 1]))
    except argon2.exceptions.VerificationError:
        return False


async def prove(who: str, password: str) -> Proof:
    """That somebody has the account whose handle or e-mail address, and password, these are. Where several have the
    address, the password decides.

    Errors: ``Invalid``, the same and as slow whether the account exists or not.
    """
    found = await named(who)
    for known in found:
        if await _is_right(known, password):
            return Proof(known.account, known.changed_at)
    for _ in range((SHARED_MOST if is_address(who) else 1) - len(found)):
        await _verify(_NOBODY, password)
    raise Invalid(WRONG)


async def prove_owner(owner: Credentials, password: str) -> Proof:
    """The same for an account that is known already. Errors: ``Invalid``."""
    if not await _is_right(owner, password):
        raise Invalid(WRONG)
    return Proof(owner.account, owner.changed_at)


async def named(who: str) -> list[Credentials]:
    """Whom a handle or an e-mail address means.

    Anybody may have given an address: of several accounts that have it, those that confirmed it come first, then the
    oldest, SHARED_MOST at most.
    """
    name = normalized(who)
    return await queries.by_address(name, SHARED_MOST) if is_address(name) else await queries.by_handle(name)


def is_address(who: str) -> bool:
    return "@" in who.strip().removeprefix("@")


def normalized(who: str) -> str:
    """A typed handle or e-mail address as it is looked up."""
    typed = who.strip()[: email_address.MAX_LENGTH].lower()
    if not is_address(typed):
        return typed.removeprefix("@")
    try:
        return emails.normalized(typed)
    except ValueError:
        return typed


async def _is_right(known: Credentials, password: str) -> bool:
    """Whether this is the password. A hash that was made with weaker parameters is made anew."""
    if not await _verify(known.password_hash, password):
        return False
    if _HASHER.check_needs_rehash(known.password_hash):
        hashed = await hash_password(password)
        await Credential.update({Credential.password_hash: hashed}).where(
            (Credential.account == known.account) & (Credential.password_hash == known.password_hash)
        )
    return True


async def check(viewer: Viewer, password: str) -> None:
    """Errors: ``Invalid`` on the field "current" when this is not the viewer's password."""
    known = (
        await Credential.select(Credential.password_hash).where(Credential.account == account_holder(viewer).id).first()
    )
    if not (known and await _verify(known["password_hash"], password)):
        collect(current=Invalid("This is not your password."))


async def change_password(viewer: Viewer, current: str, new: str) -> None:
    """Sets another password and signs out every other device. Errors: ``Invalid``."""
    await check(viewer, current)
    collect(new=password_problem(new, viewer.handle))
    hashed = await hash_password(new)
    async with DB.writing():
        await revocation.lock_signed_in(viewer)
        await _revoke(viewer.id, but=viewer.session)
        await _set(viewer.id, hashed)


async def email_of(viewer: Viewer) -> str:
    row = await Credential.select(Credential.email).where(Credential.account == account_holder(viewer).id).first()
    return str(row["email"]) if row else ""


async def change_email(viewer: Viewer, current: str, email: str) -> None:
    """Sets the address that reset links go to; digests wait until another one is confirmed. Errors: ``Invalid``."""
    await check(viewer, current)
    collect(email=emails.problem(email))
    address = emails.normalized(email)
    async with DB.writing():
        await revocation.lock_signed_in(viewer)
        await revocation.end_links(viewer.id)
        await Credential.update({Credential.email: address}).where(Credential.account == viewer.id)
        await revocation.end(viewer.id, Grant.DIGEST_ADDRESS)


async def _set(account: int, hashed: str) -> None:
    await Credential.update({Credential.password_hash: hashed}).where(Credential.account == account)


async def _revoke(account: int, but: str = "") -> None:
    """Whoever knew the old password may have any of these."""
    await revocation.end_links(account)
    await revocation.end_sessions(account, but)
    await revocation.end(account, Grant.FEED, Grant.PUSH_ADDRESSES, Grant.STANDING_LINK)


async def ask_reset(who: str) -> None:
    """Has a reset link mailed to the account with this handle or address; the same work whether there is one or not."""
    async with DB.writing():
        await events.record(events.PasswordResetRequested(normalized(who)))


async def answer_reset(event: events.PasswordResetRequested) -> None:
    """Has a link mailed to each account that is meant."""
    for known in await named(event.who):
        if known.email:
            await events.record(events.PasswordResetDue(known.account, known.email, known.locale, known.changed_at))


async def answer_due(event: events.PasswordResetDue) -> str | None:
    """A token for the link to be mailed; None when the password or the address was changed, or the other devices were
    signed out, since it was asked for.

    Links that were mailed before go on: a stranger who asks for more of them ends none.
    """
    async with DB.writing():
        known = await revocation.lock(event.account)
        if known is None or known.email != event.email or event.changed_at not in (0, known.changed_at):
            return None
        return await _new_reset(event.account)


async def make_reset(account: int) -> str:
    """A one-time token that sets a new password within an hour; older ones of the account end."""
    async with DB.writing():
        await revocation.lock(account)
        await Reset.delete().where(Reset.account == account)
        return await _new_reset(account)


async def _new_reset(account: int) -> str:
    token = secrets.token_urlsafe(32)
    await Reset.insert(Reset(id=digest(token), account=account, expires_at=clock.now() + RESET_HOURS * 3_600_000))
    return token


async def account_named(handle: str) -> int:
    """Errors: ``NotFound``."""
    found = await queries.by_handle(handle.removeprefix("@").lower())
    if not found:
        raise NotFound
    return found[0].account


async def reset(token: str, password: str) -> int:
    """Sets a password by a reset link and signs out every device. Returns the account.

    Errors: ``Forbidden`` for a used or expired link, ``Invalid``.
    """
    account = await reset_account(token)
    collect(password=password_problem(password))
    hashed = await hash_password(password)
    async with DB.writing():
        await revocation.lock(account)
        # Asked again under the lock: it may have been used, or ended, a moment ago.
        await reset_account(token)
        await _revoke(account)
        await _set(account, hashed)
    return account


async def reset_account(token: str) -> int:
    """Whose reset link this is. Errors: ``Forbidden``."""
    row = await Reset.select(Reset.account, Reset.expires_at).where(Reset.id == digest(token)).first()
    if row is None or row["expires_at"] < clock.now():
        raise Forbidden("This link has been used or is too old. Ask for another one.")
    return int(row["account"])


async def forget_old_resets() -> None:
    await Reset.delete().where(Reset.expires_at < clock.now())


def digest(token: str) -> str:
    """What is kept of a token: SHA-256, enough for 256 random bits."""
    return hashlib.sha256(token.encode()).hexdigest()
