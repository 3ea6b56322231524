"""Tells jurors that they were drawn, and how their jury ended. Each is told by an event of their own."""

from db.queries import juries as queries
from domain.core import events
from domain.core.moderation_events import JuryClosed, SummonsMade, VerdictDue
from domain.moderation.jury_kinds import SeatState
from domain.notifications import notices
from domain.notifications.kinds import NotificationKind

RETRY_MS = 20
# Whoever gave their seat up, or let it lapse, is told no more of it.
TOLD = frozenset({SeatState.VOTED, SeatState.SET_ASIDE, SeatState.CLOSED})


async def summons_made(event: SummonsMade) -> None:
    """Notifies somebody of their summons, unless they have answered it by now."""
    juror = await queries.juror(event.juror)
    if juror is None or juror.account is None or juror.state != SeatState.SUMMONED:
        return
    if not await notices.try_from_network(juror.account, juror.id, kind=NotificationKind.SUMMONS):
        await events.record(event, RETRY_MS)


async def jury_closed(event: JuryClosed) -> None:
    """Records an event for each juror who is to be told."""
    for juror in await queries.seats(event.jury):
        if juror.state in TOLD:
            await events.record(VerdictDue(juror.id))


async def verdict_due(event: VerdictDue) -> None:
    """Notifies a juror that their jury has ended."""
    juror = await queries.juror(event.juror)
    if juror is None or juror.account is None:
        return
    if not await notices.try_from_network(juror.account, juror.id, kind=NotificationKind.VERDICT):
        await events.record(event, RETRY_MS)
