"""`parvis upstream`: takes complaints that a mail server pipes in, lists, shows and closes them, and prints letters."""

import contextlib
import os
import resource
import signal
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import structlog
import typer

from adapters.incoming_mail import MAX_MAIL, BadMail
from app import console
from domain.backups.handover import SITE_MODE, NetworkMoving
from domain.core.errors import NotFound, Refused
from domain.moderation import upstream_desk, upstream_intake, upstream_letters, upstream_proof, upstream_work
from domain.moderation.upstream_desk import ComplaintAddress, ComplaintView, ListedComplaint
from domain.moderation.upstream_intake import Fate, Intake
from domain.moderation.upstream_letters import Letter
from domain.moderation.upstream_work import Closing
from settings import Settings

if TYPE_CHECKING:
    from rich.table import Table

LOG = structlog.get_logger()

cli = typer.Typer(no_args_is_help=True, help="Complaints of the host, the registrar, authorities and trusted flaggers.")
NUMBER = Annotated[int, typer.Argument(help="The number of a complaint.", min=1, max=2**63 - 2)]
# What taking one mail may cost, in seconds of CPU, by far more than any that is known.
MAX_CPU = 30
JSON = Annotated[bool, typer.Option("--json", help="Write JSON, for other programs.")]
WORDS = {
    Fate.OPENED: "Opened complaint %s.",
    Fate.JOINED: "Added to complaint %s.",
    Fate.REPEATED: "This mail was taken before.",
    Fate.IGNORED: "Ignored: a machine's answer to nothing that was sent.",
}


@cli.callback()
def upstream() -> None:
    pass


@cli.command()
def take() -> None:
    """Take a mail from standard input, as a mail server's pipe hands it over.

    Ends with 0 for a mail that was taken or needs nothing, with 65 for one that can't be read (the mail server sends it
    back), and with 75 for whatever may go well later (the mail server tries again).
    """
    try:
        with _bounded():
            intake = _take(sys.stdin.buffer.read(MAX_MAIL + 1))
    except BadMail as error:
        console.complain(f"parvis: {error}")
        raise SystemExit(os.EX_DATAERR) from None
    except SystemExit:
        # What is wrong has been said.
        raise SystemExit(os.EX_TEMPFAIL) from None
    except Exception:
        LOG.exception("upstream.take_failed")
        raise SystemExit(os.EX_TEMPFAIL) from None
    console.say(WORDS[intake.fate].replace("%s", str(intake.complaint)))


