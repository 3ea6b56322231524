"""What operators are told of by mail."""

from collections.abc import Iterable, Iterator

import structlog

from domain.accounts import network_profile
from domain.backups import history
from domain.core.outages import Outage
from domain.core.translatable import N_
from domain.core.units import MB
from domain.media.processor import MIN_FREE_BYTES
from settings import Settings
from web import i18n, mails

LOG = structlog.get_logger()

# ``(address, language)`` of each.
Operators = Iterable[history.Operator]
EVERY_HOURS = 24
SUBJECT = N_("%(network)s has no recent backup")
TEXT = N_("""Hello,

the newest good backup of %(network)s was begun on %(when)s.
Until there is a new one, a lost machine would cost all that has happened since, but for what the copy has.

What went wrong is here: %(link)s
A new one is made with: parvis backup run""")
NEVER = N_("no day yet")
BEHIND_SUBJECT = N_("Replication of %(network)s has stopped")
BEHIND_TEXT = N_("""Hello,

replication of %(network)s has sent nothing to its repository since %(when)s.
Until it goes on, a lost machine would cost all that has happened since.

The server's log says why (replication.failed). Its state is shown here: %(link)s""")
OUTBOX_SUBJECT = N_("Work is left undone at %(network)s")
OUTBOX_TEXT = N_("""Hello,

some of what should have followed from what people did at %(network)s has not happened: posts that reach followers,
notifications, mails, or deletions.

Given up after too many failures: %(given_up)s
Minutes that the oldest of the others has waited: %(minutes)s

What it is, and how to try it again or drop it, is here: %(link)s""")


FULL_SUBJECT = N_("The disk of %(network)s is full")
FULL_TEXT = N_("""Hello,

the disk of the server of %(network)s has been full since %(when)s.
Pages can be read, but nothing that people write is saved.

Make room on it: everything goes on by itself then.""")
AWAY_SUBJECT = N_("The database of %(network)s does not answer")
AWAY_TEXT = N_("""Hello,

the database of %(network)s has not answered since %(when)s.
Everybody who opens a page is asked to come back later.

The server's log says why, under database.outage. Everything goes on by itself once the database is back.""")
LOW_SUBJECT = N_("The disk of %(network)s is almost full")
LOW_TEXT = N_("""Hello,

on the disk of the server of %(network)s %(free)s MB are left.
With less than %(spare)s MB no pictures, videos or sounds are taken; once it is full, nothing that people write can be
saved. Make room on it.""")
OUTAGES = {Outage.FULL: (FULL_SUBJECT, FULL_TEXT), Outage.AWAY: (AWAY_SUBJECT, AWAY_TEXT)}


async def backup_too_old(settings: Settings, good_at: int) -> None:
    """Mails operators, once a day; ``good_at`` is when the newest good backup was begun, 0 without one."""
    await _once(settings, "backup-alarm", SUBJECT, TEXT, "backups", at=good_at)


async def replication_behind(settings: Settings, copied_at: int) -> None:
    """Mails operators, once a day; ``copied_at`` is until when every change is copied."""
    await _once(settings, "copy-alarm", BEHIND_SUBJECT, BEHIND_TEXT, "backups", at=copied_at)


async def outbox_stuck(settings: Settings, given_up: int, minutes: int) -> None:
    """Mails operators, once a day: so many events gave up, and the oldest of the others has waited so long."""
    await _once(settings, "outbox-alarm", OUTBOX_SUBJECT, OUTBOX_TEXT, "outbox", given_up=given_up, minutes=minutes)


async def disk_almost_full(settings: Settings, free: int) -> None:
    """Mails operators, once a day; ``free`` in bytes."""
    await _once(settings, "disk-alarm", LOW_SUBJECT, LOW_TEXT, free=free // MB, spare=MIN_FREE_BYTES // MB)


async def outage(settings: Settings, found: Outage, since: int, operators: Operators) -> bool:
    """Mails ``operators``, whom the database may not be able to name any more, that it is out ``since`` then.

    Returns whether a mail was sent.
    """
    sent = [
        await _tell(settings, address, locale, *OUTAGES[found], when=i18n.date(locale, since))
        for address, locale in _readers(settings, operators)
    ]
    return any(sent)


async def _once(
    settings: Settings, alarm: str, subject: str, text: str, place: str = "", at: int = 0, **numbers: int
) -> None:
    """Tells all operators once a day, by one process; when no mail could be sent, again a few minutes later.

    ``place`` is the page of the settings that says more; ``at`` a day in Unix milliseconds, 0 for none yet.
    """
    if not settings.smtp_url or not (claim := await history.may_tell(alarm)):
        return
    await network_profile.about()
    sent = []
    link = f"{mails.base(settings)}/settings/{place}"
    for address, locale in _readers(settings, await history.operators()):
        when = i18n.date(locale, at) if at else i18n.translate(locale, NEVER)
        figures = {name: i18n.full(locale, number) for name, number in numbers.items()}
        sent.append(await _tell(settings, address, locale, subject, text, when=when, link=link, **figures))
    if any(sent):
        await history.told(alarm, claim, EVERY_HOURS)


def _readers(settings: Settings, operators: Operators) -> Iterator[tuple[str, str]]:
    """Operators' addresses, each with the language to write in."""
    return ((one.address, i18n.choose(one.locale, "", settings.language)) for one in operators)


async def _tell(settings: Settings, address: str, locale: str, subject: str, text: str, **params: str) -> bool:
    params["network"] = network_profile.known().name
    said = i18n.translate(locale, subject, **params), i18n.translate(locale, text, **params)
    try:
        await mails.send(settings, address, *said)
    except Exception as error:  # noqa: BLE001 - the others are told all the same
        LOG.error("alarm.not_sent", error=type(error).__name__)
        return False
    return True
