"""`parvis move`: announces by signed notices that the network moves to another domain."""

import sys
from typing import Annotated

import typer

from app import console
from app.console import day, say
from domain.domain_migration import announcements, pinned_keys
from domain.domain_migration.announcements import SignedMoveNotice
from domain.notifications import deliveries
from settings import Settings

cli = typer.Typer(no_args_is_help=True, help="Leads members to another address, by notices that their apps verify.")


@cli.command()
def announce(
    to: Annotated[str, typer.Option(help="The new address, such as https://new.example.")],
    origin: Annotated[str, typer.Option("--from", help="The old one, instead of PARVIS_ORIGIN.")] = "",
    days: Annotated[int, typer.Option(help="For how many days the notice is good.", min=1, max=3650)] = 365,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing.")] = False,
) -> None:
    """Signs a notice of the new address, shows it on every page, and pushes it to every device.

    It may be given on either host: where the old one is gone, on the new one, with --from.
    """
    found = console.existing()
    old = _from(found, origin)
    if sys.stdin.isatty() and not yes:
        typer.confirm(f"Tell every member that the network moves from {old} to {to}?", abort=True)
    notice, devices = console.run(console.opened(found, _announce(old, to, days)))
    _show(notice)
    say(f"{devices} device{'' if devices == 1 else 's'} will be told by whatever drains the outbox.")
    complaint = f"Keep {notice.origin} in your hands until then: whoever has that name could lead its apps elsewhere."
    console.complaint.print(complaint, highlight=False, soft_wrap=True)


async def _announce(origin: str, to: str, days: int) -> tuple[SignedMoveNotice, int]:
    notice = await announcements.announce(origin, to, days)
    return notice, (await deliveries.status()).devices


@cli.command()
def withdraw() -> None:
    """Takes the last notice back. Apps that have it learn of it as they learned of the notice."""
    notice = console.run(console.opened(console.existing(), announcements.withdraw()))
    say(f"Withdrawn by notice {notice.number}: the network stays at {notice.origin}.")


@cli.command()
def show() -> None:
    """Says what is announced, and which keys apps have pinned."""
    notice, public = console.run(console.opened(console.existing(), _state()))
    if notice:
        _show(notice)
    else:
        say("No move is announced.")
    say(f"The network's id: {public.network}\nIts keys: Ed25519 {public.ed25519}\n          P-256 {public.p256}")


async def _state() -> tuple[SignedMoveNotice | None, pinned_keys.Keys]:
    return await announcements.current(), await pinned_keys.public()


def _show(notice: SignedMoveNotice) -> None:
    say(f"Notice {notice.number}: {notice.origin} moves to {notice.to}")
    say(f"signed {day(notice.at)}, good until {day(notice.until)}.")


def _from(settings: Settings, origin: str) -> str:
    if not (origin or settings.origin):
        console.stop("which address do members have now? Set PARVIS_ORIGIN, or say --from https://old.example.")
    return origin or settings.origin
