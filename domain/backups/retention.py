"""How long backups keep what was deleted, by the settings."""

from math import ceil

WEEK, MONTH = 7, 31


def longest_days(daily: int, weekly: int, monthly: int, hours: int) -> int:
    """Days after which no backup has what was deleted, if one is made every so many ``hours``.

    ``daily``, ``weekly`` and ``monthly`` are how many days, weeks and months back one of each is kept. What goes is
    removed once the next backup is there.
    """
    return max(daily, weekly * WEEK, monthly * MONTH) + ceil(hours / 24)
