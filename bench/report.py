"""Writing the figures down: bench/results.json, and a table in docs/benchmarks.md between two marks."""

import json
import os
import platform
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from bench.measure import Result

RESULTS = Path(__file__).with_name("results.json")
DOCUMENT = Path("docs/benchmarks.md")
WORDS = {
    "home": "Home, signed in",
    "profile": "Profile, signed in",
    "profile_guest": "Profile, as a guest",
    "thread": "Thread, signed in",
    "public": "Public timeline, as a guest",
    "public_revalidated": "The same, unchanged since (304)",
    "post": "Posting, to followers' timelines",
    "mix": "6 home, 2 public, 1 profile, 1 thread, 1 post",
}


def record(name: str, results: dict[str, Result], figures: dict[str, float], posts: int) -> Path:
    """Writes results.json (results-NAME.json but for the plain run) and the table NAME. Returns the file's path."""
    file = RESULTS if name == "sqlite" else RESULTS.with_name(f"results-{name}.json")
    found: dict[str, Any] = {line: msgspec.to_builtins(result) for line, result in results.items()}
    file.write_text(json.dumps(found | figures, indent=2) + "\n")
    _write(name, _table(results, figures, posts))
    return file


def _table(results: dict[str, Result], figures: dict[str, float], posts: int) -> str:
    with_database = any(result.db_cpu_ms for result in results.values())
    head = [
        "",
        "requests/s",
        "the limit",
        "ratio",
        "p50 ms",
        "p99 ms",
        "CPU ms",
        *(["PostgreSQL ms"] if with_database else []),
    ]
    lines = [_row(head), _row(["---", *["---:"] * (len(head) - 1)])]
    for name, r in results.items():
        cells = [
            WORDS[name],
            f"{r.rps:,.0f}",
            f"{r.limit_rps:,.0f}" if r.limit_rps else "",
            f"{r.ratio:.2f}" if r.ratio else "",
        ]
        cells += [
            f"{r.p50_ms:.1f}",
            f"{r.p99_ms:.1f}",
            f"{r.cpu_ms:.2f}",
            *([f"{r.db_cpu_ms:.2f}"] if with_database else []),
        ]
        lines.append(_row(cells))
    when = datetime.now(UTC).date().isoformat()
    started = f"Start-up {figures['startup_s']:.2f} s; memory {figures['rss_idle_mb']:.0f} MB idle"
    started += f", {figures['rss_loaded_mb']:.0f} MB after the load"
    started += f" ({figures['anon_loaded_mb']:.0f} MB without the database file's pages)."
    return "\n".join(
        [
            f"{posts:,} posts, {os.cpu_count()} cores, Python {platform.python_version()}, {when}.",
            "",
            *lines,
            "",
            started,
        ]
    )


def say(name: str, lines: list[str]) -> None:
    """Puts sentences between the marks of NAME."""
    _write(name, "\n".join(f"- {line}" for line in lines))


def _row(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _write(name: str, text_between: str) -> None:
    start, end = f"<!-- {name} -->", f"<!-- /{name} -->"
    text = DOCUMENT.read_text(encoding="utf-8")
    block = f"{start}\n{text_between}\n{end}"
    if start not in text:
        text = f"{text.rstrip()}\n\n{block}\n"
    text = re.sub(f"{re.escape(start)}.*?{re.escape(end)}", lambda _: block, text, flags=re.DOTALL)
    DOCUMENT.write_text(text, encoding="utf-8")
