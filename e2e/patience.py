"""A story that does not end: most calls of Playwright wait for a browser's answer for ever.

Its browsers are killed, so the call that waits fails, at its line, and the stories after it run on. An error raised in
the story by a signal, as plugins do it, would break Playwright's loop, which all stories of a process share.
"""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator

from tests.helpers import services

# What a story has, and one that opens every page there is (the marker ``tour``): on the slowest machine that has run
# them the longest took half of it.
STORY_SECONDS, TOUR_SECONDS = 300, 900
BROWSERS = ("chromium", "firefox", "MiniBrowser")


@contextlib.contextmanager
def limited(story: str, seconds: float) -> Iterator[None]:
    """While the block runs: after ``seconds`` all browsers that this process has started are killed, and it is said."""
    timer = threading.Timer(seconds, _give_up, [story, seconds])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _give_up(story: str, seconds: float) -> None:
    print(f"{story}: not over within {seconds:g} s, so its browsers are killed", file=sys.stderr)
    for pid in _descendants(os.getpid()):
        program = os.path.basename(services.command(pid).partition(b"\0")[0].decode(errors="replace"))
        if program.startswith(BROWSERS):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _descendants(pid: int) -> Iterator[int]:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for child in services.children(pid):
            yield from _descendants(child)
            yield child
