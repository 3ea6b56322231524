"""What the network itself has done, on the page, in the feed and in a mail."""

import re

import pytest

from domain.core import ids
from domain.notifications import feeds, notices
from tests.conftest import OpenSite, Watch
from tests.helpers.people import LiveSite
from tests.helpers.services import MailServer
from tests.web.sent_mails import morning, subscribed


@pytest.fixture
async def site(open_site: OpenSite, mail: MailServer) -> LiveSite:
    return await open_site(smtp_url=mail.url, origin="http://tilly.example")


async def test_on_the_page_it_has_the_icon_of_the_network(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    await notices.from_network(ana.id, ids.new())
    page = (await browser.get("/notifications")).text
    (line,) = re.findall(r'<article class="notification.*?</article>', page, re.DOTALL)
    assert '<a href="/about">News from the network</a>' in line
    assert re.search(r'<img src="/icons/any-192\.[^"]+\.png"', line)
    assert "/@" not in line
    assert "<button" not in line
    (notice,) = (await notices.page(await ana.viewer())).items
    for action in ("vote", "accept"):
        assert (await browser.get(f"/notifications/{notice.id}/{action}")).status_code == 404


async def test_about_a_post_it_leads_there(site: LiveSite) -> None:
    ana = await site.member("ana")
    post = await ana.post("The lamp is mended")
    await notices.from_network(ana.id, ids.new(), post=post)
    browser = site.browser(ana)
    page = (await browser.get("/notifications")).text
    assert f'<a href="/@ana/{post}">News from the network</a>' in page
    assert '<p class="excerpt">The lamp is mended</p>' in page
    (notice,) = (await notices.page(await ana.viewer())).items
    assert (await browser.get(f"/notifications/{notice.id}/vote")).status_code == 404


async def test_settings_do_not_list_it(site: LiveSite) -> None:
    page = (await site.browser(await site.member("ana")).get("/settings/notifications")).text
    assert 'name="mention_page"' in page
    assert "network_page" not in page
    assert "From the network" not in page


async def test_in_the_feed_the_network_is_its_author(site: LiveSite) -> None:
    ana = await site.member("ana")
    await feeds.renew(await ana.viewer())
    await notices.from_network(ana.id, ids.new())
    feed = (await site.browser().get(f"/feeds/{await feeds.address_of(await ana.viewer())}.xml")).text
    assert "<title>News from the network</title>" in feed
    assert "<name>Tilly</name><uri>http://tilly.example/about</uri>" in re.sub(r">\s+<", "><", feed)
    assert 'href="http://tilly.example/about"' in feed


async def test_in_a_mail_it_has_its_heading(site: LiveSite, mail: MailServer, watch: Watch) -> None:
    ana = await subscribed(site, mail)
    await notices.from_network(ana.id, ids.new())
    await morning(site, watch)
    (message,) = mail.messages
    text = message.get_content().replace("\r\n", "\n")
    assert "FROM THE NETWORK\n\nNews from the network\nhttp://tilly.example/about\n" in text
