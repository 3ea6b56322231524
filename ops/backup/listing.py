"""Lists the backups in a repository."""

from collections import Counter
from collections.abc import AsyncIterator

from ops.backup.errors import Problem
from ops.backup.manifest import Manifest, read_manifest
from ops.backup.repository import Repository

Entry = tuple[Manifest, bytes, int]


async def everything(at: Repository) -> AsyncIterator[tuple[int, Entry | str]]:
    """``(number, (manifest, the key that signed it, segments of changes after it))``, newest first; of one that can't
    be read, why in words."""
    ends: Counter[str] = Counter()
    async for writer, last, _ in at.segments():
        ends[writer] = max(ends[writer], last)
    for number in await at.manifests():
        try:
            found, public = await read_manifest(at, number, None)
        except Problem as error:
            yield number, str(error)
            continue
        chain, until = found.chain, found.until
        end = until.number if until else ends[chain.writer] if chain else 0
        yield number, (found, public, max(0, end - chain.number) if chain else 0)
