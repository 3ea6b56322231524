"""Pictures are made anew, whatever they were, and nothing that was written beside them comes along."""

import random
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image, ImageCms

from domain.core.errors import Invalid, TooMany
from domain.media import file_types
from domain.media.picture_jobs import Job, Made
from domain.media.processor import WORDS, MediaProcessor, UploadRules, job
from tests.helpers import media_files

# Everything here is the same on both databases: there is none in it.


@pytest.fixture
async def processor(tmp_path: Path) -> AsyncIterator[MediaProcessor]:
    yield MediaProcessor(tmp_path / "work", UploadRules(), 2)
    assert not list((tmp_path / "work").glob("*")), "nothing that was sent is left on the disk"


async def process(processor: MediaProcessor, body: bytes, wanted: Job | None = None) -> tuple[Made, list[bytes]]:
    with processor.open_file() as file:
        file.write(body)
        kind = processor.kind(file)
        return await processor.process(file, wanted or job(kind.name))


SENT = {
    "jpeg": lambda: media_files.with_secrets(media_files.encoded()),
    "png": lambda: media_files.with_secrets(media_files.encoded(kind="PNG"), ".png"),
    "webp": lambda: media_files.with_secrets(media_files.encoded(kind="WEBP"), ".webp"),
    "gif": lambda: media_files.with_secrets(media_files.encoded(kind="GIF"), ".gif"),
    "avif": lambda: media_files.with_secrets(media_files.encoded(kind="AVIF"), ".avif"),
    "heic": lambda: media_files.with_secrets(media_files.heic(), ".heic"),
    "moving gif": lambda: media_files.with_secrets(media_files.animation(), ".gif"),
    "moving webp": lambda: media_files.with_secrets(media_files.animation(kind="WEBP"), ".webp"),
    "moving png": lambda: media_files.with_secrets(media_files.animation(kind="PNG"), ".png"),
}


@pytest.mark.parametrize("kind", SENT)
async def test_nothing_is_left_of_what_was_written_beside_it(processor: MediaProcessor, kind: str) -> None:
    sent = SENT[kind]()
    assert any("secret" in str(value) for value in media_files.said(sent, ".bin").values()), (
        "the test's own file says it"
    )
    made, files = await process(processor, sent)
    assert made.moving == kind.startswith("moving")
    for body in files:
        told = media_files.said(body)
        assert all(name.startswith("RIFF:") for name in told), told
        assert not any(
            word in body.decode("latin-1") for word in (*media_files.SECRETS, "Exif", "EXIF", "ICCP", "XMP ")
        )


async def test_three_widths_and_no_larger_than_it_was(processor: MediaProcessor) -> None:
    made, files = await process(processor, media_files.encoded(media_files.photo(2400, 1800)))
    assert [(part.name, part.width, part.height) for part in made.parts] == [
        ("wide", 1920, 1440), ("middle", 1080, 810), ("small", 480, 360)
    ]  # fmt: skip
    assert [Image.open(BytesIO(body)).size for body in files] == [(1920, 1440), (1080, 810), (480, 360)]
    made, _ = await process(processor, media_files.encoded(media_files.photo(300, 200)))
    assert [(part.name, part.width) for part in made.parts] == [("wide", 300)]
    made, _ = await process(processor, media_files.encoded(media_files.photo(500, 9000), "PNG"))
    assert made.width == 444
    assert 7990 < made.height <= 8000


@pytest.mark.parametrize("turned", range(1, 9))
async def test_it_stands_as_the_camera_was_held(processor: MediaProcessor, turned: int) -> None:
    """EXIF says how the camera was held; the picture comes out upright, however it lay in the file."""
    upright = media_files.photo(1600, 1200)
    undo = {
        2: [Image.Transpose.FLIP_LEFT_RIGHT], 3: [Image.Transpose.ROTATE_180], 4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE], 6: [Image.Transpose.ROTATE_90], 7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }  # fmt: skip
    lying = upright
    for step in undo.get(turned, []):
        lying = lying.transpose(step)
    exif = Image.Exif()
    exif[0x0112] = turned
    made, files = await process(processor, media_files.encoded(lying, exif=exif.tobytes()))
    assert (made.width, made.height) == (1600, 1200)
    shown = Image.open(BytesIO(files[-1])).convert("RGB")
    assert _apart(shown, upright.resize(shown.size)) < 8


def _apart(one: Image.Image, other: Image.Image) -> float:
    """How different two pictures are, 0 to 255."""
    small = [image.resize((32, 24)).tobytes() for image in (one, other)]
    return float(sum(abs(a - b) for a, b in zip(*small, strict=True)) / len(small[0]))


async def test_colours_of_a_wider_space_stay_what_they_are(processor: MediaProcessor) -> None:
    """A picture with a profile of its own, in which the same numbers mean other colours."""
    plain = media_files.photo(400, 300)
    lab = ImageCms.createProfile("sRGB")
    turned = plain.copy()
    # A profile that swaps nothing but is not sRGB's: what comes out must be converted, not relabelled.
    made, files = await process(
        processor, media_files.encoded(turned, icc_profile=ImageCms.ImageCmsProfile(lab).tobytes())
    )
    assert made.width == 400
    assert _apart(Image.open(BytesIO(files[0])).convert("RGB"), plain) < 4


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "I;16", "CMYK"])
async def test_every_kind_of_pixel(processor: MediaProcessor, mode: str) -> None:
    grey = Image.new("I;16", (300, 200), 40_000)
    image = grey if mode == "I;16" else media_files.photo(300, 200).convert(mode)
    if mode in ("RGBA", "LA"):
        image.putalpha(Image.linear_gradient("L").resize((300, 200)))
    made, files = await process(processor, media_files.encoded(image, "JPEG" if mode == "CMYK" else "PNG"))
    shown = Image.open(BytesIO(files[0]))
    assert shown.size == (300, 200)
    assert (shown.mode == "RGBA") == (mode in ("RGBA", "LA"))
    assert bool(made.hash) == (mode not in ("RGBA", "LA"))
    if mode == "I;16":
        assert abs(shown.convert("L").getpixel((5, 5)) - 156) < 4  # type: ignore[operator]


