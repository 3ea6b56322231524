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
from domain.core import clock, ids, trust
from domain.core.access import Viewer
from domain.core.trust import ReportPolicy
from domain.moderation.kinds import Outcome, Severity

# From this on one member's report is enough for the brake to go by its case, as by one that two people have reported,
# and to wake moderators like that of somebody they know: what one at level 1 weighs, unless settings say otherwise.
VOUCHED = 20
# What a host, an authority or a trusted flagger complains of.
UPSTREAM = 40
# What the reports of a case weigh on average, at least, if they are by people with a good record, with some, or with
# none. Settings give no report less than the last.
GOOD, PLAIN, LEAST = 40, 15, 5
# Reports that are looked back at, how many of them must be decided to count, and how many that are neither right nor
# wrong are added, so that one more does not turn everything.
KNOWN, COUNTED_FROM, SMOOTHING = 50, 5, 4
# Of the reports after which others weigh nothing, so many were sent after the warning.
AFTER_WARNING = 3


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
    return ReportWeight.NO_RECORD if average >= LEAST else ReportWeight.IN_VAIN


def counted(severity: Severity, weight: int) -> Severity:
    """How bad a case is by a report: one that weighs nothing makes none worse than ordinary, and so none urgent."""
    return severity if weight else min(severity, Severity.ORDINARY)


async def of(viewer: Viewer, policy: ReportPolicy = trust.DEFAULTS.reports) -> int:
    """What a report by this member weighs now: from 0 to twice what their level gives."""
    rows = await queries.decided(viewer.id, KNOWN)
    if _standing(rows, policy).ignored_until:
        return 0
    # Those who moderate are no exception: what the report weighs would tell their colleagues that it is theirs.
    return round(policy.weight(viewer.trust) * _accuracy(rows))


def _accuracy(rows: Sequence[DecidedRow]) -> float:
    """From 0 to 2: 1 for somebody who is right half of the time, or of whom too little is known."""
    if len(rows) < COUNTED_FROM:
        return 1
    right = sum(row.outcome == Outcome.ACTION for row in rows)
    return 2 * (right + SMOOTHING / 2) / (len(rows) + SMOOTHING)


async def standing(viewer: Viewer, policy: ReportPolicy = trust.DEFAULTS.reports) -> ReporterStanding:
    """What the viewer is told of their own reports."""
    return _standing(await queries.decided(viewer.id, KNOWN), policy)


def _standing(rows: Sequence[DecidedRow], policy: ReportPolicy = trust.DEFAULTS.reports) -> ReporterStanding:
    in_vain: list[DecidedRow] = []
    for row in sorted(rows, key=lambda row: (row.told_at, row.id)):
        in_vain = [*in_vain, row] if row.outcome == Outcome.NO_BREACH else []
    if len(in_vain) < policy.warned_after:
        return ReporterStanding()
    warned_at = in_vain[policy.warned_after - 1].told_at
    heedless = sum(ids.time_of(row.id) > warned_at for row in in_vain)
    until = in_vain[-1].told_at + policy.ignored_days * clock.DAY_MS
    ignored = len(in_vain) >= policy.ignored_after and heedless >= AFTER_WARNING and clock.now() < until
    return ReporterStanding(len(in_vain), until if ignored else 0)
