"""`parvis outbox`: lists, retries and drops dead letters."""

from typing import Annotated

import typer

from app import console
from domain.core import dead_letters
from domain.core.dead_letters import DeadLetterGroup

cli = typer.Typer(no_args_is_help=True, help="List, retry or drop dead letters: events that failed too often.")
KIND = Annotated[str, typer.Argument(help="Kind of event, as shown by `parvis outbox list`.")]
EVENT = Annotated[int, typer.Option(help="Id of one event; without it, all events of the kind.")]


@cli.command("list")
def list_() -> None:
    """List the dead letters, and show how many events wait."""
    found = console.existing()
    backlog, kinds = console.run(console.opened(found, _all()))
    console.say(f"Due: {backlog.short.due} short events, {backlog.leased.due} leased ones.")
    console.say(f"Failing, and tried again: {backlog.failing}.")
    for kind in kinds:
        words = f"{kind.name}: {kind.count} since {console.day(kind.since)}, {kind.attempts} attempts, {kind.error}"
        console.say(words)
        for letter in kind.letters:
            console.say(f"  {letter.id}  {console.day(letter.at)}  {letter.error}")
    if not kinds:
        console.say("There are no dead letters.")


async def _all() -> tuple[dead_letters.Backlog, list[DeadLetterGroup]]:
    return await dead_letters.backlog(), await dead_letters.kinds()


@cli.command()
def retry(kind: KIND, event: EVENT = 0) -> None:
    """Retry dead letters as if they were new events."""
    found = console.existing()
    count = console.run(console.opened(found, dead_letters.retry_all(kind, event)))
    console.say(f"{count} to be tried again, by whatever drains the outbox.")


@cli.command()
def drop(
    kind: KIND,
    reason: Annotated[str, typer.Option(help="The reason; it is kept and shown to operators.")],
    event: EVENT = 0,
) -> None:
    """Drop dead letters: their reactions will never run."""
    found = console.existing()
    console.say(f"{console.run(console.opened(found, dead_letters.drop_all(kind, reason, event)))} dropped.")
