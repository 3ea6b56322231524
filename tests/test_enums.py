"""A mapping from an enum has an entry for each member: nothing unknown passes for something known."""

from collections.abc import Iterable
from enum import Enum
from typing import Any

import pytest

from domain.core.access import GRANTED, THEMES, Role, Theme
from domain.core.visibility import Visibility, WhoMayReply
from domain.posts.votes import Vote
from domain.timelines.profile_lists import Tab
from web import post_context
from web.routes import accounts, posts

MAPPINGS: list[tuple[Iterable[Any], type[Enum]]] = [
    (GRANTED, Role),
    (THEMES, Theme),
    (post_context.VISIBILITY_WORDS, Visibility),
    (post_context.VISIBILITIES.values(), Visibility),
    (post_context.REPLY_WORDS, WhoMayReply),
    (post_context.REPLIES.values(), WhoMayReply),
    ((*posts.VOTES.values(), Vote.NONE), Vote),
    (accounts.TABS, Tab),
]


@pytest.mark.parametrize(("mapping", "kind"), MAPPINGS)
def test_each_member_has_its_entry(mapping: Iterable[Any], kind: type[Enum]) -> None:
    assert sorted(mapping) == sorted(kind)  # type: ignore[type-var]


# What is stored, in rows and in archives that older versions have written, stays what it was.
STORED: list[tuple[type[Enum], dict[str, int | str]]] = [
    (Role, {"MEMBER": "member", "MODERATOR": "moderator", "OPERATOR": "operator"}),
    (Theme, {"AUTO": "auto", "LIGHT": "light", "DARK": "dark"}),
    (Visibility, {"PUBLIC": 0, "FOLLOWERS": 1}),
    (WhoMayReply, {"EVERYONE": 0, "FOLLOWERS": 1, "MENTIONED": 2}),
    (Vote, {"DOWN": -1, "NONE": 0, "UP": 1}),
]


@pytest.mark.parametrize(("kind", "values"), STORED)
def test_stored_values_stay(kind: type[Enum], values: dict[str, int | str]) -> None:
    assert {one.name: one.value for one in kind} == values
