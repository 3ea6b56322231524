"""Pictures that cost too much: bombs, long animations, and what is too large to be made."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from domain.core.errors import Invalid
from domain.media import costs
from domain.media.processor import MOST_SECONDS, WORDS, MediaProcessor, UploadRules, job
from tests.domain.test_pictures import process, processor
from tests.helpers import media_files

__all__ = ["processor"]


def png(width: int, height: int, rows: bytes = b"") -> bytes:
    """A PNG that says it is of this size, however little there is in it."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bomb(width: int, height: int) -> bytes:
    """A real one: all of its pixels are there, black, in a few hundred KB."""
    size = (width * 3 + 1) * height
    packer = zlib.compressobj(9)
    packed, block = packer.compress(b"") + packer.flush(zlib.Z_FULL_FLUSH), 1 << 20
    million = packer.compress(bytes(block)) + packer.flush(zlib.Z_FULL_FLUSH)
    # Blocks after a full flush stand for themselves: one is as good as another.
    packed += million * (size // block) + packer.compress(bytes(size % block)) + packer.flush(zlib.Z_FULL_FLUSH)
    return png(width, height, packed + b"\x03\x00" + struct.pack(">HH", size % 65521, 1))


async def test_a_bomb_is_a_clear_error(processor: MediaProcessor) -> None:
    made, _ = await process(processor, bomb(300, 200))
    assert made.width == 300, "a small one is a picture"
    with pytest.raises(Invalid) as refusal:
        await process(processor, bomb(30_000, 30_000))
    assert refusal.value.words == WORDS["large"]
    with pytest.raises(Invalid) as refusal:
        # Small enough to be begun with, too large for the memory that there is.
        await process(processor, bomb(11_000, 10_500))
    assert refusal.value.words == WORDS["large"]


async def test_an_animated_bomb_is_one_too(processor: MediaProcessor) -> None:
    many = [Image.new("L", (16, 16), number % 251) for number in range(700)]
    out = BytesIO()
    many[0].save(out, "GIF", save_all=True, append_images=many[1:])
    with pytest.raises(Invalid) as refusal:
        await process(processor, out.getvalue())
    assert refusal.value.words == WORDS["frames"]
    canvas = media_files.animation(frames=8, size=(32, 24))
    wide = canvas[:6] + struct.pack("<HH", 11_000, 9_000) + canvas[10:]
    with pytest.raises(Invalid) as refusal:
        await process(processor, wide)
    assert refusal.value.words in (WORDS["frames"], WORDS["large"])


def flat(frames: int, side: int, kind: str = "GIF") -> bytes:
    """An animation that has little in it and much to unpack: no two of its frames are alike."""
    many = []
    for number in range(frames):
        frame = Image.new("P", (side, side), number % 256)
        frame.putpalette(bytes(range(256)) * 3)
        frame.paste((number * 7 + 3) % 256, (5 * number, 5, 5 * number + side // 10, side // 10))
        many.append(frame if kind == "GIF" else frame.convert("RGB"))
    out = BytesIO()
    many[0].save(out, kind, save_all=True, append_images=many[1:], duration=60, **QUICK.get(kind, {}))
    return out.getvalue()


QUICK: dict[str, dict[str, Any]] = {"GIF": {"disposal": 1}, "WEBP": {"method": 0}, "AVIF": {"speed": 10}}


async def test_an_animation_is_bounded_by_what_it_costs(processor: MediaProcessor) -> None:
    """By the pixels of all its frames, whatever the bytes: 400 KB held a place for ten seconds."""
    costly = flat(40, 3000)
    assert len(costly) < 500_000
    with pytest.raises(Invalid) as refusal:
        await process(processor, costly)
    assert refusal.value.words == WORDS["frames"]
    made, _ = await process(processor, costly, job("gif", None, ((480, 480),)))
    assert made.width == 480, "its first frame alone costs little"
    made, _ = await process(processor, flat(40, 900))
    assert made.moving


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
async def test_every_kind_of_animation_is_bounded(processor: MediaProcessor, kind: str) -> None:
    frames, side = 20, 2600
    assert costs.animation(kind.lower(), frames, side * side, 0) > MOST_SECONDS
    with pytest.raises(Invalid) as refusal:
        await process(processor, flat(frames, side, kind))
    assert refusal.value.words == WORDS["frames"]


async def test_a_still_picture_is_bounded_too(processor: MediaProcessor) -> None:
    with pytest.raises(Invalid) as refusal:
        await process(processor, png(11_500, 10_400))
    assert refusal.value.words == WORDS["large"], "of memory there is too little"
    with pytest.raises(Invalid) as refusal:
        await process(processor, png(11_500, 10_400) + b"\0" * 19_000_000)
    assert refusal.value.words == WORDS["time"]


async def test_nothing_too_large_is_made(processor: MediaProcessor) -> None:
    """Packing costs too: the largest picture that is made has 8 megapixels, and 4 without loss."""
    tall = Image.new("RGB", (1900, 7900), (10, 200, 30))
    made, files = await process(processor, media_files.encoded(tall, "PNG"))
    assert 7_900_000 < made.width * made.height <= 8_001_000
    assert files[0][12:16] == b"VP8 "
    small = Image.new("RGB", (1000, 2500), (10, 200, 30))
    _, files = await process(processor, media_files.encoded(small, "PNG"))
    assert files[0][12:16] == b"VP8L"


async def test_it_is_too_large(processor: MediaProcessor) -> None:
    small = MediaProcessor(processor.folder, UploadRules(image=1024 * 1024), 1)
    with pytest.raises(Invalid, match="at most 1 MB"):
        await process(small, media_files.encoded() + b"\0" * 1024 * 1024)
