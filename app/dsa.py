"""`parvis dsa`: writes statements of reasons as the DSA Transparency Database takes them."""

import contextlib
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from app import console
from domain.core import clock, ids
from domain.moderation import dsa_checks, dsa_export
from domain.moderation.dsa_checks import BATCH
from domain.moderation.kinds import StatementKind

cli = typer.Typer(no_args_is_help=True, help="Statements of reasons for the DSA Transparency Database.")
DAY = ["%Y-%m-%d"]
WORDS = {
    StatementKind.NO_BREACH: "that found no breach",
    StatementKind.WARNING: "warnings",
    StatementKind.REVERSAL: "reversals",
}
Write = Callable[[bytes], object]


@cli.callback()
def dsa() -> None:
    pass


@cli.command()
def export(
    since: Annotated[datetime | None, typer.Option(formats=DAY, help="The first day, in UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="The last day, in UTC.")] = None,
    output: Annotated[Path | None, typer.Option(help="A file to write; without it, standard output.")] = None,
    check: Annotated[bool, typer.Option("--check", help="Only say what is wrong; write nothing.")] = False,
    allow: Annotated[
        list[int] | None,
        typer.Option(help="The number of a statement that names nobody, whatever it looks like. Can be repeated."),
    ] = None,
) -> None:
    """Write all decisions that restrict something, with their reasons: one JSON object a line, each a batch to send.

    Fails, after it has written the others, when the database would not take a statement, or must not get it.
    """
    if check and output:
        console.stop("--check writes nothing: leave out --output.")
    if since and until and until < since:
        console.stop("--until is before --since.")
    found = console.existing()
    end = min(_ms(until) + clock.DAY_MS, clock.now()) if until else clock.now()
    begin = min(max(_ms(since), ids.EPOCH), end) if since else ids.EPOCH
    with _writing(output, check=check) as write:
        work = _export(begin, end, found.origin, frozenset(allow or ()), write)
        totals = console.run(console.opened(found, work))
    _report(totals, check=check)
    if totals.refused:
        raise SystemExit(1)


def _ms(day: datetime) -> int:
    return int(day.replace(tzinfo=UTC).timestamp()) * 1000


@contextlib.contextmanager
def _writing(output: Path | None, *, check: bool) -> Iterator[Write]:
    """What takes each line. A file is whole or not there."""
    if check or output is None:
        yield (lambda line: None) if check else typer.get_binary_stream("stdout").write
        return
    partial = output.with_name(f"{output.name}.partial")
    try:
        with partial.open("wb") as file:
            yield file.write
        os.replace(partial, output)
    except OSError as error:
        console.stop(f"{output} can't be written: {error.strerror}.")
    finally:
        partial.unlink(missing_ok=True)


class Totals(msgspec.Struct):
    """What was exported so far, and which statements were refused."""

    statements: int = 0
    batches: int = 0
    refused: list[int] = []
    left_out: Counter[StatementKind] = msgspec.field(default_factory=Counter)


async def _export(since: int, until: int, origin: str, cleared: Collection[int], write: Write) -> Totals:
    totals, waiting = Totals(), list[dict[str, Any]]()

    def send(count: int) -> None:
        batch, waiting[:count] = waiting[:count], []
        totals.batches += 1
        totals.statements += len(batch)
        assert not dsa_checks.batch_problems(batch)
        write(msgspec.json.encode({"statements": batch}) + b"\n")

    async for page in dsa_export.pages(since, until, origin, cleared):
        totals.left_out += page.left_out
        for statement, problems in page.refused.items():
            totals.refused.append(statement)
            for problem in problems:
                console.complain(f"Statement {statement}: {problem.field} {problem.words}.")
        waiting += page.statements
        while len(waiting) >= BATCH:
            send(BATCH)
    if waiting:
        send(len(waiting))
    return totals


def _report(totals: Totals, *, check: bool) -> None:
    """On standard error: standard output may be the export."""
    done = "Statements that would be taken" if check else "Statements written"
    console.complain(f"{done}: {totals.statements} (batches: {totals.batches}).")
    if totals.left_out:
        kinds = ", ".join(f"{count} {WORDS[kind]}" for kind, count in sorted(totals.left_out.items()))
        console.complain(f"Left out, since they restrict nothing: {kinds}.")
    if totals.refused:
        console.complain(f"Refused, since the database must not get them as they are: {len(totals.refused)}.")
