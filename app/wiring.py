"""What follows from what happened: all of it, on one page. Each reaction is safe to repeat."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from adapters.http import Outgoing
from app import studios
from domain.accounts import credentials
from domain.core.events import (
    AccountLeft,
    AccountOpened,
    BellsLeft,
    CardDue,
    CauseLeft,
    ConfirmDue,
    CopiesLeft,
    DigestDue,
    Event,
    FollowAccepted,
    FollowAsked,
    Followed,
    FollowUnasked,
    MoveAnnounced,
    Noticed,
    PostDeleted,
    PostEdited,
    PostPublished,
    Reposted,
    ResetAsked,
    ResetDue,
    SaidLeft,
    Unfollowed,
    Unreposted,
    Voted,
)
from domain.graph import follows
from domain.media.studio import Studio
from domain.moving import telling as moves
from domain.notifications import deliveries
from domain.notifications import reactions as telling
from domain.posts import cards, deletion, leaving
from domain.timelines import fanout, home
from settings import Settings
from web import mails

Reaction = Callable[[Any], Awaitable[None]]


def reactions(settings: Settings, studio: Studio | None = None) -> dict[type[Event], Sequence[Reaction]]:
    """The reactions to each event, in order; ``studio`` is the process's, if it has one already."""
    shared = studio or studios.of(settings)

    async def fill_home(event: Followed) -> None:
        await home.followed(event.follower, event.followee, settings.home_length)

    async def let_in(event: AccountOpened) -> None:
        await follows.grant_all(event, settings.fanout_limit)

    async def fetch_card(event: CardDue) -> None:
        async with Outgoing() as out:
            await cards.fetch(shared, out, event)

    async def mail_reset(event: ResetDue) -> None:
        await mails.send_reset(settings, event)

    async def mail_confirm(event: ConfirmDue) -> None:
        await mails.send_confirm(settings, event)

    async def mail_digest(event: DigestDue) -> None:
        await mails.send_digest(settings, event)

    return {
        PostPublished: [telling.published, fanout.published, cards.look],
        PostEdited: [telling.edited, cards.look],
        CardDue: [fetch_card],
        Reposted: [telling.reposted, fanout.reposted],
        Unreposted: [telling.reposted],
        CopiesLeft: [fanout.go_on],
        BellsLeft: [telling.rung],
        SaidLeft: [telling.said],
        CauseLeft: [telling.caused],
        PostDeleted: [deletion.purge],
        Voted: [telling.voted],
        Followed: [fill_home, telling.followed],
        Unfollowed: [telling.followed],
        FollowAsked: [telling.asked],
        FollowUnasked: [telling.asked],
        FollowAccepted: [telling.accepted],
        AccountOpened: [let_in],
        Noticed: [deliveries.plan],
        MoveAnnounced: [moves.announced],
        AccountLeft: [leaving.purge],
        ResetAsked: [credentials.answer_reset],
        ResetDue: [mail_reset],
        ConfirmDue: [mail_confirm],
        DigestDue: [mail_digest],
    }
