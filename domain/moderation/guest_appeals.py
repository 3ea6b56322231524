"""Appeals by people without an account against the outcome of what they reported.

The mail with the outcome carries a link, and who has it is who sent the report. They may appeal as members may: once,
for six calendar months, while the decision stands (``appeal_eligibility.refusal``). Whatever becomes of it, the page
answers alike: what is decided they learn by mail, and nobody learns from a link how a case stands.
"""

import msgspec

from db.engine import DB, ConstraintViolation
from db.queries import appeals as queries
from db.queries import cases, reports, statements
from db.queries.appeals import NewAppeal
from db.queries.statements import StatementRow
from domain.core import clock, ids
from domain.core.errors import Forbidden, NotFound
from domain.core.retries import retried
from domain.moderation import appeal_eligibility, appeals, guest_reports
from domain.moderation.appeal_eligibility import Eligibility
from domain.moderation.guest_reports import GuestReport
from domain.moderation.kinds import Outcome, Party
from domain.moderation.statements import found_harmless

PURPOSE = "appeal report"


class Offer(msgspec.Struct, frozen=True):
    """What the mail with an outcome says of an appeal: ``token`` of the link, and until when (Unix milliseconds).

    ``answer`` is what others who reported it were told whose appeal was turned down: it can't be appealed then. "" for
    nothing.
    """

    token: str
    until: int
    answer: str


class Answered(msgspec.Struct, frozen=True):
    """An appeal that was answered, for the mail that says so."""

    report: GuestReport
    answer: str


async def offer(report: int) -> Offer | None:
    """None for a report that has no outcome yet."""
    found = await reports.one(report)
    if found is None or found.told_at is None:
        return None
    made = await found_harmless([found.mod_case])
    answer = await _answer(made[0]) if made else ""
    return Offer(await guest_reports.signed(PURPOSE, report), appeal_eligibility.until(found.told_at), answer)


async def _answer(made: StatementRow) -> str:
    """What was answered to those who reported it and appealed this decision, "" so far."""
    return (await queries.turned_down([made.id], Party.REPORTER)).get(made.id, "")


async def of_token(text: str) -> GuestReport:
    """The report that a link is about. Errors: ``Forbidden`` for a forged link, or one whose report is deleted."""
    found = await guest_reports.of_signed(PURPOSE, text)
    if found is None:
        raise Forbidden("This link is not valid, or no longer.")
    return found


async def lodge(text: str, words: str) -> None:
    """Appeals, or does nothing where that can't be done (any more): whoever has the link is answered alike.

    Errors: ``Forbidden`` as :func:`of_token`, ``Invalid`` with the field ``words``.
    """
    found, words = await of_token(text), appeals.cleaned(words)
    if (made := await found_harmless([found.mod_case])) and found.outcome == Outcome.NO_BREACH:
        await _lodge(found.report, made[0], words)


@retried
async def _lodge(report: int, made: StatementRow, words: str) -> None:
    now = clock.now()
    new = NewAppeal(ids.new(now), made.id, Party.REPORTER, None, words, now + appeals.DUE_MS, report)
    try:
        async with DB.writing():
            # Whoever decides on it, or takes it back, has locked the case too.
            await cases.lock(made.mod_case)
            if appeal_eligibility.refusal(await _facts(report, made), now) is None:
                await appeals.add(new, made)
    except ConstraintViolation:
        return


async def _facts(report: int, made: StatementRow) -> Eligibility:
    row = await reports.one(report)
    party = Party.REPORTER if row is not None and row.outcome == Outcome.NO_BREACH else None
    told_at = row.told_at if row is not None and row.told_at is not None else 0
    stands = made.id not in appeal_eligibility.fallen(await statements.of_cases([made.mod_case]))
    return Eligibility(party, told_at, stands, await queries.by_guest(report, made.id), await _answer(made))


async def answered(appeal: int) -> Answered:
    """Errors: ``NotFound`` for one that is not a guest's, or whose sender's address is deleted."""
    row = await queries.one(appeal)
    found = await guest_reports.of_report(row.report) if row is not None and row.report is not None else None
    if row is None or found is None:
        raise NotFound
    return Answered(found, row.answer)
