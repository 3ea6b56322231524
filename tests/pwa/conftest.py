"""A push service beside the network."""

from collections.abc import AsyncIterator

import pytest

from tests.people import Network
from tests.pushes import Service, service


@pytest.fixture
async def pushes(network: Network, private_addresses: None) -> AsyncIterator[Service]:
    async with service() as running:
        yield running
