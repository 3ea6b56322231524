"""Mails letters to those who complain from upstream, and keeps what the mail server says."""

from domain.accounts import network_profile
from domain.core.leases import Lost
from domain.core.moderation_events import ComplaintLetterDue, ComplaintReceiptDue
from domain.moderation import upstream, upstream_letters, upstream_trail
from domain.moderation.upstream_kinds import LetterKind, LetterState
from domain.moderation.upstream_letters import Letter
from settings import Settings
from web import i18n, mails, upstream_words

# The longest local part of a mail address (RFC 5321).
MAX_LOCAL = 64


async def send_receipt(settings: Settings, event: ComplaintReceiptDue) -> None:
    """Mails that a complaint came, once. Errors: those of ``mails.send``; the worker then retries."""
    row = await upstream.one(event.complaint)
    if not settings.smtp_url or row is None or not row.email:
        return
    locale = i18n.choose(row.locale, "", settings.language)
    network, token = (await network_profile.about()).name, await upstream.token(row.id)
    written = upstream_words.receipt(locale, row, token, network, mails.base(settings))
    letter = await upstream_letters.receipt(row.id, *written)
    if letter is not None:
        await _send(settings, letter, token)


async def send_letter(settings: Settings, event: ComplaintLetterDue) -> None:
    """Mails an answer, once. Errors: those of ``mails.send``; the worker then retries."""
    letter = await upstream_letters.one(event.letter)
    if settings.smtp_url and letter is not None:
        await _send(settings, letter, await upstream.token(letter.complaint))


async def _send(settings: Settings, letter: Letter, token: str) -> None:
    if letter.state not in (LetterState.WAITING, LetterState.FAILED):
        return
    headers = await _headers(settings, letter, token)
    try:
        answer = await mails.send(settings, letter.recipient, letter.subject, letter.words, headers)
    except Lost:
        raise
    except Exception as error:
        await upstream_letters.failed(letter, f"{type(error).__name__}: {error}")
        raise
    await upstream_letters.accepted(letter, answer)


async def _headers(settings: Settings, letter: Letter, token: str) -> dict[str, str]:
    """What has an answer find its complaint again, and keeps machines from answering a receipt."""
    found = {"Message-ID": f"<complaint-{token}-{letter.id}@{settings.domain}>"}
    if letter.kind is LetterKind.RECEIPT:
        found["Auto-Submitted"] = "auto-replied"
    came = [one.message_id for one in await upstream_trail.mails(letter.complaint) if "@" in one.message_id]
    if came:
        found["In-Reply-To"] = f"<{came[0]}>"
        found["References"] = f"<{came[0]}>"
    if settings.upstream_address:
        local, _, domain = settings.upstream_address.rpartition("@")
        tagged = f"{local}+{token}"
        found["Reply-To"] = f"{tagged if len(tagged) <= MAX_LOCAL else local}@{domain}"
    return found
