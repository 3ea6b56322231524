"""`parvis serve`: checks that the network can be served, then serves it."""

import argparse
import errno
import sys
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from app import console, processes, resources, server
from settings import Settings


class Options(NamedTuple):
    """What the command line says. 0 workers, no host and no port leave it to the settings; port 0 is any free one."""

    workers: int = 0
    host: str = ""
    port: int | None = None


def read(arguments: Sequence[str]) -> Options | None:
    """The options of a well-formed command line: ``read(["--port", "80"])`` is ``Options(port=80)``. Else None."""
    if any(argument.endswith("=--") for argument in arguments):
        # argparse takes this value away.
        return None
    parser = argparse.ArgumentParser(add_help=False, allow_abbrev=False, exit_on_error=False)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--host", default="")
    parser.add_argument("--port", type=int)
    try:
        found, unknown = parser.parse_known_args(arguments)
    except argparse.ArgumentError:
        return None
    options = Options(**vars(found))
    fits = options.workers >= 0 and 0 <= (options.port or 0) <= 65535
    return options if fits and not unknown else None


def serve(options: Options) -> None:
    """Serves until told to stop. What is in the way ends the process, with words that say what to do."""
    found = console.existing()
    port = found.port if options.port is None else options.port
    found = msgspec.structs.replace(found, host=options.host or found.host, port=port)
    workers = options.workers or found.workers
    console.run(_check(found))
    try:
        listening = server.listen(found)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            advice = "Set PARVIS_PORT to another one."
        else:
            advice = "PARVIS_HOST must be an address of this machine, such as 127.0.0.1."
        console.stop(f"can't listen on {found.host} port {found.port}: {error.strerror}. {advice}")
    try:
        server.try_metrics_ports(found, workers)
    except OSError as error:
        console.stop(f"can't serve metrics: {error.strerror}. Set PARVIS_METRICS_PORT to another port.")
    host, port = listening.getsockname()[:2]
    sys.stdout.write(f"Parvis is at {found.origin or f'http://{host}:{port}'}\n")
    sys.stdout.flush()
    processes.run(found, listening, workers)


async def _check(settings: Settings) -> None:
    async with resources.network(settings):
        pass
