"""The icons: of the arch, of a logo, and of what somebody would like the server to take for a logo."""

import struct
import zlib
from io import BytesIO
from math import hypot

import httpx
import pytest
from PIL import Image, ImageDraw

from domain.accounts import colours, icon_rendering, network_icons
from tests.helpers.people import LiveSite

HUE = 11


def picture(form: str = "PNG", size: tuple[int, int] = (600, 400), transparent: bool = False, **more: object) -> bytes:
    """A red disc in the middle."""
    made = Image.new("RGBA", size, (0, 0, 0, 0) if transparent else (250, 240, 200, 255))
    middle, radius = (size[0] / 2, size[1] / 2), min(size) / 3
    box = (middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius)
    ImageDraw.Draw(made).ellipse(box, fill=(200, 30, 30, 255))
    out = BytesIO()
    (made.convert("RGB") if form == "JPEG" else made).save(out, form, **more)
    return out.getvalue()


def header_only(width: int, height: int) -> bytes:
    """A PNG that says how large it is and has a few bytes of nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    shape = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    rows = chunk(b"IDAT", zlib.compress(b"\0" * 100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", shape) + rows + chunk(b"IEND", b"")


def opened(body: bytes) -> Image.Image:
    return Image.open(BytesIO(body)).convert("RGBA")


def reach(icon: Image.Image) -> float:
    """How far from the middle anything goes that is not the ground, as a part of the width."""
    ground = icon.getpixel((0, 0))
    middle = (icon.width - 1) / 2
    apart = [
        hypot(x - middle, y - middle)
        for y in range(icon.height)
        for x in range(icon.width)
        if max(abs(a - b) for a, b in zip(icon.getpixel((x, y)), ground, strict=True)) > 24  # type: ignore[arg-type]
    ]
    return max(apart, default=0) / icon.width


@pytest.mark.parametrize("source", ["arch", "opaque", "transparent", "wide"])
def test_every_icon_has_its_size_and_its_safe_zone(source: str) -> None:
    logos = {
        "opaque": picture(),
        "transparent": picture(transparent=True),
        "wide": picture(size=(1600, 200), transparent=True),
    }
    made = (
        icon_rendering.of_logo(icon_rendering.read(logos[source]), HUE)
        if source in logos
        else icon_rendering.of_mark(HUE)
    )
    assert {name: opened(body).size for name, body in made.items()} == {
        name: (width, width) for name, width in network_icons.SIZES.items()
    }
    masked = opened(made["maskable-192"])
    assert 0.1 < reach(masked) <= 0.4, "what lies outside the circle of 80 % may be cut off"
    for name in ("maskable-192", "apple-180"):
        assert opened(made[name]).getchannel("A").getextrema() == (255, 255), "systems draw black behind the rest"
    low, high = opened(made["badge-96"]).getchannel("A").getextrema()
    assert (low, high) == (0, 255), "a shape, neither empty nor full"
    assert len(made["any-512"]) < 200_000


def test_around_a_logo_is_the_network_s_colour() -> None:
    masked = opened(icon_rendering.of_logo(icon_rendering.read(picture()), HUE)["maskable-192"])
    assert masked.getpixel((2, 2)) == (*colours.accent(HUE), 255)
    green = Image.new("RGBA", (300, 300))
    ImageDraw.Draw(green).rectangle((0, 0, 200, 299), fill=(*colours.accent(HUE), 255))
    out = BytesIO()
    green.save(out, "PNG")
    lost = opened(icon_rendering.of_logo(icon_rendering.read(out.getvalue()), HUE)["maskable-192"])
    assert lost.getpixel((2, 2)) == (*colours.tint(HUE), 255), "a logo in that very colour must still be seen"


def test_colours_are_those_of_the_stylesheet() -> None:
    """As a browser works out the tokens."""
    assert "#{:02x}{:02x}{:02x}".format(*colours.oklch(0.986, 0.004, 90)) == colours.PAPER
    assert "#{:02x}{:02x}{:02x}".format(*colours.oklch(0.187, 0.009, 235)) == colours.DARK_PAPER


HOSTILE = {
    "bomb": header_only(30_000, 30_000),
    "bomb within Pillow's own limit": header_only(9_000, 9_000),
    "truncated": picture()[:-300],
    "truncated JPEG": picture("JPEG")[:2000],
    "a header and nothing else": header_only(400, 400)[:60],
    "rows that end too soon": header_only(400, 400),
    "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "GIF": picture("GIF"),
    "TIFF": picture("TIFF"),
    "PDF": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
    "HTML": b"<!doctype html><script>alert(1)</script>",
    "nothing": b"",
    "too small": picture(size=(90, 400)),
    "empty": picture(transparent=True)[:0] or b"\x89PNG\r\n\x1a\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_no_logo_is_refused(name: str) -> None:
    with pytest.raises(network_icons.Unfit) as problem:
        icon_rendering.read(HOSTILE[name])
    assert str(problem.value) in {*network_icons.WORDS, "broken"}


def test_nothing_of_the_file_but_its_pixels_is_kept() -> None:
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    logo = icon_rendering.read(picture("JPEG", exif=exif))
    kept = b"".join([icon_rendering.png(logo), *icon_rendering.of_logo(logo, HUE).values()])
    assert b"taken at home" not in kept


def test_a_picture_lying_on_its_side_is_put_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    made = Image.new("RGB", (400, 400), (255, 255, 255))
    ImageDraw.Draw(made).rectangle((0, 0, 399, 100), fill=(0, 0, 0))
    out = BytesIO()
    made.save(out, "JPEG", exif=exif)
    upright = icon_rendering.read(out.getvalue())
    assert upright.getpixel((500, 256))[0] < 60, "turned by a quarter, the bar is on the right"  # type: ignore[index]


# --- over HTTP, on both engines


async def upload(browser: httpx.AsyncClient, body: bytes, kind: str = "image/png") -> httpx.Response:
    return await browser.post("/settings/network/logo", files={"logo": ("logo.png", body, kind)})


async def icon_of(site: LiveSite, name: str = "any-192") -> tuple[str, bytes]:
    """Where an icon is by the manifest, and what is there."""
    browser = site.browser()
    said = (await browser.get("/manifest.webmanifest")).json()
    address = next(icon["src"] for icon in said["icons"] if f"/{name}." in icon["src"])
    return address, (await browser.get(address)).content


async def test_an_operator_gives_the_network_a_logo(site: LiveSite) -> None:
    browser = site.browser(await site.network.operator())
    arch, drawn = await icon_of(site)
    assert (await upload(browser, picture("WEBP"))).headers["location"] == "/settings/network?saved=logo"
    address, body = await icon_of(site)
    assert address != arch
    assert body != drawn
    assert opened(body).getpixel((96, 96))[0] > 150  # type: ignore[index]
    answer = await browser.get(address)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    old = await browser.get(arch)
    assert (old.content, old.headers["cache-control"]) == (body, "no-cache"), "an old page shows the new icon, for now"
    assert "Remove the logo" in (await browser.get("/settings/network")).text
    assert f"/icons/apple-180.{address.split('.')[1]}.png" in (await browser.get("/")).text


async def test_another_colour_draws_the_icons_anew(site: LiveSite) -> None:
    browser = site.browser(await site.network.operator())
    await upload(browser, picture())
    before, masked = await icon_of(site, "maskable-192")
    form = {"name": "Tilly", "description": "", "contact": "", "hue": "20", "terms": "Be kind."}
    assert (await browser.post("/settings/network", data=form)).status_code == 303
    after, again = await icon_of(site, "maskable-192")
    assert after != before
    assert opened(again).getpixel((2, 2)) == (*colours.accent(20), 255)
    assert opened(masked).getpixel((2, 2)) == (*colours.accent(11), 255)


async def test_a_logo_can_be_taken_away(site: LiveSite) -> None:
    browser = site.browser(await site.network.operator())
    first = await icon_of(site)
    await upload(browser, picture())
    assert (await browser.post("/settings/network/logo?_method=DELETE")).status_code == 303
    assert await icon_of(site) == first
    assert await site.network.count("network_icon") == 0


async def test_a_refused_logo_changes_nothing(site: LiveSite) -> None:
    browser = site.browser(await site.network.operator())
    await upload(browser, picture())
    before = await icon_of(site)
    for body, words in (
        (HOSTILE["bomb"], "too many pixels"),
        (HOSTILE["SVG"], "can be read"),
        (HOSTILE["nothing"], "can be read"),
        (HOSTILE["too small"], "at least 128 pixels"),
        (picture() + b"\0" * network_icons.MAX_BYTES, "at most 2 MB"),
    ):
        answer = await upload(browser, body)
        assert answer.status_code == 422
        assert words in answer.text.partition('role="alert"')[2]
    assert await icon_of(site) == before


async def test_only_an_operator_may(site: LiveSite) -> None:
    ana = await site.member("ana")
    for browser, status in ((site.browser(ana), 403), (site.browser(), 403)):
        answer = await upload(browser, picture())
        assert answer.status_code in (status, 401, 403)
        gone = await browser.post("/settings/network/logo?_method=DELETE")
        assert gone.status_code in (401, 403)
    assert await site.network.count("network_icon") == 0


async def test_only_this_form_may_be_large(site: LiveSite) -> None:
    browser = site.browser(await site.network.operator())
    large = b"\0" * (300 * 1024)
    assert (await browser.post("/settings/reading", files={"logo": ("logo.png", large)})).status_code == 413
    assert (await browser.post("/settings/network", data={"name": "x" * 300_000})).status_code == 413
    assert (await upload(browser, large)).status_code == 422
    assert (await upload(browser, b"\0" * (network_icons.MAX_BYTES + 200_000))).status_code == 413


async def test_there_are_no_other_icons(site: LiveSite) -> None:
    browser = site.browser()
    for name in ("logo.png", "logo.arch1-11.png", "any-9000.png", "..%2fterms", "any-192"):
        answer = await browser.get(f"/icons/{name}")
        assert (answer.status_code == 200) == (name == "any-192"), name
    assert (await browser.get("/apple-touch-icon.png")).headers["content-type"] == "image/png"
