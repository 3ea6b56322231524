"""Who may do what: a guest, the one it is about, another member, a moderator and an operator of each permission."""

from collections.abc import Callable
from typing import Any

import pytest

from domain.core import access, permissions
from domain.core.access import GRANTED, GUEST, Role, Viewer
from domain.core.errors import Conflict, Forbidden, Frozen, NotFound, Refused, RulesChanged, SignedOut, Suspended
from domain.core.permissions import ReplyRule
from domain.core.visibility import WhoMayReply

SELF, MODERATOR, OTHER = 1, 3, 9
VIEWERS = {
    "guest": GUEST,
    "self": Viewer(id=SELF, roles=GRANTED[Role.MEMBER]),
    "member": Viewer(id=2, roles=GRANTED[Role.MEMBER]),
    "moderator": Viewer(id=MODERATOR, roles=GRANTED[Role.MODERATOR]),
    "operator": Viewer(id=4, roles=GRANTED[Role.OPERATOR]),
}
UNINVOLVED = {"decided_it": False, "reported_it": False}
Answer = type[Refused] | None
Ask = Callable[[Viewer], Refused | None]

# Of each permission: the answers to the five above, in their order.
MEMBERS = (SignedOut, None, None, None, None)
NOBODY = (SignedOut, Forbidden, Forbidden, Forbidden, Forbidden)
OPERATORS = (SignedOut, Forbidden, Forbidden, Forbidden, None)
MODERATORS = (SignedOut, NotFound, NotFound, None, None)
OPERATING_MODERATORS = (SignedOut, NotFound, NotFound, Forbidden, None)
NO_MODERATORS = (SignedOut, NotFound, NotFound, Forbidden, Forbidden)
NOT_THE_MODERATOR = (SignedOut, NotFound, NotFound, Forbidden, None)
NOT_ONESELF = (SignedOut, Forbidden, None, None, None)
ONESELF = (SignedOut, None, NotFound, NotFound, NotFound)

TABLE: list[tuple[str, Ask, tuple[Answer, ...]]] = [
    ("may_sign_up", lambda _: permissions.may_sign_up(is_open=True), (None,) * 5),
    ("may_sign_up", lambda _: permissions.may_sign_up(is_open=False), (Forbidden,) * 5),
    ("may_leave", lambda one: permissions.may_leave(one, 1), (SignedOut, None, None, None, Forbidden)),
    ("may_leave", lambda one: permissions.may_leave(one, 2), MEMBERS),
    ("may_edit_network", permissions.may_edit_network, OPERATORS),
    ("may_see_backups", permissions.may_see_backups, OPERATORS),
    ("may_manage_events", permissions.may_manage_events, OPERATORS),
    ("may_post", lambda one: permissions.may_post(one, 0), MEMBERS),
    ("may_post", lambda one: permissions.may_post(one, 1), (SignedOut, *(RulesChanged,) * 4)),
    ("may_build_on", lambda _: permissions.may_build_on(held=False, hidden=False), (None,) * 5),
    ("may_build_on", lambda _: permissions.may_build_on(held=True, hidden=False), (Conflict,) * 5),
    ("may_build_on", lambda _: permissions.may_build_on(held=False, hidden=True), (Conflict,) * 5),
    ("may_report", lambda one: permissions.may_report(one, SELF), NOT_ONESELF),
    ("may_moderate", permissions.may_moderate, MODERATORS),
    ("may_decide", lambda one: permissions.may_decide(one, OTHER, reported_it=False, alone=False), MODERATORS),
    ("may_decide", lambda one: permissions.may_decide(one, OTHER, reported_it=True, alone=False), NO_MODERATORS),
    ("may_decide", lambda one: permissions.may_decide(one, OTHER, reported_it=True, alone=True), MODERATORS),
    (
        "may_decide",
        lambda one: permissions.may_decide(one, MODERATOR, reported_it=False, alone=True),
        NOT_THE_MODERATOR,
    ),
    ("may_decide_appeal", lambda one: permissions.may_decide_appeal(one, OTHER, **UNINVOLVED), MODERATORS),
    ("may_decide_appeal", lambda one: permissions.may_decide_appeal(one, MODERATOR, **UNINVOLVED), NOT_THE_MODERATOR),
    (
        "may_decide_appeal",
        lambda one: permissions.may_decide_appeal(one, OTHER, decided_it=True, reported_it=False),
        NO_MODERATORS,
    ),
    (
        "may_decide_appeal",
        lambda one: permissions.may_decide_appeal(one, OTHER, decided_it=False, reported_it=True),
        NO_MODERATORS,
    ),
    ("may_appoint", permissions.may_appoint, OPERATORS),
    ("may_brake", permissions.may_brake, OPERATING_MODERATORS),
    ("may_know_senders", permissions.may_know_senders, OPERATING_MODERATORS),
    ("may_follow", lambda one: permissions.may_follow(one, SELF, "ana", blocked=False), NOT_ONESELF),
    ("may_follow", lambda one: permissions.may_follow(one, SELF, "ana", blocked=True), NOBODY),
    ("may_block", lambda one: permissions.may_block(one, SELF), NOT_ONESELF),
    ("may_mute", lambda one: permissions.may_mute(one, SELF), NOT_ONESELF),
    ("may_quote", lambda one: permissions.may_quote(one, is_open=True), MEMBERS),
    ("may_quote", lambda one: permissions.may_quote(one, is_open=False), NOBODY),
    ("may_repost", lambda one: permissions.may_repost(one, is_open=True), MEMBERS),
    ("may_repost", lambda one: permissions.may_repost(one, is_open=False), NOBODY),
    ("may_vote", lambda one: permissions.may_vote(one, down=False, is_reply=False), MEMBERS),
    ("may_vote", lambda one: permissions.may_vote(one, down=True, is_reply=True), MEMBERS),
    ("may_vote", lambda one: permissions.may_vote(one, down=True, is_reply=False), NOBODY),
    ("may_edit", lambda one: permissions.may_edit(one, SELF), ONESELF),
    ("may_delete", lambda one: permissions.may_delete(one, SELF), ONESELF),
    ("may_see_votes", lambda one: permissions.may_see_votes(one, SELF), (NotFound, *ONESELF[1:])),
]


