"""Every page that can be seen in the demo town, and what opens on one."""

from e2e import demo_site, moderation_sights, upstream_sights
from e2e.demo_site import DemoSite, PageSight


def sights(town: DemoSite) -> list[PageSight]:
    return [*demo_site.sights(town), *moderation_sights.sights(town), *upstream_sights.sights()]
