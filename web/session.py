"""Cookie -> Viewer, once a request; the cookie is touched only when somebody signs in or out."""

from asgi.asgi_types import App, Receive, Request, Scope, Send, header
from asgi.responses import Headers
from domain.accounts import network_profile, sessions
from domain.core.access import GUEST, THEMES, Theme, Viewer
from domain.core.errors import Refused, TooMany
from domain.core.outages import DATABASE_STATUS
from domain.domain_migration import announcements
from settings import Settings
from web import account_guard, errors, forms, i18n, page, security
from web.page import Visit
from web.security import RateLimits

YEAR = 31_536_000
# What there is before the first-run set-up: its page, and what browsers fetch for any page.
BEFORE = ("/setup", "/preferences", "/manifest.webmanifest", "/icons/", "/service-worker.js")

# What browsers fetch by themselves beside a page takes nothing of the reading budget.
UNASKED = ("/service-worker.js", "/offline", "/moved", "/manifest.webmanifest")


class Cookies:
    """The names of our cookies: with the `__Host-` prefix, which only https allows, where the network has it."""

    def __init__(self, secure: bool) -> None:
        self._secure = secure
        prefix = "__Host-" if secure else ""
        self.session, self.device = f"{prefix}parvis", f"{prefix}parvis-device"
        self.locale, self.theme = f"{prefix}parvis-locale", f"{prefix}parvis-theme"

    def set(self, name: str, value: str, max_age: int = YEAR) -> tuple[bytes, bytes]:
        """A header that sets a cookie; ``max_age`` in seconds, 0 deletes it."""
        flags = "; Secure" if self._secure else ""
        return b"set-cookie", f"{name}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Lax{flags}".encode()

    def signed_in(self, token: str) -> Headers:
        return (self.set(self.session, token, sessions.IDLE_DAYS * 86_400),)

    def signed_out(self, *, purged: bool) -> Headers:
        """``purged``: the page has cleared what was the member's; what others on the device have not sent stays.

        The device cookie stays: by it the member's password is taken here again, whatever others try meanwhile.
        """
        cleared = b'"cache"' if purged else b'"cache", "storage"'
        return (self.set(self.session, "", 0), (b"clear-site-data", cleared))


def parse_cookies(header: bytes) -> dict[str, str]:
    """A Cookie header's names and values."""
    pairs = (part.partition("=") for part in header.decode("latin-1").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs}


async def _refuse(scope: Scope, receive: Receive, send: Send, refusal: Refused) -> None:
    """Answers before any handler, with what was typed."""
    request = Request(scope, receive)
    if request.method != "GET":
        await forms.read_to_return(request)
    await errors.refused(request, refusal)(scope, receive, send)


class SessionMiddleware:
    """ASGI: puts a ``Visit`` into ``scope["state"]["visit"]``, counts pages read, and leads to the first-run set-up."""

    def __init__(self, app: App, settings: Settings, cookies: Cookies, limits: RateLimits) -> None:
        self._app = app
        self._settings = settings
        self._cookies = cookies
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            visit = scope["state"]["visit"] = await self._visit(scope)
        except Exception as error:
            if (refusal := DATABASE_STATUS.refusal(error)) is None:
                raise
            scope["state"]["visit"] = self._unknown(scope)
            await _refuse(scope, receive, send, refusal)
            return
        if not visit.network.founded and not scope["path"].startswith(BEFORE):
            await page.redirect(Request(scope), "/setup")(scope, receive, send)
            return
        try:
            if scope["method"] == "GET":
                if scope["path"] not in UNASKED:
                    self._limits.read(visit.viewer.id, security.client_address(scope))
            elif scope["path"] != "/posts" or not visit.viewer.signed_in:
                # A member's posts have a limit of their own, which gives the text back.
                self._limits.change(visit.viewer.id, security.client_address(scope))
        except TooMany as error:
            await _refuse(scope, receive, send, error)
            return
        # A deed of somebody whose session is over is answered as that, with the text given back.
        asked = scope["method"] == "GET" or visit.viewer.signed_in
        if asked and (account := account_guard.intended_account(scope)) not in ("", str(visit.viewer.id)):
            await account_guard.wrong_account(Request(scope), account)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _moving(self) -> str:
        """Where the network goes from here, "" when it stays."""
        found = await announcements.standing()
        return found.to if found and found.to != self._settings.origin.rstrip("/") else ""

    def _unknown(self, scope: Scope) -> Visit:
        """A visit of somebody whom the database can't name just now."""
        jar = parse_cookies(header(scope, b"cookie"))
        theme = jar.get(self._cookies.theme, "")
        accept = header(scope, b"accept-language").decode("latin-1")
        locale = i18n.choose(jar.get(self._cookies.locale, ""), accept, self._settings.language)
        return Visit(
            GUEST,
            locale,
            THEMES.get(theme, Theme.AUTO),
            network_profile.known(),
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
        wanted = viewer.reading.locale or jar.get(self._cookies.locale, "")
        theme = viewer.reading.theme if viewer.signed_in else jar.get(self._cookies.theme, "")
        return Visit(
            viewer,
            i18n.choose(wanted, accept.decode("latin-1"), self._settings.language),
            THEMES.get(theme, Theme.AUTO),
            await network_profile.about(),
            self._settings.signup_open,
            viewer.reading.data_saver or saver == b"on",
            await self._moving(),
        )
