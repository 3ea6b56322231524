"""A lease that needs no database."""

import time
from pathlib import Path

from adapters.file_lease import FileLease

MINUTE, DAY = 60_000, 86_400_000


def now() -> int:
    return time.time_ns() // 10**6


def test_one_of_several_has_it_until_it_ends(tmp_path: Path) -> None:
    one, other, at = FileLease(tmp_path / "lease"), FileLease(tmp_path / "lease"), now()
    assert one.take(at + 10 * MINUTE, at), "a new file is nobody's"
    assert not other.take(at + 10 * MINUTE, at)
    assert not one.take(at + 10 * MINUTE, at + 9 * MINUTE)
    assert other.take(at + 20 * MINUTE, at + 10 * MINUTE)
    other.extend(at + 10 * MINUTE + DAY)
    assert not one.take(at + DAY + MINUTE, at + DAY)
    assert one.take(at + DAY + 20 * MINUTE, at + DAY + 10 * MINUTE)


def test_the_time_of_a_wrong_clock_does_not_count(tmp_path: Path) -> None:
    lease, at = FileLease(tmp_path / "lease"), now()
    assert lease.take(at + 365 * DAY, at + 364 * DAY)
    assert lease.take(at + MINUTE, at)


def test_where_no_file_can_be_made_the_process_itself_knows(tmp_path: Path) -> None:
    lease, at = FileLease(tmp_path / "none" / "lease"), now()
    assert lease.take(at + MINUTE, at)
    assert not lease.take(at + 2 * MINUTE, at)
    lease.extend(at + DAY)
    assert not lease.take(at + DAY, at + DAY - MINUTE)
    assert lease.take(at + 2 * DAY, at + DAY)
