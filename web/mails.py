"""Mails to members: reset links, confirmation links and digests."""

from collections.abc import Mapping

from domain.accounts import credentials, network_profile
from domain.core import claims
from domain.core.events import DigestDue, EmailConfirmationDue, PasswordResetDue
from domain.core.translatable import N_
from domain.notifications import digests
from domain.notifications.digests import Digest
from domain.notifications.notices import NoticeView
from settings import Settings
from web import i18n, notification_text
from web.notification_kinds import TEXTS

SUBJECT = N_("A new password for %(network)s")
RESET = N_("""Hello,

somebody, most likely you, asked for a new password for @%(handle)s at %(network)s.
This link lets you choose one, within an hour and once:

%(link)s

If it was not you, do nothing: your password stays as it is.""")
CONFIRM_SUBJECT = N_("Mails from %(network)s: is this your address?")
CONFIRM = N_("""Hello,

@%(handle)s at %(network)s wants to get notifications by mail at this address.
If that is you, say so here, within %(days)s days:

%(link)s

If it was not you, do nothing: no mails will come.""")
GREETING = N_("Hello %(name)s,")
SINCE = N_("this is new for you at %(network)s:")
FOOT = N_("""Everything: %(all)s
How often, and of what: %(settings)s
No more of these mails: %(stop)s""")


def base(settings: Settings) -> str:
    """The origin of addresses in mails and feeds: "https://tilly.example", without a slash at the end."""
    return settings.origin.rstrip("/") or f"http://{settings.host}:{settings.port}"


def reset_link(settings: Settings, token: str) -> str:
    """The address that sets a new password."""
    return f"{base(settings)}/reset/{token}"


async def send_reset(settings: Settings, event: PasswordResetDue) -> None:
    """Mails a new reset link, unless the request is void by now.

    Errors: those of ``adapters.mail.send``; the worker then retries.
    """
    handle = await digests.handle_at(event.account, event.email)
    token = await credentials.answer_due(event) if settings.smtp_url and handle else None
    if token is None:
        return
    link = reset_link(settings, token)
    locale = i18n.choose(event.locale, "", settings.language)
    # One address may have several accounts.
    named = {"network": (await network_profile.about()).name, "handle": handle}
    subject, text = i18n.translate(locale, SUBJECT, **named), i18n.translate(locale, RESET, **named, link=link)
    await send(settings, event.email, subject, text)


async def send_confirm(settings: Settings, event: EmailConfirmationDue) -> None:
    """Mails a link that confirms an address for digests.

    Errors: those of ``adapters.mail.send``; the worker then retries.
    """
    handle = await digests.handle_at(event.account, event.email)
    if not (settings.smtp_url and handle):
        return
    token = await digests.confirm_token(event.account, event.email)
    locale = i18n.choose(event.locale, "", settings.language)
    named = {"network": (await network_profile.about()).name, "handle": handle, "days": digests.CONFIRM_DAYS}
    text = i18n.translate(locale, CONFIRM, **named, link=f"{base(settings)}/mail/confirm/{token}")
    await send(settings, event.email, i18n.translate(locale, CONFIRM_SUBJECT, network=named["network"]), text)


async def send_digest(settings: Settings, event: DigestDue) -> None:
    """Mails a digest, once, unless there is nothing new.

    Errors: those of ``adapters.mail.send``; the digest is given back and the worker retries.
    """
    digest = await digests.compose(event.account) if settings.smtp_url else None
    if digest is None or not await digests.claim(event.account, event.due_at):
        return
    stop = f"{base(settings)}/mail/stop/{await digests.stop_token(event.account, digest.email)}"
    locale = i18n.choose(digest.locale, "", settings.language)
    named = (await network_profile.about()).name
    headers = {
        # RFC 8058: a mail program may offer a button that stops the mails; it then sends a POST itself.
        "List-Unsubscribe": f"<{stop}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
        # The same when a digest is sent twice after all: mail programs then show one.
        "Message-ID": f"<digest-{event.account}-{event.due_at}@{settings.domain}>",
    }
    text = digest_text(digest, locale, named, base(settings), stop)
    try:
        await send(settings, digest.email, _subject(digest, locale, named), text, headers)
    except Exception:
        await digests.give_back(event.account, event.due_at)
        raise
    await digests.sent(event.account, digest)


def _subject(digest: Digest, locale: str, named: str) -> str:
    count = len(digest.notices) + digest.more
    words = i18n.translations(locale).ngettext(
        "%(num)s notification from %(network)s", "%(num)s notifications from %(network)s", count
    )
    return words % {"num": i18n.full(locale, count), "network": named}


def digest_text(digest: Digest, locale: str, named: str, origin: str, stop: str) -> str:
    """The mail's text: notices under a heading for each kind, with their addresses, and a link that stops digests."""
    parts = [i18n.translate(locale, GREETING, name=digest.name), i18n.translate(locale, SINCE, network=named)]
    for kind, texts in TEXTS.items():
        lines = [_notice(view, locale, origin) for view in digest.notices if view.kind == kind]
        if lines:
            parts.append("\n\n".join([i18n.translate(locale, texts.heading).upper(), *lines]))
    if digest.more:
        words = i18n.translations(locale).ngettext("And %(num)s more.", "And %(num)s more.", digest.more)
        parts.append(words % {"num": i18n.full(locale, digest.more)})
    places = {"all": f"{origin}/notifications", "settings": f"{origin}/settings/notifications", "stop": stop}
    parts.append("-- \n" + i18n.translate(locale, FOOT, **places))
    return "\n\n".join(parts)


def _notice(view: NoticeView, locale: str, origin: str) -> str:
    said = notification_text.line(locale, view)
    if view.post is not None:
        said = i18n.translate(
            locale, "%(said)s: “%(text)s”", said=said, text=notification_text.excerpt(locale, view.post)
        )
    return f"{said}\n{origin}{notification_text.path(view)}"


async def send(settings: Settings, to: str, subject: str, text: str, headers: Mapping[str, str] | None = None) -> str:
    """Sends a mail, and returns what the mail server says to it.

    For an event: at most once per lease on it, and all its mails have the same Message-ID.

    Errors: those of ``adapters.mail.send``, and ``Lost``.
    """
    # Imported here: a server that sends no mail does without what it takes.
    from adapters import mail

    claim = claims.current()
    own = {"Message-ID": f"<event-{claim.event}@{settings.domain}>"} if claim else {}
    return await mail.send(
        settings.smtp_url, settings.sender, to, subject, text, own | dict(headers or {}),
        claim.confirm if claim else None,
    )  # fmt: skip
