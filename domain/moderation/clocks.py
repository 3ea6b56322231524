"""By when a report must be handled."""

from domain.core import clock
from domain.moderation.kinds import Severity

# Violence can't wait, and an order to remove terrorist content is due within an hour (Regulation (EU) 2021/784).
URGENT_HOURS, OTHER_HOURS = 1, 48


def hours(severity: Severity) -> int:
    """Within how many hours of the first report a case is due."""
    return URGENT_HOURS if severity is Severity.URGENT else OTHER_HOURS


def due_at(severity: Severity, reported_at: int) -> int:
    """When a case is due; both in Unix milliseconds."""
    return reported_at + hours(severity) * clock.HOUR_MS
