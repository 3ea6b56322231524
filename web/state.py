"""What handlers share: the settings and what was made from them."""

from typing import cast

import msgspec

from domain.media.studio import Studio
from settings import Settings
from web.live import Hub
from web.page import Asked
from web.security import Limits
from web.session import Cookies


class Web(msgspec.Struct):
    settings: Settings
    cookies: Cookies
    limits: Limits
    hub: Hub
    studio: Studio


def of(request: Asked) -> Web:
    """The shared state behind a request."""
    return cast(Web, request.app.state["web"])
