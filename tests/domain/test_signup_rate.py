"""How many may join within an hour."""

import pytest

from domain.accounts import signup
from domain.accounts.signup import NewMember, SignupPolicy
from domain.core import ids
from domain.core.errors import TooMany
from tests.conftest import Watch
from tests.helpers.people import PASSWORD, LiveNetwork

HOUR = 3600
POLICY = SignupPolicy(True, False, 0, 1, 0, most_per_hour=2)


def person(handle: str) -> NewMember:
    return NewMember(handle, handle.title(), PASSWORD, accepted_terms=True)


async def test_so_many_within_any_hour(network: LiveNetwork, watch: Watch) -> None:
    watch.forward(2 * HOUR)
    first = await signup.sign_up(person("ana"), POLICY)
    watch.forward(HOUR / 2)
    await signup.sign_up(person("ben"), POLICY)
    with pytest.raises(TooMany) as refusal:
        await signup.sign_up(person("eve"), POLICY)
    waits = refusal.value.retry_after
    assert HOUR / 2 - 20 < waits <= HOUR / 2 + 1
    watch.ahead += ids.time_of(first) + HOUR * 1000 - watch() - 500
    with pytest.raises(TooMany):
        await signup.sign_up(person("eve"), POLICY)
    watch.forward(1)
    await signup.sign_up(person("eve"), POLICY)
    assert await network.count("account") == 4
