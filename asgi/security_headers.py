"""Security headers that every response carries."""

from asgi.asgi_types import Message, Send
from settings import Settings

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:{media}; "
    "media-src 'self'{media}; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]
HSTS = b"max-age=63072000"


class SecurityHeaders:
    """Adds security headers to responses; a header of the same name that a handler sets takes precedence."""

    def __init__(self, settings: Settings) -> None:
        media = f" {settings.media_origin}" if settings.media_origin else ""
        policy = (b"content-security-policy", CSP.format(media=media).encode())
        hsts = HSTS + b"; includeSubDomains" if settings.hsts_subdomains else HSTS
        self._headers = [policy, *HEADERS, *([(b"strict-transport-security", hsts)] if settings.secure else [])]

    def added_to(self, send: Send, *, bodiless: bool) -> Send:
        """Returns a ``send`` that adds the headers; ``bodiless`` drops bodies, as the answer to HEAD requires."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*(one for one in self._headers if one[0] not in own), *message["headers"]]
            elif bodiless:
                message = {**message, "body": b""}
            await send(message)

        return sending
