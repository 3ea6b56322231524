"""Operators and moderators: there is always an operator, whoever leaves or is dismissed at the same time."""

import asyncio

import pytest

from domain.accounts import closing
from domain.core.access import Role
from domain.core.errors import Conflict, Forbidden, Refused
from domain.moderation import staff
from ops.demo import cast
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


async def test_whoever_was_dismissed_appoints_nobody(network: LiveNetwork) -> None:
    """They were an operator when their request came in."""
    second = await network.member("second", role=Role.OPERATOR)
    before = await second.viewer()
    await staff.set_role("second", Role.MEMBER)
    with pytest.raises(Forbidden, match="Only an operator"):
        await staff.appoint(before, "second", Role.OPERATOR)
    assert [one.handle for one in await staff.listed()] == ["ottilie"]
