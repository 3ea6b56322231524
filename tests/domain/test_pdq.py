"""Hashes by which pictures are recognised: as those of PDQ's own program, and the same for a picture packed anew."""

from io import BytesIO

import numpy
import pdqhash
import pytest
from PIL import Image

from domain.media import pdq
from domain.moderation.known_pictures import NEAR
from tests.helpers import media_files


def distance(one: str, other: str) -> int:
    return (int(one, 16) ^ int(other, 16)).bit_count()


def theirs(image: Image.Image) -> str:
    bits, _ = pdqhash.compute(numpy.array(image.convert("RGB")))
    return f"{int(''.join(map(str, bits)), 2):064x}"


@pytest.mark.parametrize("size", [(512, 384), (300, 500), (96, 96)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_is_pdq(size: tuple[int, int], seed: int) -> None:
    image = media_files.photo(*size, seed)
    assert distance(pdq.of(image), theirs(image)) <= 16


def test_a_picture_is_known_again_and_another_is_another() -> None:
    image = media_files.photo(1600, 1200)
    small = BytesIO()
    image.resize((400, 300)).save(small, "JPEG", quality=40)
    known = pdq.of(image)
    assert distance(known, pdq.of(Image.open(small))) <= NEAR
    assert distance(known, pdq.of(image.convert("RGBA"))) <= NEAR
    assert distance(known, pdq.of(image.convert("L"))) <= NEAR
    assert distance(known, pdq.of(media_files.photo(1600, 1200, seed=2))) > 2 * NEAR


def test_what_shows_nothing_has_none() -> None:
    for image in (Image.new("RGB", (600, 400), "white"), Image.new("RGBA", (16, 8000)), Image.new("L", (1, 1))):
        assert pdq.of(image) == ""
