"""Operators and moderators: there is always an operator, whoever leaves or is dismissed at the same time."""

import asyncio

import pytest

from domain.accounts import closing
from domain.core.access import Role
from domain.core.errors import Conflict, Forbidden, Invalid, Refused
from domain.core.events import AccountLeft
from domain.moderation import cases, public_log_page, staff
from domain.moderation.public_log_page import RoleChange
from ops.demo import cast
from tests.conftest import Watch
from tests.helpers.moderation import reported
from tests.helpers.people import PASSWORD, LiveNetwork


async def test_of_two_operators_who_leave_one_stays(network: LiveNetwork) -> None:
    first, second = await network.operator(), await network.member("second", role=Role.OPERATOR)
    await closing.leave(await first.viewer(), "ottilie", cast.PASSWORD)
    with pytest.raises(Forbidden, match="last operator"):
        await closing.leave(await second.viewer(), "second", PASSWORD)


async def test_of_two_who_leave_at_once_one_stays(network: LiveNetwork) -> None:
    people = [await network.member(handle, role=Role.OPERATOR) for handle in ("first", "second")]
    await staff.set_role("ottilie", Role.MEMBER)
    viewers = [await one.viewer() for one in people]
    answers = await asyncio.gather(
        closing.leave(viewers[0], "first", PASSWORD), staff.set_role("second", Role.MEMBER), return_exceptions=True
    )
    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert await network.count("account", "role = 'operator' AND left_at IS NULL") == 1


async def test_the_last_operator_is_not_dismissed(network: LiveNetwork) -> None:
    with pytest.raises(Conflict, match="last operator"):
        await staff.set_role("ottilie", Role.MODERATOR)
    await network.member("second", role=Role.OPERATOR)
    await staff.set_role("ottilie", Role.MODERATOR)
    assert [(one.handle, one.role) for one in await staff.listed()] == [
        ("second", Role.OPERATOR), ("ottilie", Role.MODERATOR),
    ]  # fmt: skip


async def test_who_leaves_gives_back_what_they_have(network: LiveNetwork, watch: Watch) -> None:
    """The log says that a role is gone, and not when: next to a profile that disappears it would say whose."""
    _, eve, moderator, _, case = await reported(network)
    second = await network.moderator("max")
    assert await cases.claim_next(await moderator.viewer()) == case
    for leaving in (moderator, eve):
        await closing.leave(await leaving.viewer(), leaving.handle, PASSWORD)
    for _ in range(2):
        await staff.left(AccountLeft(moderator.id))
    assert await cases.claim_next(await second.viewer()) == case
    await network.settle()
    assert await network.count("log_entry", "kind = 'role_changed'") == 0
    watch.forward(3590)
    await network.settle()
    assert await network.count("log_entry", "kind = 'role_changed'") == 0
    watch.forward(7 * 86_400)
    await network.settle()
    newest, *_ = [one for one in (await public_log_page.read()).items if one.kind == "role_changed"]
    assert newest.content is not None
    assert (newest.content.role, newest.content.reason) == (RoleChange("moderator", "member"), "left")
    assert await network.count("log_entry", "kind = 'role_changed'") == 1
    assert [one.handle for one in await staff.listed()] == ["ottilie", "max"]


async def test_why_a_role_is_given_is_said_without_a_name(network: LiveNetwork) -> None:
    ana, operator = await network.member("ana", name="Ana Rossi"), await network.operator()
    for words in ("", " ", "Rossi of Ana", "Ana knows everybody.", "@ana offered", "Ask https://a.example"):
        with pytest.raises(Invalid) as refused:
            await staff.appoint(await operator.viewer(), "ana", Role.MODERATOR, words)
        assert set(refused.value.fields) == {"words"}, words
    with pytest.raises(Forbidden):
        await staff.appoint(await ana.viewer(), "ana", Role.OPERATOR, "More hands.")
    assert await network.count("account", "role <> 'member'") == 1
    await staff.appoint(await operator.viewer(), "@Ana", Role.MODERATOR, " More hands. ")
    await network.settle()
    newest = (await public_log_page.read()).items[0]
    assert newest.content is not None
    assert newest.content.explanation == "More hands."


async def test_whoever_was_dismissed_appoints_nobody(network: LiveNetwork) -> None:
    """They were an operator when their request came in."""
    second = await network.member("second", role=Role.OPERATOR)
    before = await second.viewer()
    await staff.set_role("second", Role.MEMBER)
    with pytest.raises(Forbidden, match="Only an operator"):
        await staff.appoint(before, "second", Role.OPERATOR, "More hands.")
    assert [one.handle for one in await staff.listed()] == ["ottilie"]
