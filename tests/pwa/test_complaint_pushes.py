"""An authority's complaint is pushed at its receipt; who only says that they are one can't wake moderators at will."""

import json

import msgspec
import pytest

from domain.core.access import Role
from domain.moderation import staff, upstream, upstream_desk, upstream_forms, upstream_senders, upstream_work
from domain.moderation.complaint_alerts import UNPROVED
from domain.moderation.upstream_kinds import Sender
from domain.moderation.upstream_work import Closing
from domain.notifications import notices
from tests.conftest import Watch
from tests.helpers.complaints import FORM, WORDS, filed, mail, opened, read
from tests.helpers.duty import names, reachable
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.push_service import Service, hush, told

MINUTE, HOUR = 60, 3600
POLICE = "orders@police.example"


@pytest.fixture
async def moderators(network: LiveNetwork, pushes: Service) -> tuple[Member, Member]:
    """The last of them was there last."""
    mona, max_ = await network.moderator(), await network.moderator("max")
    for minutes, member in ((9, mona), (6, max_)):
        await reachable(pushes, member, minutes)
    return mona, max_


async def pass_by(network: LiveNetwork, watch: Watch, minutes: int) -> None:
    """Time passes, and what is due is done."""
    await told(network)
    for _ in range(minutes):
        watch.forward(MINUTE)
        await told(network)


async def claims(number: int = 1, email: str = POLICE) -> list[int]:
    """Complaints by the public form, of whoever says that they are an authority."""
    return [await filed(sender=Sender.AUTHORITY, name="Police", email=email) for _ in range(number)]


async def list_police(network: LiveNetwork, pattern: str = "police.example") -> None:
    await upstream_senders.put(await (await network.operator()).viewer(), pattern, Sender.AUTHORITY, "Police")


async def entered(moderator: Member, sender: Sender = Sender.AUTHORITY) -> int:
    """A letter that a moderator has entered."""
    return await upstream_forms.enter(
        await moderator.viewer(), msgspec.structs.replace(FORM, sender=sender), can_mail=False
    )


async def test_it_says_nothing_of_the_complaint(
    network: LiveNetwork, pushes: Service, moderators: tuple[Member, Member]
) -> None:
    await hush(moderators[1])
    (complaint,) = await claims()
    assert await told(network) == 1
    (push,) = pushes.pushed
    assert (push.name, push.note["title"], push.note["body"]) == ("max", "Tilly", "An urgent complaint is waiting.")
    assert push.note["tag"] == f"complaint-{complaint}"
    assert push.note["navigate"].endswith(f"/moderation/upstream/{complaint}?for={moderators[1].id}")
    assert (push.headers["ttl"], push.headers["urgency"], push.note["silent"]) == ("3600", "high", False)
    assert str(complaint) not in json.dumps(push.headers)
    assert len(push.headers["topic"]) <= 32
    said = json.dumps(push.said)
    assert WORDS not in said
    assert "olice" not in said
    assert (await notices.page(await moderators[1].viewer())).items == []


async def test_what_a_moderator_has_entered_is_pushed_until_somebody_takes_it(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member]
) -> None:
    complaint = await entered(moderators[0])
    await pass_by(network, watch, 10)
    assert names(pushes) == ["max", "mona"]
    await pass_by(network, watch, 15)
    assert names(pushes) == ["max", "mona", "max", "mona"]
    await upstream_desk.claim(await moderators[0].viewer(), complaint)
    await pass_by(network, watch, 19)
    assert len(pushes.pushed) == 4
    await upstream_desk.release(await moderators[0].viewer(), complaint)
    await pass_by(network, watch, 5)
    assert names(pushes)[4:] == ["max"]
    view = await read(moderators[0], complaint)
    await upstream_work.close(await moderators[0].viewer(), complaint, Closing(view.version, False), can_mail=False)
    await pass_by(network, watch, 60)
    assert len(pushes.pushed) == 5
    assert await network.count("outbox", "kind = 'AuthorityWaits'") == 0


async def test_nobody_else_s_complaint_wakes_anybody(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member]
) -> None:
    await upstream.confirm(await upstream.token(await filed()))
    await opened(mail())
    await opened(mail(From="Police <orders@police.example>", Message_ID="<2@police.example>"))
    await entered(moderators[0], Sender.HOST)
    await pass_by(network, watch, 30)
    assert pushes.pushed == []


