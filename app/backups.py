"""`parvis backup`: makes, lists, verifies and prunes backups."""

import contextlib
from collections.abc import Coroutine, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from adapters import objects
from app import console, resources
from app.console import say
from archive.progress import OnProgress
from domain.core import secrets
from ops.backup import envelope, listing, sealing
from ops.backup.repository import Repository
from settings import Settings

# The archive's libraries take as long to load as all the rest: they are read by the commands that need them.
if TYPE_CHECKING:
    from ops.backup.making import Maker
    from ops.backup.retention import Keep

T = TypeVar("T")
cli = typer.Typer(no_args_is_help=True, help="Make encrypted, signed backups of everything, and manage them.")
To = Annotated[str, typer.Option("--to", help="Where the backups are; overrides PARVIS_BACKUP_URL.")]
Number = Annotated[int, typer.Option(help="Number of the backup; 0 is the newest.", min=0)]
Key = Annotated[str, typer.Option("--key", help="The network's public key: reject backups signed with any other.")]
Identity = Annotated[str, typer.Option(help="File with the private key (AGE-SECRET-KEY-1...); - reads standard input.")]


def chosen_repository(settings: Settings, to: str, named: str = "--to") -> Repository:
    """The place that a command is about; stops it where none is ``named``."""
    url = to or settings.backup_url
    if not url:
        console.stop(f"name a place with {named}, or set PARVIS_BACKUP_URL.")
    with console.naming(named, objects.WrongURL):
        objects.check(url)
    return Repository(url)


def maker(settings: Settings, to: str, *, takes_over: bool = False) -> "Maker":
    """What makes a backup by the settings. Errors: ``Problem``."""
    from ops.backup import making

    place, recipients = chosen_repository(settings, to), sealing.recipients(settings.backup_recipients)
    follows = bool(settings.backup_url) and place.name == objects.public(settings.backup_url)
    return making.Maker(place, recipients, settings.work, settings.origin, follows, takes_over)


def keep(settings: Settings) -> "Keep":
    from ops.backup.retention import Keep

    return Keep(settings.backup_daily, settings.backup_weekly, settings.backup_monthly)


def key(text: str) -> bytes | None:
    """A pinned key, as ``parvis backup list`` shows it."""
    with console.naming("--key", ValueError):
        found = secrets.unpadded(text) if text else None
        if found is not None and len(found) != 32:
            raise ValueError("must be the network's public key, as `parvis backup list` shows it")
    return found


def identities(file: str) -> sealing.Identities:
    """The private keys in a file."""
    try:
        text = typer.get_text_stream("stdin").read() if file == "-" else Path(file).read_text()
    except OSError as error:
        console.stop(f"--identity can't be read: {error.strerror}.")
    return console.run(_identities(text))  # type: ignore[no-any-return]


async def _identities(text: str) -> sealing.Identities:
    return sealing.identities(text)


@contextlib.contextmanager
def bar() -> Iterator[OnProgress]:
    """A bar that says what is being done and how far it is."""
    columns = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,.0f}"), TimeRemainingColumn()
    with Progress(*columns, console=console.complaint(), transient=True) as progress:
        task = progress.add_task("", total=None)

        def on_progress(what: str, done: int, total: int) -> None:
            progress.update(task, description=what, completed=done, total=total or None)

        yield on_progress


def opened(settings: Settings, work: Coroutine[Any, Any, T]) -> T:
    """Runs what needs the database and the pictures' store."""
    return console.run(resources.within(settings, work))  # type: ignore[no-any-return]


def moment(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


@cli.command()
def keygen() -> None:
    """Generate a key pair and print it. No file is written: store the private key away from this machine."""
    private, public = sealing.new_pair()
    say(f"# Keep this file away from the server. Without it no backup can be read.\n# public key: {public}\n{private}")
    console.complaint().print(f"Set PARVIS_BACKUP_RECIPIENTS={public}", soft_wrap=True, highlight=False)


@cli.command()
def run(
    to: To = "",
    takes_over: Annotated[
        bool,
        typer.Option("--take-over", help="Continue from here although another host has made backups since."),
    ] = False,
) -> None:
    """Make a backup while the network runs. After a failure, run it again to resume."""
    found = console.existing()

    async def make(on_progress: OnProgress) -> Any:
        return await maker(found, to, takes_over=takes_over).run(on_progress)

    with bar() as on_progress:
        made = opened(found, make(on_progress))
    size = sum(piece.bytes for piece in made.parts)
    say(f"Backup {made.number}: {sum(made.counts.values()):,} rows in {size:,} bytes, {made.media.files:,} pictures.")


@cli.command("list")
def list_(to: To = "") -> None:
    """List the backups."""
    found = console.settings()
    place = chosen_repository(found, to)
    for one in console.run(_all(place)):
        say(one)


async def _all(place: Repository) -> list[str]:
    lines = []
    async for number, one in listing.everything(place):
        if isinstance(one, str):
            lines.append(f"{number}  {one}")
            continue
        manifest, public, segments = one
        lines.append(
            f"{number}  {moment(manifest.at)}  {manifest.name}  {sum(manifest.counts.values()):,} rows, "
            f"{manifest.media.files:,} pictures, {segments} segments of changes"
            f"{', final' if manifest.until else ''}  key {secrets.padless(public)} ({envelope.fingerprint(public)})"
        )
    return lines or ["There is no backup here."]


@cli.command()
def verify(to: To = "", number: Number = 0, pinned: Key = "", identity: Identity = "") -> None:
    """Check every file of a backup against its manifest; with --identity, also decrypt and check the contents."""
    from ops.backup import verifying

    place, expected = chosen_repository(console.settings(), to), key(pinned)
    known = identities(identity) if identity else None
    with bar() as on_progress:
        done = console.run(verifying.verify(place, number, expected, known, on_progress))
    say(f"Backup {done.manifest.number} is whole, with {done.segments} segments of changes up to {moment(done.until)}.")
    if not identity and done.manifest.media.files:
        say(f"Its {done.manifest.media.files:,} pictures are there; whether they are whole is seen with --identity.")
    say(f"It is signed by {secrets.padless(done.key)} ({envelope.fingerprint(done.key)}).")


@cli.command()
def prune(to: To = "") -> None:
    """Delete backups that the settings no longer keep, and the data that only they used."""
    from ops.backup import retention

    found = console.existing()
    gone = opened(found, retention.prune(chosen_repository(found, to), keep(found)))
    say(f"Removed {gone.backups} backups, {gone.parts} parts, {gone.pictures} pictures, {gone.segments} segments.")
