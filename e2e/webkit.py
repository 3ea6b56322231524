"""WebKitGTK's small browser on a screen that nobody sees: the nearest thing to Safari that a Debian machine has."""

import contextlib
import glob
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from selenium.webdriver import WebKitGTK
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from e2e.notifications import message_bus_process

BROWSERS = "/usr/lib/*/webkit2gtk-4.*/MiniBrowser"


@contextlib.contextmanager
def running() -> Iterator[WebKitGTK]:
    """A WebKitGTK with nothing remembered, driven by selenium."""
    browsers, driver = sorted(glob.glob(BROWSERS)), shutil.which("WebKitWebDriver")
    assert browsers, "WebKitGTK's MiniBrowser is missing: make test installs it"
    assert driver, "WebKitWebDriver is missing: make test installs it"
    options = Options()
    options.binary_location = browsers[-1]
    options.add_argument("--automation")
    with message_bus_process() as bus, _screen() as display, tempfile.TemporaryDirectory() as home:
        surroundings = {**os.environ, "HOME": home, "DISPLAY": display, "DBUS_SESSION_BUS_ADDRESS": bus}
        browser = WebKitGTK(options=options, service=Service(executable_path=driver, env=surroundings))
        try:
            # Against one that never answers: how long a page takes on a busy machine is not what stories are about.
            browser.set_page_load_timeout(60)
            browser.set_script_timeout(10)
            yield browser
        finally:
            browser.quit()


@contextlib.contextmanager
def _screen() -> Iterator[str]:
    """The name of an X display of its own."""
    path = shutil.which("Xvfb")
    assert path, "Xvfb is missing: make test installs it"
    read, write = os.pipe()
    command = [path, "-displayfd", str(write), "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    process = subprocess.Popen(command, pass_fds=[write], stderr=subprocess.DEVNULL)
    os.close(write)
    try:
        with os.fdopen(read) as told:
            yield f":{told.readline().strip()}"
    finally:
        process.terminate()
        process.wait(timeout=5)
