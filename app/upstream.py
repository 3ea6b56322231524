"""`parvis upstream`: takes complaints that a mail server pipes in, and prints letters of answer."""

import os
import sys
from typing import Annotated
from urllib.parse import urlsplit

import structlog
import typer

from adapters.incoming_mail import MAX_MAIL, BadMail
from app import console
from domain.backups.handover import SITE_MODE, NetworkMoving
from domain.core.errors import Refused
from domain.moderation import upstream_intake, upstream_letters
from domain.moderation.upstream_intake import Fate, Intake
from domain.moderation.upstream_letters import Letter
from settings import Settings

LOG = structlog.get_logger()

cli = typer.Typer(no_args_is_help=True, help="Complaints of the host, the registrar, authorities and trusted flaggers.")
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


@cli.command()
def letter(
    complaint: Annotated[int, typer.Argument(help="The number of a complaint.", min=1, max=2**63 - 2)],
) -> None:
    """Print the last letter to whoever has sent a complaint, for networks without email."""
    found: Letter = console.run(console.opened(console.existing(), _last(complaint)))
    console.say(f"{found.subject}\n\n{found.words}")


async def _last(complaint: int) -> Letter:
    letters = await upstream_letters.of(complaint)
    if not letters:
        raise Refused(f"There is no letter about complaint {complaint}.")
    return letters[-1]
