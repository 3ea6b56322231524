"""Complaints from upstream in words: who sends them, what happened with them, and the letters to their senders."""

from collections.abc import Mapping, Sequence

from domain.core import clock
from domain.core.translatable import N_
from domain.moderation import upstream
from domain.moderation.kinds import CaseState, StatementKind
from domain.moderation.statements import Statement
from domain.moderation.upstream import CONFIRM_DAYS, Complaint
from domain.moderation.upstream_desk import ComplaintAddress
from domain.moderation.upstream_kinds import Channel, ComplaintState, EntryKind, LetterState, Sender, Verified
from web import i18n

SENDERS: Mapping[Sender, str] = {
    Sender.HOST: N_("Host"),
    Sender.REGISTRAR: N_("Domain registrar"),
    Sender.AUTHORITY: N_("Authority"),
    Sender.TRUSTED_FLAGGER: N_("Trusted flagger"),
    Sender.OTHER: N_("Not known yet"),
}
# As forms call them.
NAMES: Mapping[str, Sender] = {sender.name.lower(): sender for sender in Sender}
CHANNELS: Mapping[Channel, str] = {
    Channel.MAIL: N_("by mail"),
    Channel.FORM: N_("by the form"),
    Channel.ENTERED: N_("entered by a moderator"),
}
VERIFIED: Mapping[Verified, str] = {
    Verified.NOT: N_("Nobody has made sure that it is from them."),
    Verified.BY_LINK: N_("The address is confirmed: its mailbox has followed our link."),
    Verified.BY_MODERATOR: N_("A moderator has made sure that it is from them."),
}
ENTRIES: Mapping[EntryKind, str] = {
    EntryKind.RECEIVED: N_("The complaint came in"),
    EntryKind.CONFIRMED: N_("The sender confirmed their address"),
    EntryKind.VERIFIED: N_("A moderator made sure of the sender"),
    EntryKind.CORRECTED: N_("A moderator corrected the sender, the language or the deadline"),
    EntryKind.CLAIMED: N_("A moderator took it"),
    EntryKind.CASE_OPENED: N_("A case was opened"),
    EntryKind.DECIDED: N_("One of its cases was decided"),
    EntryKind.REMINDER: N_("The sender wrote again"),
    EntryKind.AUTOMATIC: N_("An automatic mail came"),
    EntryKind.LETTER_SENT: N_("The mail server took a letter"),
    EntryKind.LETTER_FAILED: N_("A letter could not be handed to the mail server"),
    EntryKind.LETTER_BY_HAND: N_("A moderator sent a letter another way"),
    EntryKind.CLOSED: N_("It was closed"),
    EntryKind.REOPENED: N_("It was opened again"),
}
LETTERS: Mapping[LetterState, str] = {
    LetterState.WAITING: N_("It is being sent."),
    LetterState.ACCEPTED: N_("The mail server took it."),
    LetterState.FAILED: N_("It could not be handed to the mail server so far."),
    LetterState.UNSENT: N_("It can’t be mailed: copy or download it, and send it another way."),
    LetterState.BY_HAND: N_("A moderator sent it another way."),
}
DECISIONS: Mapping[StatementKind, str] = {
    StatementKind.NO_BREACH: N_("it breaks none of our rules, and stays"),
    StatementKind.WARNING: N_("its author was warned"),
    StatementKind.POST_REMOVAL: N_("the post was removed"),
    StatementKind.REVERSAL: N_("an earlier decision was taken back"),
    StatementKind.FREEZE: N_("the account may post nothing for some time"),
    StatementKind.SUSPENSION: N_("the account was suspended for some time"),
    StatementKind.PERMANENT_SUSPENSION: N_("the account was suspended for good"),
    StatementKind.LABEL: N_("a label was put above the post"),
    StatementKind.COVER: N_("the post was covered until one taps"),
    StatementKind.LIMIT: N_("the reach of the post was limited"),
    StatementKind.HIDE_UNTIL_EDITED: N_("the post was hidden until its author edits it"),
    StatementKind.MEDIA_REMOVAL: N_("the picture, video or sound was removed"),
}
RECEIPT_SUBJECT = N_("Your complaint [%(token)s]")
RECEIPT = N_("""Hello,

we have received your complaint about content at %(network)s, on %(received)s. Its number is %(number)s.

%(next)s

To add something, answer this mail and leave what stands in brackets in its subject.""")
COUNTS = N_("We answer by %(due)s.")
CONFIRM = N_("""We answer by %(due)s. Please confirm that this address is yours:

%(link)s""")
CONFIRM_FIRST = N_("""It counts once you confirm that this address is yours, within %(days)s days:

%(link)s

If it was not you, do nothing: the complaint is deleted.""")
ANSWER_SUBJECT = N_("Answer to your complaint [%(token)s]")
ANSWER = N_("""Hello,

on %(received)s we received your complaint about content at %(network)s. Our number is %(number)s%(reference)s.

This is what was decided:

%(decisions)s

The rules of the network: %(rules)s

If you think that something of this is wrong, answer this mail and leave what stands in brackets in its subject: \
somebody looks at it again. You may also turn to a court, or in the European Union to an out-of-court dispute \
settlement body.""")
REFERENCE = N_(", yours is %(reference)s")
NO_ADDRESSES = N_("Your complaint names no address of this network.")
ABSENT = N_("There is nothing of this network at this address.")
UNDECIDED = N_("Nothing was decided about this address.")
OPEN = N_("We are still looking at this.")
DECIDED = N_("%(day)s: %(decision)s (statement %(number)s).")
DECIDED_BY = N_("%(day)s: %(decision)s, by rule %(rule)s, “%(title)s” (statement %(number)s).")


