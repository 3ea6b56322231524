"""Sending mail over SMTP."""

from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import localtime
from urllib.parse import unquote, urlsplit

import aiosmtplib

TIMEOUT_SECONDS = 20


async def send(
    smtp_url: str, sender: str, to: str, subject: str, text: str, headers: Mapping[str, str] | None = None
) -> None:
    """Hands one plain-text mail to the server at ``smtp_url``. Errors: ``aiosmtplib.SMTPException``, ``OSError``."""
    parts = urlsplit(smtp_url)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message["Date"] = localtime()
    for name, value in (headers or {}).items():
        message[name] = value
    message.set_content(text)
    await aiosmtplib.send(
        message,
        hostname=parts.hostname,
        port=parts.port,
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        use_tls=parts.scheme == "smtps",
        start_tls=parts.scheme == "smtp+starttls",
        timeout=TIMEOUT_SECONDS,
    )