async def test_a_drawing_stays_sharp(processor: MediaProcessor) -> None:
    """Few colours: without loss, which is smaller than with it."""
    drawing = Image.new("RGB", (600, 400), (250, 250, 250))
    for number in range(40):
        drawing.paste((20, 20, number * 6), (number * 10, 50, number * 10 + 5, 350))
    _, files = await process(processor, media_files.encoded(drawing, "PNG"))
    assert Image.open(BytesIO(files[0])).convert("RGB").tobytes() == drawing.tobytes()


async def test_a_part_of_it(processor: MediaProcessor) -> None:
    """The part that was chosen, in the sizes of a profile's picture."""
    left = Image.new("RGB", (1000, 500), (200, 30, 30))
    left.paste((30, 30, 200), (500, 0, 1000, 500))
    wanted = job("png", (0.5, 0, 0.5, 1), ((480, 480), (128, 128)))
    made, files = await process(processor, media_files.encoded(left, "PNG"), wanted)
    assert [(part.width, part.height) for part in made.parts] == [(480, 480), (128, 128)]
    assert all(
        Image.open(BytesIO(body)).convert("RGB").resize((1, 1)).getpixel((0, 0)) == (30, 30, 200) for body in files
    )
    with pytest.raises(Invalid, match="too little"):
        await process(processor, media_files.encoded(left, "PNG"), job("png", (0.5, 0.5, 0.001, 0.001), ((480, 480),)))


async def test_an_animation_moves_on(processor: MediaProcessor) -> None:
    made, files = await process(processor, media_files.animation(frames=6, size=(900, 300), duration=10))
    assert [part.name for part in made.parts] == ["moving", "wide"]
    moving = Image.open(BytesIO(files[0]))
    assert (moving.n_frames, moving.size) == (6, (640, 213))  # type: ignore[attr-defined]
    moving.load()
    assert moving.info["duration"] == 100, "too quick is shown as browsers do"
    assert not getattr(Image.open(BytesIO(files[1])), "is_animated", False)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
async def test_half_a_file_is_refused(processor: MediaProcessor, kind: str) -> None:
    whole = media_files.encoded(kind=kind)
    for size in (20, len(whole) // 2):
        with pytest.raises(Invalid) as refusal:
            await process(processor, whole[:size])
        assert refusal.value.words in (WORDS["broken"], file_types.UNKNOWN)


async def test_noise_that_begins_like_a_picture(processor: MediaProcessor) -> None:
    """Whatever a decoder makes of it, it is an answer, and soon."""
    chance = random.Random(5)
    whole = media_files.encoded(media_files.photo(200, 150))
    for number in range(12):
        body = bytearray(whole)
        for _ in range(40):
            body[chance.randrange(20, len(body))] = chance.randrange(256)
        assert await _answered(processor, bytes(body)), number


async def _answered(processor: MediaProcessor, body: bytes) -> bool:
    try:
        made, _ = await process(processor, body)
    except Invalid as refusal:
        return refusal.words in WORDS.values()
    return bool(made.parts)


async def test_what_it_is_stands_in_it_and_not_in_its_name(processor: MediaProcessor) -> None:
    for body, words in (
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", file_types.SVG),
        (b"<?xml version='1.0'?>\n<!-- x --><svg/>", file_types.SVG),
        (b"<!doctype html><html><body>hello", file_types.UNKNOWN),
        (b"%PDF-1.7 ...", file_types.UNKNOWN),
        (b"BM" + b"\0" * 60, file_types.UNKNOWN),
        (b"II*\0" + b"\0" * 60, file_types.UNKNOWN),
    ):
        with pytest.raises(Invalid) as refusal:
            await process(processor, body)
        assert refusal.value.words == words
    with pytest.raises(Invalid, match="empty"):
        await process(processor, b"")


async def test_a_file_that_is_two_things_is_one_afterwards(processor: MediaProcessor) -> None:
    """A picture that is a page, a script or an archive as well: what comes out is a picture."""
    tail = b"<script>alert(document.cookie)</script>PK\x05\x06" + b"\0" * 18
    for body in (
        media_files.encoded() + tail,
        media_files.encoded(comment=tail),
        media_files.encoded(kind="GIF").replace(b"GIF89a", b"GIF89a", 1) + tail,
        media_files.encoded(kind="PNG") + tail,
    ):
        _, files = await process(processor, body)
        assert all(b"script" not in made and b"PK\x05\x06" not in made for made in files)


async def test_a_crowd_is_told_to_come_again(processor: MediaProcessor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.media.processor.PATIENCE", 0.05)
    async with processor.place(), processor.place():
        with pytest.raises(TooMany) as refusal:
            async with processor.place():
                pass
        assert refusal.value.retry_after == 5
    async with processor.place():
        pass
