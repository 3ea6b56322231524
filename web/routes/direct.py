"""The routes that are requested most, for `asgi.direct_routes`."""

from asgi.direct_routes import DirectRoute
from web.routes import accounts, composing, threads, timelines

EXACT = {
    ("GET", "/"): DirectRoute(timelines.home_page.fn, "/", {}),
    ("GET", "/public"): DirectRoute(timelines.everyone.fn, "/public", {}),
    ("POST", "/posts"): DirectRoute(composing.publish.fn, "/posts", {}),
}
PROFILES = "/@/"


def find(method: str, path: str) -> DirectRoute | None:
    """Returns the route of home, the public timeline, a profile, a thread or a new post, else None.

    Paths are those that `asgi.request_guard` has rewritten: ``/@/ana`` for a profile, ``/@/ana/123`` for a thread.
    """
    if method == "GET" and path.startswith(PROFILES):
        handle, slash, post = path[len(PROFILES) :].partition("/")
        if handle and not slash:
            return DirectRoute(accounts.profile.fn, "/@/{handle:str}", {"handle": handle})
        # Any other second part is a list of that profile's, which Litestar knows.
        if handle and post.isascii() and post.isdecimal():
            return DirectRoute(threads.thread.fn, "/@/{handle:str}/{post_id:str}", {"handle": handle, "post_id": post})
        return None
    return EXACT.get((method, path))
