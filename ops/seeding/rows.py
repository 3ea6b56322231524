"""Turns the plan into rows, table by table, in the order of their keys."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from domain.accounts import profiles
from domain.core import text_parsing
from domain.core.trust import TrustLevel
from ops.seeding import words
from ops.seeding.plan import NONE, Graph, People, Posts, Repost

Row = tuple[Any, ...]

ACCOUNT = (
    "id handle handle_key name name_key bio links hue private role terms_version terms_at rules_version"
    " posts followers following home_floor trust"
)
POST = (
    "id author parent parent_author root quote text mentions visibility replies_to key replies reposts quotes ups downs"
)


def accounts(random: Random, who: People, graph: Graph, plan: Posts, floors: list[int], now: int) -> Iterator[Row]:
    """Rows of ACCOUNT. The first person is the operator."""
    written = [0] * len(who.ids)
    for author in plan.author:
        written[author] += 1
    follows = len(graph.shifts)
    for number, identifier in enumerate(who.ids):
        handle, name = who.handles[number], who.names[number]
        links = json.dumps([["Notes", f"https://example.org/{handle}"]]) if random.random() < 0.2 else "[]"
        role = "member" if number else "operator"
        yield (
            identifier, handle, handle.lower(), name, text_parsing.fold(name), random.choice(words.BIOS), links,
            random.randrange(profiles.HUES), who.private[number], role, 1, now, 1, written[number], follows, follows,
            floors[number], TrustLevel.MEMBER,
        )  # fmt: skip


def follows(who: People, graph: Graph) -> Iterator[Row]:
    """(follower, followee)"""
    for number, identifier in enumerate(who.ids):
        for followee in sorted(graph.followed_by(number)):
            yield identifier, who.ids[followee]


def posts(random: Random, who: People, plan: Posts, names: list[Row], tags: list[Row]) -> Iterator[Row]:
    """Rows of POST; adds (post, account) to ``names`` and (tag, post) to ``tags`` on the way."""
    for number, identifier in enumerate(plan.ids):
        said = words.say(random, who.handles)
        mentioned = "".join(f" {who.handles[person].lower()} " for person in said.mentions)
        names += [(identifier, who.ids[person]) for person in said.mentions]
        tags += [(tag, identifier) for tag in said.tags]
        parent, quote, author = plan.parent[number], plan.quote[number], who.ids[plan.author[number]]
        yield (
            identifier, author, None if parent == NONE else plan.ids[parent],
            None if parent == NONE else who.ids[plan.author[parent]], plan.ids[plan.root[number]],
            None if quote == NONE else plan.ids[quote], said.text, mentioned, plan.closed[number], 0,
            f"seed-{number}", plan.replies[number], plan.reposts[number], plan.quotes[number], plan.ups[number],
            plan.downs[number],
        )  # fmt: skip


def reposts(who: People, plan: Posts, made: list[Repost]) -> Iterator[Row]:
    """(id, account, post)"""
    for repost in made:
        yield repost.id, who.ids[repost.account], plan.ids[repost.post]
