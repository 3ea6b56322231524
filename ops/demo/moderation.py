"""What the cast reports, and what its moderator makes of it: one case that is decided and appealed, and three that wait.

Simone moderates. A day of the week is told as in ops/demo/story.py.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from functools import partial
from typing import NamedTuple

import msgspec

from domain.core.access import GRANTED, Role, Viewer
from domain.moderation import (
    appeals,
    case_messages,
    case_notes,
    cases,
    decisions,
    guest_reports,
    jury_service,
    reports,
    staff,
    statements,
)
from domain.moderation.decisions import Decision
from domain.moderation.guest_reports import GuestForm
from domain.moderation.kinds import Party, Severity, StatementKind, SubjectKind
from domain.moderation.reports import FiledReport, NamedRule
from domain.moderation.subjects import Subject

Act = Callable[[], Awaitable[None]]
MODERATOR = "simone"
# In the version of ops/demo/rules.py.
HARASSMENT, PRIVATE_DATA, THREATS, SPAM = (NamedRule(2, number) for number in (6, 7, 1, 11))


class Report(NamedTuple):
    """``on`` is a post's key, or a handle."""

    when: str
    who: str
    on: str
    rule: NamedRule
    words: str = ""


REPORTS = [
    Report("4 10:56", "noor", "grumble", HARASSMENT, "I have been looking after this town for nineteen years."),
    Report("4 10:59", "tom", "grumble", HARASSMENT),
    Report("1 19:50", "lena", "carpark", SPAM, "Under every drawing I post, since spring."),
    Report("1 20:02", "ibrahim", "carpark", SPAM),
    Report("-20", "pavel", "biscuit", THREATS, "The cat has taken my metre. This is how it begins."),
]
DECIDED = "4 11:40"
FREEZE = Decision(
    StatementKind.WARNING,
    version=0,
    rule=HARASSMENT,
    facts="A reply to a post about a lost cat calls everybody ridiculous, and singles out one person by her profession.",
    explanation="One may find the search for a cat ridiculous. Going for a person who only tried to help is harassment.",
    sanction=StatementKind.FREEZE,
    days=1,
    measures=frozenset({StatementKind.COVER}),
)
APPEALED = "3 08:15"
APPEAL = (
    "I named no profession and no person. There are three doctors in this town, and I said that all of us are"
    " ridiculous, which includes me. It was a remark about benches."
)
# They would hear appeals, in a larger town: here everybody knows everybody.
OPTED_IN, JURORS = "3 07:00", ("bao", "eszter", "pavel")
NOTED = "1 21:15"
NOTE = (
    "The same three drawings every time. I have asked the car park what it wants of them; it does not answer letters."
)
ASKED = "-10"
QUESTION = "Thank you for your report. Has anything else happened that makes you think of a threat?"
GUEST_AT = "2 09:15"
GUEST = GuestForm(
    address="",
    rule=PRIVATE_DATA,
    words="The wall of the old mill is mine. I have had visitors with cat food for two days.",
    name="Auguste Moulin",
    email="auguste@mill.example",
    good_faith=True,
    locale="fr",
)


async def appoint() -> None:
    """Makes the moderator."""
    await staff.set_role(MODERATOR, Role.MODERATOR)


def acts(people: Mapping[str, Viewer], posts: Mapping[str, int]) -> Iterator[tuple[str, Act]]:
    """What is done, and when."""
    for report in REPORTS:
        yield report.when, _reporting(people, posts, report)
    yield DECIDED, lambda: _freeze(people[MODERATOR])
    for handle in JURORS:
        yield OPTED_IN, partial(jury_service.opt_in, people[handle])
    yield APPEALED, lambda: _appeal(people["gaston"])
    yield NOTED, lambda: _note(people[MODERATOR], NOTE)
    yield ASKED, lambda: _ask(people[MODERATOR])
    yield GUEST_AT, lambda: _report_as_guest(posts["cat"])


def _reporting(people: Mapping[str, Viewer], posts: Mapping[str, int], report: Report) -> Act:
    async def act() -> None:
        subject = Subject(SubjectKind.POST, posts[report.on])
        await reports.file(people[report.who], FiledReport(subject, report.rule, report.words))

    return act


async def _ask(simone: Viewer) -> None:
    moderator = msgspec.structs.replace(simone, roles=GRANTED[Role.MODERATOR])
    found = next(one for one in (await cases.queue(moderator)).cases if one.severity is Severity.URGENT)
    await case_messages.write(moderator, found.id, Party.REPORTER, QUESTION)


async def _note(simone: Viewer, words: str) -> None:
    moderator = msgspec.structs.replace(simone, roles=GRANTED[Role.MODERATOR])
    found = next(one for one in (await cases.queue(moderator)).cases if one.severity is Severity.SPAM)
    await case_notes.add(moderator, found.id, words)


async def _freeze(simone: Viewer) -> None:
    moderator = msgspec.structs.replace(simone, roles=GRANTED[Role.MODERATOR])
    case = await cases.claim_next(moderator)
    assert case is not None
    version = (await cases.read(moderator, case)).version
    await decisions.decide(moderator, case, msgspec.structs.replace(FREEZE, version=version))


async def _appeal(gaston: Viewer) -> None:
    # The last of the decision's statements comes first.
    freeze, _cover = (await statements.mine(gaston)).items
    await appeals.lodge(gaston, freeze.id, APPEAL)


async def _report_as_guest(post: int) -> None:
    notice = msgspec.structs.replace(GUEST, address=f"/@tom/{post}")
    taken = await guest_reports.file(notice, can_mail=True)
    await guest_reports.confirm(await guest_reports.token(taken.report))
