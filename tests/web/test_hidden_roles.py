"""No page, feed, header or export tells who moderates, who has decided, or who has reported.

What somebody is answered must be the same, to the byte, whoever of two has the role, has decided or has reported: the
database says it is one of them, then the other, at the same moment of the same network.
"""

import pytest

from db.engine import DB
from db.sql import SQL
from domain.core import clock
from domain.core.access import Role
from domain.moderation import appeal_decisions, appeals, case_messages, case_notes, standing_links
from domain.moderation.kinds import Party, StatementKind, SubjectKind
from domain.moderation.subjects import Subject
from tests.conftest import OpenSite
from tests.helpers import sweeps
from tests.helpers.people import LiveSite, Member
from tests.web.test_exports import downloaded
from tests.web.test_feeds import turn_on
from web import post_rendering

PLENTY = {"reads_burst": 100_000, "address_reads_burst": 100_000, "reads_per_day": 1_000_000}


@pytest.fixture
async def site(open_site: OpenSite) -> LiveSite:
    return await open_site(**PLENTY)


class Town:
    """@eve's post was reported by @ana and removed by @mona; @max answered the appeal. @bea and @nora are others."""

    def __init__(self, site: LiveSite, people: dict[str, Member], asked: list[str]) -> None:
        self.site, self.people, self.asked = site, people, asked

    async def seen(self, *names: str) -> dict[str, sweeps.Answer]:
        """What each of these ("" for a guest) is answered everywhere, and has in their download."""
        post_rendering.forget_all()
        found = {}
        for name in names:
            # Not compressed: the random keys of forms would make a text longer or shorter.
            browser = self.site.browser(self.people.get(name), headers={"accept-encoding": "identity"})
            for address, answer in (await sweeps.read(browser, self.asked)).items():
                found[f"{name or 'a guest'}: {address}"] = answer
        return found

    async def exported(self, name: str) -> dict[str, bytes]:
        archive = await downloaded(self.site, self.people[name])
        return {file: archive.read(file) for file in archive.namelist()}

    def id_of(self, name: str) -> int:
        return self.people[name].id


async def town(site: LiveSite) -> Town:
    names = ("ana", "bea", "eve", "nora", "ulf")
    people = dict(zip(names, await site.members(*names), strict=True))
    people |= {name: await site.network.moderator(name) for name in ("mona", "max")}
    ana, eve, mona, second = (people[name] for name in ("ana", "eve", "mona", "max"))
    posts = {
        name: await people[name].post(f"Good morning from {name}. #street") for name in ("mona", "nora", "ana", "bea")
    }
    other, removed = await eve.post("Still here. #street"), await eve.post("You will be sorry.")
    await people["ulf"].follow(people["mona"], people["nora"], eve)
    await ana.report(removed, words="Look.")
    case = await site.network.open_case()
    await case_messages.write(await mona.viewer(), case, Party.SANCTIONED, "What did you mean?")
    await case_notes.add(await mona.viewer(), case, "As last month.")
    statement = await mona.decide(case, StatementKind.POST_REMOVAL)
    appeal = await appeals.lodge(await eve.viewer(), statement, "It was a line from a song.")
    await appeal_decisions.uphold(await second.viewer(), appeal, "No song says this.")
    await ana.report_subject(Subject(SubjectKind.ACCOUNT, eve.id), words="And again.")
    waiting = await site.network.open_case()
    token = await standing_links.make(await eve.viewer(), 7)
    feeds = [await turn_on(site, people[name]) for name in ("eve", "ulf")]
    for name in names:
        # Who comes home after a while has it filled.
        assert (await site.browser(people[name]).get("/")).status_code == 200
    await site.settle()
    values = {
        "handle": ("mona", "nora", "ana", "bea", "eve"),
        "post_id": (*posts.values(), other, removed),
        "account_id": (*(people[name].id for name in ("mona", "nora", "ana", "bea")),),
        "statement_id": (statement,),
        "case_id": (case, waiting),
        "appeal_id": (appeal,),
        "report_id": (await DB.value(SQL("SELECT max(id) FROM report")), 1),
        "notice": (await DB.value(SQL("SELECT max(id) FROM notice WHERE account = ?1"), eve.id),),
        "name": (*(path.removeprefix("/feeds/") for path in feeds), "any-192.png"),
        "token": (token, "nothing"),
        "tag": ("street",),
        "version": (1,),
        "place": ("0/000",),
        "number": (0, 1, 2),
        **dict.fromkeys(("juror_id", "complaint_id", "letter_id", "mail_id", "bulk_id", "filter_id", "list_id"), (1,)),
    }
    asked = [*sweeps.addresses("GET", values)]
    for name in values["handle"]:
        asked += [f"/people?q={name}", f"/complete?q={name}&kind=people", f"/notice?address=/@{name}"]
    asked += [f"/report?about=account.{account}" for account in values["account_id"]]
    asked += [f"/report?about=post.{post}" for post in posts.values()]
    asked += ["/log?kind=post_removal", "/log?kind=role_changed", "/moderators?before=1"]
    return Town(site, people, asked)


