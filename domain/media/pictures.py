"""Pictures made anew: upright, cut, in three widths, with nothing left of what the camera wrote beside them.

It runs in a child of its own (domain/media/image_worker.py), since what strangers send may be made to do harm.
"""

import base64
from collections.abc import Iterator
from io import SEEK_END, BytesIO
from itertools import islice
from typing import Any, BinaryIO

from PIL import Image, ImageCms, ImageOps, ImageSequence

from domain.media import costs, pdq, thumbhash
from domain.media.picture_jobs import NAMES, Job, Made, Part, Refusal

# A strip of a screenshot may be long; nothing gets higher than this.
HIGHEST = 8000
# WebP at this quality is not told from its source on a phone; see docs/decisions/0013-pictures.md.
QUALITY, METHOD = 80, 4
# Of what is packed without loss: 5 % larger than at 80, in half the time.
EFFORT = 50
MOVING_WIDTH, MOVING_QUALITY, MOVING_METHOD = 640, 70, 2
# A drawing of few colours is smaller without loss, and sharp.
FEW_COLOURS, FEW_GREYS = 1024, 32
# The largest picture that is made, and all sizes of one together without loss, in pixels: each takes about a second.
LARGEST, LOSSLESS = 8_000_000, 4_000_000

# Frames of an animation, together, in pixels: they are in memory at once, and take about a second to pack.
MOVING_PIXELS = 15_000_000
LEAST = 16
ORIENTATION = 0x0112

# What each kind of file is read by; nothing else of Pillow's is ever tried.
MOVING = ("gif", "webp", "png", "avif")
READERS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP", "gif": "GIF", "avif": "AVIF", "heic": "HEIF"}


def make(source: BinaryIO, job: Job) -> tuple[Made, list[bytes]]:
    """The new files of a picture, largest first. Errors: ``Refusal``; whatever Pillow raises for what it can't read."""
    source.seek(0, SEEK_END)
    size = source.tell()
    source.seek(0)
    image = _opened(source, job)
    pixels = image.width * image.height
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and job.moving and job.kind in MOVING:
        if frames > job.most_frames or costs.animation(job.kind, frames, pixels, size) > job.most_seconds:
            raise Refusal("frames")
        return _moving(image, frames)
    if costs.still(job.kind, pixels, size) > job.most_seconds:
        raise Refusal("time")
    return _still(image, job)


def _opened(source: BinaryIO, job: Job) -> Image.Image:
    # Sizes are looked at here; Pillow's own limit is another.
    Image.MAX_IMAGE_PIXELS = None
    image = Image.open(source, formats=[READERS[job.kind]])
    if image.width * image.height > job.most_pixels:
        raise Refusal("large")
    return image


def _still(image: Image.Image, job: Job) -> tuple[Made, list[bytes]]:
    drawing = job.kind in ("png", "gif", "webp") and _few_colours(image)
    upright = _upright(image, job)
    files = [_fitted(upright, size) for size in job.sizes] if job.sizes else list(_scaled(upright, job.widths))
    lossless = drawing and sum(file.width * file.height for file in files) <= LOSSLESS
    bodies = [_webp(file, lossless) for file in files]
    known = "" if job.sizes else pdq.of(files[-1] if min(files[-1].size) >= pdq.SIDE else files[0])
    made = Made(*files[0].size, hash=_hash(files[-1]), pdq=known)
    for name, file, body in zip(NAMES, files, bodies, strict=False):
        made.parts.append(Part(name, *file.size, len(body)))
    return made, bodies


def _few_colours(image: Image.Image) -> bool:
    if image.width * image.height > 16_000_000:
        return False
    found: list[tuple[int, Any]] | None = image.convert("RGB").getcolors(FEW_COLOURS)
    # A photograph in black and white has few colours too, all of them grey.
    return found is not None and (len(found) <= FEW_GREYS or any(len(set(colour)) > 1 for _, colour in found))


def _upright(image: Image.Image, job: Job) -> Image.Image:
    """The picture as one looks at it, in sRGB, not larger than what is made of it needs."""
    # Measured as it lies in the file, which may be on its side.
    sideways = image.getexif().get(ORIENTATION, 1) >= 5
    wanted = _wanted(image.size, job, sideways)
    if job.kind == "jpeg":
        # Unpacked at an eighth, a quarter or a half, where that is still enough.
        image.draft("RGB", wanted)
    profile = image.info.get("icc_profile")
    if image.mode == "CMYK":
        # Its colours are converted first, and one pixel takes long.
        image = _shrunk(image, wanted)
    image = ImageOps.exif_transpose(_shrunk(_plain(image, profile), wanted))
    if job.box:
        image = _cut(image, job.box)
    return _in_srgb(image, profile)


def _wanted(size: tuple[int, int], job: Job, sideways: bool) -> tuple[int, int]:
    """How large a picture of ``size`` must be for what is made of it."""
    if not job.sizes:
        widest = max(job.widths)
        return _within(size, (HIGHEST, widest) if sideways else (widest, HIGHEST))
    part = max(job.sizes[0]) / min(size) / (min(job.box[2:]) if job.box else 1)
    return _within(size, (round(size[0] * part), round(size[1] * part)))


