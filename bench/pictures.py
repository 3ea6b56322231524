"""What a picture costs: one of 12 megapixels, made ready in three widths by the processor's child.

``python -m bench.pictures``; the child is the very one that uploads have, its start and its end included.
"""

import asyncio
import functools
import resource
import tempfile
import time
from io import BytesIO
from pathlib import Path
from random import Random
from statistics import median
from typing import NamedTuple

from PIL import Image, ImageFilter

from domain.media import processor
from domain.media.processor import MediaProcessor, UploadRules

TWELVE = (4000, 3000)
ROUNDS = 7


class Developed(NamedTuple):
    """Seconds: CPU of the child, and by the clock; bytes of what was sent and of all that was made."""

    cpu_s: float
    clock_s: float
    sent: int
    made: int


@functools.cache
def photo(width: int, height: int, seed: int = 1) -> bytes:
    """A JPEG with large soft shapes, edges and a camera's grain, which is what makes photographs hard to pack."""
    chance = Random(seed)
    soft = Image.frombytes("RGB", (24, 18), chance.randbytes(24 * 18 * 3)).resize((width, height), 3)
    rough = Image.frombytes("RGB", (width // 16, height // 16), chance.randbytes(width // 16 * (height // 16) * 3))
    shapes = rough.resize((width, height), 2).filter(ImageFilter.GaussianBlur(3))
    grain = Image.effect_noise((width, height), 14).convert("RGB")
    out = BytesIO()
    Image.blend(Image.blend(soft, shapes, 0.35), grain, 0.12).save(out, "JPEG", quality=90)
    return out.getvalue()


def measure() -> Developed:
    return asyncio.run(_measure())


async def _measure() -> Developed:
    body = photo(*TWELVE)
    cpus, clocks, made = [], [], 0
    with tempfile.TemporaryDirectory(prefix="parvis-bench-") as folder:
        place = MediaProcessor(Path(folder), UploadRules(), 1)
        for _ in range(ROUNDS):
            with place.open_file() as file:
                file.write(body)
                cpu, begun = _children(), time.perf_counter()
                _, parts = await place.process(file, processor.job("jpeg"))
                cpus.append(_children() - cpu)
                clocks.append(time.perf_counter() - begun)
                made = sum(map(len, parts))
    return Developed(median(cpus), median(clocks), len(body), made)


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    found = measure()
    print(
        f"{found.cpu_s:.2f} s of CPU, {found.clock_s:.2f} s by the clock; {found.sent / 1e6:.1f} MB in,"
        f" {found.made / 1e3:,.0f} KB out"
    )