def receipt(locale: str, row: Complaint, token: str, network: str, origin: str) -> tuple[str, str]:
    """Subject and text of the letter that a complaint came."""
    link = f"{origin}/upstream/confirmation/{token}"
    if row.state == ComplaintState.UNCONFIRMED:
        following = i18n.translate(locale, CONFIRM_FIRST, days=CONFIRM_DAYS, link=link)
    else:
        words = CONFIRM if row.verified == Verified.NOT else COUNTS
        following = i18n.translate(locale, words, due=i18n.date(locale, row.due_at), link=link)
    received = i18n.date(locale, upstream.came_at(row))
    text = i18n.translate(locale, RECEIPT, network=network, received=received, number=row.id, next=following)
    return i18n.translate(locale, RECEIPT_SUBJECT, token=token), text


def answer(
    locale: str, row: Complaint, addresses: Sequence[ComplaintAddress], token: str, network: str, origin: str
) -> tuple[str, str]:
    """Subject and text of the letter that a moderator begins with."""
    lines = [f"{one.address}\n{_decided(locale, one)}" for one in addresses]
    reference = i18n.translate(locale, REFERENCE, reference=row.reference) if row.reference else ""
    text = i18n.translate(
        locale,
        ANSWER,
        received=i18n.date(locale, upstream.came_at(row)),
        network=network,
        number=row.id,
        reference=reference,
        decisions="\n\n".join(lines) or i18n.translate(locale, NO_ADDRESSES),
        rules=f"{origin}/rules",
    )
    return i18n.translate(locale, ANSWER_SUBJECT, token=token), text


def _decided(locale: str, one: ComplaintAddress) -> str:
    if one.subject is None:
        return i18n.translate(locale, ABSENT)
    if one.case_state is CaseState.OPEN:
        return i18n.translate(locale, OPEN)
    # The newest comes first.
    found = [_statement(locale, made) for made in reversed((*one.decided, *one.before))]
    return "\n".join(found) or i18n.translate(locale, UNDECIDED)


def _statement(locale: str, made: Statement) -> str:
    day, decision = i18n.date(locale, made.decided_at, "day"), i18n.translate(locale, DECISIONS[made.kind])
    if made.rule is None:
        return i18n.translate(locale, DECIDED, day=day, decision=decision, number=made.puid)
    title = made.rule.said(locale).title
    return i18n.translate(
        locale, DECIDED_BY, day=day, decision=decision, rule=made.rule.number, title=title, number=made.puid
    )


def moment(ms: int | None) -> str:
    """A time as a form's field has it, in UTC; "" for none."""
    return "" if ms is None else f"{clock.day(ms)}T{ms // 3_600_000 % 24:02}:{ms // 60_000 % 60:02}"
