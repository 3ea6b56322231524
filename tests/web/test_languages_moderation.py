"""The pages of reports, decisions and moderators hold no word of another language."""

import re

import httpx
import pytest

from domain.core.access import Role
from domain.media.attachments import ChosenMedia
from domain.moderation import appeals, case_messages, case_notes, reversals, word_changes
from domain.moderation.filter_kinds import FilterOutcome
from domain.moderation.kinds import Party, StatementKind, SubjectKind
from domain.moderation.subjects import Subject
from tests.helpers import bulk, complaints, media_files, written_filters
from tests.helpers.people import LiveSite, Member
from tests.web.page_words import leftovers

ZZZ = "zzz zzz"
# What people have written, conditions, and the letter to whoever complained, which is in their language.
WRITTEN = re.compile(
    r"@wave\d|Cheap watches: .+|It offers goods\.|(abuse@)?nordhost(\.example)?|Hello, on .+|words\(\"zzz\"\)|24 && .+",
    re.IGNORECASE,
)
GUESTS_PAGES = """
/log /log?kind=freeze /transparency /trust /upstream /notice /notice?address=https://parvis.test/@bao/{post}
""".split()
MEMBERS_PAGES = """
/standing /standing/link /statements/{freeze} /statements/{cover} /statements/{reversal} /appeals /moderators
/reports/mine /report?about=post.{post} /report?about=account.{zoe} /trust /jury /jury/history /jury/settings
/transparency /log
""".split()
MODERATORS_PAGES = """
/moderation /moderation/cases/{open} /moderation/cases/{decided} /moderation/cases/{account}
/moderation/cases/{open}/reports /moderation/cases/{open}/earlier /moderation/appeals/{appeal} /moderation/bulk
/moderation/bulk/{bulk} /moderation/care /moderation/brake /moderation/crisis /moderation/filters
/moderation/filters/new /moderation/filters/{filter} /moderation/filters/{filter}/edit
/moderation/filters/{filter}/simulation /moderation/words /moderation/words/new /moderation/words/{words}
/moderation/pictures /moderation/upstream /moderation/upstream/new /moderation/upstream/{complaint}
/moderation/upstream/senders /moderation/audits
""".split()


@pytest.fixture
def engine() -> str:
    """The database has no say in words."""
    return "sqlite"


async def decided(site: LiveSite) -> tuple[Member, Member, dict[str, int]]:
    """Who operates, whom cases are about, and what there is to see: decisions, one taken back, one under appeal."""
    zoe, zoe2 = await site.member("zoe", role=Role.OPERATOR), await site.network.moderator("zoe2")
    bao, zzz = await site.members("bao", "zzz")
    found = {"zoe": zoe.id}
    for kind in (StatementKind.COVER, StatementKind.LIMIT):
        await zzz.report(await bao.post("zzz"), rule=1, words=ZZZ)
        found["decided"] = await site.network.open_case()
        found["cover"] = await zoe2.decide(found["decided"], None, 1, ZZZ, ZZZ, measures=frozenset({kind}))
    found["reversal"] = await reversals.reverse(await zoe2.viewer(), found["cover"], ZZZ)
    await zzz.report_subject(Subject(SubjectKind.ACCOUNT, bao.id), rule=1, words=ZZZ)
    found["account"] = await site.network.open_case()
    # What of it is shown in a list is written before the freeze.
    found["post"] = await bao.post("zzz", media=await pictured(bao))
    await zzz.report(found["post"], rule=1, words=ZZZ)
    found["open"] = await site.network.open_case()
    found["freeze"] = await zoe2.decide(
        found["account"], StatementKind.WARNING, 1, ZZZ, ZZZ, sanction=StatementKind.FREEZE, days=7
    )
    found["appeal"] = await appeals.lodge(await bao.viewer(), found["freeze"], ZZZ)
    await case_messages.write(await zoe2.viewer(), found["open"], Party.SANCTIONED, ZZZ)
    await case_notes.add(await zoe.viewer(), found["open"], ZZZ)
    await site.settle()
    return zoe, bao, found


async def pictured(member: Member) -> tuple[ChosenMedia, ...]:
    return (ChosenMedia((await member.send(media_files.encoded())).id, "zzz"),)


async def desk(site: LiveSite, zoe: Member) -> dict[str, int]:
    """What moderators have besides cases."""
    viewer = await zoe.viewer()
    words = await word_changes.add(viewer, "zzz", "zzz")
    made = await written_filters.shadowed(zoe, FilterOutcome.CASE, 'words("zzz")', "zzz")
    await (await site.member("zoe3")).post("zzz #zzz")
    await written_filters.simulated(zoe, made)
    await site.settle()
    people, _ = await bulk.wave(site.network)
    assert people
    complaint = await complaints.opened(complaints.mail("zzz", Subject="zzz"))
    return {"words": words, "filter": made, "bulk": await bulk.preview(zoe), "complaint": complaint}


async def left(browser: httpx.AsyncClient, addresses: list[str], places: dict[str, int]) -> dict[str, set[str]]:
    pages = [address.format(**places) for address in addresses]
    found = {address: await leftovers(browser, address) for address in pages}
    ours = {address: {one for one in words if not WRITTEN.fullmatch(one)} for address, words in found.items()}
    return {address: words for address, words in ours.items() if words}


async def test_what_everybody_reads_is_french(site: LiveSite) -> None:
    _, _, places = await decided(site)
    assert await left(site.browser(), GUESTS_PAGES, places) == {}


async def test_what_members_read_is_french(site: LiveSite) -> None:
    _, bao, places = await decided(site)
    assert await left(site.browser(bao), MEMBERS_PAGES, places) == {}


async def test_what_moderators_read_is_french(site: LiveSite) -> None:
    zoe, _, places = await decided(site)
    places |= await desk(site, zoe)
    assert await left(site.browser(zoe), MODERATORS_PAGES, places) == {}
