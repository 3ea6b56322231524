"""What handlers share: the settings and what was made from them."""

from typing import cast

import msgspec

from domain.keeping import retention
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


def backup_days(request: Asked) -> int:
    """Days for which backups still have what is deleted now; 0 where the settings name no place for them."""
    settings = of(request).settings
    if not settings.backup_url:
        return 0
    return retention.longest_days(
        settings.backup_daily, settings.backup_weekly, settings.backup_monthly, settings.backup_hours
    )
