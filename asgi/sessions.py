"""Session cookies, and the middleware that finds out who sends a request."""

from time import monotonic

from asgi import query_string
from asgi.asgi_types import App, Message, Receive, Request, Scope, Send, header
from asgi.client_address import client_address
from asgi.early_responses import EarlyResponses
from asgi.policy import Policy
from asgi.rate_limits import RateLimits
from asgi.responses import Headers
from asgi.visits import Visit
from domain.accounts import network_profile, sessions
from domain.core.access import GUEST, THEMES, Theme, Viewer
from domain.core.errors import Refused, Suspended, TooMany
from domain.core.outages import DATABASE_STATUS
from domain.domain_migration import announcements
from domain.moderation import brake

YEAR = 31_536_000
# Files that have a limit of their own: who checks the public log reads very many.
LOG_FILES = "/log/"
# While a body took longer to arrive, its sender may have been signed out, dismissed, frozen or suspended.
PROMPT_SECONDS = 0.05


class Cookies:
    """The names of our cookies: with the `__Host-` prefix, which only https allows, where the network has it."""

    def __init__(self, secure: bool) -> None:
        self._secure = secure
        prefix = "__Host-" if secure else ""
        self.session, self.device = f"{prefix}parvis", f"{prefix}parvis-device"
        self.locale, self.theme = f"{prefix}parvis-locale", f"{prefix}parvis-theme"
        self.queue = f"{prefix}parvis-queue"

    def set(self, name: str, value: str, max_age: int = YEAR) -> tuple[bytes, bytes]:
        """A header that sets a cookie; ``max_age`` in seconds, 0 deletes it."""
        flags = "; Secure" if self._secure else ""
        return b"set-cookie", f"{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{flags}".encode()

    def signed_in(self, token: str) -> Headers:
        """Headers that sign this browser in, and forget which part of the queue somebody chose in it before."""
        return (self.set(self.session, token, sessions.IDLE_DAYS * 86_400), self.set(self.queue, "", 0))

    def signed_out(self, *, purged: bool) -> Headers:
        """Headers that sign this browser out.

        ``purged``: the page's script has already deleted the member's data from the browser's storage; what other
        members have not sent yet stays there. The device cookie stays too: it lets the member's own password in while
        others are guessing it.
        """
        cleared = b'"cache"' if purged else b'"cache", "storage"'
        return (self.set(self.session, "", 0), self.set(self.queue, "", 0), (b"clear-site-data", cleared))


