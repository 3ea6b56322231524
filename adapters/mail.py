"""Sends mail over SMTP."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from email import policy
from email.headerregistry import Address, BaseHeader, HeaderRegistry, MessageIDHeader
from email.message import EmailMessage
from email.utils import localtime
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import aiosmtplib
from aiosmtplib.response import SMTPResponse

from adapters import email_address

# For each command, and for a whole mail, which is well under the lease of an event that has one sent.
COMMAND_SECONDS = 20
SECONDS = 60
Confirm = Callable[[], Awaitable[None]]
# As texts, ids of mails would be written in encoded words once they are long, and nobody would know them again.
_HEADERS = HeaderRegistry()
for _name in ("in-reply-to", "references"):
    # It is one once the registry has mixed that in.
    _HEADERS.map_to_type(_name, cast("type[BaseHeader]", MessageIDHeader))
_POLICY = policy.default.clone(header_factory=_HEADERS)


async def send(
    smtp_url: str,
    sender: str,
    to: str,
    subject: str,
    text: str,
    headers: Mapping[str, str] | None = None,
    confirm: Confirm | None = None,
) -> str:
    """Hands one plain-text mail for one recipient to the server at ``smtp_url``. Returns what the server says to it.

    ``sender`` may be ``Name <address>``; ``confirm`` is called right before the server is given the message, and if it
    raises, no mail is sent. ``In-Reply-To`` and ``References`` have one id of a mail each.

    Errors: ``ValueError`` for what is no address or has lines in a header, encoded ones (RFC 2047) too,
    ``aiosmtplib.SMTPException``, ``OSError`` (``TimeoutError`` after SECONDS), those of ``confirm``.
    """
    if not email_address.is_normal(to):
        raise ValueError("not an email address")
    message = EmailMessage(_POLICY)
    source, target = _address(*email_address.named(sender)), _address("", to)
    message["From"], message["To"], message["Subject"] = source, target, subject
    message["Date"] = localtime()
    for name, value in (headers or {}).items():
        message[name] = value
    if any("\n" in value or "\r" in value for value in map(str, message.values())):
        raise ValueError("lines in a header")
    message.set_content(text)
    async with asyncio.timeout(SECONDS) as limit, _connection(smtp_url, confirm) as server:
        # Not read from the headers: nothing that is written there can add a recipient.
        _, answer = await server.send_message(message, sender=source.addr_spec, recipients=[target.addr_spec])
        # The mail is accepted: a server that is slow to say goodbye must not have it sent again.
        limit.reschedule(None)
    return answer


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(name, local, domain)


def _connection(smtp_url: str, confirm: Confirm | None) -> "_Server":
    parts = urlsplit(smtp_url)
    server = _Server(
        hostname=parts.hostname,
        port=parts.port,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=parts.scheme == "smtps",
        start_tls=parts.scheme == "smtp+starttls",
        timeout=COMMAND_SECONDS,
    )
    server.confirm = confirm
    return server


class _Server(aiosmtplib.SMTP):
    """Calls ``confirm`` before the message is handed over, and waits for the answer longer than for a command's."""

    confirm: Confirm | None = None

    async def data(self, message: str | bytes, /, **_: Any) -> SMTPResponse:
        if self.confirm is not None:
            await self.confirm()
        return await super().data(message, timeout=SECONDS)
