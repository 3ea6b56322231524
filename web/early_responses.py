"""Responses that come before any handler, as pages: what `asgi.sessions` needs of this layer."""

from asgi.asgi_types import Receive, Request, Scope
from asgi.early_responses import EarlyResponses
from asgi.responses import Response
from domain.backups.handover import SITE_MODE, NetworkMoving
from domain.core.errors import Refused
from web import account_guard, errors, forms, i18n, page

# What is served before the first-run set-up: its own page, and what browsers fetch for any page.
FIRST_RUN_PATHS = ("/setup", "/preferences", "/manifest.webmanifest", "/icons/", "/service-worker.js")
# What browsers fetch by themselves beside a page.
UNCOUNTED_PATHS = ("/service-worker.js", "/offline", "/moved", "/manifest.webmanifest")
# What nobody can be kept from: what was decided about them and what they may say against it, the rules, their account
# with the way out, and what browsers fetch for any page.
SUSPENDED_PATHS = (
    "/standing", "/statements", "/appeals", "/moderators", "/reports", "/rules", "/log", "/terms", "/about", "/notice",
    "/upstream",
    "/transparency", "/transparency.csv", "/transparency.json",
    "/settings/account", "/settings/devices", "/settings/leave", "/sessions", "/signin", "/signout", "/reset",
    "/preferences", "/move", "/arrive", "/push/receipts", "/push/state", "/live", "/mail", "/.well-known/parvis-move",
    "/apple-touch-icon.png", "/media",
    *FIRST_RUN_PATHS[2:], *UNCOUNTED_PATHS,
)  # fmt: skip


async def refuse_while_moving(request: Request) -> Response | None:
    """The response to a change while the network moves to another machine; None when the request may go on.

    The page gives back what was typed, to be sent again later. Requests that only read are answered throughout.
    """
    if not SITE_MODE.writes_stopped or request.method == "GET":
        return None
    await forms.read_to_return(request)
    return errors.refused(request, NetworkMoving())


async def _refused(scope: Scope, receive: Receive, refusal: Refused) -> Response:
    request = Request(scope, receive)
    if request.method != "GET":
        await forms.read_to_return(request)
    return errors.refused(request, refusal)


def _first_run(request: Request) -> Response:
    return page.redirect(request, "/setup")


PAGES = EarlyResponses(
    refused=_refused,
    first_run=_first_run,
    other_account=account_guard.wrong_account,
    choose_locale=i18n.choose,
    first_run_paths=FIRST_RUN_PATHS,
    uncounted_paths=UNCOUNTED_PATHS,
    suspended_paths=SUSPENDED_PATHS,
)
