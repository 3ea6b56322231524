"""The child in which one picture is decoded: ``python -m domain.media.image_worker PROTOCOL JOB FILTER``.

It reads the picture from standard input, and writes files to standard output.

Before it looks at the picture it gives up what it does not need: it opens nothing any more, starts nothing, and writes
into nothing but what it was given; the kernel ends it when it tries (adapters/sandbox.py). Who started it has bounded
its time and memory (adapters/children.py).

It answers with a line of JSON, a ``pictures.Made``, and behind it the bytes of the parts, one after the other.
"""

import importlib
import resource
import sys
from collections.abc import Callable, Sequence
from mmap import ACCESS_READ, mmap
from typing import Any, BinaryIO, cast

import msgspec
from PIL import Image

from adapters import bounded
from domain.media.picture_jobs import PROTOCOL, Job, LogoJob, Made, Refusal

# What decoding a picture may cost where the server gives no bound: it ends the child after five seconds.
OLD_SECONDS = 5.0
# What Pillow would look for only when it needs it.
MODULES = (
    "copy", "PIL.AvifImagePlugin", "PIL.ImageMode", "PIL.ImagePalette", "PIL.MpoImagePlugin", "PIL.TiffImagePlugin",
    "PIL.WebPImagePlugin",
)  # fmt: skip


def main(arguments: Sequence[str]) -> int:
    if arguments[0].startswith("{"):
        arguments = _from_unnamed(arguments[0])
    bounded.require(arguments[0], PROTOCOL)
    job = msgspec.json.decode(arguments[1], type=Job | LogoJob)
    Image.preinit()
    for name in MODULES:
        importlib.import_module(name)
    # Only what this job needs: a child is started for every picture.
    maker = importlib.import_module("domain.media.pictures" if isinstance(job, Job) else "domain.media.logos")
    if isinstance(job, Job) and job.kind == "heic":
        importlib.import_module("pillow_heif").register_heif_opener(thumbnails=False)
    out = sys.stdout.buffer
    with mmap(sys.stdin.fileno(), 0, access=ACCESS_READ) as source:
        resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
        bounded.give_up(arguments[2])
        made, bodies = _make(lambda: maker.make(cast(BinaryIO, source), job))
        out.write(msgspec.json.encode(made) + b"\n")
        for body in bodies:
            out.write(body)
        out.flush()
    return 0


def _from_unnamed(old: str) -> list[str]:
    """The arguments of servers before there were protocols, a picture's job alone, as those of today."""
    job = msgspec.json.decode(old, type=dict[str, Any])
    return [PROTOCOL, msgspec.json.encode({**job, "type": "picture", "most_seconds": OLD_SECONDS}).decode(), "-"]


def _make(make: Callable[[], tuple[Made, list[bytes]]]) -> tuple[Made, list[bytes]]:
    try:
        return make()
    except Refusal as refusal:
        return Made(refused=str(refusal)), []
    except MemoryError:
        return Made(refused="large"), []
    except Exception as error:  # noqa: BLE001 - whatever a decoder says of what it can't read
        sys.stderr.write(type(error).__name__)
        # Pillow and libheif say in words of their own that there is not enough memory.
        short = "memory" in str(error).lower() or "allocat" in str(error).lower()
        return Made(refused="large" if short else "broken"), []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
