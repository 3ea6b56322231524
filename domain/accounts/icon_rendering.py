"""The network's icons: drawn from its logo, or from the arch that every network begins with. Pillow, no database.

A logo is decoded in a child only (domain/media/image_worker.py).

A maskable icon is cut by the system into any shape; what lies in the circle of 80 % of its width is safe.
"""

from io import BytesIO

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageOps, UnidentifiedImageError

from domain.accounts import colours
from domain.accounts.colours import RGB
from domain.accounts.network_icons import LEAST, MAX_PIXELS, SIZES, Icons, Unfit

ROUND, FINE = 0.22, 4
# In a square of 32, as static/favicon.svg has it.
ROOF = [(7, 25), (7, 13), (16, 7), (25, 13), (25, 25)]
DOOR, ARCH = (12.5, 19, 19.5, 26), (12.5, 15.5, 19.5, 22.5)
WHITE: RGB = (255, 255, 255)


def read(body: bytes) -> Image.Image:
    """A logo as a square of 512 pixels with transparency, whatever it was before.

    What is transparent around it is cut away, and a picture without transparency is cut to its middle. Errors:
    ``Unfit`` for what is no PNG, JPEG or WebP, is broken, or too large or small.
    """
    try:
        # The size stands in the first bytes: it is read before anything is decoded.
        image = Image.open(BytesIO(body), formats=["PNG", "JPEG", "WEBP"])
        _measure(image)
        square = _squared(ImageOps.exif_transpose(image).convert("RGBA"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise Unfit("broken") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Unfit("wide") from None
    return square.resize((512, 512), Image.Resampling.LANCZOS)


def _measure(image: Image.Image) -> None:
    if image.width * image.height > MAX_PIXELS:
        raise Unfit("wide")
    if min(image.size) < LEAST:
        raise Unfit("narrow")


def _squared(image: Image.Image) -> Image.Image:
    if not _see_through(image):
        return ImageOps.fit(image, (min(image.size),) * 2)
    box = image.getchannel("A").getbbox()
    if box is None:
        raise Unfit("empty")
    cut = image.crop(box)
    square = Image.new("RGBA", (max(cut.size),) * 2)
    square.paste(cut, ((square.width - cut.width) // 2, (square.height - cut.height) // 2))
    return square


def _see_through(image: Image.Image) -> bool:
    lowest, _ = image.getchannel("A").getextrema()
    return int(lowest) < 250  # type: ignore[arg-type]


def of_logo(logo: Image.Image, hue: int) -> Icons:
    """All icons of a logo that ``read`` made."""
    ground = _ground(logo, hue)
    if _see_through(logo):
        # A square fits into the safe circle with 56 % of its width.
        plain, masked, apple = logo, _on(ground, logo, 0.56), _on(ground, logo, 0.68)
    else:
        plain = _rounded(logo)
        # With its corners rounded it may be larger.
        masked, apple = _on(ground, plain, 0.64), logo
    return _sized(plain, masked, apple, _silhouette(logo))


def of_mark(hue: int) -> Icons:
    """The icons of a network that has no logo: the arch in its colour."""
    tile = Image.new("RGBA", (512, 512), (*colours.accent(hue), 255))
    tile.paste(Image.new("RGBA", tile.size, (*WHITE, 255)), mask=_mark())
    return _sized(_rounded(tile), tile, tile, _ink(_mark(zoom=1.5)))


def _sized(plain: Image.Image, masked: Image.Image, apple: Image.Image, badge: Image.Image) -> Icons:
    of = {"any": plain, "favicon": plain, "maskable": masked, "apple": apple, "badge": badge}
    return {name: png(_scaled(of[name.partition("-")[0]], width)) for name, width in SIZES.items()}


def _scaled(image: Image.Image, width: int) -> Image.Image:
    return image.resize((width, width), Image.Resampling.LANCZOS)


def png(image: Image.Image) -> bytes:
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _ground(logo: Image.Image, hue: int) -> RGB:
    """The network's colour, or its pale companion where the logo could not be told from it."""
    pixel = logo.resize((1, 1), Image.Resampling.BOX).convert("RGB").getpixel((0, 0))
    assert isinstance(pixel, tuple)
    mean: RGB = (int(pixel[0]), int(pixel[1]), int(pixel[2]))
    return colours.accent(hue) if colours.contrast(mean, colours.accent(hue)) > 1.8 else colours.tint(hue)


def _on(ground: RGB, image: Image.Image, part: float) -> Image.Image:
    """The image in the middle of a coloured square, of which it takes a ``part`` of the width."""
    tile = Image.new("RGBA", (512, 512), (*ground, 255))
    width = round(512 * part)
    edge = (512 - width) // 2
    tile.alpha_composite(_scaled(image, width), (edge, edge))
    return tile


def _rounded(image: Image.Image) -> Image.Image:
    fine = Image.new("L", (512 * FINE,) * 2)
    ImageDraw.Draw(fine).rounded_rectangle((0, 0, fine.width - 1, fine.height - 1), 512 * FINE * ROUND, fill=255)
    made = image.copy()
    made.putalpha(ImageChops.multiply(image.getchannel("A"), _scaled(fine, 512)))
    return made


def _mark(zoom: float = 1) -> Image.Image:
    """The arch as a mask, white where it stands; ``zoom`` makes it larger around the middle."""
    unit = 512 * FINE / 32
    fine = Image.new("L", (512 * FINE,) * 2)
    draw = ImageDraw.Draw(fine)

    def at(*points: float) -> list[float]:
        return [((point - 16) * zoom + 16) * unit for point in points]

    draw.polygon([tuple(at(*corner)) for corner in ROOF], fill=255)
    draw.rectangle(at(*DOOR), fill=0)
    draw.ellipse(at(*ARCH), fill=0)
    return _scaled(fine, 512)


def _ink(mask: Image.Image) -> Image.Image:
    """White where the mask is: what systems colour themselves."""
    made = Image.new("RGBA", mask.size, (*WHITE, 0))
    made.putalpha(mask)
    return made


def _silhouette(logo: Image.Image) -> Image.Image:
    """The logo without its colours: its outline, or what differs from the colour of its corner."""
    if _see_through(logo):
        return _ink(logo.getchannel("A"))
    corner = Image.new("RGB", logo.size, logo.convert("RGB").getpixel((4, 4)))
    apart = ImageChops.difference(logo.convert("RGB"), corner).convert("L").filter(ImageFilter.GaussianBlur(1))
    strongest = int(apart.getextrema()[1])  # type: ignore[arg-type]
    mask = apart.point([min(255, round(value * 255 / max(1, strongest * 0.6))) for value in range(256)])
    covered = sum(mask.histogram()[128:]) / (512 * 512)
    return _ink(mask) if strongest > 40 and 0.02 < covered < 0.85 else _ink(_mark(zoom=1.5))
