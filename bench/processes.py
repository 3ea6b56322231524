"""CPU time and memory of processes, from /proc."""

import os
from pathlib import Path

TICK_MS = 1000 / os.sysconf("SC_CLK_TCK")


def of_group(group: int) -> list[int]:
    """The ids of all processes in a process group."""
    return [pid for pid, fields in _all() if int(fields[2]) == group]


def below(ancestor: int) -> list[int]:
    """The ids of a process and of its children, which is where PostgreSQL works."""
    return [pid for pid, fields in _all() if pid == ancestor or int(fields[1]) == ancestor]


def cpu_ms(pids: list[int]) -> float:
    """User and system time of these processes and of their ended children, in milliseconds."""
    wanted = set(pids)
    return sum(sum(map(int, fields[11:15])) for pid, fields in _all() if pid in wanted) * TICK_MS


def rss_mb(pids: list[int], kind: str = "VmRSS") -> float:
    """Resident memory in MB of 1,000,000 bytes; pages shared with others count in full.

    ``kind`` is VmRSS, all of it; VmHWM, the most there was of it; or RssAnon: without the pages of files, which the
    kernel takes back at need.
    """
    total = 0
    for pid in pids:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith(f"{kind}:"):
                total += int(line.split()[1]) * 1024
    return total / 1e6


def _all() -> list[tuple[int, list[str]]]:
    """(pid, fields from the state on: [0] state, [1] parent, [2] group, [11:15] user, system and children's ticks)."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                text = (folder / "stat").read_text()
            except OSError:
                continue  # it ended meanwhile
            found.append((int(folder.name), text.rpartition(")")[2].split()))
    return found
