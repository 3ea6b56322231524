"""Long lists of a case, page by page: what was reported of it, and other cases of the same account."""

import msgspec

from db.queries import cases as queries
from db.queries.cases import CaseRow
from domain.core import access, cursors, ids, permissions
from domain.core.access import Viewer
from domain.core.cursors import Page
from domain.core.errors import NotFound
from domain.moderation import deciding, reports, statements
from domain.moderation.kinds import CaseState, SubjectKind
from domain.moderation.reports import CaseReport
from domain.moderation.statements import Statement

# Earlier cases on a page, that of the case among them.
EARLIER = 20


class EarlierCase(msgspec.Struct, frozen=True):
    """Another case about the same account, and its decisions, newest first."""

    id: int
    kind: SubjectKind
    state: CaseState
    opened_at: int
    statements: list[Statement]


async def read_reports(viewer: Viewer, case: int, cursor: str) -> Page[CaseReport]:
    """Reports of a case that count: those of members, then those of guests.

    Errors: ``SignedOut``, ``NotFound``, ``Forbidden`` for whoever may not decide it.
    """
    await _row(viewer, case)
    return await reports.of_case(case, cursor)


async def read_earlier(viewer: Viewer, case: int, cursor: str) -> Page[EarlierCase]:
    """Other cases of the account that a case is about, newest first. Errors: as ``read_reports``."""
    return await earlier(await _row(viewer, case), cursor)


async def _row(viewer: Viewer, case: int) -> CaseRow:
    access.require(permissions.may_moderate(viewer))
    row = await queries.one(case)
    if row is None or row.state == CaseState.WAITING:
        raise NotFound
    access.require(await deciding.refusal(viewer, row))
    return row


async def earlier(row: CaseRow, cursor: str = "") -> Page[EarlierCase]:
    """The same for whoever has been found to be one who may decide it."""
    rows = await queries.of_account(row.account, row.id, cursors.below(cursor), EARLIER + 1)
    decided = await statements.of_cases([one.id for one in rows[:EARLIER]])
    found = [
        EarlierCase(one.id, SubjectKind(one.subject_kind), CaseState(one.state), ids.time_of(one.id), decided[one.id])
        for one in rows[:EARLIER]
    ]
    return Page(found, cursors.after(found[-1].id) if len(rows) > EARLIER else "")
