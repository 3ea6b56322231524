"""What follows from what happened: all of it, on one page. Each reaction is safe to repeat."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from domain.accounts import credentials
from domain.core.events import (
    AccountLeft,
    CopiesLeft,
    Event,
    Followed,
    PostDeleted,
    PostPublished,
    Reposted,
    ResetAsked,
    ResetDue,
)
from domain.posts import deletion, leaving
from domain.timelines import fanout, home
from settings import Settings
from web import mails

Reaction = Callable[[Any], Awaitable[None]]


def reactions(settings: Settings) -> dict[type[Event], Sequence[Reaction]]:
    """The reactions to each event, in order."""

    async def fill_home(event: Followed) -> None:
        await home.followed(event.follower, event.followee, settings.home_length)

    async def mail_reset(event: ResetDue) -> None:
        await mails.send_reset(settings, event)

    return {
        PostPublished: [fanout.published],
        Reposted: [fanout.reposted],
        CopiesLeft: [fanout.go_on],
        PostDeleted: [deletion.purge],
        Followed: [fill_home],
        AccountLeft: [leaving.purge],
        ResetAsked: [credentials.answer_reset],
        ResetDue: [mail_reset],
    }
