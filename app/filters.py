"""`parvis filters`: checks the condition of a filter, and simulates one over posts that are published."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app import console
from domain.core import clock, ids
from domain.core.blocking import run_blocking
from domain.core.errors import NotFound, Refused
from domain.moderation import (
    filter_engine,
    filter_expressions,
    filter_simulation,
    filter_simulations,
    filter_tally,
    filters,
    word_lists,
)
from domain.moderation.filter_tally import Group, GroupKind, Tally

if TYPE_CHECKING:
    from rich.table import Table

cli = typer.Typer(no_args_is_help=True, help="Check and simulate filters.")
KINDS = {
    GroupKind.LANGUAGE: "language",
    GroupKind.TRUST: "trust",
    GroupKind.AGE: "age of account",
    GroupKind.TAG: "hashtag",
    GroupKind.CLUSTER: "follows",
}
AGES = {"day": "below a day", "week": "1 to 6 days", "month": "7 to 29 days", "older": "30 days and more"}


@cli.command()
def check(
    file: Annotated[str, typer.Argument(help="A file with a condition, or - for standard input.", metavar="FILE")],
) -> None:
    """Say what is wrong with a condition, by line and column, or what it reads."""
    condition = _read(file)
    found = console.attempt(lambda: filter_expressions.compile(condition))
    console.say(f"It can be used. It reads: {', '.join(sorted(found.fields)) or 'no field'}.")
    if found.lists:
        console.say(f"It asks for the word lists: {', '.join(sorted(found.lists))}.")


@cli.command()
def simulate(
    source: Annotated[
        str,
        typer.Argument(
            help="The id of a filter, or a file with a condition, or - for standard input.", metavar="ID|FILE"
        ),
    ],
    days: Annotated[int, typer.Option(help="How far back to look.", min=1, max=365)] = filter_simulations.DAYS,
) -> None:
    """Count which public posts of the last days a filter would have hit, and of which groups their authors are."""
    condition = None if source.isdigit() and not Path(source).exists() else _read(source)
    tally = console.run(console.opened(console.existing(), _simulate(source, condition, days)))
    _report(tally)
    if tally.failures:
        console.stop(f"For {tally.failures:,} posts it could not be evaluated. {tally.reason}")


def _read(file: str) -> str:
    """Without the line end after it."""
    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return raw.decode().rstrip("\n")
    except OSError as error:
        console.stop(f"{file} can't be read: {error.strerror}.")
    except UnicodeDecodeError:
        console.stop(f"{file} is not in UTF-8.")


async def _simulate(source: str, condition: str | None, days: int) -> Tally:
    from rich.progress import Progress

    if condition is None:
        condition = await _stored(int(source))
    now = clock.now()
    since, until = ids.first(now - days * clock.DAY_MS), ids.first(now)
    compiled = await run_blocking(filter_engine.compile_alone, condition, await word_lists.compiled())
    tally = await filter_simulation.begun(since, until)
    with Progress(console=console.complaint()) as progress:
        task = progress.add_task("Simulating", total=until - since)
        async for next_post in filter_simulation.go_on(compiled, tally, since, until):
            progress.update(task, completed=next_post - since)
    return tally


async def _stored(filter_: int) -> str:
    try:
        return (await filters.stored(filter_)).condition
    except NotFound:
        raise Refused(f"There is no filter {filter_}.") from None


def _report(tally: Tally) -> None:
    console.say(f"{tally.posts:,} public posts, {tally.hits:,} hits ({tally.share:.2%}).")
    if found := filter_tally.groups(tally):
        console.out().print(_table(found))
    for group in found:
        if group.is_struck:
            console.say(f"{KINDS[group.kind]} {_name(group)}: hit {group.times:.1f} times as often as all posts.")


def _table(groups: list[Group]) -> "Table":
    from rich.table import Table

    table = Table("Group", "", "Posts", "Hits", "Rate", "Times")
    for row in _rows(groups):
        table.add_row(*row)
    return table


def _rows(groups: list[Group]) -> Iterator[tuple[str, ...]]:
    for one in groups:
        figures = f"{one.posts:,}", f"{one.hits:,}", f"{one.share:.2%}", f"{one.times:.1f}"
        yield KINDS[one.kind], _name(one), *figures


def _name(group: Group) -> str:
    match group.kind:
        case GroupKind.LANGUAGE:
            return group.name or "not chosen"
        case GroupKind.TRUST:
            return f"level {group.name}"
        case GroupKind.AGE:
            return AGES[group.name]
        case GroupKind.TAG:
            return f"#{group.name}"
    return f"@{group.name}" if group.name else "none of the most followed"
