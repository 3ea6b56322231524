"""A private Ceph on loopback: one monitor, three disks and the S3 gateway, for tests, benchmarks and developers.

A real cluster from Debian's packages, without systemd or containers. Its daemons need about 250 MB and ten seconds.
"""

import contextlib
import http.client
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.store import S3Store

from ops.rigs.ports import free_port, free_ports

OSDS = 3
START_SECONDS = 60
BUCKET = "parvis"
# What the monitor, the disks and the gateway are called.
MON, GATEWAY = "mon.a", "client.rgw.parvis"
PROGRAMS = ("ceph-mon", "ceph-osd", "ceph", "monmaptool", "radosgw", "radosgw-admin")
PACKAGES = ("ceph-mon", "ceph-osd", "ceph-common", "radosgw")
PATH = "/usr/bin:/usr/sbin:/bin:/sbin"
# Nothing of ours: Ceph's own Python programs must find the system's modules.
ENVIRONMENT = {"PATH": PATH, "LC_ALL": "C.UTF-8"}


class NoCeph(Exception):
    """Ceph can't be started here; ``str(error)`` says why."""


class Ceph:
    """A running cluster in ``folder``, with one S3 user and one bucket."""

    def __init__(self, folder: Path, gateway: int, access_key: str, secret_key: str) -> None:
        self.folder, self.gateway = folder, gateway
        self.access_key, self.secret_key = access_key, secret_key
        self._daemons: dict[str, subprocess.Popen[bytes]] = {}

    @property
    def endpoint(self) -> str:
        return f"http://127.0.0.1:{self.gateway}"

    def url(self, bucket: str = BUCKET) -> str:
        """What ``PARVIS_OBJECTS_URL`` needs to reach a bucket of the cluster."""
        return f"s3://{self.access_key}:{self.secret_key}@{bucket}?endpoint={self.endpoint}"

    def make_bucket(self, name: str) -> str:
        """An empty bucket. Returns its address for ``PARVIS_OBJECTS_URL``."""
        # Addressed as if the bucket were in the host's name, an object "x" is the bucket x.
        gateway = S3Store(
            "none", endpoint=self.endpoint, access_key_id=self.access_key, secret_access_key=self.secret_key,
            region="us-east-1", virtual_hosted_style_request=True, client_options={"allow_http": True},
        )  # fmt: skip
        address = obstore.sign(gateway, "PUT", name, timedelta(minutes=1))
        asked = http.client.HTTPConnection("127.0.0.1", self.gateway, timeout=START_SECONDS)
        asked.request("PUT", address.removeprefix(self.endpoint))
        if (status := asked.getresponse().status) != 200:
            raise NoCeph(f"the gateway refused to make the bucket {name}: {status}")
        return self.url(name)

    def freeze(self, osd: int) -> None:
        """Stops a disk in mid-work, as a broken one does: it neither answers nor closes its connections."""
        self._daemons[f"osd.{osd}"].send_signal(signal.SIGSTOP)

    def thaw(self, osd: int) -> None:
        self._daemons[f"osd.{osd}"].send_signal(signal.SIGCONT)

    def kill(self, osd: int) -> None:
        self._end(f"osd.{osd}")

    def revive(self, osd: int) -> None:
        """Starts a disk that was killed."""
        self._start(f"osd.{osd}", "ceph-osd", "-i", str(osd))

    def close_gateway(self) -> None:
        self._end(GATEWAY)

    def open_gateway(self) -> None:
        """Starts the gateway and returns once it answers."""
        self._start(GATEWAY, "radosgw", "-n", GATEWAY)
        deadline = time.monotonic() + START_SECONDS
        while not self._answers():
            if self._daemons[GATEWAY].poll() is not None or time.monotonic() > deadline:
                raise NoCeph(f"the S3 gateway does not answer; see {self.folder / 'log'}")
            time.sleep(0.05)

    def start(self) -> None:
        """All of it. Errors: ``NoCeph``."""
        new = not (self.folder / "made").exists()
        numbers = [str(uuid.uuid4()) for _ in range(OSDS)]
        if new:
            _make_disks(self, numbers)
        self._start(MON, "ceph-mon", "-i", "a")
        if new:
            self.run("ceph", asked="".join(f"osd new {number} {osd}\n" for osd, number in enumerate(numbers)))
        for osd in range(OSDS):
            self.revive(osd)
        if new:
            self.run("ceph", asked="osd set noscrub\nosd set nodeep-scrub\n")
            self.run(
                "radosgw-admin", "user", "create", "--uid=parvis", "--display-name=Parvis",
                f"--access-key={self.access_key}", f"--secret-key={self.secret_key}",
            )  # fmt: skip
        self.open_gateway()
        if new:
            self.make_bucket(BUCKET)
            (self.folder / "made").touch()

    def stop(self) -> None:
        """Ends it as a power cut would: bluestore keeps what it has acknowledged."""
        for name in reversed(tuple(self._daemons)):
            self._end(name)

    def _answers(self) -> bool:
        try:
            asked = http.client.HTTPConnection("127.0.0.1", self.gateway, timeout=2)
            asked.request("GET", "/")
            return asked.getresponse().status == 200
        except OSError:
            return False

    def _start(self, name: str, *command: str) -> None:
        self._end(name)
        with (self.folder / "log" / f"{name}.out").open("ab") as out:
            whole = [_program(command[0]), "-f", "-c", str(self.folder / "ceph.conf"), *command[1:]]
            self._daemons[name] = subprocess.Popen(
                whole, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", env=ENVIRONMENT
            )

    def _end(self, name: str) -> None:
        if daemon := self._daemons.pop(name, None):
            daemon.kill()
            daemon.wait()

    def run(self, *command: str, asked: str = "") -> str:
        """A program of Ceph's with this cluster's configuration; ``asked`` goes to its input. Errors: ``NoCeph``."""
        return _run([command[0], "-c", str(self.folder / "ceph.conf"), *command[1:]], asked)


