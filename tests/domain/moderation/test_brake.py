"""The brake: what switches it on and off, to the millisecond, once, and what the log says of it."""

import asyncio

import pytest

from app.wiring import reactions_by_event
from app.worker import Worker
from db.queries.brake import Load
from domain.core import clock
from domain.core.access import GRANTED, GUEST, Role, Viewer
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, SignedOut
from domain.core.trust import TrustLevel
from domain.moderation import brake, brake_switch, public_log_checks, public_log_key, public_log_page
from domain.moderation.brake import Brake, BrakeReason, Crisis
from domain.moderation.brake_switch import BACKLOG, URGENT_MS
from tests.conftest import Watch
from tests.helpers.brake import close_all, is_on, logged, opened
from tests.helpers.people import LiveNetwork

HOUR = 3600
NOW = 10 * URGENT_MS
WORDS = "A wave of spam: new members wait a little."


@pytest.mark.parametrize(
    ("load", "why", "better"),
    [
        (Load(0, 0, None), None, True),
        # An urgent case: over its clock a millisecond after its hour, half of it is well.
        (Load(1, 0, NOW), None, False),
        (Load(1, 0, NOW - 1), BrakeReason.URGENT, False),
        (Load(1, 0, NOW + URGENT_MS // 2), None, True),
        (Load(1, 0, NOW + URGENT_MS // 2 - 1), None, False),
        # A backlog: more than what is decided in a day, and not in a small network.
        (Load(BACKLOG, BACKLOG, None), None, False),
        (Load(BACKLOG, BACKLOG - 1, None), BrakeReason.BACKLOG, False),
        (Load(BACKLOG - 1, 0, None), None, False),
        (Load(BACKLOG // 2 - 1, 0, None), None, True),
        (Load(100, 200, None), None, True),
        (Load(100, 199, None), None, False),
    ],
)
def test_bounds(load: Load, why: BrakeReason | None, better: bool) -> None:
    assert brake_switch.reason(load, NOW) is why
    assert brake_switch.is_better(load, NOW) is better


NEW, BASIC, TRUSTED = TrustLevel.NEW, TrustLevel.BASIC, TrustLevel.MEMBER
BY_BRAKE, IN_CRISIS = Brake(since=1), Brake(crisis=Crisis(WORDS, 1))


@pytest.mark.parametrize(
    ("now", "linked", "pictured", "replies"),
    [(brake.OFF, (), (), ()), (BY_BRAKE, (NEW,), (NEW,), ()), (IN_CRISIS, (NEW, BASIC), (NEW, BASIC), (NEW,))],
)
def test_what_is_held(
    now: Brake, linked: tuple[TrustLevel, ...], pictured: tuple[TrustLevel, ...], replies: tuple[TrustLevel, ...]
) -> None:
    for trust in TrustLevel:
        # An exception for those who moderate would tell who they are.
        for role in Role:
            viewer = Viewer(id=1, trust=trust, roles=GRANTED[role])
            assert now.holds(viewer, has_links=True, has_media=False, is_reply=False) == (trust in linked)
            assert now.holds(viewer, has_links=False, has_media=True, is_reply=True) == (trust in pictured)
            assert now.holds(viewer, has_links=False, has_media=False, is_reply=True) == (trust in replies)
            assert not now.holds(viewer, has_links=False, has_media=False, is_reply=False)


async def test_an_overdue_urgent_case_switches_it_on(network: LiveNetwork, watch: Watch) -> None:
    ana, eve = await network.members("ana", "eve")
    await ana.report(await eve.post("You will be sorry."), rule=1)
    await brake_switch.look()
    assert not await is_on()
    watch.forward(HOUR + 1)
    await brake_switch.look()
    assert await is_on()
    assert await logged(network) == [("brake_on", "urgent")]
    figures = await brake_switch.status()
    assert (figures.reason, figures.open) == (BrakeReason.URGENT, 1)


async def test_it_goes_off_after_two_calm_hours_without_a_relapse(network: LiveNetwork, watch: Watch) -> None:
    eve = await network.member("eve")
    await opened(eve.id, BACKLOG)
    await brake_switch.look()
    assert await is_on()
    await close_all()
    await brake_switch.look()
    watch.forward(HOUR)
    # As many again: what was better is not any more, and the two hours begin anew.
    await opened(eve.id, BACKLOG)
    await brake_switch.look()
    assert (await brake_switch.status()).better_since is None
    await close_all()
    await brake_switch.look()
    since = (await brake_switch.status()).better_since
    assert since is not None
    watch.ahead += since + brake_switch.CALM_MS - clock.now() - 50
    await brake_switch.look()
    assert await is_on()
    watch.ahead += 50
    await brake_switch.look()
    assert not await is_on()
    assert await logged(network) == [("brake_on", "backlog"), ("brake_off", "caught_up")]


async def test_one_of_several_processes_switches_it(network: LiveNetwork, watch: Watch) -> None:
    eve = await network.member("eve")
    await opened(eve.id, BACKLOG)
    await asyncio.gather(*(brake_switch.look() for _ in range(4)))
    await close_all()
    await asyncio.gather(*(brake_switch.look() for _ in range(4)))
    watch.forward(2 * HOUR)
    await asyncio.gather(*(brake_switch.look() for _ in range(4)))
    assert await logged(network) == [("brake_on", "backlog"), ("brake_off", "caught_up")]


async def test_by_hand_it_has_words_and_ends_to_the_second(network: LiveNetwork, watch: Watch) -> None:
    operator = await (await network.operator()).viewer()
    await brake_switch.switch_on(operator, f"  {WORDS}\n", 6)
    with pytest.raises(Conflict):
        await brake_switch.switch_on(operator, WORDS, 6)
    assert (await brake.state()).words == WORDS
    ends_at = (await brake_switch.status()).ends_at
    assert ends_at is not None
    watch.ahead += ends_at - clock.now() - 100
    await brake_switch.look()
    assert await is_on()
    # Another process, which has read it a moment ago, knows its end.
    assert (await brake.state()).on
    watch.ahead += 100
    assert not (await brake.state()).on
    workers = [Worker(reactions_by_event(network.settings)) for _ in range(2)]
    await asyncio.gather(*(worker.drain() for worker in workers), brake_switch.look())
    assert await logged(network) == [("brake_on", "hand"), ("brake_off", "end")]
    (said,) = (await public_log_page.read(kind="brake_on")).items
    assert said.content is not None
    assert (said.content.explanation, said.content.until) == (WORDS, clock.day(ends_at))
    await public_log_checks.verify(public_log_checks.own, await public_log_key.verifier_key())
    await public_log_checks.check_own()


async def test_switched_off_by_hand_it_rests_for_two_hours(network: LiveNetwork, watch: Watch) -> None:
    eve = await network.member("eve")
    operator = await (await network.operator()).viewer()
    await opened(eve.id, BACKLOG)
    await brake_switch.look()
    await brake_switch.switch_off(operator)
    with pytest.raises(Conflict):
        await brake_switch.switch_off(operator)
    rests_until = (await brake_switch.status()).rests_until
    watch.ahead += rests_until - clock.now() - 50
    await brake_switch.look()
    assert not await is_on()
    watch.ahead += 50
    await brake_switch.look()
    assert await is_on()
    assert [kind for kind, _ in await logged(network)] == ["brake_on", "brake_off", "brake_on"]


async def test_the_end_of_an_earlier_time_ends_no_later_one(network: LiveNetwork, watch: Watch) -> None:
    await brake_switch.switch_on_by_command(WORDS, 1)
    await brake_switch.switch_off_by_command()
    await brake_switch.switch_on_by_command(WORDS, 6)
    watch.forward(HOUR + 1)
    await network.settle()
    assert await is_on()


async def test_only_operators_switch_it_and_only_moderators_see_figures(network: LiveNetwork) -> None:
    ana, moderator = await network.member("ana"), await network.moderator()
    await brake_switch.figures(await moderator.viewer())
    for viewer, refused in ((GUEST, SignedOut), (await ana.viewer(), NotFound)):
        with pytest.raises(refused):
            await brake_switch.figures(viewer)
    for viewer, answer in (
        (GUEST, SignedOut),
        (await ana.viewer(), NotFound),
        (await moderator.viewer(), Forbidden),
    ):
        with pytest.raises(answer):
            await brake_switch.switch_on(viewer, WORDS, 6)
        with pytest.raises(answer):
            await brake_switch.switch_off(viewer)
    for words, hours, field in (
        ("", 6, "words"),
        ("Ask @ana.", 6, "words"),
        ("x" * 301, 6, "words"),
        (WORDS, 5, "hours"),
    ):
        with pytest.raises(Invalid) as refusal:
            await brake_switch.switch_on_by_command(words, hours)
        assert set(refusal.value.fields) == {field}
    assert not await is_on()
