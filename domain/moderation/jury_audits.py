"""Audits of jurors: what a jury has decided is given to others, who should find the same.

Moderators choose such juries. To a juror an audit is a summons like any other until they have voted; then they are told
what is right and why, and may dispute it. Nobody learns whose dispute it is.
"""

import msgspec

from db.engine import DB, ConstraintViolation
from db.queries import appeals, juries, jury_pool
from db.queries import jury_audits as queries
from db.queries.juries import JurorRow, JuryRow
from db.queries.jury_audits import AuditRow
from db.queries.statements import StatementRow
from domain.core import access, clock, cursors, events, permissions, text_parsing
from domain.core.access import Viewer, member
from domain.core.cursors import SIZE, Page
from domain.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused, collect
from domain.core.moderation_events import VerdictDue
from domain.core.retries import retried
from domain.moderation import deciding, evidence, staff, statements, wording
from domain.moderation.jury_kinds import JuryState, SeatState
from domain.moderation.kinds import Party

# Somebody who failed so many of their last audits is not drawn for a while.
TOO_MANY, LAST, PAUSE_MS = 3, 5, 30 * clock.DAY_MS
MAX_DISPUTE = 500
KNOWN = {JuryState.UPHELD, JuryState.REVERSED}


class Dispute(msgspec.Struct, frozen=True):
    """A failed audit that its juror disputes: ``appeal`` leads to the case, ``why`` is what they were told.

    ``can_uphold``: the viewer may say that it is right.
    """

    id: int
    appeal: int
    why: str
    words: str
    can_uphold: bool


async def may_promote(viewer: Viewer, appeal: int) -> bool:
    """Whether the jury of an appeal can be made an audit, for a moderator who may see the case."""
    jury, lodged = await juries.one(appeal), await appeals.one(appeal)
    if permissions.may_moderate(viewer) is not None or jury is None or jury.state not in KNOWN:
        return False
    if lodged is None or lodged.party == Party.REPORTER:
        # A moderator may have decided otherwise than the jury.
        return False
    return await queries.one(appeal) is None and bool(await evidence.of_case((await _decision(appeal)).mod_case))


async def _decision(appeal: int) -> StatementRow:
    lodged = await appeals.one(appeal)
    if lodged is None:
        raise NotFound
    return await statements.row(lodged.statement)


@retried
async def promote(viewer: Viewer, appeal: int, why: str, *, names_nobody: bool = False) -> None:
    """Makes an audit of a jury that has decided; ``why`` it was right is what those read who fail.

    Errors: ``NotFound``, ``Forbidden`` for a party, ``Invalid`` with the fields ``why`` and ``names_nobody``,
    ``Conflict`` when it is none that has decided, or an audit already.
    """
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(why=(why, statements.MAX_EXPLANATION))
    made = await _decision(appeal)
    access.require(await _refusal(viewer, made))
    if not await may_promote(viewer, appeal):
        raise Conflict("This can’t be made an audit: its jury has not decided, or it is one already.")
    words = wording.checked("why", why, names_nobody, await evidence.of_case(made.mod_case))
    try:
        async with DB.unique():
            await staff.check_role(viewer)
            await queries.add(AuditRow(appeal, words, viewer.id, clock.now(), None))
    except ConstraintViolation:
        raise Conflict("This can’t be made an audit: its jury has not decided, or it is one already.") from None


async def pause_if_failed(account: int) -> None:
    """Within a transaction: pauses a juror who has failed too many of their last audits since they were paused last."""
    standing = await jury_pool.lock_standing(account)
    if standing is None:
        return
    now = clock.now()
    if await _failed_too_many(account, max(standing.paused_until, now - PAUSE_MS)):
        await queries.pause(account, now + PAUSE_MS)


async def _failed_too_many(account: int, since: int) -> bool:
    """Of the last audits answered after ``since`` (Unix milliseconds), those that are not under dispute."""
    last = await queries.taken(account, since, LAST)
    return sum(one.vote != one.right and not one.disputed for one in last) >= TOO_MANY


async def _reconsider(account: int) -> None:
    """Within a transaction: ends a pause that too few failures are left for."""
    standing = await jury_pool.lock_standing(account)
    if standing and standing.paused_until and not await _failed_too_many(account, standing.paused_until - 2 * PAUSE_MS):
        await queries.pause(account, 0)


