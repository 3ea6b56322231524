"""The command `parvis`."""

import asyncio
import importlib.metadata
import signal
from pathlib import Path
from typing import Annotated

import typer

from app import (
    archive,
    background,
    backups,
    console,
    dsa,
    log,
    move,
    objects,
    outbox,
    outbox_watch,
    push,
    recovery,
    resources,
    rules,
    serve,
    staff,
    upstream,
)
from app.tasks import running
from db import schema, signal_transports
from db.engine import DB
from domain.accounts import credentials
from domain.backups.handover import SITE_MODE
from domain.core.errors import NotFound, Refused
from domain.core.outages import DATABASE_STATUS
from settings import Settings
from web import mails

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, help="A social network that no store or host can switch off."
)
cli.add_typer(push.cli, name="push")
cli.add_typer(objects.cli, name="objects")
cli.add_typer(backups.cli, name="backup")
cli.add_typer(outbox.cli, name="outbox")
cli.add_typer(staff.cli, name="staff")
cli.add_typer(rules.cli, name="rules")
cli.add_typer(log.cli, name="log")
cli.add_typer(dsa.cli, name="dsa")
cli.add_typer(upstream.cli, name="upstream")
cli.command()(recovery.restore)
backups.cli.command()(recovery.restore)
cli.command()(recovery.evacuate)
cli.command()(recovery.rehearse)
cli.add_typer(archive.cli, name="archive")
cli.add_typer(move.cli, name="move")


def _version(wanted: bool) -> None:
    if wanted:
        console.out().print(f"parvis {importlib.metadata.version('parvis')}", highlight=False)
        raise typer.Exit


@cli.callback()
def parvis(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@cli.command()
def migrate() -> None:
    """Create the database, or upgrade it to this version's schema."""
    found = console.settings()
    new = not console.is_there(found)
    ran = console.run(_migrate(found))
    if new:
        console.say(f"Created {found.file}")
    for name in ran or ["Nothing to do: the database is up to date."]:
        console.out().print(name, highlight=False)


async def _migrate(settings: Settings) -> list[str]:
    await DB.open(settings.url)
    try:
        return await schema.migrate()
    finally:
        await DB.close()


@cli.command("serve")
def serve_network(
    workers: Annotated[int, typer.Option(help="Number of server processes; 0 takes PARVIS_WORKERS.", min=0)] = 0,
    host: Annotated[str, typer.Option(help="Address to listen on; overrides PARVIS_HOST.")] = "",
    port: Annotated[
        int | None, typer.Option(help="Port to listen on; overrides PARVIS_PORT.", min=0, max=65535)
    ] = None,
) -> None:
    """Serve the network. Run `parvis migrate` first."""
    serve.serve(serve.Options(workers, host, port))


@cli.command()
def worker() -> None:
    """Process the outbox in a process of its own. Several can run at once."""
    found = console.existing()
    console.run(_work(found))


async def _work(settings: Settings) -> None:
    stopping = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stopping.set)
    async with resources.network(settings):
        await SITE_MODE.refresh()
        DATABASE_STATUS.watch(Path(settings.data), embedded=settings.file is not None)
        async with (
            running(DATABASE_STATUS.keep_fresh()),
            signal_transports.connected(settings.url),
            running(SITE_MODE.keep_fresh()),
            running(outbox_watch.run(settings)),
            background.working(settings),
        ):
            console.out().print("Parvis is processing the outbox.")
            await stopping.wait()


@cli.command("reset-link")
def reset_link(handle: Annotated[str, typer.Argument(help="The member's handle.")]) -> None:
    """Create a one-time link with which a member sets a new password, for networks without email."""
    found = console.existing()
    console.say(console.run(_reset_link(found, handle)))
    hint = "The link works once and for one hour."
    if not found.origin:
        hint += " Its address comes from PARVIS_HOST and PARVIS_PORT: PARVIS_ORIGIN, which is not set, decides it."
    console.complaint().print(hint, soft_wrap=True, highlight=False)


async def _reset_link(settings: Settings, handle: str) -> str:
    await DB.open(settings.url)
    try:
        await schema.check()
        account = await credentials.account_named(handle)
        return mails.reset_link(settings, await credentials.make_reset(account))
    except NotFound:
        raise Refused(f"No member is called @{handle.removeprefix('@')}.") from None
    finally:
        await DB.close()


@cli.command("seed")
def seed_network(
    accounts: Annotated[int, typer.Option(help="Number of accounts.", min=1)] = 10_000,
    posts: Annotated[int, typer.Option(help="Number of posts.", min=0)] = 200_000,
    follows: Annotated[int, typer.Option(help="Number of accounts that each one follows.", min=0)] = 100,
) -> None:
    """Fill an empty network with generated accounts and posts, for benchmarks."""
    from rich.progress import Progress

    from ops import seed

    found = console.settings()
    console.run(_migrate(found))
    with Progress(console=console.out()) as progress:
        try:
            console.run(
                seed.seed(
                    found.url,
                    seed.NetworkSize(accounts, posts, follows),
                    home_length=found.home_length,
                    progress=progress,
                )
            )
        except (seed.NotEmpty, seed.InUse) as error:
            console.stop(str(error))
    console.out().print(f"Everyone's password is: {seed.PASSWORD}", highlight=False)


@cli.command()
def demo() -> None:
    """Fill an empty network with a small town and a week of its posts, to explore."""
    from ops.demo import cast

    found = console.settings()
    console.run(_migrate(found))
    handles = console.run(_demo(found))
    console.out().print(f"Here are {', '.join(f'@{handle}' for handle in handles)}.", highlight=False, soft_wrap=True)
    console.out().print(f"Everyone's password is: {cast.PASSWORD}", highlight=False)
    console.out().print(
        "[yellow]This is a demo:[/yellow] everybody knows that password. Keep it where strangers can't reach it.",
        soft_wrap=True,
    )


async def _demo(settings: Settings) -> list[str]:
    from app import demo

    async with resources.network(settings):
        people = (await demo.play(settings)).people
    return list(people)


def main() -> None:
    # Measuring is no part of the server: all but the command's options is read when it runs.
    from bench.command import bench

    cli.command()(bench)
    cli()
