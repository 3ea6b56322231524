"""A night of advertising: three accounts that were made for one link, and what the moderator makes of them at once."""

import secrets
from collections.abc import Awaitable, Callable, Iterator, Mapping

import msgspec

from domain.accounts import signup
from domain.core.access import GRANTED, Role, Viewer
from domain.core.moderation_events import BulkDue
from domain.core.trust import TrustLevel
from domain.moderation import bulk_decisions, bulk_previews, bulk_work
from domain.moderation.bulk_decisions import ManyDecided
from domain.moderation.bulk_kinds import Criteria
from domain.moderation.kinds import StatementKind, SubjectKind
from domain.posts import publishing
from ops.demo.moderation import MODERATOR, SPAM

Act = Callable[[], Awaitable[None]]
HOST = "bench-bargains.example"
# When each signs up and posts, in the words of ops/demo/story.py.
WAVE = [
    ("2 03:10", "bargain_bench", "The bench of your square for your garden! Today only: https://bench-bargains.example/one"),
    ("2 03:12", "bench_bargain", "Benches like in Tilly, half the price: https://bench-bargains.example/two"),
    ("2 03:15", "benches4u", "Sit down cheaply. https://bench-bargains.example/three"),
]  # fmt: skip
DECIDED = "2 07:20"
REASONS = ManyDecided(
    StatementKind.SUSPENSION,
    SPAM,
    facts="Three accounts were made within five minutes of one night, and each has posted the same advertisement.",
    explanation="Accounts that are made for advertising alone are spam.",
    days=30,
)


def acts(people: Mapping[str, Viewer]) -> Iterator[tuple[str, Act]]:
    """What is done, and when."""
    for when, handle, text in WAVE:
        yield when, _advertising(handle, text)
    yield DECIDED, lambda: _decide(people[MODERATOR])


def _advertising(handle: str, text: str) -> Act:
    async def act() -> None:
        policy = signup.SignupPolicy(open=True, email_required=False, minimum_age=0, terms_version=1, rules_version=2)
        person = signup.NewMember(
            handle=handle,
            name="Bench Bargains",
            password=secrets.token_urlsafe(),
            birth_date="1980-05-17",
            accepted_terms=True,
            accepted_rules=2,
        )
        account = await signup.sign_up(person, policy)
        who = Viewer(id=account, handle=handle, roles=GRANTED[Role.MEMBER], rules_version=2, trust=TrustLevel.MEMBER)
        await publishing.publish(who, publishing.Draft(text, f"spam-{handle}"))

    return act


async def _decide(simone: Viewer) -> None:
    moderator = msgspec.structs.replace(simone, roles=GRANTED[Role.MODERATOR])
    bulk = await bulk_previews.begin(moderator, SubjectKind.ACCOUNT, Criteria(link=HOST))
    await bulk_decisions.decide(moderator, bulk, REASONS)
    # Now, and not when a worker gets to it: the hour of a decision is that of its statements.
    await bulk_work.due(BulkDue(bulk))