SWAP_ROLES = SQL("""
    UPDATE account SET role = CASE WHEN id = ?1 THEN ?3 ELSE ?4 END WHERE id IN (?1, ?2)
""")
# Who had the case, decided, wrote the note and answered the appeal.
SWAP_DECIDERS = [
    SQL(f"UPDATE {table} SET {column} = ?2 WHERE {column} = ?1")
    for table, column in (
        ("statement", "author"), ("mod_case", "claimed_by"), ("case_note", "author"), ("appeal", "decided_by"),
    )
]  # fmt: skip
SWAP_REPORTER = SQL("UPDATE report SET reporter = ?2 WHERE reporter = ?1")


async def test_nobody_can_see_who_has_a_role(site: LiveSite) -> None:
    found = await town(site)
    with clock.fixed_at(clock.now()):
        before = await found.seen("ulf", "eve", "")
        exported = {name: await found.exported(name) for name in ("ulf", "eve")}
        await DB.fetch(SWAP_ROLES, found.id_of("mona"), found.id_of("nora"), Role.MEMBER, Role.MODERATOR)
        assert sweeps.differences(before, await found.seen("ulf", "eve", "")) == {}
        for name, files in exported.items():
            assert await found.exported(name) == files
        # The pages of whoever has the role do differ: it was given and taken.
        (desk,) = (await sweeps.read(site.browser(found.people["nora"]), ["/moderation"])).values()
        assert desk.status == 200
    assert sum(answer.status == 200 for answer in before.values()) > 150


async def test_nobody_can_see_who_has_decided(site: LiveSite) -> None:
    found = await town(site)
    with clock.fixed_at(clock.now()):
        before = await found.seen("eve", "ana", "")
        exported = {name: await found.exported(name) for name in ("eve", "ana")}
        for statement in SWAP_DECIDERS:
            await DB.fetch(statement, found.id_of("mona"), found.id_of("max"))
        assert sweeps.differences(before, await found.seen("eve", "ana", "")) == {}
        for name, files in exported.items():
            assert await found.exported(name) == files


async def test_nobody_can_see_who_has_reported(site: LiveSite) -> None:
    """Neither the reported, nor others, nor guests, nor moderators."""
    found = await town(site)
    readers = ("eve", "ulf", "mona", "")
    with clock.fixed_at(clock.now()):
        before = await found.seen(*readers)
        exported = await found.exported("eve")
        await DB.fetch(SWAP_REPORTER, found.id_of("ana"), found.id_of("bea"))
        assert sweeps.differences(before, await found.seen(*readers)) == {}
        assert await found.exported("eve") == exported
        # Whoever has reported does see it.
        own = await sweeps.read(site.browser(found.people["bea"]), ["/reports/mine"])
    assert "And again." in own["/reports/mine"].body
    case = next(answer for address, answer in before.items() if address.startswith("mona: /moderation/cases/"))
    assert case.status == 200