def _cut(image: Image.Image, box: tuple[float, float, float, float]) -> Image.Image:
    left, top, width, height = box
    across, down = image.size
    edges = (round(left * across), round(top * down), round((left + width) * across), round((top + height) * down))
    if edges[2] - edges[0] < LEAST or edges[3] - edges[1] < LEAST:
        raise Refusal("small")
    return image.crop(edges)


def _plain(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB, with transparency where there is some."""
    if image.mode in ("RGB", "RGBA"):
        return image
    if image.mode == "CMYK" and profile:
        return _in_srgb(image, profile).convert("RGB")
    if image.mode.startswith("I"):
        # 16 bits of grey: the upper eight.
        image = image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    seen_through = image.mode in ("LA", "PA", "RGBa", "La") or "transparency" in image.info
    return image.convert("RGBA" if seen_through else "RGB")


def _within(size: tuple[int, int], most: tuple[int, int]) -> tuple[int, int]:
    """A size in the same proportions that is no larger than ``most``, nor than LARGEST."""
    part = min(1.0, most[0] / size[0], most[1] / size[1], (LARGEST / (size[0] * size[1])) ** 0.5)
    return max(1, round(size[0] * part)), max(1, round(size[1] * part))


def _shrunk(image: Image.Image, most: tuple[int, int]) -> Image.Image:
    size = _within(image.size, most)
    if size == image.size:
        image.load()
        return image
    return image.resize(size, Image.Resampling.LANCZOS, reducing_gap=2.0)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Colours of a wider space as sRGB has them: the profile does not stay."""
    if not profile:
        return image
    mode = "RGB" if image.mode == "CMYK" else image.mode
    try:
        given, wanted = ImageCms.ImageCmsProfile(BytesIO(profile)), ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, given, wanted, outputMode=mode) or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        # A profile that is not understood: the colours are a little off, the picture is there.
        return image


def _scaled(image: Image.Image, widths: tuple[int, ...]) -> Iterator[Image.Image]:
    """From the largest down, each from the one before. A width that is almost another's is left out."""
    for number, width in enumerate(sorted(widths, reverse=True)):
        if number and width >= image.width * 0.9:
            continue
        image = _shrunk(image, (width, HIGHEST))
        yield image


def _fitted(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """The middle in the proportions of ``size``, and not larger."""
    return ImageOps.fit(image, size, Image.Resampling.LANCZOS)


def _webp(image: Image.Image, lossless: bool) -> bytes:
    out = BytesIO()
    # Nothing may come along from the source: neither EXIF nor XMP, neither a profile nor a comment.
    image.info = {}
    quality = EFFORT if lossless else QUALITY
    image.save(out, "WEBP", lossless=lossless, quality=quality, method=METHOD, exif=b"", icc_profile=b"", xmp=b"")
    return out.getvalue()


def _hash(image: Image.Image) -> str:
    """The thumbhash in base64; "" where one can see through."""
    if _seen_through(image):
        return ""
    small = image.convert("RGB").resize(_within(image.size, (thumbhash.SIDE,) * 2), Image.Resampling.BOX)
    raw = small.tobytes()
    pixels = [(raw[at], raw[at + 1], raw[at + 2]) for at in range(0, len(raw), 3)]
    return base64.b64encode(thumbhash.encode(*small.size, pixels)).decode()


def _moving(image: Image.Image, frames: int) -> tuple[Made, list[bytes]]:
    """An animation, and its first frame for whoever wants it to stand still."""
    # All frames are in memory at once: the longer it is, the smaller it gets.
    fits = (MOVING_PIXELS / (frames * image.width * image.height)) ** 0.5
    part = min(1.0, MOVING_WIDTH / image.width, HIGHEST / image.height, fits)
    size = max(1, round(image.width * part)), max(1, round(image.height * part))
    shown: list[Image.Image] = []
    durations: list[int] = []
    for frame in islice(ImageSequence.Iterator(image), frames):
        # What asks for less than 20 ms is shown at ten a second, as browsers do.
        told = int(frame.info.get("duration", 0) or 0)
        durations.append(told if told >= 20 else 100)
        shown.append(_small(frame, size))
    first, out = shown[0], BytesIO()
    first.save(
        out, "WEBP", save_all=True, append_images=shown[1:], duration=durations, loop=0, quality=MOVING_QUALITY,
        method=MOVING_METHOD, exif=b"", icc_profile=b"", xmp=b"",
    )  # fmt: skip
    bodies = [out.getvalue(), _webp(first, lossless=False)]
    made = Made(*size, hash=_hash(first), pdq=pdq.of(first), moving=True)
    made.parts = [Part(name, *size, len(body)) for name, body in zip(("moving", "wide"), bodies, strict=True)]
    return made, bodies


def _small(frame: Image.Image, size: tuple[int, int]) -> Image.Image:
    """A frame in this size. One that can't be seen through is RGB, which takes half the time."""
    plain = _plain(frame, None)
    if not _seen_through(plain):
        return _resized(plain if plain.mode == "RGB" else plain.convert("RGB"), size)
    return _resized(plain.convert("RGBa"), size).convert("RGBA")


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    made = image.resize(size, Image.Resampling.BILINEAR, reducing_gap=2.0)
    made.info = {}
    return made


def _seen_through(image: Image.Image) -> bool:
    return image.mode == "RGBA" and image.getchannel("A").getextrema()[0] < 250  # type: ignore[operator]
