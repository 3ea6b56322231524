"""`parvis push`: the keys that sign pushes, and the state of devices."""

import typer

from app import console
from domain.notifications import deliveries, push_keys
from settings import Settings

cli = typer.Typer(
    no_args_is_help=True, help="Manage the keys that sign push notifications, and see the state of the queue."
)


@cli.command()
def keys() -> None:
    """List the push keys: one is current, older ones serve the devices that subscribed with them."""
    # Lines of words: a table would cut a key short to fit into a narrow terminal.
    for key, devices in console.run(_keys(console.existing())):
        words = f"{key.public}  made {console.day(key.made_at)}, {devices} device{'' if devices == 1 else 's'}"
        console.out().print(words + (", current" if key.current else ""), soft_wrap=True, highlight=False)


async def _keys(settings: Settings) -> list[tuple[push_keys.Key, int]]:
    async def made() -> list[tuple[push_keys.Key, int]]:
        await push_keys.vapid()
        return await push_keys.used_keys()

    found: list[tuple[push_keys.Key, int]] = await console.opened(settings, made())
    return found


@cli.command()
def rotate() -> None:
    """Create a new push key. No device is lost: each one switches when the network is next opened there."""
    found = console.existing()
    new = console.run(console.opened(found, push_keys.rotate()))
    console.out().print(new.public, highlight=False, soft_wrap=True)
    console.complaint().print(
        "Devices go on with the old key until the network is next opened on them.", soft_wrap=True
    )


@cli.command()
def status() -> None:
    """Show how many devices are subscribed, and whether pushes wait."""
    found = console.existing()
    now = console.run(console.opened(found, deliveries.status()))
    console.out().print(
        f"Devices: {now.devices}, of them {now.broken} with a problem, {now.confirmed} that confirmed a push today.\n"
        f"Pending pushes: {now.waiting} ({now.due} due).",
        highlight=False,
        soft_wrap=True,
    )
