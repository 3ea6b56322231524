"""A restore goes into an empty database of Parvis, and touches nothing else."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from ops.backup import errors, loading
from tests.helpers.backups import Host, bring_back, elsewhere
from tests.helpers.databases import Store
from tests.helpers.people import LiveNetwork


@pytest.fixture
def engine() -> str:
    """What is at stake is a file."""
    return "sqlite"


@pytest.fixture
async def host(network: LiveNetwork, tmp_path: Path) -> Host:
    made = Host(network.settings, (tmp_path / "repository").as_uri())
    await network.member("ana")
    await made.back_up()
    return made


async def test_never_over_people(host: Host, store: Store, tmp_path: Path) -> None:
    here = await store.copy("founded")
    file = Path(here.removeprefix("sqlite:///"))
    before = body_of(file)
    with pytest.raises(errors.Occupied, match="has people in it"):
        await bring_back(host, elsewhere(host.settings, tmp_path / "b", here))
    assert body_of(file) == before


async def test_never_over_something_else(host: Host, tmp_path: Path) -> None:
    file = tmp_path / "theirs.sqlite"
    with closing(sqlite3.connect(file)) as theirs:
        theirs.execute("CREATE TABLE precious (thing)")
    before = body_of(file)
    with pytest.raises(errors.Occupied, match="is not one of Parvis: it has precious"):
        await bring_back(host, elsewhere(host.settings, tmp_path / "b", f"sqlite:///{file}"))
    assert body_of(file) == before


async def test_never_over_a_database_in_use(host: Host, store: Store, tmp_path: Path) -> None:
    here = await store.copy("migrated")
    with closing(sqlite3.connect(here.removeprefix("sqlite:///"))) as server:
        server.execute("SELECT count(*) FROM account").fetchall()
        with pytest.raises(errors.Occupied, match="is in use: stop `parvis serve`"):
            await bring_back(host, elsewhere(host.settings, tmp_path / "b", here))
    assert (await bring_back(host, elsewhere(host.settings, tmp_path / "b", here))).rows["account"] == 2


async def test_somebody_was_quicker(host: Host, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network is founded in the empty database while a backup is being loaded beside it."""
    here = await store.copy("migrated")
    founded = Path((await store.copy("founded")).removeprefix("sqlite:///"))
    load_pictures = loading.load_pictures

    async def slowly(*given: Any) -> list[str]:
        shutil.copy(founded, here.removeprefix("sqlite:///"))
        return await load_pictures(*given)

    monkeypatch.setattr(loading, "load_pictures", slowly)
    with pytest.raises(errors.Occupied, match="has people in it"):
        await bring_back(host, elsewhere(host.settings, tmp_path / "b", here))
    assert body_of(Path(here.removeprefix("sqlite:///"))) == body_of(founded)
    assert not list(Path(here.removeprefix("sqlite:///")).parent.glob("*.restoring*"))


def body_of(file: Path) -> bytes:
    return file.read_bytes()
