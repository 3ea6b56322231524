"""`parvis log`: verifies the public log of moderation, here or on another site, and writes it as static files."""

from collections.abc import Awaitable
from pathlib import Path
from typing import Annotated, TypeVar

import msgspec
import typer

from app import console
from domain.core import notes
from domain.core.notes import VerifierKey, WrongNote
from domain.moderation import (
    public_log,
    public_log_checks,
    public_log_files,
    public_log_key,
    public_log_receipts,
    public_log_site,
)
from domain.moderation.public_log_checks import SeenLog, WrongLog
from domain.moderation.public_log_receipts import MAX_RECEIPT, Receipt, WrongReceipt

T = TypeVar("T")

cli = typer.Typer(no_args_is_help=True, help="Verify, show and export the public log of moderation.")
KEY = Annotated[str, typer.Option(help="The log's verification key, as `parvis log key` prints it.")]


@cli.command()
def verify(
    url: Annotated[
        str,
        typer.Argument(
            help="Another network's address, or a folder that `export` has written; without it, this one's database."
        ),
    ] = "",
    key: KEY = "",
    state: Annotated[
        Path | None, typer.Option(help="A file that keeps what was seen: the log must continue it next time.")
    ] = None,
) -> None:
    """Recompute the whole log from its entries. Fails if an entry was changed, removed, added or moved."""
    seen = _seen(state) if state else None
    wanted = _key(key) if key else _key(seen.key) if seen else None
    if seen and wanted and str(wanted) != seen.key:
        console.stop(f"{state} is of a log with another key.")
    found: SeenLog = console.run(_verify_site(url, wanted, seen) if url else _verify_own(wanted, seen))
    if state:
        _write(state, msgspec.json.encode(found) + b"\n")
    console.say(f"The log is whole: {found.size} entries, root {found.root}.")
    if seen:
        console.say(f"It continues the {seen.size} entries that were seen before.")
    if not key and not seen:
        console.say(f"Key: {found.key}")


async def _verify_site(url: str, key: VerifierKey | None, seen: SeenLog | None) -> SeenLog:
    if "://" not in url:
        return await _clear(public_log_site.verify_folder(Path(url), key, seen))
    return await _clear(public_log_site.verify(url, key, seen))


async def _verify_own(key: VerifierKey | None, seen: SeenLog | None) -> SeenLog:
    async def work() -> SeenLog:
        found = await public_log_checks.verify(public_log_checks.own, key or await public_log_key.verifier_key(), seen)
        await public_log_checks.check_own()
        return found

    return await _clear(console.opened(console.existing(), work()))


async def _clear(work: Awaitable[T]) -> T:
    """Stops with the words of what is wrong."""
    try:
        return await work
    except (WrongLog, WrongNote) as error:
        console.stop(str(error))


@cli.command()
def checkpoint() -> None:
    """Print the signed state of the log."""
    typer.echo(console.run(console.opened(console.existing(), public_log_files.checkpoint()))[1], nl=False)


@cli.command("key")
def key_() -> None:
    """Print the key with which anybody can check the log."""
    typer.echo(console.run(console.opened(console.existing(), public_log_key.verifier_key())))


@cli.command()
def export(folder: Annotated[Path, typer.Argument(help="A folder, made if there is none.", metavar="DIR")]) -> None:
    """Write the log as files that any web server can serve, and `verify` can read there."""
    count = console.run(console.opened(console.existing(), _export(folder)))
    console.say(f"Wrote {count} files to {folder}.")


async def _export(folder: Path) -> int:
    count = 0
    async for path, body in public_log_files.everything():
        _write(folder / path, body)
        count += 1
    return count


@cli.command()
def check(
    file: Annotated[Path, typer.Argument(help="A receipt, as the page of a decision or of the log gives it.")],
    key: KEY = "",
) -> None:
    """Check a receipt without the network: that its entry is in the log that was signed, and what it says."""
    try:
        with file.open("rb") as source:
            body = source.read(MAX_RECEIPT + 1)
    except OSError as error:
        console.stop(f"{file} can't be read: {error.strerror}.")
    if len(body) > MAX_RECEIPT:
        console.stop(f"{file} is too large for a receipt.")
    try:
        receipt, size = public_log_receipts.check(body, _key(key) if key else None)
    except (WrongReceipt, WrongNote) as error:
        console.stop(str(error))
    _say(receipt, size)
    if not key:
        console.say(f"By the key that the file names: {receipt.key}. Compare it with the one that the network shows.")


def _say(receipt: Receipt, size: int) -> None:
    console.say(f"Entry {receipt.index} is in the log of {size} entries that was signed: {receipt.entry}")
    if receipt.content:
        console.say(f"It says: {receipt.content}")
    if receipt.own_salt:
        console.say(f"It is about decision {receipt.statement}.")


@cli.command()
def forget(
    index: Annotated[int, typer.Argument(help="The entry's number in the log.", min=0)],
    yes: Annotated[bool, typer.Option("--yes", help="Forget without asking.")] = False,
) -> None:
    """Delete what an entry says from the log, for ever. The log stays whole."""
    found = console.existing()
    if not yes and not typer.confirm(f"Nobody can bring back what entry {index} says. Forget it?"):
        console.stop("Nothing was forgotten.")
    if not console.run(console.opened(found, public_log.forget(index))):
        console.stop(f"There is no entry {index}.")
    console.say(f"Entry {index} is forgotten.")


def _key(text: str) -> VerifierKey:
    try:
        return notes.read_key(text)
    except WrongNote as error:
        console.stop(str(error))


def _seen(state: Path) -> SeenLog | None:
    if not state.exists():
        return None
    try:
        return msgspec.json.decode(state.read_bytes(), type=SeenLog)
    except (OSError, msgspec.MsgspecError):
        console.stop(f"{state} can't be read, or is no file of `parvis log verify`.")


def _write(file: Path, body: bytes) -> None:
    """Whole or not at all: a file that stood there is replaced by a rename."""
    part = file.with_name(f"{file.name}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(body)
        part.replace(file)
    except OSError as error:
        console.stop(f"{file} can't be written: {error.strerror}.")
