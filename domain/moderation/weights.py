"""What a report weighs: how far its reporter is trusted, times how often their reports were right.

Weights put cases that are due in the same hour in order, and are shown to moderators in words. Nothing is done to a
post or an account because of them. Whoever goes on reporting what breaks no rule is warned first; then their reports
weigh nothing for a time. They are still looked at, and answered, in order: they make nothing urgent.
"""

from collections.abc import Sequence
from enum import Enum

import msgspec

from db.queries import reports as queries
from db.queries.reports import DecidedRow
from domain.core import clock, ids
from domain.core.access import Viewer
from domain.core.trust import TrustLevel
from domain.moderation.kinds import Outcome, Severity

BY_LEVEL = {TrustLevel.NEW: 10, TrustLevel.BASIC: 20, TrustLevel.MEMBER: 30, TrustLevel.REGULAR: 40}
# A guest whose address is known to be theirs, or who reported what can't wait.
GUEST = 5
# From this on one member's report is enough for the brake to go by its case, as by one that two people have reported.
VOUCHED = BY_LEVEL[TrustLevel.BASIC]
# What a host, an authority or a trusted flagger complains of.
UPSTREAM = BY_LEVEL[TrustLevel.REGULAR]
# What the reports of a case weigh on average, at least, if they are by people with a good record, or with some.
GOOD, PLAIN = 40, 15
# Reports that are looked back at, how many of them must be decided to count, and how many that are neither right nor
# wrong are added, so that one more does not turn everything.
KNOWN, COUNTED_FROM, SMOOTHING = 50, 5, 4
# Of the last reports found without a breach, in a row: after so many somebody is warned, and after so many, of which
# the last were sent after the warning, their reports weigh nothing for so long.
WARNED_AFTER, IGNORED_AFTER, IGNORED_AFTER_WARNING = 5, 8, 3
IGNORED_DAYS = 30


class ReportWeight(Enum):
    """What moderators are told of the weight of a case's reports, on average. SOME is nothing worth telling."""

    GOOD_RECORD = "good_record"
    SOME = "some"
    NO_RECORD = "no_record"
    IN_VAIN = "in_vain"


class ReporterStanding(msgspec.Struct, frozen=True):
    """How many reports in a row were found without a breach, if that is a reason to warn, else 0; and until when one's
    reports weigh nothing (Unix milliseconds, 0: they weigh something)."""

    in_vain: int = 0
    ignored_until: int = 0


def in_words(weight: int, reports: int) -> ReportWeight:
    """``weight`` of all ``reports`` of a case together."""
    if not reports:
        return ReportWeight.SOME
    average = weight / reports
    if average >= GOOD:
        return ReportWeight.GOOD_RECORD
    if average >= PLAIN:
        return ReportWeight.SOME
    return ReportWeight.NO_RECORD if average >= GUEST else ReportWeight.IN_VAIN


def counted(severity: Severity, weight: int) -> Severity:
    """How bad a case is by a report: one that weighs nothing makes none worse than ordinary, and so none urgent."""
    return severity if weight else min(severity, Severity.ORDINARY)


async def of(viewer: Viewer) -> int:
    """What a report by this member weighs now, from 0 to 80."""
    rows = await queries.decided(viewer.id, KNOWN)
    if _standing(rows).ignored_until:
        return 0
    level = TrustLevel.REGULAR if viewer.is_moderator else viewer.trust
    return round(BY_LEVEL[level] * _accuracy(rows))


def _accuracy(rows: Sequence[DecidedRow]) -> float:
    """From 0 to 2: 1 for somebody who is right half of the time, or of whom too little is known."""
    if len(rows) < COUNTED_FROM:
        return 1
    right = sum(row.outcome == Outcome.ACTION for row in rows)
    return 2 * (right + SMOOTHING / 2) / (len(rows) + SMOOTHING)


async def standing(viewer: Viewer) -> ReporterStanding:
    """What the viewer is told of their own reports."""
    return _standing(await queries.decided(viewer.id, KNOWN))


def _standing(rows: Sequence[DecidedRow]) -> ReporterStanding:
    in_vain: list[DecidedRow] = []
    for row in sorted(rows, key=lambda row: (row.told_at, row.id)):
        in_vain = [*in_vain, row] if row.outcome == Outcome.NO_BREACH else []
    if len(in_vain) < WARNED_AFTER:
        return ReporterStanding()
    warned_at = in_vain[WARNED_AFTER - 1].told_at
    heedless = sum(ids.time_of(row.id) > warned_at for row in in_vain)
    until = in_vain[-1].told_at + IGNORED_DAYS * clock.DAY_MS
    ignored = len(in_vain) >= IGNORED_AFTER and heedless >= IGNORED_AFTER_WARNING and clock.now() < until
    return ReporterStanding(len(in_vain), until if ignored else 0)
