"""The kinds of notifications as people see them: words, icons, buttons. Rules: ``domain.notifications.kinds``."""

from typing import Literal

import msgspec

from domain.core.translatable import N_, NN_
from domain.notifications.kinds import NotificationKind


class PushAction(msgspec.Struct, frozen=True):
    """A button on a push. ``path`` may contain ``{post}`` and ``{notice}``, which stand for their ids.

    Devices that run no scripts open ``path``; pwa/worker/push.js acts on ``name`` by itself where it knows how.
    """

    name: str
    label: str
    path: str


class KindTexts(msgspec.Struct, frozen=True, kw_only=True):
    """One kind's texts.

    ``line`` says what happened, for one person and for several; ``who`` is their names. ``heading`` names the kind in
    settings and mails. ``page`` is where a notification about no post leads, "" for its actor's profile. ``buttons``
    are those on the notifications page: accept and decline a request, or follow the actor.
    """

    line: tuple[str, str]
    heading: str
    icon: str
    page: str = ""
    buttons: Literal["", "request", "follow"] = ""
    actions: tuple[PushAction, ...] = ()


_ABOUT_POST = (
    PushAction("reply", N_("Reply"), "/compose?reply_to={post}"),
    PushAction("vote", N_("Vote"), "/notifications/{notice}/vote"),
)

TEXTS: dict[NotificationKind, KindTexts] = {
    NotificationKind.MENTION: KindTexts(
        line=NN_("%(who)s mentioned you", "%(who)s mentioned you"),
        heading=N_("Mentions"),
        icon="at",
        actions=_ABOUT_POST,
    ),
    NotificationKind.REPLY: KindTexts(
        line=NN_("%(who)s replied to you", "%(who)s replied to you"),
        heading=N_("Replies"),
        icon="arrow-bend-up-left",
        actions=_ABOUT_POST,
    ),
    NotificationKind.QUOTE: KindTexts(
        line=NN_("%(who)s quoted you", "%(who)s quoted you"),
        heading=N_("Quotes"),
        icon="quotes",
        actions=_ABOUT_POST,
    ),
    NotificationKind.REPOST: KindTexts(
        line=NN_("%(who)s reposted your post", "%(who)s reposted your post"),
        heading=N_("Reposts"),
        icon="repeat",
    ),
    NotificationKind.VOTE: KindTexts(
        line=NN_("%(who)s voted for your post", "%(who)s voted for your post"),
        heading=N_("Votes"),
        icon="arrow-fat-up",
    ),
    NotificationKind.FOLLOW: KindTexts(
        line=NN_("%(who)s follows you", "%(who)s follow you"),
        heading=N_("New followers"),
        icon="user-plus",
        buttons="follow",
    ),
    NotificationKind.REQUEST: KindTexts(
        line=NN_("%(who)s asks to follow you", "%(who)s ask to follow you"),
        heading=N_("Follow requests"),
        icon="user-plus",
        page="/requests",
        buttons="request",
        actions=(PushAction("accept", N_("Accept"), "/notifications/{notice}/accept"),),
    ),
    NotificationKind.ACCEPTED: KindTexts(
        line=NN_("%(who)s lets you follow", "%(who)s let you follow"),
        heading=N_("Accepted requests"),
        icon="check",
    ),
    NotificationKind.BELL: KindTexts(
        line=NN_("%(who)s posted", "%(who)s posted"),
        heading=N_("Posts you have a bell for"),
        icon="bell",
        actions=_ABOUT_POST,
    ),
    NotificationKind.NETWORK: KindTexts(
        line=NN_("News from the network", "News from the network"),
        heading=N_("From the network"),
        icon="mark",
        page="/about",
    ),
    NotificationKind.STATEMENT: KindTexts(
        line=NN_("Moderators have made a decision about you", "Moderators have made a decision about you"),
        heading=N_("Decisions about you"),
        icon="scales",
        page="/standing",
    ),
    NotificationKind.OUTCOME: KindTexts(
        line=NN_("What you reported has been reviewed", "What you reported has been reviewed"),
        heading=N_("What you reported"),
        icon="flag",
        page="/reports/mine",
    ),
    NotificationKind.APPEAL: KindTexts(
        line=NN_("Your appeal has been answered", "Your appeal has been answered"),
        heading=N_("Your appeals"),
        icon="scales",
        page="/appeals",
    ),
    NotificationKind.CASE_MESSAGE: KindTexts(
        line=NN_("Moderators have written to you", "Moderators have written to you"),
        heading=N_("Messages from moderators"),
        icon="chat-circle",
        page="/moderators",
    ),
    NotificationKind.SUMMONS: KindTexts(
        line=NN_("You have been drawn for a jury", "You have been drawn for a jury"),
        heading=N_("Juries"),
        icon="scales",
        page="/jury",
    ),
    NotificationKind.VERDICT: KindTexts(
        line=NN_("There is news of a jury you were drawn for", "There is news of a jury you were drawn for"),
        heading=N_("Juries"),
        icon="scales",
        page="/jury/history",
    ),
    NotificationKind.RELEASE: KindTexts(
        line=NN_(
            "Moderators have looked at your post: it is published",
            "Moderators have looked at your post: it is published",
        ),
        heading=N_("Posts that were reviewed"),
        icon="check",
        page="/notifications",
    ),
    NotificationKind.WORK: KindTexts(
        line=NN_("Something is waiting for a moderator", "Something is waiting for a moderator"),
        heading=N_("Moderators’ work"),
        icon="scales",
        page="/moderation",
    ),
    NotificationKind.UNOFFERED: KindTexts(
        line=NN_(
            "Urgent cases are waiting, and nobody is offered them",
            "Urgent cases are waiting, and nobody is offered them",
        ),
        heading=N_("Moderators’ work"),
        icon="warning-circle",
        page="/moderation",
    ),
    NotificationKind.REVERSAL: KindTexts(
        line=NN_("A decision about you was taken back", "A decision about you was taken back"),
        heading=N_("Decisions taken back"),
        icon="scales",
        page="/standing",
    ),
}


def push_actions(kind: NotificationKind, notice: int, post: int) -> list[PushAction]:
    """The buttons of a push with their paths filled in; ``post`` is 0 for none.

    >>> push_actions(NotificationKind.REQUEST, 7, 0)[0].path
    '/notifications/7/accept'
    """
    return [
        PushAction(action.name, action.label, action.path.format(notice=notice, post=post))
        for action in TEXTS[kind].actions
    ]
