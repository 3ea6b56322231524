"""Mails to guests who reported something: the link that confirms their address, messages, and the outcome."""

from domain.accounts import network_profile
from domain.core import ids
from domain.core.errors import NotFound
from domain.core.events import GuestAnswerDue, GuestConfirmationDue
from domain.core.moderation_events import GuestAppealAnswerDue, GuestMessageDue
from domain.core.translatable import N_
from domain.moderation import case_messages, guest_appeals, guest_reports
from domain.moderation.guest_reports import GuestReport
from domain.moderation.kinds import Outcome, ReportState
from settings import Settings
from web import i18n, mails

CONFIRM_SUBJECT = N_("Confirm your report to %(network)s")
CONFIRM = N_("""Hello,

somebody, most likely you, reported something at %(network)s and gave this address.
Your report counts once you confirm it here, within %(days)s days:

%(link)s

If it was not you, do nothing: the report is deleted.""")
ADDRESS = N_("""Hello,

somebody, most likely you, reported something urgent at %(network)s and gave this address.
The report counts already. If you want to be told what comes of it, say here that the address is yours:

%(link)s

If it was not you, do nothing: no more mails will come.""")
ANSWER_SUBJECT = N_("Your report to %(network)s has been reviewed")
ANSWER_ACTION = N_("""Hello,

a moderator has reviewed what you reported at %(network)s (report %(number)s
of %(day)s, about %(about)s). It breaks the network's rules, and we
have acted on it. Thank you.

The rules: %(rules)s""")
ANSWER_NO_BREACH = N_("""Hello,

a moderator has reviewed what you reported at %(network)s (report %(number)s
of %(day)s, about %(about)s), and found that it does not break the
network's rules. It stays.

The rules: %(rules)s
If you think that this is wrong, you can appeal until %(until)s:

%(link)s

A moderator who has not decided before reads what you say there. You may also turn to a court, or in the European Union
to an out-of-court dispute settlement body.""")
ANSWER_UPHELD = N_("""Hello,

a moderator has reviewed what you reported at %(network)s (report %(number)s
of %(day)s, about %(about)s), and found that it does not break the
network's rules. It stays. Somebody else who reported it has appealed: it was looked at again, and the decision stands.
This was the answer:

%(answer)s

The rules: %(rules)s
You may also turn to a court, or in the European Union to an out-of-court dispute settlement body.""")
ANSWER_REVERSED = N_("""Hello,

moderators had acted on what you reported at %(network)s (report %(number)s
of %(day)s, about %(about)s). They have looked at it again and taken
that back: it does not break the network's rules.

The rules: %(rules)s
If you think that this is wrong, write to %(contact)s. You may also turn to a court, or in the European Union to an
out-of-court dispute settlement body.""")
MESSAGE_SUBJECT = N_("About your report to %(network)s")
MESSAGE = N_("""Hello,

a moderator of %(network)s writes to you about what you reported (report %(number)s), which is not decided yet:

%(message)s

If you want to answer, write to %(contact)s and name the number of your report.""")
APPEAL_SUBJECT = N_("The answer to your appeal to %(network)s")
APPEAL_ANSWER = N_("""Hello,

you appealed the decision about what you reported at %(network)s (report %(number)s). A moderator who had not decided
before has looked at it, and the decision stands. They say:

%(answer)s

You may also turn to a court, or in the European Union to an out-of-court dispute settlement body.""")
ANSWERS = {
    Outcome.ACTION: ANSWER_ACTION,
    Outcome.NO_BREACH: ANSWER_NO_BREACH,
    Outcome.REVERSED: ANSWER_REVERSED,
}


async def send_confirmation(settings: Settings, event: GuestConfirmationDue) -> None:
    """Mails the link that confirms a guest's address. Errors: those of ``adapters.mail.send``."""
    found = await guest_reports.of_report(event.report)
    if not settings.smtp_url or found is None or found.confirmed or not found.email:
        return
    locale = i18n.choose(found.locale, "", settings.language)
    network = (await network_profile.about()).name
    link = f"{mails.base(settings)}/notice/confirmation/{await guest_reports.token(event.report)}"
    words = CONFIRM if found.state == ReportState.UNCONFIRMED else ADDRESS
    text = i18n.translate(locale, words, network=network, days=guest_reports.CONFIRM_DAYS, link=link)
    await mails.send(settings, found.email, i18n.translate(locale, CONFIRM_SUBJECT, network=network), text)


async def send_answer(settings: Settings, event: GuestAnswerDue) -> None:
    """Mails a guest what became of their report, if the address is theirs. Errors: those of ``adapters.mail.send``."""
    found = await guest_reports.of_report(event.report)
    if not settings.smtp_url or found is None or not found.confirmed or not found.email:
        return
    outcome, offer = guest_reports.outcome(found), await guest_appeals.offer(event.report)
    if outcome is None or offer is None:
        return
    locale = i18n.choose(found.locale, "", settings.language)
    network = await network_profile.about()
    places = {
        "network": network.name,
        "number": event.report,
        "day": i18n.date(locale, ids.time_of(event.report), "day"),
        "about": await _address(settings, found),
        "rules": f"{mails.base(settings)}/rules",
        "contact": network.contact or mails.base(settings),
        "link": f"{mails.base(settings)}/notice/appeal/{offer.token}",
        "until": i18n.date(locale, offer.until, "day"),
        "answer": offer.answer,
    }
    words = ANSWER_UPHELD if outcome is Outcome.NO_BREACH and offer.answer else ANSWERS[outcome]
    subject = i18n.translate(locale, ANSWER_SUBJECT, network=network.name)
    await mails.send(settings, found.email, subject, i18n.translate(locale, words, **places))


async def send_message(settings: Settings, event: GuestMessageDue) -> None:
    """Mails a guest what moderators have written to them. Errors: those of ``adapters.mail.send``."""
    found, message = await guest_reports.of_report(event.report), await case_messages.words_of(event.message)
    if not settings.smtp_url or found is None or message is None or not found.confirmed or not found.email:
        return
    locale = i18n.choose(found.locale, "", settings.language)
    network = await network_profile.about()
    contact = network.contact or mails.base(settings)
    places = {"network": network.name, "number": event.report, "message": message, "contact": contact}
    text = i18n.translate(locale, MESSAGE, **places)
    await mails.send(settings, found.email, i18n.translate(locale, MESSAGE_SUBJECT, network=network.name), text)


async def send_appeal_answer(settings: Settings, event: GuestAppealAnswerDue) -> None:
    """Mails a guest why their appeal was turned down. Errors: those of ``adapters.mail.send``."""
    try:
        found = await guest_appeals.answered(event.appeal)
    except NotFound:
        return
    if not settings.smtp_url or not found.report.confirmed or not found.report.email:
        return
    locale = i18n.choose(found.report.locale, "", settings.language)
    network = (await network_profile.about()).name
    text = i18n.translate(locale, APPEAL_ANSWER, network=network, number=found.report.report, answer=found.answer)
    await mails.send(settings, found.report.email, i18n.translate(locale, APPEAL_SUBJECT, network=network), text)


async def _address(settings: Settings, found: GuestReport) -> str:
    """Of what a guest has reported, as far as it is still known."""
    handle, post = await guest_reports.about(found)
    base = mails.base(settings)
    if post is not None:
        # Without a name: the mail may be read over a shoulder, or sent on.
        return f"{base}/posts/{post}"
    return f"{base}/@{handle}" if handle else base
