"""What is in deploy/ is right, as far as the tools for it are there to say so."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from settings import read
from settings_checks import PREFIX

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"
UNITS = ("parvis-serve@.service", "parvis-worker.service")


def test_the_environment_is_one_that_starts() -> None:
    text = (DEPLOY / "parvis.env").read_text()
    for lines in (text, re.sub(rf"(?m)^#(?={PREFIX})", "", text)):
        named = dict(line.split("=", 1) for line in lines.splitlines() if line.startswith(PREFIX))
        assert read(named).secure


@pytest.mark.skipif(not shutil.which("caddy"), reason="caddy is not installed")
def test_caddy_takes_its_file() -> None:
    command = ["caddy", "validate", "--adapter", "caddyfile", "--config", str(DEPLOY / "Caddyfile")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_proxy_sends_people_on_while_the_database_is_away() -> None:
    """Every server would say no, and nobody would be told why."""
    [asked] = re.findall(r"health_uri (\S+)", (DEPLOY / "Caddyfile").read_text())
    assert asked == "/readyz?exclude=database"


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
def test_systemd_takes_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        # The program is where an installation has it; here it need not be.
        text = (DEPLOY / unit).read_text().replace("/opt/parvis/.venv/bin/parvis", "/bin/true")
        file = tmp_path / unit.replace("@.", "@8000.")
        file.write_text(text)
        command = ["systemd-analyze", "verify", "--man=no", str(file)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, ""), unit
