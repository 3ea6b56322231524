"""Runs the child that decodes pictures (domain/media/image_worker.py) and checks its answer: whoever broke into it
says what they like."""

import signal
import sys
from collections.abc import Callable, Iterable, Set
from typing import BinaryIO

import msgspec
import structlog

from adapters import children, sandbox
from adapters.children import ChildLimits
from domain.core.errors import Invalid
from domain.core.units import MB
from domain.media.picture_jobs import PROTOCOL, Job, LogoJob, Made

LOG = structlog.get_logger()

# The child is stopped where an estimate of its cost was wrong: by a file made to be slow, or on a slow machine.
LIMITS = ChildLimits(seconds=5, memory=384 * MB, output=64 * MB)
# How a child ends that has used up its seconds; one that is stopped for what it tried was given something broken.
SLOW = (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGALRM)
LARGEST = 20_000
# What to say for a reason that the child gives, or for one that it can't give.
Refuse = Callable[[str], Invalid]


async def run(
    job: Job | LogoJob, source: BinaryIO, out: BinaryIO, names: Set[str], refuse: Refuse
) -> tuple[Made, list[bytes]]:
    """What becomes of a picture: files whose names are among ``names``. ``out`` is an empty file to work with.

    Errors: ``Invalid``, as ``refuse`` makes it; ``OtherVersion``.
    """
    source.seek(0)
    said = [PROTOCOL, msgspec.json.encode(job).decode(), sandbox.decoding()]
    program = [sys.executable, "-m", "domain.media.image_worker", *said]
    ended = await children.run(program, LIMITS, stdin=source, stdout=out)
    out.seek(0)
    line = out.readline()
    if ended.status != 0 or not line.endswith(b"\n"):
        # What it said is of the file's form and not of what it shows.
        LOG.warning("picture.failed", status=ended.status, said=ended.said[-200:])
        raise refuse("time" if ended.status in SLOW else "broken")
    made = _checked(line, names, refuse)
    return made, list(_parts(out, made, refuse))


def _checked(line: bytes, names: Set[str], refuse: Refuse) -> Made:
    """What the child says, as far as it can be true. Errors: ``Invalid``."""
    try:
        made = msgspec.json.decode(line, type=Made)
    except msgspec.MsgspecError:
        raise refuse("broken") from None
    if made.refused:
        raise refuse(made.refused)
    sides = [made.width, made.height, *(side for part in made.parts for side in (part.width, part.height))]
    found = [part.name for part in made.parts]
    well_named = found and len(set(found)) == len(found) and set(found) <= names
    if not well_named or not 0 < min(sides) <= max(sides) < LARGEST:
        raise refuse("broken")
    return made


def _parts(out: BinaryIO, made: Made, refuse: Refuse) -> Iterable[bytes]:
    for part in made.parts:
        body = out.read(part.bytes) if part.bytes >= 0 else b""
        if len(body) != part.bytes:
            raise refuse("broken")
        yield body
