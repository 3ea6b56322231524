"""What follows from what happened: all of it, on one page. Each reaction is safe to repeat."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from domain.core.events import AccountLeft, Event, Followed, PostDeleted, PostPublished, Reposted, ResetAsked
from domain.posts import deletion, leaving
from domain.timelines import fanout, home
from settings import Settings
from web import mails

Reaction = Callable[[Any], Awaitable[None]]


def reactions(settings: Settings) -> dict[type[Event], Sequence[Reaction]]:
    """The reactions to each event, in order."""

    async def purge(event: PostDeleted) -> None:
        await deletion.purge(event.post)

    async def fill_home(event: Followed) -> None:
        await home.followed(event.follower, event.followee, settings.home_length)

    async def mail_reset(event: ResetAsked) -> None:
        await mails.send_reset(settings, event)

    return {
        PostPublished: [fanout.published],
        Reposted: [fanout.reposted],
        PostDeleted: [purge],
        Followed: [fill_home],
        AccountLeft: [leaving.purge],
        ResetAsked: [mail_reset],
    }
