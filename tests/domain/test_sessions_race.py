"""Signing in while the password is changed: no session is left that the old password has opened."""

import asyncio
import contextvars
from collections.abc import Awaitable, Callable

import pytest

from db.engine import DB
from db.queries import domain_migration as queries
from domain.accounts import closing, credentials, login_codes, revocation, sessions
from domain.core.access import Viewer
from domain.core.errors import Conflict, Invalid, SignedOut
from domain.domain_migration import device_keys
from domain.notifications import feeds, subscriptions
from tests.helpers.migration_devices import SigningDevice
from tests.helpers.people import PASSWORD, LiveNetwork
from tests.helpers.push_service import PushReceiver
from tests.helpers.waiting import until_blocked


async def sign_in(who: str, password: str) -> str:
    """As web/routes/sessions.py does it."""
    proof = await credentials.prove(who, password)
    return await sessions.start(proof.account, "thief", proof.changed_at)


async def test_a_password_that_was_right_a_moment_ago(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    proof = await credentials.prove("ana", PASSWORD)
    await credentials.change_password(await ana.viewer(), PASSWORD, "another lamp in the window")
    with pytest.raises(Conflict):
        await sessions.start(proof.account, "thief", proof.changed_at)
    assert await network.count("session") == 1
    assert await sign_in("ana", "another lamp in the window")


async def test_a_code_that_was_right_a_moment_ago(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    code = await login_codes.make(await ana.viewer())
    proof = await login_codes.redeem(code)
    await sessions.end_others(await ana.viewer())
    with pytest.raises(Conflict):
        await sessions.start(proof.account, "thief", proof.changed_at)


async def test_an_account_that_has_just_left(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    account, changed_at = await credentials.prove("ana", PASSWORD)
    await closing.leave(await ana.viewer(), "ana", PASSWORD)
    for known in (changed_at, None):
        with pytest.raises(Conflict):
            await sessions.start(account, "thief", known)
    assert await network.count("session") == 0


async def test_a_sign_in_waits_for_what_is_being_revoked(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    go = asyncio.Event()
    proof = await credentials.prove("ana", PASSWORD)

    async def late() -> str:
        await go.wait()
        return await sessions.start(ana.id, "thief", proof.changed_at)

    task = asyncio.create_task(late())
    async with DB.writing():
        await revocation.lock(ana.id)
        await revocation.end_links(ana.id)
        await revocation.end_sessions(ana.id)
        go.set()
        await until_blocked(task)
    with pytest.raises(Conflict):
        await task
    assert await network.count("session") == 0


async def test_at_the_same_moment(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    old = PASSWORD
    for number in range(10):
        new = f"lamp number {number}"
        thieves = [sign_in("ana", old) for _ in range(3)]
        tries = await asyncio.gather(
            credentials.change_password(await ana.viewer(), old, new), *thieves, return_exceptions=True
        )
        assert {type(one) for one in tries[1:]} <= {str, Invalid, Conflict}
        assert await network.count("session") == 1, f"only the one in which the password was changed, in round {number}"
        old = new


ACTIONS: dict[str, Callable[[Viewer], Awaitable[object]]] = {
    "a code": login_codes.make,
    "a feed": feeds.renew,
    "a push address": lambda one: subscriptions.enter(one, PushReceiver("https://push.example/hand").offer()),
    "a device's own pushes": lambda one: subscriptions.subscribe(one, PushReceiver("https://push.example/own").offer()),
    "a device's key": lambda one: device_keys.register(one, SigningDevice().public),
    "another password": lambda one: credentials.change_password(one, PASSWORD, "the password of a thief"),
    "another address": lambda one: credentials.change_email(one, PASSWORD, "thief@tilly.example"),
    "signing out the others": sessions.end_others,
    "leaving": lambda one: closing.leave(one, "ana", PASSWORD),
}


@pytest.mark.parametrize("action", ACTIONS)
async def test_a_session_that_has_ended_does_nothing_more(network: LiveNetwork, action: str) -> None:
    """Its request was read before, and is worked on after."""
    ana = await network.member("ana")
    thief = await (await network.device(ana.id, "ana")).viewer()
    await sessions.end_others(await ana.viewer())
    with pytest.raises(SignedOut):
        await ACTIONS[action](thief)
    assert (await ana.viewer()).signed_in
    assert (await credentials.prove("ana", PASSWORD)).account == ana.id
    assert await credentials.email_of(await ana.viewer()) == ""
    for table in ("signin_code", "push_subscription", "device_key"):
        assert await network.count(table) == 0, table
    assert await feeds.address_of(await ana.viewer()) == ""


async def test_a_session_does_not_end_in_the_middle(network: LiveNetwork) -> None:
    """Signing out waits for what its own device began before: afterwards nothing of that is left."""
    viewer = await (await network.member("ana")).viewer()

    async def sign_out() -> None:
        await sessions.end(viewer, viewer.session)

    async with DB.writing():
        await revocation.lock_signed_in(viewer)
        # Begun outside this transaction: a task would inherit it.
        task = asyncio.create_task(sign_out(), context=contextvars.Context())
        await until_blocked(task)
        await queries.register(1, viewer.session, SigningDevice().public, 1)
    await task
    assert await network.count("session") + await network.count("device_key") == 0
