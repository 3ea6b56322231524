"""The routes that are requested most, for `asgi.direct_routes`."""

from asgi.direct_routes import DirectRoute
from web.routes import accounts, threads, timelines

EXACT = {
    "/": DirectRoute(timelines.home_page.fn, "/", {}),
    "/public": DirectRoute(timelines.everyone.fn, "/public", {}),
}
PROFILES = "/@/"


def find(path: str) -> DirectRoute | None:
    """Returns the route of home, the public timeline, a profile (``/@/ana``) or a thread (``/@/ana/123``), else None.

    Paths are those that `asgi.request_guard` has rewritten.
    """
    if path.startswith(PROFILES):
        handle, slash, post = path[len(PROFILES) :].partition("/")
        if handle and not slash:
            return DirectRoute(accounts.profile.fn, "/@/{handle:str}", {"handle": handle})
        # Any other second part is a list of that profile's, which Litestar knows.
        if handle and post.isascii() and post.isdecimal():
            return DirectRoute(threads.thread.fn, "/@/{handle:str}/{post_id:str}", {"handle": handle, "post_id": post})
        return None
    return EXACT.get(path)
