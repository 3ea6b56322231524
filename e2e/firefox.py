"""Stock Firefox with a fresh profile, which talks to nothing but loopback."""

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from e2e.bidi import Session, until

START_SECONDS = 30

PREFERENCES: dict[str, Any] = {
    # Whatever is not on loopback ends at a proxy that is not there; loopback itself is never proxied.
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "network.proxy.failover_direct": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "browser.safebrowsing.downloads.remote.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
    "app.update.enabled": False,
    "extensions.update.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "startup.homepage_welcome_url": "",
    "remote.active-protocols": 1,
    "intl.accept_languages": "en-GB, en",
    # Asked for permission to notify, this person says yes.
    "permissions.default.desktop-notification": 1,
    # Without a desktop to show them, notifications are drawn by Firefox itself.
    "alerts.useSystemBackend": False,
    "dom.push.connection.enabled": True,
    "dom.push.retryBaseInterval": 300,
}


@contextlib.contextmanager
def running(base: str, preferences: Mapping[str, Any] | None = None, bus: str = "") -> Iterator[Session]:
    """Debian's Firefox, without a window. ``bus`` is the address of a D-Bus with a desktop that shows notifications."""
    path = shutil.which("firefox-esr") or shutil.which("firefox")
    assert path, "Firefox is missing: make test installs it"
    with tempfile.TemporaryDirectory(prefix="parvis-firefox-", ignore_cleanup_errors=True) as folder:
        profile, log = Path(folder), Path(folder, "firefox.log")
        _configure(
            profile, {**PREFERENCES, **({"alerts.useSystemBackend": True} if bus else {}), **(preferences or {})}
        )
        command = [
            path,
            "--no-remote",
            "--headless",
            "--profile",
            folder,
            "--remote-debugging-port",
            "0",
            "about:blank",
        ]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=output, env=_environment(folder, bus), start_new_session=True
            )
        try:
            # A busy browser answers no ping for long; whatever it is asked has a limit of its own.
            connection = connect(_address(process, log) + "/session", max_size=None, ping_interval=None)
            browser = Session(base, connection)
            yield browser
            browser.close()
        finally:
            _end(process)


def _configure(profile: Path, preferences: Mapping[str, Any]) -> None:
    lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items())
    (profile / "user.js").write_text("\n".join(lines))


def _environment(home: str, bus: str) -> dict[str, str]:
    # In a container its own sandbox can't be made.
    quiet = {"MOZ_CRASHREPORTER_DISABLE": "1", "MOZ_DISABLE_CONTENT_SANDBOX": "1"}
    return {**os.environ, "HOME": home, "DBUS_SESSION_BUS_ADDRESS": bus or "disabled:", **quiet}


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    def told() -> str:
        found = re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(errors="replace"))
        return found.group(1) if found else "ended" if process.poll() is not None else ""

    found = until(told, START_SECONDS)
    assert found.startswith("ws"), f"Firefox does not answer:\n{log.read_text(errors='replace')[-2000:]}"
    return found


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=8)
    # Whatever it has started.
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
