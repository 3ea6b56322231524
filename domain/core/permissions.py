"""Who may do what. Every rule of the network about that is a function here; which posts somebody may see is a condition
of SQL, in db/queries/visibility.py.

Each function returns why the viewer may not, or None when they may, and takes the facts that it needs: whoever calls it
has loaded them. ``access.require`` raises a refusal. Limits (how many, how long, until when) are with what they limit.
"""

from collections.abc import Awaitable, Callable
from typing import assert_never

import msgspec

from domain.core.access import Role, Viewer, without
from domain.core.errors import Conflict, Forbidden, Frozen, NotFound, Refused, RulesChanged, SignedOut
from domain.core.visibility import WhoMayReply

Fact = Callable[[], Awaitable[bool]]


class ReplyRule(msgspec.Struct, frozen=True, gc=False):
    """Whose post it is, and who may reply to it."""

    author: int
    handle: str
    replies_to: WhoMayReply


def may_sign_up(*, is_open: bool) -> Refused | None:
    """``is_open``: the network takes new accounts."""
    return None if is_open else Forbidden("This network takes no new accounts at the moment.")


def may_leave(viewer: Viewer, operators: int) -> Refused | None:
    """``operators``: how many the network has. The last one can't leave; whoever is suspended can."""
    if not viewer.signed_in:
        return SignedOut()
    if Role.OPERATOR in viewer.roles and operators <= 1:
        return Forbidden("You are the last operator: the network would be left without one.")
    return None


def may_edit_network(viewer: Viewer) -> Refused | None:
    """Its name, terms, colour and logo."""
    return without(Role.OPERATOR, viewer)


def may_see_backups(viewer: Viewer) -> Refused | None:
    return without(Role.OPERATOR, viewer)


def may_manage_events(viewer: Viewer) -> Refused | None:
    """See the outbox, and retry or drop events that gave up."""
    return without(Role.OPERATOR, viewer)


def may_post(viewer: Viewer, rules_version: int, *, mends: bool = False) -> Refused | None:
    """Write or edit posts. ``rules_version`` is the one in force, which the viewer must have accepted.

    ``mends``: it is an edit of a post that moderators have hidden until then, which no freeze stands in the way of.
    """
    if refusal := without(Role.MEMBER, viewer):
        return refusal
    if viewer.frozen_until and not mends:
        return Frozen()
    return RulesChanged() if viewer.rules_version < rules_version else None


def may_follow(viewer: Viewer, account: int, handle: str, *, blocked: bool) -> Refused | None:
    """``blocked``: by the viewer. An account that has blocked the viewer is not found in the first place."""
    if refusal := without(Role.MEMBER, viewer):
        return refusal
    if account == viewer.id:
        return Forbidden("You can't follow yourself.")
    return Forbidden("Unblock @%(handle)s first.", handle=handle) if blocked else None


def may_block(viewer: Viewer, account: int) -> Refused | None:
    if refusal := without(Role.MEMBER, viewer):
        return refusal
    return Forbidden("You can't block yourself.") if account == viewer.id else None


def may_report(viewer: Viewer, account: int) -> Refused | None:
    """``account``: whose the post or the picture is, or the account itself."""
    if refusal := without(Role.MEMBER, viewer):
        return refusal
    return Forbidden("You can't report yourself.") if account == viewer.id else None


def may_moderate(viewer: Viewer) -> Refused | None:
    """See the queue, cases and evidence. To members it looks as if there were no such page."""
    if refusal := without(Role.MEMBER, viewer):
        return refusal
    return None if Role.MODERATOR in viewer.roles else NotFound()


def may_decide(viewer: Viewer, account: int, *, reported_it: bool, alone: bool) -> Refused | None:
    """Take or decide a case about ``account``.

    ``reported_it``: the viewer is among those who reported it. ``alone``: the network has no other moderator, and what
    they find themselves would otherwise stay.
    """
    if refusal := may_moderate(viewer):
        return refusal
    if account == viewer.id:
        return Forbidden("This case is about you: another moderator decides it.")
    if reported_it and not alone:
        return Forbidden("You have reported this yourself: another moderator decides it.")
    return None


