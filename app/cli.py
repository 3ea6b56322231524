"""The command `parvis`."""

import asyncio
import gc
import multiprocessing
import socket
import sys
from collections.abc import Coroutine
from typing import Annotated, Any, NoReturn

import typer
import uvicorn
from rich.console import Console

import settings as all_settings
from app import logs, metrics
from app.asgi import create_app
from app.wiring import reactions
from app.worker import Worker
from db import schema
from db.engine import DB, Unavailable
from domain.accounts import credentials
from domain.core.errors import Refused
from settings import Settings
from web import mails

cli = typer.Typer(
    no_args_is_help=True, add_completion=False, help="A social network that no store or host can switch off."
)
out = Console()
complaint = Console(stderr=True)


def stop(words: str) -> NoReturn:
    """Ends the command with a clear message and status 1."""
    complaint.print(f"[red]parvis:[/red] {words}", highlight=False)
    raise typer.Exit(1)


def _settings() -> Settings:
    try:
        found = all_settings.read()
    except all_settings.WrongSetting as error:
        stop(str(error))
    logs.configure(found)
    return found


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return asyncio.run(work)
    except (Unavailable, Refused) as error:
        stop(str(error))
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@cli.command()
def migrate() -> None:
    """Brings the database to this version's schema."""
    found = _settings()
    for name in _run(_migrate(found)) or ["Nothing to do: the database is up to date."]:
        out.print(name, highlight=False)


async def _migrate(settings: Settings) -> list[str]:
    await DB.open(settings.url)
    try:
        return await schema.migrate()
    finally:
        await DB.close()


@cli.command()
def serve(
    workers: Annotated[int, typer.Option(help="Server processes; 0: as the settings say.")] = 0,
) -> None:
    """Serves the network (after `parvis migrate`)."""
    found = _settings()
    _run(_check(found))
    listening = _listen(found)
    count = workers or found.workers
    host, port = listening.getsockname()[:2]
    out.print(f"Parvis is at {found.origin or f'http://{host}:{port}'}", highlight=False)
    sys.stdout.flush()
    if count == 1:
        _serve(found, listening, 0)
        return
    _serve_many(found, listening, count)


async def _check(settings: Settings) -> None:
    await DB.open(settings.url)
    try:
        await schema.check()
    finally:
        await DB.close()


def _listen(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((settings.host, settings.port))
    except OSError as error:
        stop(f"can't listen on {settings.host} port {settings.port}: {error.strerror}. Set PARVIS_PORT to another one.")
    listening.set_inheritable(True)
    return listening


def _serve(settings: Settings, listening: socket.socket, number: int) -> None:
    """One server process; its metrics are on the metrics port plus its number."""
    logs.configure(settings)
    app = create_app(settings)
    if settings.metrics_port:
        app = metrics.measured(app, settings.metrics_port + number)
    # What is loaded now stays; rendered posts are many and hold no cycles: a full collection is rarely worth its pause.
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 100)
    config = uvicorn.Config(
        app,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_graceful_shutdown=10,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _serve_many(settings: Settings, listening: socket.socket, count: int) -> None:
    """Several processes on one socket; one that dies is replaced, and all end with this one."""
    context = multiprocessing.get_context("spawn")

    def start(number: int) -> multiprocessing.process.BaseProcess:
        process = context.Process(target=_serve, args=(settings, listening, number), daemon=True)
        process.start()
        return process

    processes = {number: start(number) for number in range(count)}
    stopping = multiprocessing.get_context("spawn").Event()
    _on_signals(stopping.set)
    while not stopping.wait(0.5):
        for number, process in list(processes.items()):
            if not process.is_alive():
                processes[number] = start(number)
    for process in processes.values():
        process.terminate()
    for process in processes.values():
        process.join(15)


def _on_signals(react: Any) -> None:
    import signal

    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: react())


@cli.command()
def worker() -> None:
    """Drains the outbox in a process of its own; several may run at once."""
    found = _settings()
    _run(_work(found))


async def _work(settings: Settings) -> None:
    await DB.open(settings.url)
    drain = Worker(reactions(settings))
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    import signal

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stopping.set)
    try:
        await schema.check()
        drain.start()
        out.print("Parvis works off its outbox.")
        await stopping.wait()
    finally:
        await drain.stop()
        await DB.close()


@cli.command("reset-link")
def reset_link(handle: Annotated[str, typer.Argument(help="Whose password is to be set anew.")]) -> None:
    """Makes a one-time link with which a member sets a new password, for networks without mail."""
    found = _settings()
    out.print(_run(_reset_link(found, handle)), soft_wrap=True, highlight=False)


async def _reset_link(settings: Settings, handle: str) -> str:
    await DB.open(settings.url)
    try:
        await schema.check()
        account = await credentials.account_named(handle)
        return mails.reset_link(settings, await credentials.make_reset(account))
    finally:
        await DB.close()


@cli.command()
def seed(
    accounts: Annotated[int, typer.Option(help="How many people.", min=1)] = 10_000,
    posts: Annotated[int, typer.Option(help="How many posts.", min=0)] = 200_000,
    follows: Annotated[int, typer.Option(help="How many people each of them follows.", min=0)] = 100,
) -> None:
    """Fills an empty network with invented people, for measuring."""
    from rich.progress import Progress

    from ops import seed as seeding

    found = _settings()
    _run(_migrate(found))
    with Progress(console=out) as progress:
        try:
            _run(
                seeding.seed(
                    found.url, seeding.Size(accounts, posts, follows), home_length=found.home_length, progress=progress
                )
            )
        except seeding.NotEmpty as error:
            stop(str(error))
    out.print(f"Everyone's password is: {seeding.PASSWORD}", highlight=False)


@cli.command()
def demo() -> None:
    """Fills an empty network with a small town and a week of its life, to look around in."""
    from tests import cast

    found = _settings()
    _run(_migrate(found))
    handles = _run(_demo(found))
    out.print(f"Here are {', '.join(f'@{handle}' for handle in handles)}.", highlight=False, soft_wrap=True)
    out.print(f"Everyone's password is: {cast.PASSWORD}", highlight=False)
    out.print(
        "[yellow]This is a demo:[/yellow] everybody knows that password. Keep it where strangers can't reach it.",
        soft_wrap=True,
    )


async def _demo(settings: Settings) -> list[str]:
    from tests import cast

    await DB.open(settings.url)
    try:
        await schema.check()
        people = (await cast.play(settings)).people
        work = Worker(reactions(settings))
        while await work.drain():
            pass
    finally:
        await DB.close()
    return list(people)


def main() -> None:
    # Measuring needs nothing of the server: its code is read only when it is asked for.
    from bench.command import bench

    cli.command()(bench)
    cli()
