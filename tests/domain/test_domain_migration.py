"""Notices of a move, and the codes that sign devices in at the new address: what holds, and what does not."""

from typing import Any

import pytest

from db.queries import domain_migration as queries
from domain.accounts import sessions
from domain.core import clock, signing
from domain.core.access import GUEST
from domain.core.clock import DAY_MS
from domain.core.errors import Conflict, Invalid, SignedOut
from domain.domain_migration import announcements, device_keys, login_transfer, pinned_keys
from domain.domain_migration.announcements import newest, read
from domain.domain_migration.pinned_keys import SignedMessage
from tests.conftest import Watch
from tests.helpers.migration_devices import NEW, OLD, SigningDevice, Stranger
from tests.helpers.people import LiveNetwork


async def test_the_signing_key_is_the_same_for_ever(network: LiveNetwork) -> None:
    public, signature = await signing.public_key(), await signing.sign(b"words")
    assert (len(public), len(signature)) == (32, 64)
    assert public == await signing.public_key()
    assert signing.verify(public, b"words", signature)
    for wrong in ((public, b"word", signature), (public, b"words", signature[:-1]), (b"x", b"words", signature)):
        assert not signing.verify(*wrong)


async def test_both_signatures_must_be_right(network: LiveNetwork) -> None:
    known, signed = await pinned_keys.public(), await pinned_keys.sign("move", "words")
    assert pinned_keys.verify(known, "move", signed)
    other = Stranger().sign("words")
    for wrong in (
        SignedMessage("other words", signed.ed25519, signed.p256),
        SignedMessage(signed.text, other.ed25519, signed.p256),
        SignedMessage(signed.text, signed.ed25519, other.p256),
        SignedMessage(signed.text, "", signed.p256),
        SignedMessage(signed.text, "ü", signed.p256),
        SignedMessage(signed.text, signed.ed25519, signed.p256[:-4]),
        other,
    ):
        assert not pinned_keys.verify(known, "move", wrong)
    assert not pinned_keys.verify(known, "here", signed), "what is signed for one thing is not for another"


def test_of_notices_the_highest_good_one_counts() -> None:
    real, now = Stranger(), clock.now()
    first, second = real.notice(number=1), real.notice(number=2, to="")
    assert newest(real.keys, [second, first], now) == newest(real.keys, [first, second], now)
    found = newest(real.keys, [first, second, Stranger().notice(number=3)], now)
    assert found
    assert (found[0].number, found[0].to) == (2, "")
    assert newest(real.keys, [], now) is None


@pytest.mark.parametrize("fields", [{"network": "x" * 22}, {"version": 2}], ids=["another network", "another version"])
def test_notices_that_are_not_to_be_believed(fields: dict[str, Any]) -> None:
    real = Stranger()
    assert read(real.keys, real.notice(**fields)) is None
    assert read(real.keys, real.notice())
    assert read(real.keys, Stranger().notice(network=real.keys.network)) is None
    assert read(real.keys, real.sign("not JSON")) is None


@pytest.mark.parametrize("times", [(-2 * DAY_MS, -1), (2 * DAY_MS, 3 * DAY_MS)], ids=["over", "too early"])
def test_a_notice_that_is_not_good_now_brings_no_older_one_back(times: tuple[int, int]) -> None:
    real, now = Stranger(), clock.now()
    older = real.notice(number=1, until=now + 10 * DAY_MS)
    last = real.notice(number=2, to="", at=now + times[0], until=now + times[1])
    assert newest(real.keys, [older], now)
    assert newest(real.keys, [older, last], now) is None


async def test_announced_and_taken_back(network: LiveNetwork, watch: Watch) -> None:
    assert await announcements.current() is None
    with pytest.raises(Conflict):
        await announcements.withdraw()
    first = await announcements.announce(f"{OLD}/", NEW)
    assert await announcements.current() == first
    assert (first.origin, first.to) == (OLD, NEW)
    back = await announcements.withdraw()
    assert back.number > first.number
    assert await announcements.current() is None
    last = await announcements.last()
    assert last
    assert '"to":""' in last.text
    again = await announcements.announce(OLD, "https://Other.Example:443", days=2)
    assert again.to == "https://other.example"
    watch.forward(2 * 86_400 + 1)
    assert await announcements.current() is None


async def test_numbers_rise_even_when_the_clock_falls(network: LiveNetwork, watch: Watch) -> None:
    first = await announcements.announce(OLD, NEW)
    watch.forward(-3600)
    assert (await announcements.announce(OLD, NEW)).number == first.number + 1


async def test_a_row_that_nobody_signed_leads_nowhere(network: LiveNetwork) -> None:
    public = await pinned_keys.public()
    forged = Stranger().notice(network=public.network, number=clock.now() + 10**9)
    await queries.add(clock.now() + 10**9, forged.text, forged.ed25519, forged.p256)
    announcements.forget()
    assert await announcements.last() is None


