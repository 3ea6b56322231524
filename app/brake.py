"""`parvis brake`: says how the brake is, and switches it by hand."""

from typing import Annotated

import typer

from app import console
from domain.moderation import brake_switch
from domain.moderation.brake import BrakeReason
from domain.moderation.brake_switch import BrakeFigures

cli = typer.Typer(no_args_is_help=True, help="Show the brake, or switch it by hand.")
WHY = {
    BrakeReason.URGENT: "an urgent report had waited for more than an hour",
    BrakeReason.BACKLOG: "more cases were open than are decided in a day",
    BrakeReason.HAND: "an operator has switched it on",
}


@cli.command()
def status() -> None:
    """Say whether the brake is on, why, and what it goes by."""
    found: BrakeFigures = console.run(console.opened(console.existing(), brake_switch.status()))
    if found.since:
        console.say(f"The brake is on since {console.day(found.since)}: {WHY[found.reason]}.")
    else:
        console.say("The brake is off.")
    if found.since and found.ends_at:
        console.say(f"It ends on {console.day(found.ends_at)}.")
    elif found.since and found.off_at:
        console.say(f"If things stay better, it goes off on {console.day(found.off_at)}.")
    console.say(f"Open cases: {found.open}. Decided within a day: {found.closed}.")
    if found.oldest_at:
        console.say(f"The oldest urgent report came on {console.day(found.oldest_at)}.")


@cli.command()
def on(
    words: Annotated[str, typer.Argument(help="What everybody reads, and the public log keeps.")],
    hours: Annotated[
        int, typer.Option(help=f"For how many hours: {', '.join(map(str, brake_switch.HOURS))}.", min=1, max=168)
    ] = 24,
) -> None:
    """Switch the brake on for some hours."""
    console.run(console.opened(console.existing(), brake_switch.switch_on_by_command(words, hours)))
    console.say("The brake is on.")


@cli.command()
def off() -> None:
    """Switch the brake off. The clock does not switch it on again for two hours."""
    console.run(console.opened(console.existing(), brake_switch.switch_off_by_command()))
    console.say("The brake is off.")
