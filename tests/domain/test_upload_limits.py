"""How much one member may upload: unposted files, and the time for which their files occupy the workers."""

import asyncio
from typing import Any

import pytest

from domain.core.errors import Conflict
from domain.media import uploads
from tests import photos
from tests.people import Member, Network

PARALLEL = 26


async def outcomes(*sends: Any) -> tuple[int, int]:
    """How many of the uploads were taken, and how many were refused because too many wait. Others are errors."""
    results = await asyncio.gather(*sends, return_exceptions=True)
    refused = [one for one in results if isinstance(one, Conflict)]
    for one in results:
        if isinstance(one, BaseException) and one not in refused:
            raise one
    return len(results) - len(refused), len(refused)


def pixel(seed: int) -> bytes:
    return photos.encoded(photos.photo(16, 16, seed), "PNG")


async def devices(network: Network, ana: Member, count: int) -> list[Member]:
    """The member as several server processes see them: each has a studio of its own."""
    return [await network.device(ana.id, ana.handle) for _ in range(count)]


async def test_parallel_uploads_can_not_pass_the_limit(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.media.studio.PATIENCE", 60)
    ana = await network.member("ana")
    processes = await devices(network, ana, 2)
    sends = [processes[number % 2].send(pixel(number)) for number in range(PARALLEL)]
    assert await outcomes(*sends) == (uploads.MOST_WAITING, PARALLEL - uploads.MOST_WAITING)
    assert await network.count("media") == uploads.MOST_WAITING
    with pytest.raises(Conflict, match="posted none"):
        await ana.send(pixel(99))


async def test_a_full_account_still_gets_its_own_upload_back(network: Network) -> None:
    ana = await network.member("ana")
    first = await ana.send(pixel(0), key="the-first-key")
    for number in range(1, uploads.MOST_WAITING):
        await ana.send(pixel(number))
    assert (await ana.send(pixel(0), key="the-first-key")).id == first.id


async def test_uploads_in_progress_count_before_any_work_is_done(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process refuses the 21st of 26 uploads at once, instead of decoding it and throwing the result away."""
    monkeypatch.setattr("domain.media.studio.PATIENCE", 60)
    ana = await network.member("ana")
    assert await outcomes(*(ana.send(pixel(number)) for number in range(PARALLEL))) == (20, 6)
    assert await network.count("object") == uploads.MOST_WAITING, "nothing was made of the others"
    monkeypatch.setattr(uploads, "MOST_WAITING", 21)
    await ana.send(pixel(50))
