"""What an operator sees of backups: their age, replication, and how long a rehearsed recovery took."""

from collections.abc import Sequence
from typing import Any

from litestar import get
from litestar.types import ASGIApp

from adapters import objects
from asgi.asgi_types import Request
from domain.backups import history
from domain.backups.history import SHOWN, RehearsalSummary
from domain.core import clock
from web import i18n, page, state

# The copy is said to be late after so long: it looks every two seconds.
LATE_MS = 60_000
# The plot, in its own units: a bar is so wide, with so much around it. A rehearsal that failed has no length: a stump.
BAR, GAP, HIGH, STUMP = 8, 4, 72, 6


@get("/settings/backups")
async def backups(request: Request) -> ASGIApp:
    settings, now = state.of(request).settings, clock.now()
    place = objects.public(settings.backup_url) if settings.backup_url else None
    found = await history.state(page.viewer(request), place)
    well = next((one for one in found.rehearsals if not one.problem), None)
    return page.show(
        request,
        "settings/backups.html",
        page.translate(request, "Backups"),
        active="settings",
        set_up=bool(settings.backup_url),
        good_at=found.good_at,
        old=not found.good_at or now - found.good_at > settings.backup_alarm_hours * clock.HOUR_MS,
        copied_at=found.copied_at,
        late=bool(found.copied_at) and now - found.copied_at > LATE_MS,
        well=well,
        rehearsal_old=well is None or now - well.at > settings.rehearsal_days * clock.DAY_MS,
        plot=plot(found.rehearsals),
        backups=found.backups,
        rehearsals=found.rehearsals,
        seconds=lambda ms: i18n.full(page.locale(request), round(ms / 1000, 1)),
        megabytes=lambda size: i18n.full(page.locale(request), max(0.1, round(size / 1e6, 1)) if size else 0),
    )


def plot(rehearsals: Sequence[RehearsalSummary]) -> dict[str, Any]:
    """Bars for an SVG, oldest first, as high as the recovery took long; ``longest`` in milliseconds."""
    ordered = list(reversed(rehearsals))
    longest = max((one.recovery_ms or 0 for one in ordered if not one.problem), default=0)
    bars = []
    for place, one in enumerate(ordered):
        height = STUMP if one.problem or not one.recovery_ms else max(2, round(HIGH * one.recovery_ms / longest))
        bars.append(
            {"x": place * (BAR + GAP), "y": HIGH - height, "height": height, "failed": bool(one.problem), "one": one}
        )
    return {"bars": bars, "bar": BAR, "width": SHOWN * (BAR + GAP) - GAP, "height": HIGH, "longest": longest}


HANDLERS = [backups]
