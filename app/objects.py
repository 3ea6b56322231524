"""`parvis objects`: checks and repairs stored files, and moves them to another store."""

import contextlib
from collections.abc import Iterator
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from adapters import objects
from app import console, resources
from db.queries import objects as queries
from domain.media import storage_maintenance
from domain.media.storage_maintenance import Faults
from domain.media.stores import STORES

cli = typer.Typer(no_args_is_help=True, help="Check, repair and move stored pictures, videos and sounds.")
SHOWN = 20


@contextlib.contextmanager
def _bar(files: int, words: str) -> Iterator[storage_maintenance.Progress]:
    """A bar, and what moves it on by one file."""
    columns = TextColumn(words), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=console.out()) as bar:
        task = bar.add_task(words, total=files)
        yield lambda: bar.advance(task)


def _tell(faults: Faults) -> None:
    for words, found in (
        ("missing", faults.missing),
        ("damaged", faults.damaged),
        ("unknown to the database", [stray.path for stray in faults.strays]),
        ("with a wrong number of uses", faults.miscounted),
    ):
        if found:
            console.out().print(f"{len(found)} {words}:", ", ".join(found[:SHOWN]) + (" ..." if found[SHOWN:] else ""))


async def _check() -> Faults:
    with _bar(await queries.total(), "Checking") as on:
        return await storage_maintenance.check(on)


@cli.command()
def check() -> None:
    """Read every stored file and verify its content. Changes nothing."""
    found = console.existing()
    faults: Faults = console.run(resources.within(found, _check()))
    _tell(faults)
    if not faults.none:
        console.stop("not everything is as it should be. `parvis objects repair` mends what can be mended.")
    console.out().print(f"All {faults.files} files are present and intact.")


async def _repair(give_up: bool) -> tuple[Faults, Faults, list[int]]:
    faults = await _check()
    left = await storage_maintenance.repair(faults)
    posts = await storage_maintenance.lost_posts(left.lost)
    if give_up:
        await storage_maintenance.give_up(left.lost)
    return faults, left, posts


@cli.command()
def repair(
    give_up: Annotated[
        bool, typer.Option("--give-up", help="Remove files that are nowhere to be found from their posts.")
    ] = False,
) -> None:
    """Check, then repair: copy missing files from other stores, delete strays, recount references."""
    found = console.existing()
    faults, left, posts = console.run(resources.within(found, _repair(give_up)))
    _tell(faults)
    if left.lost:
        console.out().print(f"Lost for good: {', '.join(left.lost[:SHOWN])}")
        where = ", ".join(f"{found.origin}/posts/{post}" for post in posts[:SHOWN]) or "none"
        if not give_up:
            console.stop(
                f"{len(left.lost)} files are nowhere; posts without their pictures: {where}. Put the files back, or"
                " take the pictures out of the posts with `parvis objects repair --give-up`."
            )
        console.out().print(f"Taken out of their posts: {where}")
    console.out().print("Nothing to mend." if faults.none else "Everything is mended.")


async def _move(to: str) -> tuple[str, list[str]]:
    place, files = await storage_maintenance.enter(to)
    with _bar(files, "Moving") as on:
        console.out().print("Afterwards some seconds pass until every process knows.", highlight=False)
        return STORES.name(place), await storage_maintenance.carry(place, on)


@cli.command()
def move(
    to: Annotated[str, typer.Option(help="URL of the new store, in the form of PARVIS_OBJECTS_URL.")],
) -> None:
    """Move every file to another store while the network runs. If interrupted, run it again to resume."""
    found = console.existing()
    with console.naming("--to", objects.WrongURL):
        objects.check(to)
    name, gone = console.run(resources.within(found, _move(to)))
    if gone:
        console.stop(
            f"{len(gone)} files are nowhere to be found: {', '.join(gone[:SHOWN])}. See `parvis objects repair`. Every"
            f" other file is at {name}: set PARVIS_OBJECTS_URL to it before the next start."
        )
    console.out().print(f"Every file is at {name}. Set PARVIS_OBJECTS_URL to it before the next start.", soft_wrap=True)
