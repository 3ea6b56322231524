"""Cases as they stand in the moderators' queue, and which of them somebody wants to work on."""

import msgspec

from db.queries.case_queue import QueueFigures
from db.queries.cases import CaseRow
from domain.core import access, ids, permissions
from domain.core.access import Viewer
from domain.moderation import weights
from domain.moderation.evidence import Content
from domain.moderation.kinds import CaseState, Severity, SubjectKind
from domain.moderation.rules import Rulebook
from domain.moderation.weights import ReportWeight


class QueueScope(msgspec.Struct, frozen=True):
    """Which cases of the queue: those that reports, filters or complaints bring under the rule with this name ("" for
    any), and that are about something of this kind (None for any).
    """

    rule: str = ""
    kind: SubjectKind | None = None


EVERYTHING = QueueScope()


def choose(viewer: Viewer, book: Rulebook, rule: str, kind: SubjectKind | None) -> QueueScope:
    """What a moderator asks for; a rule that is not in force counts as none. Errors: ``SignedOut``, ``NotFound``."""
    access.require(permissions.may_moderate(viewer))
    return QueueScope(rule if any(one.name == rule for one in book.rules) else "", kind)


class QueuedCase(msgspec.Struct, frozen=True):
    """A case in the queue. ``due_at`` in Unix milliseconds; ``mine``: the viewer has it, ``claimed``: somebody does.

    ``proposed``: a suspension for good waits for a second moderator, ``by_viewer``: it is the viewer who proposed it.
    ``weight`` is that of its reports, ``found_by`` are the names of the filters that have found it. ``answered``:
    somebody has answered what moderators wrote, and none has replied. ``complaint`` is one from upstream that it was
    opened for.
    """

    id: int
    kind: SubjectKind
    severity: Severity
    reports: int
    opened_at: int
    due_at: int
    overdue: bool
    claimed: bool
    mine: bool
    content: Content | None
    weight: ReportWeight = ReportWeight.SOME
    proposed: bool = False
    by_viewer: bool = False
    answered: bool = False
    found_by: tuple[str, ...] = ()
    complaint: int | None = None


class Queue(msgspec.Struct, frozen=True):
    """A page of the queue; ``next`` is the cursor of the following one, "" at the end."""

    figures: QueueFigures
    cases: list[QueuedCase]
    next: str = ""


def of_row(
    row: CaseRow, viewer: Viewer, now: int, content: Content | None, proposed_by: int | None = None
) -> QueuedCase:
    """``proposed_by`` is the id of the moderator who proposes a suspension for good."""
    claimed = row.claimed_by is not None and row.claimed_until > now
    return QueuedCase(
        id=row.id,
        kind=SubjectKind(row.subject_kind),
        severity=Severity(row.severity),
        reports=row.reports,
        opened_at=ids.time_of(row.id),
        due_at=row.due_at,
        overdue=row.state == CaseState.OPEN and row.due_at < now,
        claimed=claimed,
        mine=claimed and row.claimed_by == viewer.id,
        content=content,
        weight=weights.in_words(row.weight, row.reports),
        proposed=proposed_by is not None,
        by_viewer=proposed_by == viewer.id,
    )
