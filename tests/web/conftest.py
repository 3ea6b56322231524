"""What tests of pages have in common."""

from collections.abc import Iterator

import pytest

from domain.core.outages import DATABASE_STATUS


@pytest.fixture(autouse=True)
def well() -> Iterator[None]:
    """What one test's database is like says nothing of the next one's."""
    yield
    DATABASE_STATUS.forget()
