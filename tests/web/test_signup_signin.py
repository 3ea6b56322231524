"""Coming in: the first run, signing up and in, with the cookie that says who one is."""

import re

import httpx
import pytest

from domain.accounts import credentials
from tests.conftest import OpenSite
from tests.helpers.people import PASSWORD, LiveSite
from tests.helpers.services import MailServer

FORM = {
    "handle": "Ana_R", "name": "Ana", "password": PASSWORD, "birth_date": "1990-01-01", "terms": "1", "email": "",
}  # fmt: skip


def cookie(answer: httpx.Response, name: str = "parvis") -> str:
    return next((line for line in answer.headers.get_list("set-cookie") if line.startswith(f"{name}=")), "")


async def test_the_first_visit_founds_the_network(open_site: OpenSite) -> None:
    site = await open_site(kind="migrated")
    browser = site.browser()
    for page in ("/", "/signup", "/public", "/@ana", "/posts/1"):
        assert (await browser.get(page)).headers["location"] == "/setup"
    assert (await browser.get("/setup")).status_code == 200
    wrong = await browser.post("/setup", data={**FORM, "network_name": "", "hue": "3"})
    assert wrong.status_code == 422
    assert 'value="Ana_R"' in wrong.text
    assert PASSWORD not in wrong.text
    founded = await browser.post("/setup", data={**FORM, "network_name": "Tilly", "hue": "3"})
    assert founded.headers["location"] == "/"
    assert "Tilly" in (await browser.get("/settings/network")).text
    assert (await browser.get("/setup")).headers["location"] == "/"
    usurper = site.browser()
    again = await usurper.post("/setup", data={**FORM, "handle": "eve", "network_name": "Eve's", "hue": "3"})
    assert (again.headers["location"], cookie(again)) == ("/", "")
    assert await site.network.count("account") == 1


async def test_signing_up(site: LiveSite) -> None:
    browser = site.browser()
    answer = await browser.post("/signup", data=FORM)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert re.fullmatch(r"parvis=[\w-]{43}; Path=/; Max-Age=\d+; HttpOnly; SameSite=Lax", cookie(answer))
    assert "@Ana_R" in (await browser.get("/")).text
    assert await site.network.count("account", "terms_version = 1 AND handle = 'Ana_R'") == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"handle": "OTTILIE"}, "This handle is taken."),
        ({"handle": "admin"}, "kept for the network"),
        ({"birth_date": "2024-01-01"}, "at least 16 years"),
        ({"terms": ""}, "Accept the terms"),
        ({"terms": "2"}, "Accept the terms"),
        ({"password": "short"}, "at least 10"),
    ],
)
async def test_a_refused_form_keeps_what_was_typed(site: LiveSite, wrong: dict[str, str], words: str) -> None:
    answer = await site.browser().post("/signup", data={**FORM, "name": "Ana <Ruiz>", **wrong})
    assert answer.status_code == 422
    assert words in answer.text
    assert "Ana &lt;Ruiz&gt;" in answer.text
    assert PASSWORD not in answer.text
    assert cookie(answer) == ""
    assert await site.network.count("account") == 1


async def test_settings_of_the_door(open_site: OpenSite) -> None:
    closed = await open_site(signup_open=False)
    assert (await closed.browser().post("/signup", data=FORM)).status_code == 403
    assert "form" not in re.findall(r"<(\w+)[^>]*action=\"/signup", (await closed.browser().get("/signup")).text)
    assert await closed.network.count("account") == 1


async def test_an_address_may_be_required(open_site: OpenSite) -> None:
    site = await open_site(email_required=True, minimum_age=0)
    answer = await site.browser().post("/signup", data={**FORM, "birth_date": ""})
    assert answer.status_code == 422
    assert "Give an email address." in answer.text
    answer = await site.browser().post("/signup", data={**FORM, "birth_date": "", "email": "a@tilly.example"})
    assert answer.status_code == 303


async def test_sign_ups_from_one_address_are_limited(open_site: OpenSite) -> None:
    site = await open_site(signups_per_hour=2)
    for n in range(4):
        answer = await site.browser().post("/signup", data={**FORM, "handle": f"ana{n}"})
        assert answer.status_code == (303 if n < 2 else 429)
    assert (await site.browser(address="192.0.2.9").post("/signup", data={**FORM, "handle": "ben"})).status_code == 303
    assert await site.network.count("account") == 4


