"""What children may ask of the kernel: enough to decode, and nothing by which they could reach anything else."""

import errno
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyseccomp
import pytest
import structlog

from adapters import children, sandbox
from adapters.children import ChildLimits
from domain.core.units import MB

LIMITS = ChildLimits(seconds=10, memory=200 * MB, output=1 * MB)
STOPPED = -signal.SIGSYS
# Within a child; they print "refused" for an error and "done" when nothing stopped them.
LIBC = "import ctypes, os; libc = ctypes.CDLL(None, use_errno=True)"
TRIED = """
try:
    {}
    print("done")
except OSError as error:
    print("refused", error.errno)
"""


async def tried(attempt: str, filter_: str = "-", before: str = "") -> tuple[int, str]:
    """The status and the output of a child that attempts something, under ``filter_`` beside every child's."""
    lines = "\n    ".join(attempt.splitlines())
    script = f"from adapters import bounded\n{before}\nbounded.give_up({filter_!r})\n{TRIED.format(lines)}"
    with tempfile.TemporaryFile() as out:
        ended = await children.run([sys.executable, "-c", script], LIMITS, stdout=out)
        out.seek(0)
        return ended.status, out.read().decode().strip()


@pytest.mark.parametrize(
    ("attempt", "before"),
    [
        ("os.fork()", "import os"),
        ("os.kill(os.getppid(), 0)", "import os"),
        ("libc.ptrace(0, 0, 0, 0)", LIBC),
        ("libc.unshare(0x10000000)", LIBC),
        ("libc.mount(b'none', b'/mnt', b'tmpfs', 0, None)", LIBC),
        ("libc.chroot(b'/')", LIBC),
        ("libc.process_vm_readv(os.getpid(), None, 0, None, 0, 0)", LIBC),
        ("os.setuid(0)", "import os"),
        ("os.killpg(0, 0)", "import os"),
        ("signal.pthread_kill(threading.get_ident(), signal.SIGTERM)", "import signal, threading"),
        ("resource.prlimit(os.getppid(), resource.RLIMIT_CORE)", "import os, resource"),
    ],
)
async def test_every_child_is_stopped_there(attempt: str, before: str) -> None:
    assert await tried(attempt, before=before) == (STOPPED, "")


@pytest.mark.parametrize(
    ("attempt", "before"),
    [
        ("socket.socket().connect(('127.0.0.1', 9))", "import socket"),
        ("socket.socket(socket.AF_UNIX)", "import socket"),
        ("os.unlink('FILE')", "import os"),
        ("os.rename('FILE', 'FILE.moved')", "import os"),
        ("os.chmod('FILE', 0o777)", "import os"),
        ("os.setpriority(os.PRIO_PROCESS, 0, 19)", "import os"),
    ],
)
async def test_every_child_is_refused_there(attempt: str, before: str, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()
    assert await tried(attempt.replace("FILE", str(file)), before=before) == (0, "refused 1")
    assert os.listdir(tmp_path) == ["file"]


async def test_what_programs_need_is_left_to_them() -> None:
    threads = "import threading; one = threading.Thread(target=print, args=('thread',)); one.start(); one.join()"
    assert await tried(threads) == (0, "thread\ndone")
    assert await tried("print(len(open('/etc/passwd').read()) > 0)") == (0, "True\ndone")


@pytest.mark.parametrize(
    ("attempt", "before", "expected"),
    [
        ("open('/etc/passwd')", "", (0, "refused 1")),
        ("open('/tmp/new', 'w')", "", (0, "refused 1")),
        ("os.listdir('/')", "import os", (0, "refused 1")),
        ("socket.socket()", "import socket", (STOPPED, "")),
        ("os.fork()", "import os", (STOPPED, "")),
        ("os.execv('/bin/true', ['true'])", "import os", (STOPPED, "")),
        ("os.pipe()", "import os", (STOPPED, "")),
        ("mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_EXEC)", "import mmap", (STOPPED, "")),
        ("mmap.mmap(-1, 4096)", "import mmap", (0, "done")),
        ("one = threading.Thread(target=print, args=('thread',)); one.start(); one.join()", "import threading",
         (0, "thread\ndone")),
    ],
)  # fmt: skip
async def test_a_decoder_has_what_is_open_and_nothing_else(
    attempt: str, before: str, expected: tuple[int, str]
) -> None:
    assert await tried(attempt, sandbox.decoding(), before) == expected


async def test_nobody_gets_more_rights_by_a_program(tmp_path: Path) -> None:
    status, said = await tried("print(open('/proc/self/status').read())")
    assert status == 0
    assert "NoNewPrivs:\t1" in said
    assert "Seccomp:\t2" in said


def test_there_is_a_filter_here() -> None:
    assert sandbox.available()
    assert sandbox.base() != sandbox.decoding()


# A machine whose kernel has seccomp, and no filters.
NO_FILTERS = """
import pyseccomp
made = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
made.add_rule(pyseccomp.ERRNO(22), "prctl", pyseccomp.Arg(0, pyseccomp.EQ, 22))
made.add_rule(pyseccomp.ERRNO(22), "seccomp")
made.load()
from adapters import sandbox
print(sandbox.available(), sandbox.base(), sandbox.decoding())
"""


def test_a_kernel_without_filters_is_no_reason_to_refuse_every_picture() -> None:
    said = subprocess.run([sys.executable, "-c", NO_FILTERS], capture_output=True, text=True, check=True).stdout
    assert said.splitlines()[-1] == "False - -"
    assert "sandbox.missing" in said


@pytest.fixture
def anew() -> Iterator[None]:
    """Filters are made once in a process."""
    for one in (sandbox.base, sandbox.decoding):
        one.cache_clear()
    yield
    for one in (sandbox.base, sandbox.decoding):
        one.cache_clear()


@pytest.mark.usefixtures("anew")
def test_a_library_that_does_not_know_a_call_has_no_rule_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    resolve, add = pyseccomp.resolve_syscall, pyseccomp.SyscallFilter.add_rule

    def resolved(arch: int, name: str) -> int:
        return -1 if name == "clone3" else int(resolve(arch, name))

    def added(made: Any, action: int, name: str, *conditions: Any) -> None:
        if name == "clone3":
            raise ValueError("Unknown syscall")
        add(made, action, name, *conditions)

    monkeypatch.setattr(pyseccomp, "resolve_syscall", resolved)
    monkeypatch.setattr(pyseccomp.SyscallFilter, "add_rule", added)
    assert sandbox.available()
    assert sandbox.decoding() != "-"


@pytest.mark.usefixtures("anew")
def test_a_library_that_can_not_make_the_filter_is_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: Any) -> None:
        raise OSError(errno.EINVAL, "of an older interface")

    monkeypatch.setattr(pyseccomp.SyscallFilter, "add_rule", failing)
    with structlog.testing.capture_logs() as logged:
        assert not sandbox.available()
    assert [(line["event"], line["needed"]) for line in logged] == [("sandbox.missing", "libseccomp2")]


async def test_a_filter_that_can_not_be_had_stops_the_child() -> None:
    """It does not go on without: what the kernel refuses is an error before anything is decoded."""
    script = "from adapters import bounded; bounded.give_up('AAAA'); print('went on')"
    with tempfile.TemporaryFile() as out:
        ended = await children.run([sys.executable, "-c", script], LIMITS, stdout=out)
        out.seek(0)
        assert (ended.status, out.read()) == (1, b"")
    assert "OSError" in ended.said