def may_decide_appeal(viewer: Viewer, account: int, *, decided_it: bool, reported_it: bool) -> Refused | None:
    """Take or decide an appeal against a decision about ``account``.

    ``decided_it``: the viewer has made that decision, or agreed to it; ``reported_it``: they are among those who
    reported what it is about.
    """
    if refusal := may_moderate(viewer):
        return refusal
    if account == viewer.id:
        return Forbidden("This appeal is about you: another moderator decides it.")
    if decided_it:
        return Forbidden("You made this decision: another moderator decides the appeal.")
    return Forbidden("You have reported this yourself: another moderator decides it.") if reported_it else None


def may_appoint(viewer: Viewer) -> Refused | None:
    """Make and dismiss moderators and operators."""
    return without(Role.OPERATOR, viewer)


def may_brake(viewer: Viewer) -> Refused | None:
    """Switch the brake by hand. To members it looks as if there were no such page, as all of moderation does."""
    return may_moderate(viewer) or without(Role.OPERATOR, viewer)


def may_know_senders(viewer: Viewer) -> Refused | None:
    """See and change the list of those who complain from upstream. To members it looks as if there were none."""
    return may_moderate(viewer) or without(Role.OPERATOR, viewer)


def may_mute(viewer: Viewer, account: int) -> Refused | None:
    if refusal := without(Role.MEMBER, viewer):
        return refusal
    return Forbidden("You can't mute yourself.") if account == viewer.id else None


def may_build_on(*, held: bool, hidden: bool) -> Refused | None:
    """Reply to a post, or quote, repost or vote on it, while its author alone sees it: nobody else would find it.

    ``held``: it awaits review; ``hidden``: moderators have hidden it until it is edited.
    """
    if held:
        return Conflict(
            "Nobody else sees this post yet. Once others do, you can reply to it, quote it, repost it and vote on it."
        )
    if hidden:
        return Conflict(
            "Moderators have hidden this post until you edit it. Once others see it again, you can reply to it, quote"
            " it, repost it and vote on it."
        )
    return None


async def may_reply(viewer: Viewer, rule: ReplyRule, *, mentioned: Fact, follows: Fact) -> Refused | None:
    """Why the viewer may not reply to a post that they see. A guest gets None: they are asked to sign in first.

    ``mentioned`` and ``follows`` say whether the post mentions the viewer and whether the viewer follows the author;
    they are only called where that decides.
    """
    if not viewer.signed_in or rule.author == viewer.id:
        return None
    match rule.replies_to:
        case WhoMayReply.EVERYONE:
            return None
        case WhoMayReply.FOLLOWERS:
            if await mentioned() or await follows():
                return None
            return Forbidden("Only followers of @%(handle)s may reply.", handle=rule.handle)
        case WhoMayReply.MENTIONED:
            return None if await mentioned() else Forbidden("Only people mentioned in this post may reply.")
        case _:
            assert_never(rule.replies_to)


def may_quote(viewer: Viewer, *, is_open: bool) -> Refused | None:
    """``is_open``: anybody may see the post."""
    if refusal := without(Role.MEMBER, viewer):
        return refusal
    return None if is_open else Forbidden("Only public posts can be quoted.")


def may_repost(viewer: Viewer, *, is_open: bool) -> Refused | None:
    """``is_open``: anybody may see the post."""
    if refusal := without(Role.MEMBER, viewer):
        return refusal
    if viewer.frozen_until:
        return Frozen()
    return None if is_open else Forbidden("Only public posts can be reposted.")


def may_vote(viewer: Viewer, *, down: bool, is_reply: bool) -> Refused | None:
    if refusal := without(Role.MEMBER, viewer):
        return refusal
    return Forbidden("Only replies can be voted down.") if down and not is_reply else None


def may_edit(viewer: Viewer, author: int) -> Refused | None:
    """Only the author; to others it looks as if there were no such post."""
    return without(Role.MEMBER, viewer) or _unless_own(viewer, author)


def may_delete(viewer: Viewer, author: int) -> Refused | None:
    """Only the author; to others it looks as if there were no such post."""
    return without(Role.MEMBER, viewer) or _unless_own(viewer, author)


def may_see_votes(viewer: Viewer, account: int) -> Refused | None:
    """The list of posts that an account has voted on: only its own. To others and guests there is no such page."""
    return _unless_own(viewer, account)


def _unless_own(viewer: Viewer, account: int) -> Refused | None:
    return None if viewer.signed_in and account == viewer.id else NotFound()
