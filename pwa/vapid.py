"""Who we say we are to push services (RFC 8292): a signed token for each of them, used for half a day."""

from py_vapid import Vapid02

from adapters import email_address
from adapters.addresses import check
from domain.accounts.network_profile import NetworkInfo
from domain.core import clock
from domain.notifications import push_keys
from domain.notifications.deliveries import Delivery
from settings import Settings

VALID_SECONDS = 12 * 3600
RENEWED_SECONDS = 6 * 3600
# Strangers choose the services: no more tokens are kept than this.
KEPT = 500


def contact(settings: Settings, about: NetworkInfo) -> str:
    """Whom a push service may write to: a mail address, else the network's own. Apple refuses one of localhost."""
    for address in (settings.push_contact, about.contact):
        if email_address.is_normal(address.lower()):
            return f"mailto:{address}"
    return f"https://{settings.domain}" if settings.secure else "mailto:operator@localhost"


class Signer:
    """Tokens for push services; it must ``learn`` before a batch, so that keys of other processes are known."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sub = ""
        self._keys: dict[str, Vapid02] = {}
        self._tokens: dict[tuple[str, str], tuple[int, str]] = {}

    async def learn(self, about: NetworkInfo) -> None:
        self._sub = contact(self._settings, about)
        known = await push_keys.keys() or [await push_keys.vapid()]
        if {key.public for key in known} != set(self._keys):
            self._keys = {key.public: Vapid02.from_raw(key.private.encode()) for key in known}

    def authorization(self, delivery: Delivery) -> str:
        """The header for a delivery; "" when the key that its subscription was made with is gone."""
        key = self._keys.get(delivery.vapid)
        if key is None:
            return ""
        service = check(delivery.endpoint)
        now = clock.now() // 1000
        made_at, token = self._tokens.get((delivery.vapid, service), (0, ""))
        if not token or not 0 <= now - made_at < RENEWED_SECONDS:
            claims = {"aud": service, "sub": self._sub, "exp": now + VALID_SECONDS}
            token = key.sign(claims)["Authorization"]
            if len(self._tokens) >= KEPT:
                self._tokens.clear()
            self._tokens[(delivery.vapid, service)] = (now, token)
        return token