@contextlib.contextmanager
def _bounded() -> Iterator[None]:
    """Ends the process with 65 where a mail costs more than ``MAX_CPU``: sent again, it would cost as much again."""
    before, (soft, hard) = signal.signal(signal.SIGXCPU, _end), resource.getrlimit(resource.RLIMIT_CPU)
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + MAX_CPU
    known = [one for one in (limit, soft, hard) if one != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_CPU, (min(known), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        signal.signal(signal.SIGXCPU, before)


def _end(_signal: int, _frame: FrameType | None) -> None:
    """At once, wherever it is: what is not committed is undone, and nothing can take it for an error of its own."""
    os.write(2, b"parvis: This mail costs too much to read.\n")
    os._exit(os.EX_DATAERR)


def _take(raw: bytes) -> Intake:
    """Errors: ``BadMail``, ``SystemExit`` for what was told."""
    found = console.existing()
    intake: Intake = console.run(console.opened(found, _taken(found, raw)))
    return intake


async def _taken(settings: Settings, raw: bytes) -> Intake:
    await SITE_MODE.refresh()
    if SITE_MODE.writes_stopped:
        raise NetworkMoving
    hosts = {urlsplit(one).netloc.lower() for one in (settings.origin, settings.media_origin)} - {""}
    return await upstream_intake.take(raw, hosts, can_mail=bool(settings.smtp_url))


@cli.command("list")
def list_(*, as_json: JSON = False) -> None:
    """List open complaints: orders of authorities first, then by when they are due."""
    listed: list[ListedComplaint] = console.run(console.opened(console.existing(), upstream_desk.open_ones()))
    if as_json:
        console.say(upstream_proof.encoded_list(listed).decode().rstrip())
    elif listed:
        console.out().print(_table(listed))
    else:
        console.say("No complaint is open.")


def _table(listed: list[ListedComplaint]) -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table("Number", "Sender", "Name", "Confirmed", "Received", "Due", "")
    for one in listed:
        remark = "overdue" if one.overdue else "taken" if one.claimed else ""
        said = _word(one.sender), escape(one.name), _word(one.verified)
        table.add_row(str(one.id), *said, console.day(one.received_at), console.day(one.due_at), remark)
    return table


def _word(value: Enum) -> str:
    return value.name.lower().replace("_", " ")


@cli.command()
def show(complaint: NUMBER, *, as_json: JSON = False) -> None:
    """Show a complaint: what it says, its addresses and what was decided there, its letters and its trail."""
    view: ComplaintView = console.run(console.opened(console.existing(), _shown(complaint)))
    if as_json:
        console.say(upstream_proof.encoded(view).decode().rstrip())
    else:
        console.say("\n".join(_lines(view)))


async def _shown(complaint: int) -> ComplaintView:
    with _named(complaint):
        return await upstream_desk.shown(complaint)


@contextlib.contextmanager
def _named(complaint: int) -> Iterator[None]:
    """Errors: ``Refused`` in words for an operator."""
    try:
        yield
    except NotFound:
        raise Refused(f"There is no complaint {complaint}.") from None


def _lines(view: ComplaintView) -> Iterator[str]:
    one = view.listed
    reference = f", {one.reference}" if one.reference else ""
    yield f"Complaint {one.id}: {_word(one.state)}"
    yield f"{_word(one.sender)}: {one.name}{reference}, {view.email or 'no address'}, confirmed: {_word(one.verified)}"
    yield f"Received {console.day(one.received_at)}, due {console.day(one.due_at)}"
    yield from ("", one.words, "", "Addresses")
    for address in view.addresses:
        yield f"  {address.address}  {_what(address)}"
    yield from ("", "Letters") if view.letters else ()
    for letter_ in view.letters:
        yield f"  {console.day(letter_.written_at)}  {_word(letter_.state)}  {letter_.subject}"
    yield from ("", "Trail")
    for entry in view.trail:
        yield f"  {console.day(entry.at)}  {_word(entry.kind)}"


def _what(address: ComplaintAddress) -> str:
    """What is at an address, and what has become of it."""
    if address.subject is None:
        return "nothing of this network"
    decided = [_word(made.kind) for made in reversed(address.decided)]
    case = f", case {address.case}: {', '.join(decided) or 'not decided'}" if address.case is not None else ""
    return f"{_word(address.subject.kind)}{case}"


@cli.command()
def verify(complaint: NUMBER) -> None:
    """Note that you have made sure of the sender of a complaint, such as by calling them back."""
    console.run(console.opened(console.existing(), _verified(complaint)))
    console.say(f"Complaint {complaint} is confirmed.")


async def _verified(complaint: int) -> None:
    with _named(complaint):
        await upstream_work.verify_by_command(complaint)


@cli.command()
def close(
    complaint: NUMBER,
    letter_file: Annotated[
        str,
        typer.Option(
            "--letter", help="A file with the letter: its subject, an empty line, its words. - for standard input."
        ),
    ] = "",
) -> None:
    """Close a complaint, with a letter to whoever sent it or without one, once its cases are decided."""
    closing = _closing(_read(letter_file)) if letter_file else Closing(None, answers=False)
    found = console.existing()
    unsent = console.run(console.opened(found, _closed(complaint, closing, can_mail=bool(found.smtp_url))))
    console.say(f"Complaint {complaint} is closed.")
    if unsent:
        console.say(f"The letter can't be mailed: `parvis upstream letter {complaint}` prints it.")


def _read(file: str) -> str:
    try:
        return (sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()).decode()
    except OSError as error:
        console.stop(f"{file} can't be read: {error.strerror}.")
    except UnicodeDecodeError:
        console.stop(f"{file} is not in UTF-8.")


def _closing(text: str) -> Closing:
    subject, _, words = text.strip().partition("\n")
    return Closing(None, answers=True, subject=subject.strip(), words=words.strip())


async def _closed(complaint: int, closing: Closing, *, can_mail: bool) -> bool:
    with _named(complaint):
        return await upstream_work.close_by_command(complaint, closing, can_mail=can_mail)


@cli.command()
def letter(complaint: NUMBER) -> None:
    """Print the last letter to whoever has sent a complaint, for networks without email."""
    found: Letter = console.run(console.opened(console.existing(), _last(complaint)))
    console.say(f"{found.subject}\n\n{found.words}")


async def _last(complaint: int) -> Letter:
    letters = await upstream_letters.of(complaint)
    if not letters:
        raise Refused(f"There is no letter about complaint {complaint}.")
    return letters[-1]
