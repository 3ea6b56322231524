"""`parvis archive`: exports the network into one file, and loads such a file into an empty database."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from app import console
from archive.progress import OnProgress
from db import schema
from db.engine import DB
from domain.media.stores import STORES
from settings import Settings

# The archive's libraries take as long to load as all the rest: they are read by the commands that need them.
if TYPE_CHECKING:
    from archive import export, load

cli = typer.Typer(no_args_is_help=True, help="Export the network to one file, or import such a file.")
PATH = Annotated[Path, typer.Argument(help="The archive.", show_default=False)]


@contextlib.contextmanager
def _bar() -> Iterator[OnProgress]:
    """A bar for each table, and what moves them."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    bars: dict[str, TaskID] = {}
    with Progress(*columns, console=console.out()) as progress:

        def on_progress(table: str, done: int, total: int) -> None:
            if table not in bars:
                bars[table] = progress.add_task(table, total=total)
            progress.update(bars[table], completed=done, total=total, visible=total > 0)

        yield on_progress


def _tell(path: Path, left_out: int) -> None:
    """Ends with status 1 when something is missing, so that nobody takes it for the whole."""
    from archive import reports

    if left_out:
        console.stop(f"{left_out} rows don't fit and were left out. They are listed in {reports.beside(path)}.")


async def _export(settings: Settings, path: Path, on_progress: OnProgress) -> "export.Counts":
    from archive import export

    return await export.write(path, on_progress, settings.domain)


@cli.command("export")
def export_file(file: PATH) -> None:
    """Export the network to FILE while it runs. If interrupted, run it again to resume."""
    found = console.existing()
    with _bar() as on_progress:
        counts = console.run(console.opened(found, _export(found, file, on_progress)))
    console.out().print(f"{sum(counts.rows.values())} rows are in {file}.", soft_wrap=True, highlight=False)
    console.out().print("It holds passwords' hashes and the network's keys: keep it where nobody else can read it.")
    _tell(file, counts.left_out)


async def _load(settings: Settings, path: Path, on_progress: OnProgress) -> "load.Report":
    from archive import load

    await DB.open(settings.url)
    try:
        await schema.migrate()
        report = await load.read(path, on_progress)
        await STORES.settle(settings.objects_url, settings.objects)
        await load.derive(on_progress)
        await schema.check()
        return report
    finally:
        await DB.close()


@cli.command("load")
def load_file(file: PATH) -> None:
    """Import FILE into an empty database. If interrupted, run it again to resume."""
    from archive import load

    found = console.settings()
    about = console.attempt(lambda: load.look(file))
    with _bar() as on_progress:
        report = console.run(_load(found, file, on_progress))
    where = f" from {about.domain}" if about.domain else ""
    words = f"{about.name}{where} is here, with {sum(report.rows.values())} rows."
    console.say(words)
    _tell(file, report.left_out)
