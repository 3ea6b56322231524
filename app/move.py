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

cli = typer.Typer(no_args_is_help=True, help="Move members to another address, with notices that their apps verify.")


@cli.command()
def announce(
    to: Annotated[str, typer.Option(help="The new address, such as https://new.example.")],
    origin: Annotated[str, typer.Option("--from", help="The old address; overrides PARVIS_ORIGIN.")] = "",
    days: Annotated[int, typer.Option(help="Days until the notice expires.", min=1, max=3650)] = 365,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Sign a notice of the new address, show it on every page and push it to every device.

    Run it on either host; if the old host is gone, run it on the new one with --from.
    """
    found = console.existing()
    old = _from(found, origin)
    if sys.stdin.isatty() and not yes:
        typer.confirm(f"Tell every member that the network moves from {old} to {to}?", abort=True)
    notice, devices = console.run(console.opened(found, _announce(old, to, days)))
    _show(notice)
    say(f"{devices} device{'' if devices == 1 else 's'} will be told by whatever drains the outbox.")
    complaint = f"Keep {notice.origin} in your hands until then: whoever has that name could lead its apps elsewhere."
    console.complaint().print(complaint, highlight=False, soft_wrap=True)


async def _announce(origin: str, to: str, days: int) -> tuple[SignedMoveNotice, int]:
    notice = await announcements.announce(origin, to, days)
    return notice, (await deliveries.status()).devices


@cli.command()
def withdraw() -> None:
    """Withdraw the last notice. Apps that have received it receive the withdrawal in the same way."""
    notice = console.run(console.opened(console.existing(), announcements.withdraw()))
    say(f"Withdrawn by notice {notice.number}: the network stays at {notice.origin}.")


@cli.command()
def show() -> None:
    """Show the current notice and the keys that apps have pinned."""
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