@contextlib.contextmanager
def throwaway() -> Iterator[Ceph]:
    """An empty cluster in a temporary folder, gone with everything in it when the block ends."""
    # A socket's path may have 107 characters.
    folder = Path(tempfile.mkdtemp(prefix="parvis-ceph-"))
    try:
        with running(folder) as ceph:
            yield ceph
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def running(folder: Path, gateway: int = 0) -> Iterator[Ceph]:
    """The cluster whose files are in ``folder`` (made when missing), stopped when the block ends.

    ``gateway`` is its port on loopback; 0: a free one. Errors: ``NoCeph``.
    """
    for name in PROGRAMS:
        _program(name)
    keys = _prepare(folder, gateway or free_port())
    ceph = Ceph(folder, gateway or _port_of(folder), *keys)
    try:
        ceph.start()
        yield ceph
    finally:
        ceph.stop()


def _prepare(folder: Path, gateway: int) -> tuple[str, str]:
    """Writes the configuration, anew where ports may be taken, and gives the keys of the S3 user."""
    for name in ("run", "log"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    fsid = _kept(folder / "fsid", lambda: str(uuid.uuid4()))
    # The monitor's address is part of the cluster: it stays.
    v2, v1 = (int(port) for port in _kept(folder / "mon", lambda: " ".join(map(str, free_ports(2)))).split())
    low = free_port()
    conf = (
        (Path(__file__).with_suffix(".conf"))
        .read_text()
        .format(fsid=fsid, folder=folder, v2=v2, v1=v1, low=low, high=low + 200, gateway=gateway)
    )
    (folder / "ceph.conf").write_text(conf)
    keys = _kept(folder / "keys", lambda: f"{secrets.token_hex(10)} {secrets.token_hex(20)}").split()
    return keys[0], keys[1]


def _port_of(folder: Path) -> int:
    conf = (folder / "ceph.conf").read_text()
    return int(conf.partition("endpoint=127.0.0.1:")[2].split()[0])


def _kept(file: Path, make: Callable[[], str]) -> str:
    if not file.exists():
        file.write_text(make())
        file.chmod(0o600)
    return file.read_text()


def _make_disks(ceph: Ceph, numbers: Sequence[str]) -> None:
    """The files of the monitor and of the disks, from nothing."""
    folder = ceph.folder
    for name in ("mon.a", *(f"osd.{osd}" for osd in range(OSDS))):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir()
    v2, v1 = (folder / "mon").read_text().split()
    _run(
        ["monmaptool", "--create", "--clobber", "--fsid", (folder / "fsid").read_text(), "--addv", "a",
         f"[v2:127.0.0.1:{v2},v1:127.0.0.1:{v1}]", str(folder / "monmap")],
        "",
    )  # fmt: skip
    with ThreadPoolExecutor(OSDS + 1) as pool:
        made = [pool.submit(ceph.run, "ceph-mon", "--mkfs", "-i", "a", "--monmap", str(folder / "monmap"))]
        for osd, number in enumerate(numbers):
            mkfs = ("ceph-osd", "--mkfs", "-i", str(osd), "--osd-uuid", number, "--no-mon-config")
            made.append(pool.submit(ceph.run, *mkfs))
        for one in made:
            one.result()


def _program(name: str) -> str:
    """Where one of PROGRAMS is. Errors: ``NoCeph``."""
    found = shutil.which(name, path=PATH)
    if found is None:
        raise NoCeph(f"{name} is not installed (Debian: {' '.join(PACKAGES)})")
    return found


def _run(command: Sequence[str], asked: str) -> str:
    done = subprocess.run(
        [_program(command[0]), *command[1:]], input=asked, capture_output=True, text=True, check=False,
        timeout=START_SECONDS, cwd="/", env=ENVIRONMENT,
    )  # fmt: skip
    if done.returncode != 0:
        raise NoCeph(f"{command[0]} failed: {' '.join(done.stderr.strip().splitlines()[-3:])}")
    return done.stdout


def main() -> None:
    """A cluster for a developer, in ``var/ceph``: the same from one time to the next, port and keys included."""
    folder = Path("var/ceph").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    # Ended by either, it ends its daemons first.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with running(folder, int(_kept(folder / "gateway", lambda: str(free_port())))) as ceph:
        sys.stdout.write(f"PARVIS_OBJECTS_URL='{ceph.url()}'\nCtrl+C ends it.\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


if __name__ == "__main__":
    main()
