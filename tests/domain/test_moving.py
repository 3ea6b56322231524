"""Notices of a move, and the codes that sign devices in at the new address: what holds, and what does not."""

from typing import Any

import pytest

from db.queries import moving as queries
from domain.accounts import sessions
from domain.core import clock, signing
from domain.core.access import GUEST
from domain.core.errors import Conflict, Invalid, SignedOut
from domain.moving import announcements, arrivals, devices, keys
from domain.moving.announcements import DAY_MS, newest, read
from domain.moving.keys import Signed
from tests.conftest import Watch
from tests.moving import NEW, OLD, Device, Stranger
from tests.people import Network


async def test_the_signing_key_is_the_same_for_ever(network: Network) -> None:
    public, signature = await signing.public_key(), await signing.sign(b"words")
    assert (len(public), len(signature)) == (32, 64)
    assert public == await signing.public_key()
    assert signing.verify(public, b"words", signature)
    for wrong in ((public, b"word", signature), (public, b"words", signature[:-1]), (b"x", b"words", signature)):
        assert not signing.verify(*wrong)


async def test_both_signatures_must_be_right(network: Network) -> None:
    known, signed = await keys.public(), await keys.sign("move", "words")
    assert keys.verify(known, "move", signed)
    other = Stranger().sign("words")
    for wrong in (
        Signed("other words", signed.ed25519, signed.p256),
        Signed(signed.text, other.ed25519, signed.p256),
        Signed(signed.text, signed.ed25519, other.p256),
        Signed(signed.text, "", signed.p256),
        Signed(signed.text, "ü", signed.p256),
        Signed(signed.text, signed.ed25519, signed.p256[:-4]),
        other,
    ):
        assert not keys.verify(known, "move", wrong)
    assert not keys.verify(known, "here", signed), "what is signed for one thing is not for another"


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


async def test_announced_and_taken_back(network: Network, watch: Watch) -> None:
    assert await announcements.standing() is None
    with pytest.raises(Conflict):
        await announcements.withdraw()
    first = await announcements.announce(f"{OLD}/", NEW)
    assert await announcements.standing() == first
    assert (first.origin, first.to) == (OLD, NEW)
    back = await announcements.withdraw()
    assert back.number > first.number
    assert await announcements.standing() is None
    last = await announcements.last()
    assert last
    assert '"to":""' in last.text
    again = await announcements.announce(OLD, "https://Other.Example:443", days=2)
    assert again.to == "https://other.example"
    watch.forward(2 * 86_400 + 1)
    assert await announcements.standing() is None


async def test_numbers_rise_even_when_the_clock_falls(network: Network, watch: Watch) -> None:
    first = await announcements.announce(OLD, NEW)
    watch.forward(-3600)
    assert (await announcements.announce(OLD, NEW)).number == first.number + 1


async def test_a_row_that_nobody_signed_leads_nowhere(network: Network) -> None:
    public = await keys.public()
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
async def test_addresses_that_nobody_can_move_to(network: Network, origin: str, to: str) -> None:
    with pytest.raises(Invalid):
        await announcements.announce(origin, to)
    assert await network.count("move_notice") == 0


async def test_a_code_signs_in_once(network: Network) -> None:
    ana = await network.member("ana")
    device = await Device().register(ana)
    await announcements.announce(OLD, NEW)
    code = await device.code()
    assert (await arrivals.redeem(code, NEW)).account == ana.id
    assert await refusal(code) == "used"
    assert (await arrivals.redeem(await device.code(), NEW)).account == ana.id


async def refusal(code: str, origin: str = NEW) -> str:
    with pytest.raises(Invalid) as refused:
        await arrivals.redeem(code, origin)
    return refused.value.code


async def test_codes_that_sign_nobody_in(network: Network, watch: Watch) -> None:
    ana, ben = await network.members("ana", "ben")
    hers, his, thief = await Device().register(ana), await Device().register(ben), Device()
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
    assert await refusal(await hers.code(at=clock.now() - arrivals.MINUTES * 60_000 - 1000)) == "stale"
    assert await refusal(await hers.code(at=clock.now() + 10 * 60_000)) == "stale"
    assert await refusal(await hers.code(nonce="short")) == "unreadable"
    said, _, signature = (await hers.code()).partition(".")
    for nonsense in ("", ".", "ü", said, f"{said}.", f"{signature}.{said}", "x" * 5000):
        assert await refusal(nonsense) in ("unreadable", "unknown")
    old = await hers.code()
    watch.forward(arrivals.MINUTES * 60 + 1)
    assert await refusal(old) == "stale"
    assert await network.count("arrival") == 0


async def test_it_ends_with_the_session_and_with_the_move(network: Network) -> None:
    ana = await network.member("ana")
    await announcements.announce(OLD, NEW)
    device, other = await Device().register(ana), await network.device(ana.id, "ana")
    second = await Device().register(other)
    await sessions.end(await other.viewer(), (await ana.viewer()).session)
    assert await network.count("device_key") == 1
    assert await refusal(await device.code()) == "unknown"
    code = await second.code()
    await announcements.withdraw()
    assert await refusal(code) == "elsewhere"
    await announcements.announce(OLD, NEW)
    assert (await arrivals.redeem(code, NEW)).account == ana.id


async def test_an_idle_session_is_over(network: Network, watch: Watch) -> None:
    ana = await network.member("ana")
    device = await Device().register(ana)
    watch.forward(sessions.IDLE_DAYS * 86_400 + 1)
    await announcements.announce(OLD, NEW)
    assert await refusal(await device.code()) == "unknown"


async def test_used_codes_are_forgotten(network: Network, watch: Watch) -> None:
    device = await Device().register(await network.member("ana"))
    await announcements.announce(OLD, NEW)
    await arrivals.redeem(await device.code(), NEW)
    await arrivals.forget_old()
    assert await network.count("arrival") == 1
    watch.forward(2 * arrivals.MINUTES * 60 + 1)
    await arrivals.forget_old()
    assert await network.count("arrival") == 0


async def test_a_session_has_one_key(network: Network) -> None:
    ana = await network.member("ana")
    viewer = await ana.viewer()
    assert await devices.here(viewer) is None
    first = await Device().register(ana)
    second = await Device().register(ana)
    here = await devices.here(viewer)
    assert here
    assert here.id == second.id != first.id
    with pytest.raises(SignedOut):
        await devices.register(GUEST, Device().public)
    for wrong in ("", "AAAA", "ü" * 87, "x" * 87, Device().public + "AAAA"):
        with pytest.raises(Invalid):
            await devices.register(viewer, wrong)
