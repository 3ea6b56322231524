"""What stands above every page while the network moves."""

from functools import cache

from domain.keeping.handover import READING, STANCE
from web import templating


def banner(locale: str) -> bytes:
    """HTML; nothing while all is as ever."""
    return _moving(locale) if STANCE.state == READING else b""


@cache
def _moving(locale: str) -> bytes:
    return templating.render(locale, "components/handover.html").encode()
