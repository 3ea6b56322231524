"""Stores of files that are away, as a disk is that nobody has mounted."""

import contextlib
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def away(folder: Path) -> Iterator[None]:
    """While the block runs, something else lies where the store's folder was."""
    kept = folder.with_name(f"{folder.name}.away")
    folder.rename(kept)
    folder.write_text("Not a folder.")
    try:
        yield
    finally:
        folder.unlink()
        kept.rename(folder)
