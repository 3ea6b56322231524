"""A push service beside the network."""

from collections.abc import AsyncIterator

import pytest

from tests.helpers.people import LiveNetwork
from tests.helpers.push_service import Service, service


@pytest.fixture
async def pushes(network: LiveNetwork, private_addresses: None) -> AsyncIterator[Service]:
    async with service() as running:
        yield running
