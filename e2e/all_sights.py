"""Every page that can be seen in the demo town, and what opens on one."""

from e2e import demo_site, mail_sights, moderation_sights, moderator_tool_sights, notification_sights, upstream_sights
from e2e.demo_site import DemoSite, PageSight


def sights(town: DemoSite) -> list[PageSight]:
    return [
        *demo_site.sights(town),
        *notification_sights.sights(town),
        *moderation_sights.sights(town),
        *upstream_sights.sights(),
        *mail_sights.sights(town),
        # Nobody can join meanwhile, and every page says so.
        *moderator_tool_sights.crisis_sights(),
    ]
