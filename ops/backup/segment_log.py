"""The chain of segments: each holds the hash of the one before, so none can be left out or replaced."""

from collections.abc import AsyncIterator

import msgspec

from archive import formats, records
from domain.core import clock, concurrency, signing
from ops.backup import batches, envelope, repository, sealing
from ops.backup.batches import Batch
from ops.backup.errors import OtherFormat, Tampered, Truncated
from ops.backup.manifest import Chain, Segment
from ops.backup.repository import Repository
from ops.backup.sealing import Recipients

# Segments fetched at a time: each is one small object.
AHEAD = 16


class SegmentLink(msgspec.Struct, frozen=True):
    """A segment as it was found: its words, its sealed body, and where the chain is after it."""

    words: Segment
    body: bytes
    after: Chain


async def forge(batch: Batch, after: Chain, to: Recipients) -> tuple[bytes, Chain]:
    """A segment for the end of a chain, as it is stored, and the chain's new end."""
    body = sealing.seal(batches.packed(batch), to)
    words = Segment(
        writer=after.writer,
        number=after.number + 1,
        previous=after.head,
        at=clock.now(),
        archive=records.FORMAT,
        sha256=repository.digest(body),
        rows=len(batch.changes),
        more=batch.full,
    )
    raw = await envelope.signed(words, body)
    return raw, _after(after, raw)


def _after(before: Chain, raw: bytes) -> Chain:
    return Chain(before.writer, before.number + 1, repository.digest(raw))


def read(raw: bytes, before: Chain, key: bytes) -> SegmentLink:
    """The segment that follows. Errors: ``Truncated``, ``Tampered``, ``WrongSignature``, ``OtherFormat``."""
    name = f"Segment {before.number + 1}"
    words, _, body = envelope.opened(raw, Segment, name, key)
    if (words.writer, words.number, words.previous) != (before.writer, before.number + 1, before.head):
        raise Tampered("%(name)s does not follow the one before it.", name=name)
    if repository.digest(body) != words.sha256:
        raise Tampered("%(name)s is not what was signed: it was cut or changed.", name=name)
    check_format(words)
    return SegmentLink(words, body, _after(before, raw))


def check_format(words: Segment) -> None:
    """Errors: ``OtherFormat`` for a segment whose changes this version does not read."""
    if not formats.is_read(words.archive):
        raise OtherFormat(
            "%(name)s is of archive format %(found)s, and this version reads %(oldest)s to %(format)s.",
            name=f"Segment {words.number}", found=words.archive, oldest=formats.OLDEST, format=records.FORMAT,
        )  # fmt: skip


async def adopt(at: Repository, before: Chain) -> Chain:
    """Goes on after a segment that this host wrote and did not note, because it was stopped in between."""
    raw = await at.get(repository.segment(before.writer, before.number + 1))
    return read(raw, before, await signing.public_key()).after


async def follow(
    at: Repository, start: Chain, until: Chain | None, key: bytes, stop: int = 0
) -> AsyncIterator[SegmentLink]:
    """The segments after a backup, in order, to number ``stop`` or as far as they go.

    Errors: those of ``read``, ``Truncated`` for a gap.
    """
    numbers = {number async for _, number, _ in at.segments(start.writer)}
    # A host that went on after all has written more than its manifest speaks of.
    last = stop or max(numbers | {until.number if until else 0})
    place = start
    for first in range(start.number + 1, last + 1, AHEAD):
        wanted = range(first, min(first + AHEAD, last + 1))
        if missing := [number for number in wanted if number not in numbers]:
            wanted = range(first, missing[0])
        paths = [repository.segment(start.writer, number) for number in wanted]
        for raw in await concurrency.run_concurrently(paths, at.get):
            link = read(raw, place, key)
            place = link.after
            if until and place.number == until.number and place != until:
                raise Tampered("The changes are not those that the backup speaks of.")
            yield link
        if missing:
            words = "Segment %(number)s of %(last)s is missing. What comes before it can be had with --last %(before)s."
            raise Truncated(words, number=missing[0], last=last, before=missing[0] - 1)