@pytest.mark.parametrize(
    ("origin", "to"),
    [
        (OLD, "new.example"), (OLD, "ftp://new.example"), (OLD, "https://new.example/path"), (OLD, "https://a@b.example"),
        (OLD, "https://new.example:port"), (OLD, "https://"), (OLD, OLD), (OLD, "http://new.example"), ("", NEW),
        (OLD, "https://[new"), (OLD, "https://old.example:443/"),
    ],
)  # fmt: skip
async def test_addresses_that_nobody_can_move_to(network: LiveNetwork, origin: str, to: str) -> None:
    with pytest.raises(Invalid):
        await announcements.announce(origin, to)
    assert await network.count("move_notice") == 0


async def test_a_code_signs_in_once(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    device = await SigningDevice().register(ana)
    await announcements.announce(OLD, NEW)
    code = await device.code()
    assert (await login_transfer.redeem(code, NEW)).account == ana.id
    assert await refusal(code) == "used"
    assert (await login_transfer.redeem(await device.code(), NEW)).account == ana.id


async def refusal(code: str, origin: str = NEW) -> str:
    with pytest.raises(Invalid) as refused:
        await login_transfer.redeem(code, origin)
    return refused.value.code


async def test_codes_that_sign_nobody_in(network: LiveNetwork, watch: Watch) -> None:
    ana, ben = await network.members("ana", "ben")
    hers, his, thief = await SigningDevice().register(ana), await SigningDevice().register(ben), SigningDevice()
    assert await refusal(await hers.code()) == "elsewhere", "before a move is announced"
    await announcements.announce(OLD, NEW)
    thief.id, thief.session = hers.id, hers.session
    assert await refusal(await thief.code()) == "unknown", "somebody else's key"
    assert await refusal(await hers.code(session=his.session)) == "unknown"
    assert await refusal(await hers.code(device=his.id)) == "unknown"
    assert await refusal(await hers.code(device="9" * 30)) == "unknown"
    assert await refusal(await hers.code(), OLD) == "elsewhere"
    assert await refusal(await hers.code(to="https://evil.example")) == "elsewhere"
    assert await refusal(await hers.code(to="https://evil.example"), "https://evil.example") == "elsewhere"
    assert await refusal(await hers.code(network="x" * 22)) == "elsewhere"
    assert await refusal(await hers.code(at=clock.now() - login_transfer.MINUTES * 60_000 - 1000)) == "stale"
    assert await refusal(await hers.code(at=clock.now() + 10 * 60_000)) == "stale"
    assert await refusal(await hers.code(nonce="short")) == "unreadable"
    said, _, signature = (await hers.code()).partition(".")
    for nonsense in ("", ".", "ü", said, f"{said}.", f"{signature}.{said}", "x" * 5000):
        assert await refusal(nonsense) in ("unreadable", "unknown")
    old = await hers.code()
    watch.forward(login_transfer.MINUTES * 60 + 1)
    assert await refusal(old) == "stale"
    assert await network.count("arrival") == 0


async def test_it_ends_with_the_session_and_with_the_move(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    await announcements.announce(OLD, NEW)
    device, other = await SigningDevice().register(ana), await network.device(ana.id, "ana")
    second = await SigningDevice().register(other)
    await sessions.end(await other.viewer(), (await ana.viewer()).session)
    assert await network.count("device_key") == 1
    assert await refusal(await device.code()) == "unknown"
    code = await second.code()
    await announcements.withdraw()
    assert await refusal(code) == "elsewhere"
    await announcements.announce(OLD, NEW)
    assert (await login_transfer.redeem(code, NEW)).account == ana.id


async def test_an_idle_session_is_over(network: LiveNetwork, watch: Watch) -> None:
    ana = await network.member("ana")
    device = await SigningDevice().register(ana)
    watch.forward(sessions.IDLE_DAYS * 86_400 + 1)
    await announcements.announce(OLD, NEW)
    assert await refusal(await device.code()) == "unknown"


async def test_used_codes_are_forgotten(network: LiveNetwork, watch: Watch) -> None:
    device = await SigningDevice().register(await network.member("ana"))
    await announcements.announce(OLD, NEW)
    await login_transfer.redeem(await device.code(), NEW)
    await login_transfer.forget_old()
    assert await network.count("arrival") == 1
    watch.forward(2 * login_transfer.MINUTES * 60 + 1)
    await login_transfer.forget_old()
    assert await network.count("arrival") == 0


async def test_a_session_has_one_key(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    viewer = await ana.viewer()
    assert await device_keys.here(viewer) is None
    first = await SigningDevice().register(ana)
    second = await SigningDevice().register(ana)
    here = await device_keys.here(viewer)
    assert here
    assert here.id == second.id != first.id
    with pytest.raises(SignedOut):
        await device_keys.register(GUEST, SigningDevice().public)
    for wrong in ("", "AAAA", "ü" * 87, "x" * 87, SigningDevice().public + "AAAA"):
        with pytest.raises(Invalid):
            await device_keys.register(viewer, wrong)