def parse_cookies(header: bytes) -> dict[str, str]:
    """A Cookie header's names and values.

    >>> parse_cookies(b"parvis=token; parvis-theme=dark")
    {'parvis': 'token', 'parvis-theme': 'dark'}
    """
    pairs = (part.partition("=") for part in header.decode("latin-1").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


def intended_account(scope: Scope) -> str:
    """The id of the account that a request is meant for, "" when it does not say.

    A queued change names it in ``X-Account``, the address in a notification in ``for=``.
    """
    if scope["method"] != "GET":
        return header(scope, b"x-account").decode("latin-1")
    return query_string.value(scope, "for")


class SessionMiddleware:
    """ASGI: puts a ``Visit`` into ``scope["state"]["visit"]``, and counts pages read and changes made.

    ``early`` draws the responses that it gives itself: before the first-run set-up, over a limit, to the suspended,
    while the database is unavailable, and to a request that was meant for another account.

    What its sender was allowed to do when a request came in, they may not do once its body is there: they are looked up
    again after a body that took its time, and ``visit.viewer`` changes. So a handler takes it after reading the body.
    """

    def __init__(self, app: App, policy: Policy, cookies: Cookies, limits: RateLimits, early: EarlyResponses) -> None:
        self._app = app
        self._policy = policy
        self._cookies = cookies
        self._limits = limits
        self._early = early

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            visit = scope["state"]["visit"] = await self._visit(scope)
        except Exception as error:
            if (refusal := DATABASE_STATUS.refusal(error)) is None:
                raise
            scope["state"]["visit"] = self._unidentified(scope)
            await self._refuse(scope, receive, send, refusal)
            return
        if not visit.network.founded and not scope["path"].startswith(self._early.first_run_paths):
            await self._early.first_run(Request(scope))(scope, receive, send)
            return
        try:
            self._count(scope, visit.viewer)
        except TooMany as error:
            await self._refuse(scope, receive, send, error)
            return
        # A change by somebody whose session is over is refused as signed out instead, which gives the text back.
        checked = scope["method"] == "GET" or visit.viewer.signed_in
        if checked and (account := intended_account(scope)) not in ("", str(visit.viewer.id)):
            await self._early.other_account(Request(scope), account)(scope, receive, send)
            return
        if visit.viewer.suspended_until and not self._early.is_for_the_suspended(scope["path"]):
            await self._refuse(scope, receive, send, Suspended())
            return
        if scope["method"] != "GET" and visit.viewer.signed_in:
            receive = self._checked_again(scope, visit, receive)
        await self._app(scope, receive, send)

    def _checked_again(self, scope: Scope, visit: Visit, receive: Receive) -> Receive:
        """A ``receive`` that looks the sender up again with the end of a body that was not there at once.

        It raises ``Suspended`` for somebody who may not send this any longer.
        """
        began = monotonic()

        async def received() -> Message:
            message = await receive()
            is_end = message["type"] == "http.request" and not message.get("more_body", False)
            if is_end and monotonic() - began > PROMPT_SECONDS:
                visit.viewer = await sessions.again(visit.viewer)
                if visit.viewer.suspended_until and not self._early.is_for_the_suspended(scope["path"]):
                    raise Suspended
            return message

        return received

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, refusal: Refused) -> None:
        response = await self._early.refused(scope, receive, refusal)
        await response(scope, receive, send)

    def _count(self, scope: Scope, viewer: Viewer) -> None:
        """Errors: ``TooMany``."""
        if scope["method"] == "GET":
            if scope["path"].startswith(LOG_FILES):
                self._limits.log_files.take(client_address(scope))
            elif scope["path"] not in self._early.uncounted_paths:
                self._limits.read(viewer.id, client_address(scope))
        elif scope["path"] == "/posts" and scope["method"] == "POST" and viewer.signed_in:
            # Posts have a limit of their own, once it is known that they are some.
            self._limits.post_attempt.take(str(viewer.id))
        else:
            self._limits.change(viewer.id, client_address(scope))

    async def _new_address(self) -> str:
        """The address that the network moves to, "" when it stays."""
        found = await announcements.current()
        return found.to if found and found.to != self._policy.origin else ""

    def _unidentified(self, scope: Scope) -> Visit:
        """A visit while the database is unavailable."""
        jar = parse_cookies(header(scope, b"cookie"))
        theme = jar.get(self._cookies.theme, "")
        return Visit(
            GUEST,
            self._locale(jar.get(self._cookies.locale, ""), header(scope, b"accept-language")),
            THEMES.get(theme, Theme.AUTO),
            network_profile.known(),
            self._policy,
            signup_open=False,
            identified=False,
        )

    async def _visit(self, scope: Scope) -> Visit:
        cookie = accept = saver = b""
        for name, value in scope["headers"]:
            if name == b"cookie":
                cookie = value
            elif name == b"accept-language":
                accept = value
            elif name == b"save-data":
                saver = value
        jar = parse_cookies(cookie) if cookie else {}
        token = jar.get(self._cookies.session)
        viewer: Viewer = await sessions.viewer(token) if token else GUEST
        theme = viewer.reading.theme if viewer.signed_in else jar.get(self._cookies.theme, "")
        found = await brake.state()
        return Visit(
            viewer,
            self._locale(viewer.reading.locale or jar.get(self._cookies.locale, ""), accept),
            THEMES.get(theme, Theme.AUTO),
            await network_profile.about(),
            self._policy,
            self._policy.signup_open and found.crisis is None,
            viewer.reading.data_saver or saver == b"on",
            await self._new_address(),
            found,
        )

    def _locale(self, chosen: str, accept: bytes) -> str:
        return self._early.choose_locale(chosen, accept.decode("latin-1"), self._policy.language)
