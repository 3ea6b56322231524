"""A server that runs on while the code on disk becomes another version's: uploads are answered, and never for good."""

import hashlib
import json
import subprocess
import sys
from tempfile import TemporaryFile

import msgspec
import pytest

from adapters import bounded
from adapters.children import BOUNDED
from domain.media import decoding, picture_jobs
from domain.media.picture_jobs import Job, LogoJob, Made
from domain.media.processor import MediaProcessor, Updating
from tests.domain.test_audio_video import opened
from tests.domain.test_pictures import process, processor
from tests.helpers import media_files
from tests.helpers.people import LiveSite

__all__ = ["processor"]

ACT = {"x-act": "1"}
# As servers said it before there were protocols.
OLD_JOB = {
    "kind": "png", "most_pixels": 120_000_000, "most_frames": 600, "widths": [1080, 480], "sizes": [], "box": None,
    "moving": True,
}  # fmt: skip
# What each protocol looks like.
LOOKS = {"pictures-3": "4c728c68b3823776"}


@pytest.mark.parametrize("module", [bounded, decoding])
async def test_a_picture_waits_for_the_new_version(
    processor: MediaProcessor, module: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PROTOCOL", "of-another-version")
    with pytest.raises(Updating):
        await process(processor, media_files.encoded())


async def test_a_film_waits_for_the_new_version(processor: MediaProcessor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounded, "PROTOCOL", "of-another-version")
    with opened(processor, media_files.video()) as file, pytest.raises(Updating):
        await processor.pack(file, processor.kind(file))


async def test_the_page_says_to_try_again(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    monkeypatch.setattr(bounded, "PROTOCOL", "of-another-version")
    address, body = "/media?key=a-key-for-it", media_files.encoded(kind="PNG")
    answer = await browser.post(address, content=body, headers=ACT)
    assert (answer.status_code, "being updated" in answer.text) == (503, True)
    assert int(answer.headers["retry-after"]) > 0
    form = {"key": "the-key-of-a-form", "text": "My words"}
    shown = (await browser.post("/posts", files={"files": ("a.png", body)}, data=form)).text
    assert ("being updated" in shown, "My words" in shown) == (True, True)
    monkeypatch.undo()
    assert (await browser.post(address, content=body, headers=ACT)).status_code == 201


def test_children_of_servers_before_there_were_protocols() -> None:
    """They are started by the code on disk: theirs is the old call."""
    made, bodies = old_call(media_files.encoded(media_files.photo(1200, 900), "PNG"))
    assert [(part.name, part.width) for part in made.parts] == [("wide", 1080), ("middle", 480)]
    assert [body[8:12] for body in bodies] == [b"WEBP"] * 2
    assert old_call(b"\x89PNG\r\n\x1a\nbroken")[0].refused == "broken"


def old_call(picture: bytes) -> tuple[Made, list[bytes]]:
    program = [sys.executable, "-m", "domain.media.image_worker", json.dumps(OLD_JOB)]
    with TemporaryFile() as source:
        source.write(picture)
        source.seek(0)
        answer = subprocess.run(
            [sys.executable, "-I", "-S", BOUNDED, "5", str(384 << 20), str(64 << 20), *program],
            stdin=source, capture_output=True, check=True, cwd="/",
        ).stdout  # fmt: skip
    line, _, rest = answer.partition(b"\n")
    made, bodies = msgspec.json.decode(line, type=Made), []
    for part in made.parts:
        bodies.append(rest[: part.bytes])
        rest = rest[part.bytes :]
    return made, bodies


def test_another_look_is_another_protocol() -> None:
    """A server speaks to children of the code on disk: they must know each other's structs."""
    schema = msgspec.json.encode(msgspec.json.schema_components([Job, LogoJob, Made])[1], order="sorted")
    assert hashlib.sha256(schema).hexdigest()[:16] == LOOKS[picture_jobs.PROTOCOL]
