"""Lighthouse judges home, a thread and a profile of the demo town: ``make audit``.

Ends with status 1 when anything is under what it must reach. The reports stay in the folder given by ``--out``.
"""

import argparse
import contextlib
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from websockets.sync.client import connect

from e2e.bidi import until
from e2e.browser import ARGUMENTS, chromium
from e2e.demo_site import DemoSite, demo

# In percent; PWA has no half measures.
MUST = {"pwa": 100, "performance": 95, "accessibility": 95, "best-practices": 95}
MEMBER = "ana"
AUDIT_SECONDS = 180
# What else runs on a machine only ever lowers the score: the best of so many looks is the page's own.
LOOKS = 3


class Page(NamedTuple):
    """A page to judge; ``who`` sees it, "" being a guest."""

    name: str
    who: str
    address: str


class Chromium(NamedTuple):
    """A running Chromium that Lighthouse and we can speak to."""

    port: int
    socket: str

    def tell(self, method: str, **parameters: Any) -> None:
        """One command of the DevTools protocol. Errors: ``AssertionError`` with its words."""
        with connect(self.socket, max_size=None) as connection:
            connection.send(json.dumps({"id": 1, "method": method, "params": parameters}))
            answer = json.loads(connection.recv(timeout=10))
        assert "error" not in answer, answer


def main() -> None:
    parser = argparse.ArgumentParser(description="Lighthouse on home, a thread and a profile")
    parser.add_argument("--lighthouse", required=True, help="the command, as npm installs it")
    parser.add_argument("--out", type=Path, help="folder for the whole reports")
    parser.add_argument("--only", default="", help="pages whose name has this in it")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="parvis-audit-") as folder, demo() as town:
        reports = chosen.out or Path(folder)
        reports.mkdir(parents=True, exist_ok=True)
        wanted = [page for page in _pages(town) if chosen.only in page.name]
        failures = [line for page in wanted for line in _judge(page, town, chosen.lighthouse, reports)]
    print("\n".join(failures) or "All of it is as it must be.")
    sys.exit(bool(failures))


def _pages(town: DemoSite) -> list[Page]:
    thread = town.address("mireille", "Le four est réparé")
    places = {"home": "/", "thread": thread, "profile": "/@simone"}
    return [Page(f"{name}-{who or 'guest'}", who, address) for who in (MEMBER, "") for name, address in places.items()]


def _judge(page: Page, town: DemoSite, lighthouse: str, folder: Path) -> list[str]:
    """Prints the page's scores, of each look. Returns what is wrong with all of them, line by line."""
    wrong = [f"{page.name}: Lighthouse failed {LOOKS} times"]
    for number in range(LOOKS):
        report = folder / f"{page.name}-{number}.json"
        if not _look(page, town, lighthouse, report):
            continue
        told = json.loads(report.read_text())
        scores = {name: round((told["categories"][name]["score"] or 0) * 100) for name in MUST}
        print(f"{page.name:16}", *(f"{name} {score:3}" for name, score in scores.items()), sep="  ", flush=True)
        low = [name for name, score in scores.items() if score < MUST[name]]
        wrong = [f"{page.name}: {name} is {scores[name]}: {', '.join(_reasons(told, name))}" for name in low]
        if not wrong:
            break
    return wrong


def _look(page: Page, town: DemoSite, lighthouse: str, report: Path) -> bool:
    """Writes Lighthouse's report. Returns False when it lost sight of the page, as happens (NO_NAVSTART)."""
    with _chromium() as browser:
        if page.who:
            browser.tell("Storage.setCookies", cookies=town.client(page.who).cookies())
        command = [lighthouse, town.base + page.address, f"--port={browser.port}", "--quiet"]
        command += ["--output=json", f"--output-path={report}", f"--only-categories={','.join(MUST)}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=AUDIT_SECONDS, check=False)
    if done.returncode:
        print(f"{page.name}: {done.stderr.strip()[-500:]}", flush=True)
    return done.returncode == 0


def _reasons(told: dict[str, Any], category: str) -> list[str]:
    """The audits of a category that took points."""
    counted = [one["id"] for one in told["categories"][category]["auditRefs"] if one["weight"]]
    scored = {name: told["audits"][name]["score"] for name in counted}
    return [f"{name} {score}" for name, score in scored.items() if score is not None and score < 1]


@contextlib.contextmanager
def _chromium() -> Iterator[Chromium]:
    with tempfile.TemporaryDirectory(prefix="parvis-chromium-", ignore_cleanup_errors=True) as folder:
        command = [chromium(), *ARGUMENTS, "--headless", "--remote-debugging-port=0", f"--user-data-dir={folder}"]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            told = Path(folder, "DevToolsActivePort")
            assert until(lambda: told.exists() and "\n" in told.read_text(), 20), "Chromium does not start"
            port, path = told.read_text().split()
            yield Chromium(int(port), f"ws://127.0.0.1:{port}{path}")
        finally:
            process.terminate()
            process.wait(timeout=10)


if __name__ == "__main__":
    main()
