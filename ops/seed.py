"""Fills a database with a large, lifelike network for measurements; the same numbers give the same network."""

from dataclasses import dataclass
from random import Random

from rich.progress import Progress

from domain.accounts import credentials
from domain.core import clock
from domain.moderation import rule_files, rules
from ops.seeding import bulk, plan, rows
from ops.seeding.timelines import Homes

# Everyone's password in a seeded network. Never seed a network that strangers can reach.
PASSWORD = "a square in spring"  # noqa: S105 - public on purpose
VOTES_PER_POST = 1.5


class NotEmpty(Exception):
    """The network has people already; ``str(error)`` says so."""


class InUse(Exception):
    """Another process holds the database; ``str(error)`` says so."""


@dataclass(frozen=True, slots=True)
class NetworkSize:
    """How many accounts and posts there will be, and how many people each account follows."""

    accounts: int = 10_000
    posts: int = 200_000
    follows: int = 100


async def seed(url: str, size: NetworkSize, *, home_length: int = 400, progress: Progress | None = None) -> None:
    """Fills the migrated, empty database at ``url``, which no server may be using meanwhile.

    ``home_length`` is how many entries each home timeline keeps ready. Errors: ``NotEmpty``, ``InUse``.
    """
    try:
        database = await bulk.connect(url)
    except bulk.HELD as error:
        raise InUse(f"The database is in use ({error}): stop `parvis serve` and `parvis worker` first") from None
    try:
        if await database.value("SELECT id FROM account LIMIT 1") is not None:
            raise NotEmpty("This network has people already: only an empty one can be seeded")
        await _fill(database, size, home_length, progress or Progress(disable=True))
    finally:
        await database.finish()


async def _fill(database: bulk.Bulk, size: NetworkSize, home_length: int, progress: Progress) -> None:
    random, now = Random(size.accounts * 31 + size.posts), clock.now()
    step = progress.add_task("Planning", total=8)

    def says(words: str) -> None:
        progress.update(step, advance=1, description=words)

    who = plan.people(random, size.accounts, now)
    graph = plan.graph(random, size.accounts, size.follows)
    posts, reposts = plan.posts(random, size.posts, who, now)
    each = int(VOTES_PER_POST * size.posts / size.accounts)
    votes = [plan.votes(random, posts, person, each) for person in range(size.accounts)] if size.posts else []
    says("Timelines")
    homes = Homes(who, graph, posts, reposts, home_length)

    says("People")
    await _network(database, now)
    await database.put("account", rows.ACCOUNT, rows.accounts(random, who, graph, posts, homes.floors, now))
    password = await credentials.hash_password(PASSWORD)
    await database.put(
        "credential", "account password_hash changed_at", ((person, password, now) for person in who.ids)
    )
    says("Follows")
    await database.put("follow", "follower followee", rows.follows(who, graph))
    says("Posts")
    names: list[rows.Row] = []
    tags: list[rows.Row] = []
    await database.put("post", rows.POST, rows.posts(random, who, posts, names, tags))
    await database.put("mention", "post account", names)
    await database.put("post_tag", "tag post", sorted(tags))
    says("Reposts")
    await database.put("repost", "id account post", rows.reposts(who, posts, reposts))
    says("Votes")
    ballots = ((who.ids[person], posts.ids[post], value) for person, cast in enumerate(votes) for post, value in cast)
    await database.put("vote", "account post value", ballots)
    says("Home timelines")
    await database.put("timeline", "viewer entry post author actor", homes.rows())
    await database.put("home_activity", "account opened_at state", homes.readers(now))
    says("Indexes")


async def _network(database: bulk.Bulk, now: int) -> None:
    if await database.value("SELECT id FROM network") is None:
        network = (1, "Seeded", "A network of invented people, for measuring.", "operator@example.org", 8, now)
        await database.put("network", "id name description contact hue created_at", [network])
    if await database.value("SELECT version FROM terms") is None:
        await database.put("terms", "version text published_at", [(1, "Be kind.", now)])
    if await database.value("SELECT version FROM rulebook") is None:
        await database.put("rulebook", "version published_at", [(1, now)])
        columns = "version number name severity category points jury texts"
        await database.put("rule", columns, ((1, *rules.row_of(rule)) for rule in rule_files.default_rules()))
