"""Getting pictures: from a folder beside the limit, and from a real Ceph beside obstore alone.

``python -m bench.media``; every file is got by the same 16 at a time, in turns.
"""

import asyncio
import contextlib
import http.client
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Annotated, NamedTuple
from urllib.parse import urlencode

import typer

from adapters.objects import Store
from bench import answers, databases, load, pictures, server, site
from bench.databases import Database
from bench.load import LoadFailed, Request
from bench.server import Server
from db.engine import DB
from db.sql import SQL
from ops.rigs import ceph_cluster
from ops.seed import NetworkSize

SIZE = NetworkSize(accounts=2000, posts=10_000, follows=20)
FILES, ROUNDS, SECONDS = 40, 3, 3.0

PLACES = SQL("SELECT path, bytes FROM stored_object ORDER BY key")


class Got(NamedTuple):
    """Requests a second of ours and of what it is compared with; the median file in bytes."""

    own: float
    other: float
    size: int


def folder(database: Database) -> Got:
    """From a folder, beside the same bytes from memory. Errors: ``LoadFailed``, ``NoCluster``."""
    with _posted(database, {}) as (served, requests, _, work):
        file = work / "limit.json"
        found = {request.path: answers.fetch(served.port, request) for request in requests}
        answers.save(file, found)
        with server.limit(file) as limit:
            own, other = [], []
            for _ in range(ROUNDS):
                own.append(load.play(served.base, requests, seconds=SECONDS).rps)
                other.append(load.play(limit.base, requests, seconds=SECONDS).rps)
        return Got(median(own), median(other), int(median(len(one.body) for one in found.values())))


def from_ceph(database: Database) -> Got:
    """From Ceph, beside obstore in a process that does nothing else. Errors: ``LoadFailed``, ``NoCeph``."""
    with ceph_cluster.throwaway() as cluster:
        bucket = cluster.make_bucket("bench")
        with _posted(database, {"objects_url": bucket}) as (served, requests, places, _):
            own, other = [], []
            for _ in range(ROUNDS):
                own.append(load.play(served.base, requests, seconds=SECONDS).rps)
                other.append(asyncio.run(_alone(bucket, places)))
            return Got(median(own), median(other), int(median(size for _, size in places)))


async def _alone(bucket: str, places: list[tuple[str, int]]) -> float:
    """Whole files a second, by as many at a time as the load has."""
    store = Store(bucket)
    end = time.perf_counter() + SECONDS
    done = 0

    async def get(number: int) -> None:
        nonlocal done
        while time.perf_counter() < end:
            path, size = places[number % len(places)]
            await store.read(path, 0, size)
            number += 1
            done += 1

    await asyncio.gather(*(get(number * 7) for number in range(load.CLIENTS)))
    return done / SECONDS


Posted = tuple[Server, list[Request], list[tuple[str, int]], Path]


@contextlib.contextmanager
def _posted(database: Database, settings: dict[str, str]) -> Iterator[Posted]:
    """A network with FILES pictures that anybody may see, their addresses, and where the store has them."""
    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="parvis-bench-")))
        url, _ = stack.enter_context(databases.fresh(database, SIZE))
        cookies = site.pick(url).cookies
        served = stack.enter_context(server.parvis(url, work, **settings))
        sources = [_post(served, cookies[number], number) for number in range(FILES)]
        places = asyncio.run(_places(url, {source.rpartition("/")[2] for source in sources}))
        yield served, [Request(source) for source in sources], places, work


def _post(served: Server, cookie: str, number: int) -> str:
    """Posts a picture. Returns its address."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)
    try:
        body = pictures.photo(1200, 900, number)
        connection.request("POST", f"/media?key=bench-{number:06}", body, {"cookie": cookie, "x-act": "1"})
        answer = connection.getresponse()
        said = answer.read()
        if answer.status != 201:
            raise LoadFailed(f"An upload was answered with {answer.status}")
        told = json.loads(said)
        form = urlencode({"text": "", "key": f"bench-form-{number}", f"alt.{told['id']}": "A bench"})
        kind = {"content-type": "application/x-www-form-urlencoded", "cookie": cookie}
        connection.request("POST", "/posts", form, kind)
        if (status := connection.getresponse().status) != 303:
            raise LoadFailed(f"A post was answered with {status}")
    finally:
        connection.close()
    return str(told["src"])


async def _places(url: str, keys: set[str]) -> list[tuple[str, int]]:
    await DB.open(url)
    try:
        rows = await DB.fetch(PLACES)
    finally:
        await DB.close()
    return [(path, size) for path, size in rows if path.partition("/")[2].partition(".")[0] in keys]


def main(database: Annotated[Database, typer.Option(help="Which engine.")] = "sqlite") -> None:
    for name, found in (("folder, limit", folder(database)), ("Ceph, obstore alone", from_ceph(database))):
        print(f"{name}: {found.own:,.0f}/s, {found.other:,.0f}/s, {found.own / found.other:.2f}; {found.size} bytes")


if __name__ == "__main__":
    typer.run(main)
