"""Who may decide a case or an appeal now, by whatever door they come."""

import contextlib

from db.queries import cases as queries
from db.queries import juries, posts, statements
from db.queries.cases import CaseRow
from db.queries.statements import StatementRow
from domain.core import access, clock, permissions
from domain.core.access import Viewer
from domain.core.errors import Conflict, Forbidden, NotFound, Refused
from domain.moderation import evidence, restrictions, staff, subjects
from domain.moderation.kinds import CaseState, SubjectKind
from domain.moderation.subjects import Subject

HEARD_BY_JURY = Conflict("A jury hears this appeal: moderators don’t decide it.")


class Overtaken(Conflict):
    """What a moderator decides about is not what they have seen. They may decide it all the same, whatever it says."""


async def lock(viewer: Viewer, case: int, version: int, *, newest: bool = False) -> CaseRow:
    """Within a transaction: an open case, locked, if it is the viewer's to decide and still what they have seen.

    With ``newest`` it need not be, for whoever has claimed it: only its author and those who report it can have changed
    it then. Errors: ``NotFound``, ``Forbidden``, ``Conflict`` when another moderator has it, ``Overtaken``.
    """
    row = await _lock(viewer, case)
    if row.state != CaseState.OPEN:
        raise Conflict("This case has been decided meanwhile. What you wrote is below.")
    has_it = row.claimed_by == viewer.id and row.claimed_until > clock.now()
    await _check(viewer, row, None if newest and has_it else version)
    return row


async def lock_decided(viewer: Viewer, case: int, version: int | None) -> CaseRow:
    """The same for a case with a decision, whether or not it was opened again. A ``version`` of None is not checked."""
    row = await _lock(viewer, case)
    await _check(viewer, row, version)
    return row


async def _lock(viewer: Viewer, case: int) -> CaseRow:
    row = await queries.lock(case)
    await staff.check_role(viewer)
    if row is None or row.state == CaseState.WAITING:
        raise NotFound
    return row


async def _check(viewer: Viewer, row: CaseRow, version: int | None) -> None:
    access.require(await refusal(viewer, row))
    check_claim(viewer, row)
    check_version(row, version)


def check_claim(viewer: Viewer, row: CaseRow) -> None:
    """Errors: ``Conflict`` while another moderator has a case."""
    if row.claimed_by not in (None, viewer.id) and row.claimed_until > clock.now():
        raise Conflict("Another moderator has this case now. What you wrote is below.")


def check_version(row: CaseRow, version: int | None) -> None:
    """Errors: ``Overtaken`` when a case is not what the moderator has seen any longer; None is not checked."""
    if version not in (None, row.version):
        raise Overtaken("This case has changed since you opened it. Look at it again. What you wrote is below.")


async def check_seen(row: CaseRow, post_version: int | None, *, newest: bool = False) -> None:
    """Within a transaction that has locked the case. With ``newest``, whatever the post says by now is kept as evidence
    and can't be edited until the end.

    Errors: ``Overtaken`` when it is another version than the moderator has seen; None is not checked.
    """
    if row.post is None or post_version is None:
        return
    if newest:
        await posts.lock(row.post)
    if (await restrictions.now(row.post)).version == post_version:
        return
    if not newest:
        raise Overtaken("The post has been edited since you opened this page. What you wrote is below.")
    # Of what is deleted, or removed, there is nothing newer to keep.
    with contextlib.suppress(NotFound):
        author = Viewer(id=row.account, restricted=True)
        found = await subjects.load(author, Subject(SubjectKind(row.subject_kind), row.subject))
        await evidence.keep(row.id, found.snapshot)


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
