"""How much one member may upload: unposted files, and the time for which their files occupy the workers."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

from asgi.limits import Limit
from domain.core.errors import Conflict, Invalid, TooMany
from domain.media import profile_images, uploads
from domain.media.processor import MediaProcessor, UploadRules
from domain.media.profile_images import ProfileImage
from tests.conftest import OpenSite
from tests.helpers import media_files
from tests.helpers.people import LiveNetwork, Member
from tests.web.test_media import ACT

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
    return media_files.encoded(media_files.photo(16, 16, seed), "PNG")


async def devices(network: LiveNetwork, ana: Member, count: int) -> list[Member]:
    """The member as several server processes see them: each has a processor of its own."""
    return [await network.device(ana.id, ana.handle) for _ in range(count)]


async def test_parallel_uploads_can_not_pass_the_limit(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.media.processor.PATIENCE", 60)
    ana = await network.member("ana")
    processes = await devices(network, ana, 2)
    sends = [processes[number % 2].send(pixel(number)) for number in range(PARALLEL)]
    assert await outcomes(*sends) == (uploads.MOST_WAITING, PARALLEL - uploads.MOST_WAITING)
    assert await network.count("media") == uploads.MOST_WAITING
    with pytest.raises(Conflict, match="posted none"):
        await ana.send(pixel(99))


async def test_a_full_account_still_gets_its_own_upload_back(network: LiveNetwork) -> None:
    ana = await network.member("ana")
    first = await ana.send(pixel(0), key="the-first-key")
    for number in range(1, uploads.MOST_WAITING):
        await ana.send(pixel(number))
    assert (await ana.send(pixel(0), key="the-first-key")).id == first.id


async def test_uploads_in_progress_count_before_any_work_is_done(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process refuses the 21st of 26 uploads at once, instead of decoding it and throwing the result away."""
    monkeypatch.setattr("domain.media.processor.PATIENCE", 60)
    ana = await network.member("ana")
    assert await outcomes(*(ana.send(pixel(number)) for number in range(PARALLEL))) == (20, 6)
    assert await network.count("stored_object") == uploads.MOST_WAITING, "nothing was made of the others"
    monkeypatch.setattr(uploads, "MOST_WAITING", 21)
    await ana.send(pixel(50))


async def put(member: Member, what: ProfileImage, body: bytes) -> None:
    with member.processor.open_file() as file:
        file.write(body)
        await profile_images.put(member.processor, await member.viewer(), what, file, None)


@pytest.mark.parametrize("what", ProfileImage)
async def test_profile_images_wait_for_the_member_s_turn(
    network: LiveNetwork, monkeypatch: pytest.MonkeyPatch, what: ProfileImage
) -> None:
    """Whoever sends several at once occupies one place and not all of them."""
    monkeypatch.setattr("domain.media.processor.PATIENCE", 0.05)
    ana, ben = await network.members("ana", "ben")
    ben.processor = ana.processor
    async with ana.processor.turn(ana.id):
        with pytest.raises(TooMany):
            await put(ana, what, pixel(1))
        monkeypatch.undo()
        await put(ben, what, pixel(1))
    await put(ana, what, pixel(1))


async def test_pictures_of_previews_share_one_turn(network: LiveNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever posts many links does not occupy every place by them."""
    monkeypatch.setattr("domain.media.processor.PATIENCE", 0.05)
    ana = await network.member("ana")
    with ana.processor.open_file() as file:
        file.write(pixel(1))
        async with ana.processor.turn(uploads.PREVIEWS):
            with pytest.raises(TooMany):
                await uploads.take_link_preview(ana.processor, file)
            monkeypatch.undo()
            await ana.send(pixel(2))
        await uploads.take_link_preview(ana.processor, file)


def wait(budget: Limit, key: str) -> int:
    """Seconds until a budget of one second an hour is whole again."""
    with pytest.raises(TooMany) as refusal:
        budget.take(key, 1)
    return refusal.value.retry_after


async def test_processing_time_is_charged_to_the_member(network: LiveNetwork, tmp_path: Path) -> None:
    """After the work, whatever came of it; who has spent the hour's seconds is refused before the next."""
    ana, ben = await network.members("ana", "ben")
    budget = Limit.hourly(1)
    ana.processor = ben.processor = MediaProcessor(tmp_path / "work", UploadRules(), 2, budget)
    key = str(ana.id)
    with pytest.raises(Invalid):
        await ana.send(media_files.encoded()[:300])
    waits = [wait(budget, key)]
    budget.give(key, 1)
    await ana.send()
    waits.append(wait(budget, key))
    budget.give(key, 1)
    await put(ana, ProfileImage.PICTURE, pixel(2))
    waits.append(wait(budget, key))
    assert min(waits) > 0
    budget.charge(key, 60)
    with pytest.raises(TooMany) as refusal:
        await ana.send()
    assert refusal.value.retry_after > 59 * 3600
    with pytest.raises(TooMany):
        await put(ana, ProfileImage.HEADER, pixel(3))
    assert await network.count("media", "purpose = 0") == 1
    await ben.send()


def test_a_budget_may_be_overdrawn() -> None:
    budget = Limit(10, 1 / 3600)
    budget.take("ana", 0)
    budget.charge("ana", 25)
    with pytest.raises(TooMany) as refusal:
        budget.take("ana", 0)
    assert 15 * 3600 - 5 < refusal.value.retry_after <= 15 * 3600 + 1
    budget.take("ben", 10)


async def test_the_server_charges_uploads(open_site: OpenSite) -> None:
    site = await open_site(upload_seconds_per_hour=1)
    ana, ben = await site.members("ana", "ben")
    browser, answers = site.browser(ana), []
    for number in range(uploads.MOST_WAITING):
        answers.append(await browser.post(f"/media?key=an-upload-{number}", content=pixel(number), headers=ACT))
        if answers[-1].status_code != 201:
            break
    assert (answers[0].status_code, answers[-1].status_code) == (201, 429)
    assert int(answers[-1].headers["retry-after"]) > 0
    file = [("file", ("me.png", pixel(1)))]
    assert (await browser.post("/settings/profile/picture", files=file, headers=ACT)).status_code == 429
    other = await site.browser(ben).post("/media?key=an-upload-0", content=pixel(0), headers=ACT)
    assert other.status_code == 201
