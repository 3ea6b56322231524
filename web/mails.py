"""The words of mails."""

from adapters import mail
from domain.accounts import credentials, network
from domain.core.events import ResetDue
from domain.core.words import N_
from settings import Settings
from web import i18n

SUBJECT = N_("A new password for %(network)s")
RESET = N_("""Hello,

somebody, most likely you, asked for a new password at %(network)s.
This link lets you choose one, within an hour and once:

%(link)s

If it was not you, do nothing: your password stays as it is.""")


def reset_link(settings: Settings, token: str) -> str:
    """The address that sets a new password."""
    origin = settings.origin.rstrip("/") or f"http://{settings.host}:{settings.port}"
    return f"{origin}/reset/{token}"


async def send_reset(settings: Settings, event: ResetDue) -> None:
    """Makes a reset link and mails it. Errors: those of ``adapters.mail.send``, for a later try."""
    if not settings.smtp_url:
        return
    link = reset_link(settings, await credentials.make_reset(event.account))
    locale = i18n.choose(event.locale, "", settings.language)
    about = await network.about()
    await mail.send(
        settings.smtp_url,
        settings.sender,
        event.email,
        i18n.say(locale, SUBJECT, network=about.name),
        i18n.say(locale, RESET, network=about.name, link=link),
    )