async def test_signing_in_and_out(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser()
    answer = await browser.post("/signin", data={"handle": "@ANA", "password": PASSWORD, "next": "/settings"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    first = browser.cookies["parvis"]
    again = await browser.post("/signin", data={"handle": "ana", "password": PASSWORD})
    assert browser.cookies["parvis"] != first, "another session for each sign-in"
    assert await site.network.count("session", f"account = {ana.id}") == 2
    gone = await browser.post("/signout")
    assert "Max-Age=0" in cookie(gone)
    assert gone.headers["clear-site-data"] == '"cache", "storage"'
    tidied = await browser.post("/signout", data={"purged": "1"})
    assert tidied.headers["clear-site-data"] == '"cache"', "what others on the device have not sent stays"
    assert (await browser.get("/settings")).headers["location"].startswith("/signin")
    stolen = site.browser()
    stolen.cookies.set("parvis", cookie(again).partition("=")[2].partition(";")[0])
    assert (await stolen.get("/settings")).status_code == 303


async def test_nobody_learns_who_has_an_account(site: LiveSite) -> None:
    await site.member("ana")
    answers = [
        await site.browser().post("/signin", data={"handle": handle, "password": "not the password"})
        for handle in ("ana", "nobody")
    ]
    one, other = [(answer.status_code, answer.text.replace("nobody", "ana")) for answer in answers]
    assert one == other
    assert one[0] == 422


async def test_cookies_under_https(open_site: OpenSite) -> None:
    site = await open_site(origin="https://tilly.example")
    browser = site.browser()
    answer = await browser.post("/signup", data=FORM)
    flags = cookie(answer, "__Host-parvis").split("; ")
    assert {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"} <= set(flags)
    assert not [flag for flag in flags if flag.startswith("Domain")]
    assert answer.headers["strict-transport-security"] == "max-age=63072000", "siblings may be served over http"
    chosen = await browser.post("/preferences", data={"theme": "dark", "locale": "fr", "next": "/"})
    assert all("Secure" in line and line.startswith("__Host-") for line in chosen.headers.get_list("set-cookie"))


async def test_hsts_covers_subdomains_only_where_that_is_set(open_site: OpenSite) -> None:
    site = await open_site(origin="https://tilly.example", hsts_subdomains=True)
    answer = await site.browser().get("/about")
    assert answer.headers["strict-transport-security"] == "max-age=63072000; includeSubDomains"
    plain = await open_site(origin="http://tilly.example", hsts_subdomains=True)
    assert "strict-transport-security" not in (await plain.browser().get("/about")).headers


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "\\\\evil.example",
        "/\t/evil.example", " //evil.example", "/\n/evil.example", "///evil.example", "evil.example",
    ],
)  # fmt: skip
async def test_next_leads_nowhere_else(site: LiveSite, target: str) -> None:
    await site.member("ana")
    answers = [
        await site.browser().post("/signin", data={"handle": "ana", "password": PASSWORD, "next": target}),
        await site.browser().post("/preferences", data={"theme": "dark", "next": target}),
    ]
    browser = site.browser(await site.member("ben"))
    answers.append(await browser.get("/signin", params={"next": target}))
    for answer in answers:
        assert answer.status_code == 303
        where = answer.headers["location"]
        assert where.startswith("/")
        assert httpx.URL("http://parvis.test").join(where).host == "parvis.test"
        assert where[1:2] not in ("/", "\\")


async def test_a_new_password_by_mail(open_site: OpenSite, mail: MailServer) -> None:
    site = await open_site(smtp_url=mail.url, origin="http://tilly.example")
    ana = await site.member("ana", email="ana@tilly.example", locale="fr")
    await site.member("ben")
    for who in ("ana@tilly.example", "nobody@tilly.example", "ben", "@ana"):
        answer = await site.browser().post("/reset", data={"email": who})
        assert "If an account has this address" in answer.text
        # Mails of one moment come in any order.
        await site.settle()
    assert [message["To"] for message in mail.messages] == ["ana@tilly.example"] * 2
    assert mail.messages[0]["From"] == "noreply@tilly.example"
    links = [re.findall(r"http://tilly\.example(/reset/\S+)", message.get_content())[0] for message in mail.messages]
    browser = site.browser()
    assert (await browser.get(links[0])).status_code == 200, "whoever asks for another link ends none"
    page = await browser.get(links[1])
    assert page.status_code == 200
    assert page.headers.get_list("referrer-policy")[-1] == "no-referrer"
    assert (await browser.post(links[1], data={"password": "short"})).status_code == 422
    answer = await browser.post(links[1], data={"password": "a new password"})
    assert answer.headers["location"] == "/"
    assert "@ana" in (await browser.get("/")).text
    assert not (await ana.viewer()).signed_in
    for link in links:
        assert (await browser.post(link, data={"password": "another password"})).status_code == 403
    assert (await credentials.prove("ana", "a new password")).account == ana.id


async def test_without_mail_the_operator_is_asked(site: LiveSite) -> None:
    await site.member("ana", email="ana@tilly.example")
    assert "send mail" in (await site.browser().get("/reset")).text
    await site.browser().post("/reset", data={"email": "ana@tilly.example"})
    assert await site.network.count("outbox") == 0