async def test_whoever_says_that_they_are_an_authority_wakes_few_and_each_of_them_once(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member]
) -> None:
    # By their ids: of two in one millisecond either may be the first.
    everything = sorted(await claims(UNPROVED + 2))
    # A mailbox of their own proves nothing: they have confirmed all of them.
    for complaint in everything:
        await upstream.confirm(await upstream.token(complaint))
    await pass_by(network, watch, 55)
    assert sorted(names(pushes)) == ["max"] * UNPROVED + ["mona"] * UNPROVED
    assert {push.note["tag"] for push in pushes.pushed} == {f"complaint-{one}" for one in everything[:UNPROVED]}
    await pass_by(network, watch, 10)
    assert await network.count("outbox", "kind = 'AuthorityWaits'") == 0
    watch.forward(25 * HOUR)
    await claims()
    await pass_by(network, watch, 10)
    assert len(pushes.pushed) == 2 * UNPROVED + 2


async def test_strangers_don_t_use_up_what_is_for_known_authorities(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member]
) -> None:
    await list_police(network)
    await claims(UNPROVED, "me@stranger.example")
    await claims(1, "me@otherpolice.example")
    await told(network)
    before = len(pushes.pushed)
    assert before == UNPROVED
    for number in range(UNPROVED + 1):
        await opened(mail(From=f"Police <{POLICE}>", Message_ID=f"<{number}@police.example>"))
    await told(network)
    assert len(pushes.pushed) == before + UNPROVED


async def test_a_known_authority_that_confirms_its_address_is_pushed_like_an_urgent_case(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member]
) -> None:
    await list_police(network, POLICE)
    last = max([await opened(mail(From=POLICE, Message_ID=f"<{n}@police.example>")) for n in range(UNPROVED + 1)])
    await told(network)
    tag = f"complaint-{last}"
    assert tag not in {push.note["tag"] for push in pushes.pushed}
    await upstream.confirm(await upstream.token(last))
    await pass_by(network, watch, 75)
    assert [push.name for push in pushes.pushed if push.note["tag"] == tag][:6] == ["max", "mona"] * 3


async def test_one_that_is_made_sure_of_after_its_first_hour_is_pushed_again(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member]
) -> None:
    (complaint,) = await claims()
    await pass_by(network, watch, 65)
    assert names(pushes) == ["max", "mona"]
    await upstream_work.verify_by_command(complaint)
    await pass_by(network, watch, 5)
    assert names(pushes) == ["max", "mona", "max", "mona"]


async def test_one_that_a_moderator_has_placed_as_an_authority_s_is_pushed(
    network: LiveNetwork, pushes: Service, watch: Watch, moderators: tuple[Member, Member]
) -> None:
    complaint = await opened(mail())
    await pass_by(network, watch, 5)
    viewer = await moderators[0].viewer()
    await upstream_work.correct(viewer, complaint, Sender.AUTHORITY, "Police", "en", "")
    await upstream_work.verify(viewer, complaint)
    await pass_by(network, watch, 65)
    assert names(pushes)[:4] == ["max", "mona", "max", "mona"]
    await upstream_work.correct(viewer, complaint, Sender.OTHER, "Somebody", "en", "")
    sent = len(pushes.pushed)
    await pass_by(network, watch, 30)
    assert len(pushes.pushed) == sent


async def test_who_is_not_told(network: LiveNetwork, pushes: Service, watch: Watch) -> None:
    party, gone, left = [await network.moderator(one) for one in ("party", "gone", "last")]
    for member in (party, gone, left):
        await reachable(pushes, member, 1)
    await staff.set_role("gone", Role.MEMBER)
    post = await party.post("You will be sorry.")
    await filed(sender=Sender.AUTHORITY, addresses=f"https://parvis.test/@party/{post}")
    await pass_by(network, watch, 15)
    assert names(pushes) == ["last"]


async def test_a_push_that_waits_is_not_sent_once_it_is_taken(
    network: LiveNetwork, pushes: Service, moderators: tuple[Member, Member]
) -> None:
    (complaint,) = await claims()
    await network.settle()
    await upstream_desk.claim(await moderators[0].viewer(), complaint)
    await told(network)
    assert pushes.pushed == []
    assert await network.count("push_delivery") == 0


async def test_a_sender_who_is_corrected_again_and_again_wakes_nobody_again(
    network: LiveNetwork, pushes: Service, moderators: tuple[Member, Member]
) -> None:
    complaint = await opened(mail())
    viewer = await moderators[0].viewer()
    await upstream_work.verify(viewer, complaint)
    for _ in range(6):
        for sender in (Sender.AUTHORITY, Sender.HOST):
            await upstream_work.correct(viewer, complaint, sender, "Somebody", "en", "")
            await told(network)
    assert len(pushes.pushed) <= 2
