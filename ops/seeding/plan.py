"""Plans a seeded network: people, follows and posts, in arrays that hold millions.

People and posts are places in lists here (0, 1, 2...); their ids come from the lists when rows are written.
"""

from array import array
from dataclasses import dataclass, field
from itertools import accumulate
from random import Random

from domain.core import ids
from ops.seeding import words

DAY = 86_400_000
SPAN = 90 * DAY
NONE = -1


@dataclass(slots=True)
class People:
    """Person number i's id, handle and display name, and whether they are private."""

    ids: list[int]
    handles: list[str]
    names: list[str]
    private: bytearray


@dataclass(slots=True)
class Graph:
    """Everyone follows ``len(shifts)`` people and has as many followers: ``order`` is a ring of people, and each
    follows those that stand ``shifts`` further on."""

    order: list[int]
    place: list[int]
    shifts: list[int]

    def followed_by(self, person: int) -> list[int]:
        return [self.order[(self.place[person] + shift) % len(self.order)] for shift in self.shifts]

    def followers_of(self, person: int) -> list[int]:
        return [self.order[(self.place[person] - shift) % len(self.order)] for shift in self.shifts]


@dataclass(slots=True)
class Posts:
    """Post number i's id, author, and the numbers of the posts it answers, belongs to and quotes (NONE: none)."""

    ids: "array[int]" = field(default_factory=lambda: array("q"))
    author: "array[int]" = field(default_factory=lambda: array("l"))
    parent: "array[int]" = field(default_factory=lambda: array("l"))
    root: "array[int]" = field(default_factory=lambda: array("l"))
    quote: "array[int]" = field(default_factory=lambda: array("l"))
    closed: bytearray = field(default_factory=bytearray)
    replies: "array[int]" = field(default_factory=lambda: array("l"))
    reposts: "array[int]" = field(default_factory=lambda: array("l"))
    quotes: "array[int]" = field(default_factory=lambda: array("l"))
    ups: "array[int]" = field(default_factory=lambda: array("l"))
    downs: "array[int]" = field(default_factory=lambda: array("l"))

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Repost:
    id: int
    account: int
    post: int


def people(random: Random, count: int, now: int) -> People:
    """``count`` people who signed up in the year before the first post, two in a hundred of them private."""
    made = People([], [], [], bytearray(count))
    start = now - SPAN - 365 * DAY
    for number in range(count):
        handle, name = words.person(random, number)
        made.ids.append(_id(random, start + 365 * DAY * number // count))
        made.handles.append(handle)
        made.names.append(name)
        made.private[number] = number > 10 and random.random() < 0.02
    made.ids.sort()
    return made


def graph(random: Random, count: int, follows: int) -> Graph:
    order = list(range(count))
    random.shuffle(order)
    place = [0] * count
    for at, person in enumerate(order):
        place[person] = at
    return Graph(order, place, sorted(random.sample(range(1, count), min(follows, count - 1))))


def posts(random: Random, count: int, who: People, now: int) -> tuple[Posts, list[Repost]]:
    """``count`` posts over 90 days: about 35 % replies, 3 % quotes; and the reposts, 6 for every 100 posts.

    Some people write much more than others; some first posts draw many answers for a while.
    """
    plan, reposts = Posts(), list[Repost]()
    weights = list(accumulate(random.lognormvariate(0, 1) for _ in who.ids))
    authors = random.choices(range(len(who.ids)), cum_weights=weights, k=count)
    reposted: set[tuple[int, int]] = set()
    hot: list[int] = []
    last = 0
    for number, author in enumerate(authors):
        at = now - SPAN + (SPAN - 60_000) * number // count
        last = max(_id(random, at), last + 2)
        parent = _parent(random, plan, number, hot) if random.random() < 0.35 else NONE
        quote = _recent(random, plan, number) if parent == NONE and random.random() < 0.045 else NONE
        _add(plan, last, author, parent, quote, closed=bool(who.private[author]) or random.random() < 0.03)
        if parent == NONE and number % 200 == 0 and not plan.closed[number]:
            hot[:] = [*hot[-9:], number]
        if random.random() < 0.06:
            account, post = random.randrange(len(who.ids)), _recent(random, plan, number)
            if post != NONE and plan.author[post] != account and (account, post) not in reposted:
                reposted.add((account, post))
                reposts.append(Repost(last + 1, account, post))
                plan.reposts[post] += 1
                last += 1
    return plan, reposts


def votes(random: Random, plan: Posts, person: int, count: int) -> list[tuple[int, int]]:
    """One person's votes, (post, value) by post, and counts them; newer posts get more."""
    found: dict[int, int] = {}
    for _ in range(count):
        post = len(plan) - 1 - int(random.expovariate(5 / len(plan)))
        if post >= 0 and plan.author[post] != person and not plan.closed[post] and post not in found:
            down = plan.parent[post] != NONE and random.random() < 0.15
            found[post] = -1 if down else 1
            (plan.downs if down else plan.ups)[post] += 1
    return sorted(found.items())


def _id(random: Random, at: int) -> int:
    return ids.first(at) | random.getrandbits(ids.RANDOM_BITS)


def _add(plan: Posts, identifier: int, author: int, parent: int, quote: int, *, closed: bool) -> None:
    plan.ids.append(identifier)
    plan.author.append(author)
    plan.parent.append(parent)
    plan.root.append(len(plan.root) if parent == NONE else plan.root[parent])
    plan.quote.append(quote)
    plan.closed.append(closed)
    for counts in (plan.replies, plan.reposts, plan.quotes, plan.ups, plan.downs):
        counts.append(0)
    if parent != NONE:
        plan.replies[parent] += 1
    if quote != NONE:
        plan.quotes[quote] += 1


def _parent(random: Random, plan: Posts, number: int, hot: list[int]) -> int:
    chance = random.random()
    if hot and chance < 0.3:
        return random.choice(hot)
    recent = _recent(random, plan, number)
    return plan.root[recent] if recent != NONE and chance < 0.6 else recent


def _recent(random: Random, plan: Posts, number: int) -> int:
    """An open post of a while ago, or NONE."""
    for _ in range(4):
        post = number - 1 - int(random.expovariate(1 / 800))
        if post >= 0 and not plan.closed[post]:
            return post
    return NONE
