"""`parvis restore`, `parvis evacuate` and `parvis rehearse`."""

import os
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from adapters import objects
from app import backups, console
from app.backups import Identity, Key, Number, moment
from app.console import say
from archive.progress import OnProgress
from domain.backups import handover
from domain.core import secrets, signing
from ops.backup import envelope
from ops.backup.manifest import Manifest
from settings import Settings

if TYPE_CHECKING:
    from ops.backup.restoring import Restored

SHOWN = 10
URL = Annotated[str, typer.Argument(metavar="URL", help="Where the backup is; overrides PARVIS_BACKUP_URL.")]
Last = Annotated[int, typer.Option(help="Leave out changes after this segment; 0 restores all.", min=0)]


def restore(
    identity: Identity,
    url: URL = "",
    key: Key = "",
    number: Number = 0,
    last: Last = 0,
    serve: Annotated[bool, typer.Option("--serve", help="Serve the network afterwards.")] = False,
) -> None:
    """Restore a network from its backup, into an empty database and the store of the settings."""
    from ops.backup import restoring
    from ops.backup.restoring import Wanted

    found = console.settings()
    place, known = backups.chosen_repository(found, url, "URL"), backups.identities(identity)
    wanted = Wanted(number, backups.key(key), last)
    with backups.bar() as on_progress:
        done = console.run(restoring.restore(place, found, known, wanted, on_progress))
    _tell(done, pinned=bool(key))
    if serve:
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "app", "serve"])  # noqa: S606 - this very command
    say("Serve it with: parvis serve")
    if done.bad or done.lost:
        # So that nobody takes it for the whole.
        raise typer.Exit(1)


def _tell(done: "Restored", *, pinned: bool) -> None:
    rows, counts = sum(done.rows.values()), done.rows
    say(f"{done.manifest.name}: {counts['account']:,} accounts, {counts['post']:,} posts, {rows:,} rows and "
        f"{done.pictures:,} pictures in {done.seconds:.1f} s.")  # fmt: skip
    say(f"Restored to {moment(done.until)}, with {done.segments} segments of changes after backup "
        f"{done.manifest.number}.")  # fmt: skip
    again = done.purged
    if again.accounts or again.posts or again.pictures:
        say(f"Deleted again, as they had been since: {again.accounts:,} accounts, {again.posts:,} posts, "
            f"{again.pictures:,} pictures.")  # fmt: skip
    if again.unknown:
        say(f"What else was deleted since can't be known: {'; '.join(again.unknown[:SHOWN])}.")
    if not pinned:
        say(f"It is signed by the key {secrets.padless(done.key)} ({envelope.fingerprint(done.key)}). Compare it with "
            "the one you know; --key checks it for you.")  # fmt: skip
    for words, found in (
        ("Rows that did not fit and were left out", done.bad),
        ("Pictures that are lost (see `parvis objects repair`)", done.lost),
    ):
        if found:
            say(f"{words}: {len(found)}: {', '.join(found[:SHOWN])}{' ...' if len(found) > SHOWN else ''}")


def evacuate(
    to: backups.To = "",
    done: Annotated[bool, typer.Option("--done", help="The new host serves: redirect everybody to it.")] = False,
    at: Annotated[str, typer.Option("--at", help="With --done: the new address, https://...")] = "",
    cancel: Annotated[bool, typer.Option("--cancel", help="Cancel: allow writes on this host again.")] = False,
) -> None:
    """Leave this host: stop writes, send the last changes, and print what to do on the next host."""
    found = console.existing()
    if at and not done:
        console.stop("--at needs --done: it names where the new host serves.")
    if cancel and done:
        console.stop("--cancel and --done exclude each other.")
    if cancel:
        console.run(console.opened(found, handover.resume_writes()))
        say("This host takes writes again.")
    elif done:
        _lead(found, at)
    else:
        _leave(found, to)


def _lead(found: Settings, at: str) -> None:
    if not at.startswith(("https://", "http://")) or at.rstrip("/") == found.origin.rstrip("/"):
        console.stop("--at must be the new address, such as https://new.example, and not this one's.")
    console.run(console.opened(found, handover.redirect_to(at)))
    say(f"Every page now leads to the same one at {at.rstrip('/')}. `parvis evacuate --cancel` takes that back.")


def _leave(found: Settings, to: str) -> None:
    from ops import evacuation

    maker = backups.maker(found, to)
    url = to or found.backup_url

    async def leave(on_progress: OnProgress) -> tuple[Manifest, bytes]:
        return await evacuation.evacuate(maker, url, on_progress), await signing.public_key()

    with backups.bar() as on_progress:
        manifest, public = backups.opened(found, leave(on_progress))
    say(_advice(found, url, manifest, secrets.padless(public)))


def _advice(found: Settings, url: str, manifest: Manifest, public: str) -> str:
    place = objects.public(url)
    where = "PARVIS_BACKUP_URL is that place with its keys"
    if url.startswith("file:"):
        where = "PARVIS_BACKUP_URL is where you copy that folder"
    names = "Then send people to the new host."
    if found.origin:
        names = f"Then have the DNS records (A and AAAA) of {found.domain} name the new host; wait as their TTL says."
    return f"""\
Everything is at {place} (backup {manifest.number}). This host is now read-only.

On the new host, with Parvis installed and the private key at hand, make the settings as they are here: PARVIS_ORIGIN
is {found.origin or "not set"}, PARVIS_BACKUP_RECIPIENTS is {found.backup_recipients},
and {where}. Then type:

  parvis restore --identity KEYFILE --key {public}
  parvis serve

{names}

If the network has another name there, have this host redirect to it:

  parvis evacuate --done --at https://new.example

Otherwise stop this one once the new one is reached. To go on here after all: parvis evacuate --cancel"""


def rehearse(identity: Identity, to: backups.To = "") -> None:
    """Restore the newest backup beside the running network, serve it, test it, and record how long that took."""
    from ops import rehearsal

    found = console.existing()
    place, known = backups.chosen_repository(found, to), backups.identities(identity)
    with backups.bar() as on_progress:
        done: Any = console.run(rehearsal.rehearse(place, found, known, on_progress))
    number, rows = done.restored.manifest.number, sum(done.restored.rows.values())
    say(f"Backup {number} was restored in {done.recovery_ms / 1000:.1f} s, with {rows:,} rows.")
    say(f"If this host were lost now, {done.loss_ms / 1000:.1f} s of changes would be lost.")
