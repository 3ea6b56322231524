"""By when a report, or a complaint from upstream, must be handled."""

from domain.core import clock
from domain.moderation.kinds import Severity
from domain.moderation.upstream_kinds import Sender

# Violence can't wait, and an order to remove terrorist content is due within an hour (Regulation (EU) 2021/784).
URGENT_HOURS, OTHER_HOURS = 1, 48
# Of complaints from upstream: an order of an authority may be of that kind; a host takes the network down after a day.
ORDER_HOURS, COMPLAINT_HOURS = 1, 24


def hours(severity: Severity) -> int:
    """Within how many hours of the first report a case is due."""
    return URGENT_HOURS if severity is Severity.URGENT else OTHER_HOURS


def due_at(severity: Severity, reported_at: int) -> int:
    """When a case is due; both in Unix milliseconds."""
    return reported_at + hours(severity) * clock.HOUR_MS


def complaint_due_at(sender: Sender, received_at: int, deadline_at: int | None, *, sure: bool = True) -> int:
    """When a complaint from upstream is due: by its clock, or by their deadline if that is sooner. Whoever is not
    ``sure`` to be who they say has the longest clock, and sets no deadline.

    All times are Unix milliseconds.
    """
    if not sure:
        return received_at + COMPLAINT_HOURS * clock.HOUR_MS
    hours_left = ORDER_HOURS if sender is Sender.AUTHORITY else COMPLAINT_HOURS
    due = received_at + hours_left * clock.HOUR_MS
    return due if deadline_at is None else min(due, deadline_at)
