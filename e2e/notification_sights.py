"""The pages of notifications, and those that a device's notifications open, as they can be seen in the demo town."""

import contextlib
import sqlite3

from domain.notifications.kinds import NotificationKind
from e2e.demo_site import DemoSite, PageSight

HERE = "/notifications"


def sights(town: DemoSite) -> list[PageSight]:
    ana = town.client("tom").id_of("ana")
    return [
        PageSight("notifications", "ana", HERE),
        PageSight("notifications-mentions", "ana", f"{HERE}?only=mentions"),
        PageSight("notifications-follows", "yuki", f"{HERE}?only=follows"),
        PageSight("notifications-french", "mireille", HERE),
        PageSight("notifications-aside", "tom", f"{HERE}/aside"),
        PageSight("notification-accept", "yuki", f"{HERE}/{_request(town)}/accept"),
        PageSight("notification-of-another", "tom", f"{HERE}?for={ana}", status=409),
        PageSight("notification-of-another-guest", "", f"{HERE}?for={ana}", status=409),
    ]


def _request(town: DemoSite) -> int:
    """The notification of somebody who asks to follow ``@yuki``. No page names it: devices are sent it."""
    newest = "SELECT max(id) FROM notice WHERE kind = ? AND account = (SELECT id FROM account WHERE handle = 'yuki')"
    with contextlib.closing(sqlite3.connect(town.folder / "parvis.sqlite")) as connection:
        return int(connection.execute(newest, (NotificationKind.REQUEST,)).fetchone()[0])
