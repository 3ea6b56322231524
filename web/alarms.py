"""What operators are told of by mail."""

import structlog

from adapters import mail
from domain.accounts import network
from domain.core.words import N_
from domain.keeping import records
from settings import Settings
from web import i18n, mails

LOG = structlog.get_logger()

EVERY_HOURS = 24
SUBJECT = N_("%(network)s has no recent backup")
TEXT = N_("""Hello,

the newest good backup of %(network)s was begun on %(when)s.
Until there is a new one, a lost machine would cost all that has happened since, but for what the copy has.

What went wrong is here: %(link)s
A new one is made with: parvis backup run""")
NEVER = N_("no day yet")


async def backup_too_old(settings: Settings, good_at: int) -> None:
    """Mails operators, once a day; ``good_at`` is when the newest good backup was begun, 0 without one."""
    if not settings.smtp_url or not await records.may_tell(EVERY_HOURS):
        return
    named = (await network.about()).name
    for address, wanted in await records.operators():
        locale = i18n.choose(wanted, "", settings.language)
        when = i18n.date(locale, good_at) if good_at else i18n.say(locale, NEVER)
        link = f"{mails.base(settings)}/settings/backups"
        text = i18n.say(locale, TEXT, network=named, when=when, link=link)
        try:
            subject = i18n.say(locale, SUBJECT, network=named)
            await mail.send(settings.smtp_url, settings.sender, address, subject, text)
        except Exception as error:  # noqa: BLE001 - the others are told all the same
            LOG.error("alarm.not_sent", error=type(error).__name__)