@retried
async def dispute(viewer: Viewer, juror: int, words: str) -> None:
    """Says that a failed audit is wrong; it counts no more until a moderator has looked at it.

    Errors: ``SignedOut``, ``NotFound``, ``Invalid`` on the field ``dispute``, ``Conflict`` when it was disputed before.
    """
    member(viewer)
    text_parsing.check_sizes(dispute=(words, MAX_DISPUTE))
    words = text_parsing.clean(words)
    seat = await juries.juror(juror)
    jury = await juries.one(seat.jury) if seat else None
    if seat is None or jury is None or seat.account != viewer.id or not has_failed(seat, jury):
        raise NotFound
    problem = text_parsing.too_long(words, MAX_DISPUTE) if words else Invalid("Say what is wrong with the audit.")
    collect(dispute=problem)
    async with DB.writing():
        if not await queries.dispute(juror, words):
            raise Conflict("You have disputed this already.")
        await _reconsider(viewer.id)


async def row(jury: int) -> AuditRow | None:
    """The audit that a jury has been made, if it has."""
    return await queries.one(jury)


def has_failed(seat: JurorRow, jury: JuryRow) -> bool:
    """Whether a seat was an audit, and its juror has found otherwise than the jury."""
    return bool(seat.audit) and seat.state == SeatState.VOTED and seat.vote != int(jury.state == JuryState.REVERSED)


async def count_disputes(viewer: Viewer) -> int:
    """How many disputes wait for moderators. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return await queries.count_disputed(viewer.id)


async def disputes(viewer: Viewer, cursor: str = "") -> Page[Dispute]:
    """What jurors dispute, the oldest first, but of cases that the viewer is a party to.

    Errors: ``SignedOut``, ``NotFound``.
    """
    access.require(permissions.may_moderate(viewer))
    more = await queries.disputed(viewer.id, cursors.above(cursor), SIZE + 1)
    rows = more[:SIZE]
    audits = await queries.by_juries(sorted({row.jury for row in rows}))
    alone = await staff.is_alone()
    found = [
        Dispute(row.id, row.jury, audit.why, row.words, can_uphold=alone or audit.author != viewer.id)
        for row, audit in ((row, audits[row.jury]) for row in rows)
    ]
    return Page(found, cursors.after(found[-1].id) if len(more) > SIZE else "")


async def _refusal(viewer: Viewer, made: StatementRow) -> Refused | None:
    """Why a moderator has no say in an audit: they are a party to its case. Whoever has decided it may have."""
    return None if await deciding.has_decided(viewer, made.mod_case) else await deciding.appeal_refusal(viewer, made)


async def _disputed(viewer: Viewer, juror: int) -> JurorRow:
    """The seat of an audit that the viewer may settle a dispute of: they are no party to its case."""
    access.require(permissions.may_moderate(viewer))
    seat = await juries.juror(juror)
    if seat is None or not seat.audit:
        raise NotFound
    access.require(await _refusal(viewer, await _decision(seat.jury)))
    return seat


@retried
async def uphold(viewer: Viewer, juror: int) -> None:
    """The audit is right, and counts. Whoever has made it can’t say so, unless they moderate alone.

    Errors: ``NotFound``, ``Forbidden``, ``Conflict`` when that has been settled.
    """
    seat = await _disputed(viewer, juror)
    audit = await queries.one(seat.jury)
    if audit is not None and audit.author == viewer.id and not await staff.is_alone():
        raise Forbidden("You have made this audit: another moderator says whether it is right.")
    async with DB.writing():
        await staff.check_role(viewer)
        if not await queries.uphold(juror):
            raise Conflict("Another moderator has settled this meanwhile.")
        if seat.account is not None:
            await pause_if_failed(seat.account)
        await events.record(VerdictDue(juror))


@retried
async def withdraw(viewer: Viewer, juror: int) -> None:
    """The audit is wrong: it counts for nobody, and whoever was paused may be drawn again. Errors: as ``uphold``."""
    seat = await _disputed(viewer, juror)
    async with DB.writing():
        await staff.check_role(viewer)
        if not await queries.withdraw(seat.jury, clock.now()):
            raise Conflict("Another moderator has settled this meanwhile.")
        for one in await queries.failed(seat.jury):
            await _reconsider(one.account)
            await events.record(VerdictDue(one.juror))
