"""A push service beside the network."""

from collections.abc import AsyncIterator

import msgspec
import pytest

from tests.people import Network
from tests.pushes import Service, service


@pytest.fixture
async def pushes(network: Network) -> AsyncIterator[Service]:
    network.settings = msgspec.structs.replace(network.settings, push_private=True)
    async with service() as running:
        yield running
