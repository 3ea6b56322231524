"""Whom moderators or a jury have dealt with learns on which day, and nowhere at which hour."""

import re
from datetime import UTC, datetime

from domain.core import clock
from domain.moderation import appeal_decisions, appeals, case_messages
from domain.moderation.kinds import Party, StatementKind
from domain.notifications.kinds import RULES, NotificationKind
from tests.conftest import Watch
from tests.helpers.moderation import reported
from tests.helpers.people import LiveSite
from tests.web.test_exports import downloaded
from tests.web.test_feeds import ATOM, read, titles, turn_on

AT_WORK = datetime(2027, 3, 5, 13, 47, tzinfo=UTC)
# As people and as machines are told it, in minutes since then as well.
HOUR = re.compile(r"13:4\d|1:4\d.PM|\b1[3-9]\d min\b|\b3 h\b")
PAGES = ("/notifications", "/standing", "/reports/mine", "/appeals", "/moderators", "/log", "/trust", "/")


async def test_no_page_feed_or_export_tells_the_hour(site: LiveSite, watch: Watch) -> None:
    ana, eve, moderator, _, case = await reported(site.network)
    second = await site.network.moderator("max")
    feeds = {member.handle: await turn_on(site, member) for member in (ana, eve)}
    watch.ahead += int(AT_WORK.timestamp() * 1000) - clock.now()
    await case_messages.write(await moderator.viewer(), case, Party.SANCTIONED, "What did you mean?")
    await case_messages.write(await moderator.viewer(), case, Party.REPORTER, "Is it a song?")
    statement = await moderator.decide(case, StatementKind.POST_REMOVAL)
    appeal = await appeals.lodge(await eve.viewer(), statement, "It was a line from a song.")
    await appeal_decisions.uphold(await second.viewer(), appeal, "No song says this.")
    await site.settle()
    watch.forward(3 * 3600)
    told = {}
    for member in (ana, eve):
        browser = site.browser(member)
        for page in (*PAGES, f"/statements/{statement}" if member is eve else "/log"):
            text = (await browser.get(page)).text
            shown = text if page != "/notifications" else _of_moderators(text)
            assert not HOUR.search(shown), (page, HOUR.findall(shown))
        shown = _of_moderators((await browser.get("/notifications")).text)
        assert shown.count('<time datetime="2027-03-05"') == shown.count("<time")
        assert ">Mar 5</time>" in shown
        _, feed = await read(site, feeds[member.handle])
        for entry in feed.findall("a:entry", ATOM):
            dates = {entry.findtext(f"a:{name}", namespaces=ATOM) for name in ("published", "updated")}
            assert dates == {"2027-03-05T00:00:00Z"}
        told[member.handle] = len(set(titles(feed)))
        archive = await downloaded(site, member)
        exported = archive.read("moderation.json").decode()
        assert "2027-03-05" in exported
        # What they have written themselves they know the hour of.
        assert not HOUR.search(re.sub(r'"lodged": "[^"]+"', "", exported))
    assert told == {"ana": 2, "eve": 3}


def _of_moderators(page: str) -> str:
    """The notifications of a page."""
    return "".join(re.findall(r'(?s)<article class="notification.*?</article>', page))


async def test_a_reader_of_the_feed_misses_nothing_that_has_no_hour(site: LiveSite, watch: Watch) -> None:
    """What is dated by the day alone makes the feed no newer: only its tag tells that it has changed."""
    ana, _, moderator, _, case = await reported(site.network)
    path = await turn_on(site, ana)
    before, _ = await read(site, path)
    assert "last-modified" not in before.headers
    await moderator.decide(case, StatementKind.WARNING)
    await site.settle()
    asked = {"if-none-match": before.headers["etag"]}
    assert (await site.browser().get(path, headers=asked)).status_code == 200
    later = {"if-modified-since": "Fri, 05 Mar 2066 13:47:00 GMT"}
    assert (await site.browser().get(path, headers=later)).status_code == 200


def test_the_kinds_that_tell_of_moderators_and_juries() -> None:
    """A summons has to be answered within a day, from an hour on."""
    assert {kind for kind in NotificationKind if RULES[kind].dated_by_day} == {
        NotificationKind.STATEMENT,
        NotificationKind.OUTCOME,
        NotificationKind.APPEAL,
        NotificationKind.CASE_MESSAGE,
        NotificationKind.VERDICT,
        NotificationKind.RELEASE,
        NotificationKind.REVERSAL,
    }
