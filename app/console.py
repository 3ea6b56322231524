"""Output, exit codes, settings and database, shared by all commands."""

import asyncio
import contextlib
import os.path
from collections.abc import Callable, Coroutine, Iterator
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from app import logs
from db import schema
from db.engine import DB, Unavailable
from domain.core.errors import Refused
from settings import Settings, read
from settings_checks import WrongSetting

if TYPE_CHECKING:
    from rich.console import Console

T = TypeVar("T")


@cache
def out() -> "Console":
    """Standard output. Rich is imported for it: a server, which says one line, does without."""
    from rich.console import Console

    return Console()


@cache
def complaint() -> "Console":
    """Standard error."""
    from rich.console import Console

    return Console(stderr=True)


def stop(words: str) -> NoReturn:
    """Ends the command with a clear message and status 1."""
    from rich.markup import escape

    complaint().print(f"[red]parvis:[/red] {escape(words)}", highlight=False, soft_wrap=True)
    raise SystemExit(1)


def say(words: str) -> None:
    """Prints words as they are, however long."""
    out().print(words, soft_wrap=True, highlight=False, markup=False)


def complain(words: str) -> None:
    """The same on standard error."""
    complaint().print(words, soft_wrap=True, highlight=False, markup=False)


def day(ms: int) -> str:
    """A moment, Unix milliseconds, to the minute."""
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")


@contextlib.contextmanager
def naming(option: str, kind: type[Exception]) -> Iterator[None]:
    """Stops for what is wrong with an option, and names it."""
    try:
        yield
    except kind as error:
        stop(f"{option} {error}")


def settings() -> Settings:
    try:
        found = read()
    except WrongSetting as error:
        stop(str(error))
    logs.configure(found)
    return found


def run(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return asyncio.run(work)
    except (Unavailable, Refused) as error:
        stop(str(error))
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def attempt(work: Callable[[], T]) -> T:
    """What ``work`` gives, or the end of the command."""
    try:
        return work()
    except Refused as error:
        stop(str(error))


def is_there(settings: Settings) -> bool:
    """Whether there is a database to open; PostgreSQL says so itself."""
    return settings.file is None or os.path.exists(settings.file)


def existing() -> Settings:
    """The settings, of a command that needs a database that is there already."""
    found = settings()
    if not is_there(found):
        if os.path.exists(f"{found.file}.restoring"):
            stop(f"A restore into {found.file} has not ended: run `parvis restore` again.")
        stop(f"There is no database at {found.file}: run `parvis migrate` first.")
    return found


async def opened(settings: Settings, work: Coroutine[Any, Any, Any]) -> Any:
    """Awaits ``work`` with the database open and its schema known."""
    try:
        await DB.open(settings.url)
        await schema.check()
        return await work
    finally:
        # Never begun when the database could not be opened.
        work.close()
        await DB.close()
