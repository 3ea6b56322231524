"""What a stranger's most expensive requests cost: CPU time of each, and memory that stays.

``python -m bench.hostile``; each is sent ``--times`` times, and beside the worst stand two everyday requests.
"""

import contextlib
import functools
import itertools
import socket
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NamedTuple
from urllib.parse import quote

import httpx
import typer

from bench import databases, server, site
from bench.databases import Database
from bench.server import Server
from ops.seed import NetworkSize

SIZE = NetworkSize(accounts=200, posts=1000, follows=10)
# What a reset link, a sign-in and the like would run into first.
FREE = {"signups_per_hour": "1000000", "signins_per_hour": "1000000", "guest_cache_ms": "0"}
# Each base with 120,000 marks on it: normalising that takes a time that grows with the square of their number.
MARKS = "a" + "\u0301\u0316" * 60_000
FLAGS = "\U0001f1eb\U0001f1f7" * 4_000
JOINING = {"handle": "zoe", "password": "a lamp in every window", "birth_date": "1990-01-01", "terms": "1"}
# Until what follows a request is done, in seconds.
SETTLE = 0.3


class Cost(NamedTuple):
    """CPU time of the server for a request (ms), its memory's growth over all of them (MB), and the last answer."""

    name: str
    cpu_ms: float
    growth_mb: float
    answer: str


def measure(database: Database, times: int) -> list[Cost]:
    """Errors: ``LoadFailed``, ``NoCluster``."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-bench-")))
        url, _ = stack.enter_context(databases.fresh(database, SIZE))
        cookie = site.pick(url).cookies[0]
        served = stack.enter_context(server.parvis(url, folder, **FREE))
        guest = stack.enter_context(httpx.Client(base_url=served.base, timeout=60))
        headers = {"cookie": cookie}
        member = stack.enter_context(httpx.Client(base_url=served.base, headers=headers, timeout=60))
        return [_cost(served, name, send, times) for name, send in _requests(guest, member, served.port).items()]


def _cost(served: Server, name: str, send: Callable[[], str], times: int) -> Cost:
    send()
    time.sleep(SETTLE)
    cpu, memory = served.cpu_ms(), served.rss_mb("RssAnon")
    answers = [send() for _ in range(times)]
    time.sleep(SETTLE)
    return Cost(name, (served.cpu_ms() - cpu) / times, served.rss_mb("RssAnon") - memory, answers[-1])


def _requests(guest: httpx.Client, member: httpx.Client, port: int) -> dict[str, Callable[[], str]]:
    """What is sent, by its name; each gives the answer in a word."""
    numbers = itertools.count()

    def get(path: str) -> str:
        return str(guest.get(path).status_code)

    def post(client: httpx.Client, path: str, **form: str) -> str:
        # In parts, which are a third as long as marks that are percent-encoded.
        return str(client.post(path, files={name: (None, value) for name, value in form.items()}).status_code)

    def in_charset(name: str) -> str:
        head = (
            f'--b\r\ncontent-disposition: form-data; name="handle"\r\ncontent-type: text/plain; charset={name}\r\n\r\n'
        )
        kind = {"content-type": "multipart/form-data; boundary=b"}
        body = head.encode() + b"a" * 120_000 + b"\r\n--b--\r\n"
        return str(guest.post("/signin", content=body, headers=kind).status_code)

    described = {f"alt.{number}": MARKS[:32_000] for number in range(1, 4)} | {"key": "the-key-of-a-form"}
    charsets = ("punycode", "zzz", "base64")
    return {
        "a page": lambda: get("/about"),
        "a sign-up that is refused": lambda: post(guest, "/signup", **JOINING, name=""),
        "a name of 240 KB of marks": lambda: post(guest, "/signup", **JOINING, name=MARKS),
        "a handle of 240 KB of marks, at sign-in": lambda: post(guest, "/signin", handle=MARKS, password="x"),
        "a post of 240 KB of marks": lambda: post(member, "/posts", text=MARKS, key="the-key-of-a-form"),
        "three descriptions of 64 KB of marks": lambda: post(member, "/posts", **described),
        "a post of 4,000 flags": lambda: post(member, "/posts", text=FLAGS, key="the-key-of-a-form"),
        "a tag of marks": lambda: get("/tags/" + quote(MARKS[:600])),
        **{f"a part of 120 KB in {name}": functools.partial(in_charset, name) for name in charsets},
        "a query of 64 KB": lambda: get("/people?" + "&".join(f"f{n}=1" for n in range(next(numbers), 8000))[:64_000]),
        "a query of 4 KB, each another one": lambda: get(f"/public?x={next(numbers)}" + "a" * 3900),
        "a header line of 30 MB": lambda: _raw(port, b"GET / HTTP/1.1\r\nhost: a\r\nx: ", b"a" * 1_000_000, 30),
        "5,000,000 headers": lambda: _raw(port, b"GET / HTTP/1.1\r\nhost: a\r\n", b"a: b\r\n" * 100_000, 50),
    }


def _raw(port: int, head: bytes, more: bytes, times: int) -> str:
    """Sends ``more`` until the server has had enough. Returns the beginning of its answer, if there is one."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        try:
            connection.sendall(head)
            for _ in range(times):
                connection.sendall(more)
            return connection.recv(100)[9:12].decode() or "closed"
        except OSError:
            return "closed"


def main(
    database: Annotated[Database, typer.Option(help="Which engine.")] = "sqlite",
    times: Annotated[int, typer.Option(min=1, help="How often each request is sent.")] = 20,
) -> None:
    for cost in measure(database, times):
        print(f"{cost.name:42} {cost.cpu_ms:8.1f} ms CPU {cost.growth_mb:+7.1f} MB  {cost.answer}")


if __name__ == "__main__":
    typer.run(main)
