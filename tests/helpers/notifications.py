"""Members' notifications, in few words."""

from domain.accounts import profiles
from domain.graph import follows
from domain.notifications import notices
from domain.notifications.kinds import Tab
from tests.helpers.people import Member


async def told(one: Member, tab: Tab = "all") -> list[str]:
    """A member's newest notices: kind, who, and how many besides."""
    return [_line(view) for view in (await notices.page(await one.viewer(), tab)).items]


async def set_aside(one: Member) -> dict[str, list[str]]:
    """What is set aside, by the actor's handle."""
    return {
        found.person.handle: [_line(view) for view in found.notices]
        for found in await notices.set_aside(await one.viewer())
    }


def _line(view: notices.NoticeView) -> str:
    more = f" +{view.count - 1}" if view.count > 1 else ""
    who = f" {view.actor.handle}" if view.actor else ""
    return f"{view.kind.key}{who}{more}"


async def unread(one: Member) -> int:
    """As the tab has it, which must be what the live stream says."""
    counted = (await one.viewer()).counts.unread
    assert counted == await notices.unread(one.id)
    return counted


async def closed(one: Member) -> None:
    await profiles.set_private(await one.viewer(), private=True)


async def accept(one: Member, other: Member) -> None:
    await follows.accept(await one.viewer(), other.id, one.settings.fanout_limit)
