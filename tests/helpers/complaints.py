"""Complaints from upstream, by mail and by form."""

from email.message import EmailMessage
from typing import Any

import msgspec

from domain.moderation import upstream_desk, upstream_forms, upstream_intake
from domain.moderation.upstream_desk import ComplaintView
from domain.moderation.upstream_forms import ComplaintForm
from domain.moderation.upstream_intake import Intake
from domain.moderation.upstream_kinds import Sender
from tests.helpers.people import LiveNetwork, Member

HOSTS = frozenset({"parvis.test"})
WORDS = "You host this. Please take it down."
FORM = ComplaintForm(Sender.HOST, "Nordhost", "abuse@nordhost.example", WORDS, "", hosts=HOSTS)


def mail(text: str = WORDS, **headers: str) -> EmailMessage:
    """A mail from a host; headers by their names with underscores."""
    message = EmailMessage()
    said = {
        "From": "Nordhost <abuse@nordhost.example>",
        "To": "upstream@parvis.test",
        "Subject": "Content on your server",
        "Message-ID": "<1@nordhost.example>",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    # Before the headers: it takes those of an earlier content away.
    message.set_content(text)
    for name, value in said.items():
        if value:
            message[name] = value
    return message


async def take(message: EmailMessage | bytes, *, can_mail: bool = True) -> Intake:
    raw = message if isinstance(message, bytes) else message.as_bytes()
    return await upstream_intake.take(raw, HOSTS, can_mail=can_mail)


async def opened(message: EmailMessage | bytes, **options: bool) -> int:
    """Takes a mail that opens a complaint; returns its id."""
    found = await take(message, **options)
    assert found.complaint is not None
    return found.complaint


async def filed(**changed: Any) -> int:
    """A complaint by the public form; an authority's counts at once."""
    return (await upstream_forms.file(msgspec.structs.replace(FORM, **changed), can_mail=True)).complaint


async def read(moderator: Member, complaint: int) -> ComplaintView:
    return await upstream_desk.read(await moderator.viewer(), complaint)


async def about_a_post(network: LiveNetwork) -> tuple[Member, Member, int, int]:
    """An author, a moderator, a post, and a host's complaint about it by mail."""
    eve = await network.member("eve")
    moderator = await network.moderator()
    post = await eve.post("You will be sorry.")
    return eve, moderator, post, await opened(mail(f"{WORDS}\nhttps://parvis.test/@eve/{post}"))
