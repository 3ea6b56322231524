"""Who may decide a case or an appeal now, by whatever door they come."""

from db.queries import cases as queries
from db.queries import juries, statements
from db.queries.cases import CaseRow
from db.queries.statements import StatementRow
from domain.core import access, clock, permissions
from domain.core.access import Viewer
from domain.core.errors import Conflict, Forbidden, NotFound, Refused
from domain.moderation import restrictions, staff
from domain.moderation.kinds import CaseState

HEARD_BY_JURY = Conflict("A jury hears this appeal: moderators don’t decide it.")


async def lock(viewer: Viewer, case: int, version: int) -> CaseRow:
    """Within a transaction: an open case, locked, if it is the viewer's to decide and still what they have seen.

    Errors: ``NotFound``, ``Forbidden``, ``Conflict`` when another moderator has it, or it has changed.
    """
    row = await _lock(viewer, case)
    if row.state != CaseState.OPEN:
        raise Conflict("This case has been decided meanwhile. What you wrote is below.")
    await _check(viewer, row, version)
    return row


async def lock_decided(viewer: Viewer, case: int, version: int | None) -> CaseRow:
    """The same for a case with a decision, whether or not it was opened again. A ``version`` of None is not checked."""
    row = await _lock(viewer, case)
    await _check(viewer, row, version)
    return row


async def _lock(viewer: Viewer, case: int) -> CaseRow:
    row = await queries.lock(case)
    await check_role(viewer)
    if row is None or row.state == CaseState.WAITING:
        raise NotFound
    return row


async def check_role(viewer: Viewer) -> None:
    """Within a transaction. Errors: ``NotFound`` when the viewer has lost their role since the request came in."""
    if not await staff.still_moderates(viewer.id):
        raise NotFound


async def _check(viewer: Viewer, row: CaseRow, version: int | None) -> None:
    access.require(await refusal(viewer, row))
    if row.claimed_by not in (None, viewer.id) and row.claimed_until > clock.now():
        raise Conflict("Another moderator has this case now. What you wrote is below.")
    check_version(row, version)


def check_version(row: CaseRow, version: int | None) -> None:
    """Errors: ``Conflict`` when a case is not what the moderator has seen any longer; None is not checked."""
    if version not in (None, row.version):
        raise Conflict("This case has changed since you opened it. Look at it again. What you wrote is below.")


async def check_seen(row: CaseRow, post_version: int | None) -> None:
    """Errors: ``Conflict`` when the post is another version than the moderator has seen; None is not checked."""
    if row.post is not None and post_version not in (None, (await restrictions.now(row.post)).version):
        raise Conflict("The post has been edited since you opened this page. What you wrote is below.")


async def refusal(viewer: Viewer, row: CaseRow) -> Refused | None:
    """Why a moderator may not decide a case: it is about them, or they have reported it."""
    reported_it, alone = await queries.is_reported_by(row.id, viewer.id), await staff.is_alone()
    return permissions.may_decide(viewer, row.account, reported_it=reported_it, alone=alone)


async def appeal_refusal(viewer: Viewer, made: StatementRow) -> Refused | None:
    """Why a moderator may not decide an appeal against a decision: they have decided the case, or are a party to it."""
    reported_it = await queries.is_reported_by(made.mod_case, viewer.id)
    decided_it = await has_decided(viewer, made.mod_case)
    return permissions.may_decide_appeal(viewer, made.account, decided_it=decided_it, reported_it=reported_it)


async def hearing_refusal(viewer: Viewer, appeal: int, made: StatementRow) -> Refused | None:
    """Why a moderator may not decide this appeal: as above, or they sat on its jury before they moderated."""
    if refused := await appeal_refusal(viewer, made):
        return refused
    if await juries.has_sat(appeal, viewer.id):
        return Forbidden("You have sat on the jury of this appeal: another moderator decides it.")
    return None


async def has_decided(viewer: Viewer, case: int) -> bool:
    """Whether a moderator has made a decision on a case, or agreed to one: also to one that was overturned."""
    return any(viewer.id in (row.author, row.second) for row in await statements.of_cases([case]))
