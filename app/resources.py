"""Opens what commands and servers need: the database and the object store."""

from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from db import schema
from db.engine import DB
from domain.media.stores import STORES
from settings import Settings

T = TypeVar("T")


@asynccontextmanager
async def network(settings: Settings) -> AsyncIterator[None]:
    """Both are open while the block runs. Errors: ``Unavailable``, also for a schema that is not the one we know."""
    await DB.open(settings.url)
    try:
        await schema.check()
        await STORES.open(settings.objects_url, settings.objects)
        yield
    finally:
        await DB.close()


async def within(settings: Settings, work: Coroutine[Any, Any, T]) -> T:
    """Awaits ``work`` with both open."""
    try:
        async with network(settings):
            return await work
    finally:
        # Never begun when they could not be opened.
        work.close()