def classes(refusals: list[Refused | None]) -> tuple[Answer, ...]:
    return tuple(type(one) if one is not None else None for one in refusals)


@pytest.mark.parametrize(("name", "ask", "answers"), TABLE)
def test_each_permission(name: str, ask: Ask, answers: tuple[Answer, ...]) -> None:
    assert classes([ask(viewer) for viewer in VIEWERS.values()]) == answers


def test_every_permission_is_in_the_table() -> None:
    asynchronous = {"may_reply"}
    assert {name for name in vars(permissions) if name.startswith("may_")} == {row[0] for row in TABLE} | asynchronous


@pytest.mark.parametrize(
    ("check", "answers"),
    [
        (access.member, MEMBERS),
        (access.moderator, (SignedOut, Forbidden, Forbidden, None, None)),
        (access.operator, OPERATORS),
    ],
)
def test_roles(check: Callable[[Viewer], Viewer], answers: tuple[Answer, ...]) -> None:
    for viewer, answer in zip(VIEWERS.values(), answers, strict=True):
        if answer is None:
            assert check(viewer) is viewer
        else:
            with pytest.raises(Refused) as refusal:
                check(viewer)
            assert type(refusal.value) is answer


# What the suspended may do, and what moderators may decide without asking who it is.
OPEN_TO_ALL = {"may_sign_up", "may_leave", "may_see_votes", "may_build_on"}


@pytest.mark.parametrize(("name", "ask"), [(name, ask) for name, ask, answers in TABLE if name not in OPEN_TO_ALL])
def test_the_suspended_may_do_nothing(name: str, ask: Ask) -> None:
    suspended = Viewer(id=SELF, suspended_until=5)
    assert type(ask(suspended)) in (Suspended, Forbidden)


def test_the_suspended_may_leave() -> None:
    suspended = Viewer(id=SELF, suspended_until=5)
    assert permissions.may_leave(suspended, 1) is None
    assert access.account_holder(suspended) is suspended
    with pytest.raises(Suspended):
        access.member(suspended)
    with pytest.raises(SignedOut):
        access.account_holder(GUEST)


def test_the_frozen_may_neither_post_nor_repost() -> None:
    frozen = Viewer(id=SELF, roles=GRANTED[Role.MEMBER], frozen_until=5)
    assert {name for name, ask, _ in TABLE if type(ask(frozen)) is Frozen} == {"may_post", "may_repost"}
    assert permissions.may_post(frozen, 0, mends=True) is None
    assert type(permissions.may_post(frozen, 1, mends=True)) is RulesChanged
    assert type(permissions.may_post(Viewer(id=SELF, suspended_until=5), 0, mends=True)) is Suspended


@pytest.mark.parametrize(
    ("replies_to", "mentioned", "follows", "words"),
    [
        (WhoMayReply.EVERYONE, False, False, None),
        (WhoMayReply.FOLLOWERS, False, False, "Only followers of @ana may reply."),
        (WhoMayReply.FOLLOWERS, False, True, None),
        (WhoMayReply.FOLLOWERS, True, False, None),
        (WhoMayReply.MENTIONED, False, False, "Only people mentioned in this post may reply."),
        (WhoMayReply.MENTIONED, False, True, "Only people mentioned in this post may reply."),
        (WhoMayReply.MENTIONED, True, False, None),
    ],
)
async def test_replying(replies_to: WhoMayReply, mentioned: bool, follows: bool, words: str | None) -> None:
    found = {}
    for name, viewer in VIEWERS.items():
        facts: dict[str, Any] = {"mentioned": fact(mentioned), "follows": fact(follows)}
        refusal = await permissions.may_reply(viewer, ReplyRule(SELF, "ana", replies_to), **facts)
        found[name] = str(refusal) if refusal else None
    assert found == {"guest": None, "self": None, "member": words, "moderator": words, "operator": words}


def fact(value: bool) -> Callable[[], Any]:
    async def ask() -> bool:
        return value

    return ask


def test_a_refusal_is_raised_and_nothing_else() -> None:
    access.require(None)
    with pytest.raises(NotFound):
        access.require(NotFound())
