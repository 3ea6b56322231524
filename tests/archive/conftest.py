"""Archives open databases one after the other: at the end of a test none stays open."""

from collections.abc import AsyncIterator

import pytest

from db.engine import DB


@pytest.fixture(autouse=True)
async def closed() -> AsyncIterator[None]:
    yield
    await DB.close()
