"""What several tests of a server's processes use."""

from pathlib import Path

import pytest

from tests.helpers.connections import Serve, serve_from


@pytest.fixture
def serve(url: str, tmp_path: Path) -> Serve:
    return serve_from(url, tmp_path)
