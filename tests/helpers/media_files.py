"""Pictures, videos and sounds as cameras and people make them, and what is written beside them."""

import functools
import json
import random
import subprocess
import tempfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFilter

# Where the camera says that it was: what nobody may read again.
PLACE = {"GPSLatitude": "48.8530", "GPSLatitudeRef": "N", "GPSLongitude": "2.3499", "GPSLongitudeRef": "E"}
SECRETS = ("48.85", "Camera of Ana", "Rue Haute", "secret", "2.3499")
# Tags that a file has by itself: its form, not its past.
OWN = {
    "SourceFile", "ExifTool:ExifToolVersion", "File:FileName", "File:Directory", "File:FileSize", "File:FileModifyDate",
    "File:FileAccessDate", "File:FileInodeChangeDate", "File:FilePermissions", "File:FileType",
    "File:FileTypeExtension", "File:MIMEType", "File:ImageWidth", "File:ImageHeight", "Composite:ImageSize",
    "Composite:Megapixels",
}  # fmt: skip


@functools.cache
def photo(width: int = 640, height: int = 480, seed: int = 1) -> Image.Image:
    """A picture with the smooth grounds and fine grain of a photograph; left is not right, up is not down."""
    chance = random.Random(seed)
    small = Image.new("RGB", (24, 18))
    small.putdata([tuple(chance.randrange(40, 216) for _ in range(3)) for _ in range(24 * 18)])
    image = small.resize((width, height), Image.Resampling.BICUBIC)
    draw = ImageDraw.Draw(image)
    draw.ellipse((width * 0.55, height * 0.1, width * 0.85, height * 0.5), fill=(250, 220, 120))
    draw.rectangle((0, height * 0.75, width, height), fill=(60, 50, 80))
    return image.filter(ImageFilter.GaussianBlur(1))


def encoded(image: Image.Image | None = None, kind: str = "JPEG", **options: Any) -> bytes:
    """A file of a picture; ``options`` are Pillow's."""
    out = BytesIO()
    (image or photo()).save(out, kind, **({"quality": 88} if kind in ("JPEG", "WEBP", "AVIF") else {}) | options)
    return out.getvalue()


def heic(image: Image.Image | None = None) -> bytes:
    import pillow_heif

    out = BytesIO()
    pillow_heif.from_pillow(image or photo()).save(out, quality=80)
    return out.getvalue()


def animation(frames: int = 8, size: tuple[int, int] = (120, 90), kind: str = "GIF", duration: int = 60) -> bytes:
    made = []
    for number in range(frames):
        frame = photo(*size).copy()
        # No two alike: Pillow writes two that are as one.
        ImageDraw.Draw(frame).rectangle((number % 9 * 5, 3, number % 9 * 5 + 20, 40), fill=(200, number % 256, 30))
        made.append(frame)
    out = BytesIO()
    made[0].save(out, kind, save_all=True, append_images=made[1:], duration=duration, loop=0)
    return out.getvalue()


def with_secrets(body: bytes, suffix: str = ".jpg") -> bytes:
    """The same file with all that a camera and its owner may write into it, by exiftool."""
    said = [f"-{name}={value}" for name, value in PLACE.items()]
    if suffix not in (".gif", ".webp", ".heic", ".avif"):
        said += ["-IPTC:City=Rue Haute"]
    said += ["-Artist=Camera of Ana", "-XMP:Description=secret", "-XMP:City=Rue Haute", "-Comment=secret"]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"photo{suffix}")
        file.write_bytes(body)
        if suffix == ".jpg":
            thumbnail = Path(folder, "thumbnail.jpg")
            thumbnail.write_bytes(encoded(photo(160, 120)))
            said.append(f"-ThumbnailImage<={thumbnail}")
        _exiftool("-q", "-q", "-m", "-overwrite_original", *said, str(file))
        return file.read_bytes()


def said(body: bytes, suffix: str = ".webp") -> dict[str, Any]:
    """All that a file says beside its picture, as exiftool reads it, hidden and unknown tags too."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, f"file{suffix}")
        file.write_bytes(body)
        found = json.loads(_exiftool("-j", "-G", "-a", "-u", "-ee3", str(file)))[0]
    return {name: value for name, value in found.items() if name not in OWN}


def _exiftool(*arguments: str) -> str:
    return subprocess.run(["exiftool", *arguments], capture_output=True, text=True, check=True).stdout


def video(
    seconds: float = 2, size: str = "320x180", *, sound: bool = True, name: str = "video.mp4",
    options: Mapping[str, str] | None = None,
) -> bytes:  # fmt: skip
    """A video as a phone makes it, with the place where it was made; ``options`` are ffmpeg's."""
    picture = ["-f", "lavfi", "-i", f"testsrc2=s={size}:d={seconds}:r=15"]
    voice = ["-f", "lavfi", "-i", f"sine=440:d={seconds}"] if sound else []
    usual = {"c:v": "libx264", "preset": "ultrafast", "pix_fmt": "yuv420p", **({"c:a": "aac"} if sound else {})}
    return _ffmpeg(name, *picture, *voice, *_flags(usual | dict(options or {})))


def tone(name: str = "tone.mp3", seconds: float = 2, options: Mapping[str, str] | None = None) -> bytes:
    return _ffmpeg(name, "-f", "lavfi", "-i", f"sine=330:d={seconds}", *_flags(options or {}))


def without_duration(video: bytes, muxer: str = "matroska") -> bytes:
    """The same video as a recorder streams it: written in one pass, so that its header can't say how long it is."""
    command = ["ffmpeg", "-v", "error", "-i", "pipe:0", "-c", "copy", "-f", muxer, "pipe:1"]
    return subprocess.run(command, input=video, capture_output=True, check=True).stdout


def _flags(options: Mapping[str, str]) -> list[str]:
    return [part for name, value in options.items() for part in (f"-{name}", value)]


@functools.cache
def _ffmpeg(name: str, *arguments: str) -> bytes:
    told = ["location=+48.8530+002.3499/", "title=secret", "artist=Camera of Ana", "comment=secret"]
    metadata = [part for one in told for part in ("-metadata", one)]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, name)
        command = ["ffmpeg", "-v", "error", "-y", *arguments, *metadata, str(file)]
        subprocess.run(command, capture_output=True, check=True)
        return file.read_bytes()
