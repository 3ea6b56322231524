"""Passwords and the ways back when one is lost."""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from typing import NamedTuple, TypeVar

import argon2
from argon2 import PasswordHasher

from adapters import email_address
from db.engine import DB
from db.queries import accounts as queries
from db.tables.accounts import Account, Credential, Reset, Session
from db.tables.notifications import NoticeSetting, PushSubscription, SigninCode
from domain.accounts import emails
from domain.core import clock, events, signals
from domain.core.access import Viewer, member
from domain.core.errors import Forbidden, Invalid, NotFound, Refused, collect

T = TypeVar("T")

# argon2id with 19 MiB, 2 passes and 1 lane: the least that OWASP's Password Storage Cheat Sheet asks for.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
# Verified when there is no such account, so that the answer takes as long.
_NOBODY = _HASHER.hash(secrets.token_hex(16))
MINIMUM, MAXIMUM = 10, 256
RESET_HOURS = 1
# So many accounts with one e-mail address are told apart by their passwords.
SHARED_MOST = 5
_at_once = asyncio.Semaphore(2)


class Credentials(NamedTuple):
    """How an account proves who it is; ``changed_at`` in Unix milliseconds."""

    account: int
    password_hash: str
    email: str
    changed_at: int
    locale: str


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
        return await asyncio.to_thread(work)


async def hash_password(password: str) -> str:
    return await slowly(lambda: _HASHER.hash(password))


async def _verify(password_hash: str, password: str) -> bool:
    try:
        return await slowly(lambda: _HASHER.verify(password_hash, password[: MAXIMUM + 1]))
    except argon2.exceptions.VerificationError:
        return False


async def prove(who: str, password: str) -> int:
    """The account whose handle or e-mail address, and password, these are; where several have the address, the
    password decides.

    Errors: ``Invalid``, the same and as slow whether the account exists or not.
    """
    found = await named(who)
    for known in found:
        if await _verify(known.password_hash, password):
            await _keep_hash_strong(known, password)
            return known.account
    for _ in range((SHARED_MOST if is_address(who) else 1) - len(found)):
        await _verify(_NOBODY, password)
    raise Invalid("The handle or the password is not right.")


async def named(who: str) -> list[Credentials]:
    """Whom a handle or an e-mail address means.

    Anybody may have given an address: of several accounts that have it, those that confirmed it come first, then the
    oldest, SHARED_MOST at most.
    """
    name = normalized(who)
    rows = await queries.by_address(name, SHARED_MOST) if is_address(name) else await queries.by_handle(name)
    return [Credentials(*row) for row in rows]


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


async def _keep_hash_strong(known: Credentials, password: str) -> None:
    """Hashes a right password anew when its hash was made with weaker parameters; the password stays the same."""
    if _HASHER.check_needs_rehash(known.password_hash):
        hashed = await hash_password(password)
        await Credential.update({Credential.password_hash: hashed}).where(
            (Credential.account == known.account) & (Credential.password_hash == known.password_hash)
        )


async def check(viewer: Viewer, password: str) -> None:
    """Errors: ``Invalid`` on the field "current" when this is not the viewer's password."""
    known = await Credential.select(Credential.password_hash).where(Credential.account == member(viewer).id).first()
    if not (known and await _verify(known["password_hash"], password)):
        collect(current=Invalid("This is not your password."))


async def change_password(viewer: Viewer, current: str, new: str) -> None:
    """Sets another password and signs out every other device. Errors: ``Invalid``."""
    await check(viewer, current)
    collect(new=password_problem(new, viewer.handle))
    hashed = await hash_password(new)
    async with DB.writing():
        await _set(viewer.id, hashed)
        await Session.delete().where((Session.account == viewer.id) & (Session.id != viewer.session))
        await SigninCode.delete().where(SigninCode.account == viewer.id)
        signals.tell(signals.VIEWER, viewer.id)
        await _end_feed(viewer.id)
        # Those of other devices went with their sessions; these belong to none.
        await PushSubscription.delete().where(
            (PushSubscription.account == viewer.id) & PushSubscription.session.is_null()
        )


async def email_of(viewer: Viewer) -> str:
    row = await Credential.select(Credential.email).where(Credential.account == member(viewer).id).first()
    return str(row["email"]) if row else ""


async def change_email(viewer: Viewer, current: str, email: str) -> None:
    """Sets the address that reset links go to; digests wait until another one is confirmed. Errors: ``Invalid``."""
    await check(viewer, current)
    collect(email=emails.problem(email))
    address = emails.normalized(email)
    async with DB.writing():
        await Credential.update({Credential.email: address}).where(Credential.account == viewer.id)
        await NoticeSetting.update({NoticeSetting.digest_email: ""}).where(
            (NoticeSetting.account == viewer.id) & (NoticeSetting.digest_email != address)
        )


async def _end_feed(account: int) -> None:
    """Whoever knew the old password may have the feed's address."""
    await NoticeSetting.update({NoticeSetting.feed_token: None}).where(NoticeSetting.account == account)


async def _set(account: int, hashed: str) -> None:
    await Credential.update({Credential.password_hash: hashed, Credential.changed_at: clock.now()}).where(
        Credential.account == account
    )


async def ask_reset(who: str) -> None:
    """Has a reset link mailed to the account with this handle or address; the same work whether there is one or not."""
    async with DB.writing():
        await events.record(events.ResetAsked(who=normalized(who)))


async def answer_reset(event: events.ResetAsked) -> None:
    """Has a link mailed to each account that is meant."""
    for known in await named(event.who):
        if known.email:
            await events.record(events.ResetDue(account=known.account, email=known.email, locale=known.locale))


async def make_reset(account: int, asked_at: int | None = None) -> str:
    """A one-time token that sets a new password within an hour; older ones of the account end.

    ``asked_at``, in Unix milliseconds: those made since then stay. A mail that has to be sent again has another link,
    and must not end that of the first one, which may have arrived.
    """
    token = secrets.token_urlsafe(32)
    made_before = clock.LAST if asked_at is None else asked_at
    async with DB.writing():
        await Reset.delete().where(
            (Reset.account == account) & (Reset.expires_at < made_before + RESET_HOURS * 3_600_000)
        )
        await Reset.insert(Reset(id=digest(token), account=account, expires_at=clock.now() + RESET_HOURS * 3_600_000))
    return token


async def account_named(handle: str) -> int:
    """Errors: ``NotFound``."""
    row = await Account.select(Account.id).where(Account.handle_key == handle.removeprefix("@").lower()).first()
    if row is None:
        raise NotFound
    return int(row["id"])


async def reset(token: str, password: str) -> int:
    """Sets a password by a reset link and signs out every device. Returns the account.

    Errors: ``Forbidden`` for a used or expired link, ``Invalid``.
    """
    await reset_account(token)
    collect(password=password_problem(password))
    hashed = await hash_password(password)
    async with DB.writing():
        account = await reset_account(token)
        await _set(account, hashed)
        for table in (Session, SigninCode, PushSubscription, Reset):
            await table.delete().where(table.account == account)
        await _end_feed(account)
        signals.tell(signals.VIEWER, account)
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
