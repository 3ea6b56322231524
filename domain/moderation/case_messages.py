"""Words of moderators with those whom an open case concerns, which are no decision: a message to whom it is about, or
to those who reported it, and what members answer. Guests who reported it, and have confirmed their address, get a mail.

Nobody is named: the reported does not learn who reported, and moderators don't learn it by an answer either.
"""

from collections.abc import Sequence

import msgspec

from db.engine import DB
from db.queries import case_messages as queries
from db.queries import cases
from db.queries.case_messages import CaseMessageRow
from db.queries.cases import CaseRow
from domain.core import access, cursors, events, ids, permissions, text_parsing
from domain.core.access import Viewer, account_holder
from domain.core.cursors import SIZE, Page
from domain.core.errors import Conflict, Invalid, NotFound, collect
from domain.core.moderation_events import CaseMessageDue, GuestMessageDue
from domain.core.retries import retried
from domain.moderation import deciding, evidence, staff, wording
from domain.moderation.kinds import CaseState, Party, SubjectKind
from domain.moderation.statements import MAX_EXPLANATION
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind

# Of a member's answer; a moderator's message may be as long as an explanation.
MAX_WORDS = 1000
# Moderators' messages on one case, a member's answers to each, and reporters who get one.
MAX_MESSAGES, MAX_ANSWERS, MAX_REPORTERS = 10, 3, 100
RETRY_MS = 20


class CaseMessage(msgspec.Struct, frozen=True):
    """A message as moderators see it: to or from which party, and whether a moderator wrote it. ``written_at`` in Unix
    milliseconds.
    """

    party: Party
    by_moderator: bool
    words: str
    written_at: int


class Answer(msgspec.Struct, frozen=True):
    """What a member has answered; ``written_at`` in Unix milliseconds."""

    words: str
    written_at: int


class ReceivedMessage(msgspec.Struct, frozen=True):
    """What moderators have written to a member, and what they answered.

    ``post`` is the post that it is about, None for an account. ``answerable``: the case is open, and they may say more.
    """

    id: int
    party: Party
    kind: SubjectKind
    post: int | None
    words: str
    written_at: int
    answers: list[Answer]
    answerable: bool


@retried
async def write(viewer: Viewer, case: int, party: Party | None, words: str, *, names_nobody: bool = False) -> None:
    """Writes to one party of an open case, which is told.

    Errors: ``SignedOut``, ``NotFound``, ``Forbidden``, ``Invalid`` with the fields ``party``, ``message`` and
    ``names_nobody``, ``Conflict`` when it is decided, somebody else has it, or enough was written.
    """
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(message=(words, MAX_EXPLANATION))
    if party is None:
        collect(party=Invalid("Choose to whom you write."))
    assert party is not None
    async with DB.writing():
        row = await _lock(case)
        await staff.check_role(viewer)
        access.require(await deciding.refusal(viewer, row))
        deciding.check_claim(viewer, row)
        if await queries.count(case) >= MAX_MESSAGES:
            raise Conflict("You and others have written enough about this case: decide it.")
        to = [row.account] if party is Party.SANCTIONED else await queries.reporters(case, MAX_REPORTERS)
        guests = [] if party is Party.SANCTIONED else await queries.guests(case, MAX_REPORTERS - len(to))
        if not to and not guests:
            collect(party=Invalid("Nobody who reported this has an account, or an address that is confirmed."))
        words = wording.checked("message", words, names_nobody, await evidence.of_case(case))
        message = ids.after(await queries.newest(case))
        await queries.add(CaseMessageRow(message, case, party, viewer.id, None, words))
        for account in to:
            await events.record(CaseMessageDue(account, message))
        for report in guests:
            await events.record(GuestMessageDue(report, message))


async def _lock(case: int) -> CaseRow:
    """Within a transaction: an open case, locked."""
    row = await cases.lock(case)
    if row is None or row.state == CaseState.WAITING:
        raise NotFound
    if row.state != CaseState.OPEN:
        raise Conflict("This case has been decided meanwhile. What you wrote is below.")
    return row


async def due(event: CaseMessageDue) -> None:
    """Notifies somebody of a message."""
    if await queries.one(event.message) is None:
        return
    if not await notices.try_from_network(event.account, event.message, kind=NotificationKind.CASE_MESSAGE):
        await events.record(event, RETRY_MS)


async def words_of(message: int) -> str | None:
    """What a message says, for a mail; None once it is deleted."""
    found = await queries.one(message)
    return found.words if found is not None else None


@retried
async def answer(viewer: Viewer, message: int, words: str) -> None:
    """Answers what moderators have written to the viewer, which makes the case another version.

    Errors: ``SignedOut``, ``NotFound``, ``Invalid`` on ``words``, ``Conflict`` once it is decided, or enough was said.
    """
    account = account_holder(viewer).id
    text_parsing.check_sizes(words=(words, MAX_WORDS))
    words = text_parsing.clean(words)
    collect(words=text_parsing.too_long(words, MAX_WORDS) if words else Invalid("Write your answer first."))
    asked = await queries.one(message)
    if asked is None or not await queries.is_to(account, message):
        raise NotFound
    async with DB.writing():
        await _lock(asked.mod_case)
        if await queries.count_answers(message, account) >= MAX_ANSWERS:
            raise Conflict("You have answered this as often as you can.")
        number = ids.after(await queries.newest(asked.mod_case))
        await queries.add(CaseMessageRow(number, asked.mod_case, asked.party, account, message, words))
        await cases.touch(asked.mod_case)


async def of_case(case: int) -> list[CaseMessage]:
    """What was written about a case, the oldest first. For whoever may decide it: see ``cases.read``."""
    rows = await queries.of_case(case)
    return [CaseMessage(Party(row.party), row.answers is None, row.words, ids.time_of(row.id)) for row in rows]


async def waiting(found: Sequence[int]) -> set[int]:
    """Those of these cases with an answer that no moderator has replied to."""
    return await queries.waiting(found)


async def mine(viewer: Viewer, cursor: str = "") -> Page[ReceivedMessage]:
    """What moderators have written to the viewer, the newest first. Errors: ``SignedOut``."""
    account = account_holder(viewer).id
    rows = await queries.mine(account, cursors.below(cursor), SIZE + 1)
    said = await queries.answers([row.id for row in rows], account)
    found = [await _received(row, [one for one in said if one.answers == row.id]) for row in rows[:SIZE]]
    return Page(found, cursors.after(found[-1].id) if len(rows) > SIZE else "")


def page_of(message: int) -> str:
    """The cursor of the page that begins with a message."""
    return cursors.after(message + 1)


async def _received(row: CaseMessageRow, said: list[CaseMessageRow]) -> ReceivedMessage:
    case = await cases.one(row.mod_case)
    assert case is not None
    return ReceivedMessage(
        row.id,
        Party(row.party),
        SubjectKind(case.subject_kind),
        case.post,
        row.words,
        ids.time_of(row.id),
        [Answer(one.words, ids.time_of(one.id)) for one in said],
        case.state == CaseState.OPEN and len(said) < MAX_ANSWERS,
    )
