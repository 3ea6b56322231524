"""What handlers share: the settings and what was made from them."""

from typing import cast

import msgspec

from asgi.asgi_types import Request
from asgi.policy import Policy
from asgi.rate_limits import RateLimits
from asgi.sessions import Cookies
from domain.backups import retention
from domain.media.processor import MediaProcessor
from settings import Settings
from web.live import Hub


class AppState(msgspec.Struct):
    settings: Settings
    policy: Policy
    cookies: Cookies
    limits: RateLimits
    hub: Hub
    processor: MediaProcessor


def of(request: Request) -> AppState:
    """The shared state behind a request."""
    return cast(AppState, request.app.state["web"])


def backup_days(request: Request) -> int:
    """Days for which backups still have what is deleted now; 0 where the settings name no place for them."""
    settings = of(request).settings
    if not settings.backup_url:
        return 0
    return retention.longest_days(
        settings.backup_daily, settings.backup_weekly, settings.backup_monthly, settings.backup_hours
    )
