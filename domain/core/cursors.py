"""Cursor pages: a page ends at an id, and the next one begins below it."""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")
SIZE = 20


class Page(msgspec.Struct, Generic[T]):
    """``items`` newest first; ``next`` is the cursor of the following page, or None at the end."""

    items: list[T]
    next: int | None = None
