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
BEHIND_SUBJECT = N_("The copy of %(network)s has stopped")
BEHIND_TEXT = N_("""Hello,

the continuous copy of %(network)s has brought nothing to its place since %(when)s.
Until it goes on, a lost machine would cost all that has happened since.

The server's log says why (copy.failed). How far the copy is stands here: %(link)s""")


async def backup_too_old(settings: Settings, good_at: int) -> None:
    """Mails operators, once a day; ``good_at`` is when the newest good backup was begun, 0 without one."""
    if settings.smtp_url and await records.may_tell("backup-alarm", EVERY_HOURS):
        await _tell(settings, SUBJECT, TEXT, good_at)


async def copy_behind(settings: Settings, copied_at: int) -> None:
    """Mails operators, once a day; ``copied_at`` is until when every change is copied."""
    if settings.smtp_url and await records.may_tell("copy-alarm", EVERY_HOURS):
        await _tell(settings, BEHIND_SUBJECT, BEHIND_TEXT, copied_at)


async def _tell(settings: Settings, subject: str, text: str, at: int) -> None:
    named = (await network.about()).name
    link = f"{mails.base(settings)}/settings/backups"
    for address, wanted in await records.operators():
        locale = i18n.choose(wanted, "", settings.language)
        when = i18n.date(locale, at) if at else i18n.say(locale, NEVER)
        said = i18n.say(locale, subject, network=named), i18n.say(locale, text, network=named, when=when, link=link)
        try:
            await mail.send(settings.smtp_url, settings.sender, address, *said)
        except Exception as error:  # noqa: BLE001 - the others are told all the same
            LOG.error("alarm.not_sent", error=type(error).__name__)
