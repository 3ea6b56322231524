"""A network that is being left: it can be read, keeps what people typed, and leads on when it has gone."""

import pytest

from db.tables.backups import SiteState
from domain.backups import handover
from domain.backups.handover import SITE_MODE
from domain.core.errors import Conflict
from tests.conftest import OpenSite
from tests.helpers.people import LiveSite

BANNER = "The network is moving to another machine"


@pytest.fixture(autouse=True)
async def as_ever() -> None:
    SITE_MODE.state, SITE_MODE.address = SiteState.NORMAL, ""


@pytest.fixture
def engine() -> str:
    return "sqlite"


async def test_reading_goes_on_and_writing_waits(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    post = await ana.post("Before")
    await handover.stop_writes()
    for path in ("/", "/public", f"/posts/{post}", "/settings", "/signin"):
        answer = await browser.get(path, follow_redirects=True)
        assert answer.status_code == 200
        assert BANNER in answer.text, path
    typed = {"text": "A long letter <b>", "key": "the-first-key", "password": "a lamp in every window"}
    answer = await browser.post("/posts", data=typed)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert "A long letter &lt;b&gt;" in answer.text
    assert 'name="key" value="the-first-key"' in answer.text
    assert "a lamp in every window" not in answer.text
    assert await ana.public() == [post]
    answer = await browser.post("/compose", data={"text": "With a file"}, files={"media": b""})
    assert (answer.status_code, "With a file" in answer.text) == (503, True)
    answer = await browser.put(f"/posts/{post}/vote?value=up", headers={"x-act": "1"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "moving")
    french = await browser.post("/posts", data=typed, headers={"accept-language": "fr"})
    assert french.status_code == 503
    await handover.resume_writes()
    assert BANNER not in (await browser.get("/public")).text
    assert (await browser.post("/posts", data={"text": "After", "key": "the-second-key"})).status_code == 303


async def test_a_form_that_a_device_fills_is_not_given_back(site: LiveSite) -> None:
    """Nobody could type the code that a device brings from the old address."""
    await handover.stop_writes()
    answer = await site.browser().post("/arrive", data={"next": "/public", "code": "ABCD-EFGH"})
    assert (answer.status_code, 'action="/arrive"' in answer.text, "ABCD-EFGH" in answer.text) == (503, False, False)


async def test_it_leads_to_the_same_page_elsewhere(site: LiveSite) -> None:
    browser = site.browser(await site.member("ana"))
    with pytest.raises(Conflict, match="run `parvis evacuate` first"):
        await handover.redirect_to("https://new.example/")
    await handover.stop_writes()
    await handover.redirect_to("https://new.example/")
    for method, path in (
        ("GET", "/"),
        ("GET", "/@ana?tab=media&x=%20"),
        ("POST", "/posts"),
        ("GET", "/static/css/x.css"),
    ):
        answer = await browser.request(method, path)
        assert answer.status_code == 308
        assert answer.headers["location"] == f"https://new.example{path}"
    assert (await browser.get("/healthz")).status_code == 200
    await handover.resume_writes()
    assert (await browser.get("/public")).status_code == 200


async def test_other_processes_hear_of_it(open_site: OpenSite) -> None:
    site = await open_site()
    await handover.stop_writes()
    SITE_MODE.state = SiteState.NORMAL
    await SITE_MODE.refresh()
    assert SITE_MODE.writes_stopped
    assert await site.network.worker.drain() == 0
    await handover.resume_writes()


async def test_only_operators_see_backups(site: LiveSite) -> None:
    ana = await site.member("ana")
    assert (await site.browser().get("/settings/backups")).status_code == 303
    assert (await site.browser(ana).get("/settings/backups")).status_code == 403
    assert "/settings/backups" not in (await site.browser(ana).get("/settings")).text
    operator = site.browser(await site.network.operator())
    assert "/settings/backups" in (await operator.get("/settings")).text
    answer = await operator.get("/settings/backups")
    assert answer.status_code == 200
    assert answer.text.count('class="stand failing"') == 3
