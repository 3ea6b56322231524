"""Languages: the catalogues are whole, the pages hold nothing else, and everyone gets the one they want."""

import re

import pytest
from babel.messages import Message

from domain.core.access import Role
from domain.core.visibility import WhoMayReply
from domain.moderation import rule_files
from ops import messages
from tests.conftest import OpenSite
from tests.helpers.people import PASSWORD, LiveSite
from tests.web.page_words import CATALOGUES, leftovers, pairs
from web import i18n

SOURCES = messages.extract()
PLACE = re.compile(r"%\(\w+\)s")
TAG = re.compile(r"<[^>]+>")


@pytest.fixture
def engine() -> str:
    """The database has no say in words."""
    return "sqlite"


def key(message: Message) -> tuple[object, str | None]:
    return message.id, message.context


# --- catalogues ------------------------------------------------------------------------------------------------------


def test_every_language_but_english_has_a_catalogue() -> None:
    assert set(CATALOGUES) == set(i18n.LOCALES) - {"en"}


@pytest.mark.parametrize("locale", CATALOGUES)
def test_catalogues_hold_what_the_sources_hold(locale: str) -> None:
    """`make messages` brings them up to date; then the new texts are to be translated."""
    catalogue = CATALOGUES[locale]
    assert {key(message) for message in catalogue} == {key(message) for message in SOURCES} | {("", None)}
    assert [message.id for message in catalogue if message.fuzzy and message.id] == []
    assert list(catalogue.obsolete) == []
    assert [source for source, words in pairs(locale) if not words.strip()] == []


@pytest.mark.parametrize("locale", CATALOGUES)
def test_catalogues_are_written_as_make_messages_writes_them(
    locale: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    copy = tmp_path_factory.mktemp("locale") / f"{locale}.po"
    messages.write(copy, CATALOGUES[locale])
    assert copy.read_text() == (messages.CATALOGUES / copy.name).read_text()


@pytest.mark.parametrize("locale", CATALOGUES)
def test_translations_keep_places_and_links(locale: str) -> None:
    """A lost place loses somebody's name; an invented one breaks the page."""
    for source, words in pairs(locale):
        assert set(PLACE.findall(words)) == set(PLACE.findall(source)), source
        assert TAG.findall(words) == TAG.findall(source), source


def test_french_typography() -> None:
    """U+202F before ; ! ? and inside « », U+00A0 before a colon, ’ and never '."""
    wrong = re.compile(r"'|(?<!\u202f)[;!?»]|«(?!\u202f)|(?<![\u00a0])(?<!https):(?!//)|\.\.\.")
    marked = [re.sub(r"%\(\w+\)s|<[^>]+>", "x", words) for _, words in pairs("fr")]
    assert [words for words in marked if wrong.search(words)] == []


# --- pages -----------------------------------------------------------------------------------------------------------


GUESTS_PAGES = """
/ /public /signin /signup /reset /about /terms /rules /rules/1 /rules/history /log /nowhere /tags/zzz /@zoe
""".split()
MEMBERS_PAGES = """
/ /public /people /people?q=zzz /requests /compose /compose?reply_to={reply} /compose?quote={first} /@zoe /@bao
/@zoe/votes /@bao/followers /@zoe/following /@bao/menu /accounts/{bao}/block /@zoe/{first} /@zoe/{kept} /@bao/{closed}
/@bao/{reply} /@zoe/{first}/edits /@zoe/{first}/menu /@bao/{reply}/menu /posts/{first}/edit /settings /settings/profile
/settings/account /settings/reading /settings/privacy /settings/devices /settings/leave /settings/network
/rules /rules/history
""".split()


async def test_guests_pages_are_french_throughout(site: LiveSite) -> None:
    zoe = await site.member("zoe")
    await zoe.post("zzz #zzz", cover="zzz")
    browser = site.browser()
    assert {address: left for address in GUESTS_PAGES if (left := await leftovers(browser, address))} == {}


async def test_members_pages_are_french_throughout(site: LiveSite) -> None:
    zoe, bao = await site.member("zoe", role=Role.OPERATOR), await site.member("bao")
    await zoe.follow(bao)
    first = await zoe.post("zzz")
    places = {
        "bao": bao.id,
        "first": first,
        "reply": await bao.post("zzz @zoe", parent=first),
        "quote": await bao.post("zzz", quote=first),
        "kept": await zoe.post("zzz", followers=True, cover="", replies_to=WhoMayReply.FOLLOWERS),
        "closed": await bao.post("zzz", replies_to=WhoMayReply.MENTIONED),
    }
    await bao.repost(first)
    await zoe.edit(first, "zzz zz")
    await zoe.mute(await site.member("zoe2"))
    await site.settle()
    browser = site.browser(zoe)
    addresses = [address.format(**places) for address in MEMBERS_PAGES]
    assert {address: left for address in addresses if (left := await leftovers(browser, address))} == {}


async def test_the_editor_of_rules_is_french_but_for_the_rules(site: LiveSite) -> None:
    browser = site.browser(await site.member("zoe", role=Role.OPERATOR))
    texts = {" ".join(words.split()) for rule in rule_files.default_rules() for text in rule.texts.values()
             for words in (text.title, text.text, f"{rule.number}. {text.title}")}  # fmt: skip
    assert await leftovers(browser, "/settings/rules") - texts == set()


async def test_the_first_page_of_a_network_is_french(open_site: OpenSite) -> None:
    browser = (await open_site(kind="migrated")).browser()
    assert await leftovers(browser, "/setup") == set()
    form = {
        "network_name": "Tilly", "contact": "mairie@tilly.example", "hue": "6", "handle": "zoe", "name": "Zoé",
        "password": PASSWORD,
    }  # fmt: skip
    await browser.post("/setup", data=form, headers={"accept-language": "fr"})
    assert "Voici les conditions de ce réseau" in (await browser.get("/terms")).text
    assert '<html lang="fr"' in (await browser.get("/terms", headers={"accept-language": "en"})).text


async def test_refusals_are_french(site: LiveSite) -> None:
    zoe = await site.member("zoe", locale="fr")
    browser = site.browser(zoe)
    refused = await browser.put(f"/accounts/{zoe.id}/follow", headers={"x-act": "1"})
    assert refused.json()["error"]["message"] == "Vous ne pouvez pas vous suivre vous-même."
    wrong = {"handle": "zoe", "password": "not this one"}
    answer = await site.browser().post("/signin", data=wrong, headers={"accept-language": "fr"})
    assert "L’identifiant ou le mot de passe est incorrect." in answer.text
    written = await browser.post("/posts", data={"text": "é" * 1001, "key": "a-key-of-mine"})
    assert "1000 caractères au maximum\u202f; il y en a 1001." in written.text


# --- which one -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("accept", "locale"),
    [
        ("", "en"),
        ("*", "en"),
        ("fr", "fr"),
        ("fr-CA,en;q=0.5", "fr"),
        ("en;q=0.5, FR;q=0.9", "fr"),
        ("de,fr;q=0.8,en;q=0.7", "fr"),
        ("fr;q=0, en;q=0.1", "en"),
        ("fr;q=much", "en"),
        ("de-DE,de;q=0.9", "en"),
        (",;q=,;;", "en"),
    ],
)
def test_the_browsers_best(accept: str, locale: str) -> None:
    assert i18n.choose("", accept, "en") == locale


def test_a_choice_comes_before_the_browser_and_the_default_last() -> None:
    assert i18n.choose("en", "fr", "fr") == "en"
    assert i18n.choose("xx", "fr", "en") == "fr"
    assert i18n.choose("", "de", "fr") == "fr"


async def test_a_guest_switches_and_it_stays(site: LiveSite) -> None:
    browser = site.browser(headers={"accept-language": "en"})
    answer = await browser.post("/preferences", data={"locale": "fr", "next": "/about"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/about")
    assert '<html lang="fr"' in (await browser.get("/about")).text
    await browser.post("/preferences", data={"locale": "xx"})
    assert '<html lang="fr"' in (await browser.get("/about")).text


async def test_a_members_choice_follows_them_to_other_devices(site: LiveSite) -> None:
    zoe = await site.member("zoe")
    await site.browser(zoe).post("/preferences", data={"locale": "fr"})
    other = site.browser(await site.network.device(zoe.id, "zoe"), headers={"accept-language": "en"})
    assert '<html lang="fr"' in (await other.get("/")).text


# --- figures and dates -----------------------------------------------------------------------------------------------


def test_figures_and_times_are_said_as_the_french_do() -> None:
    minute = 60_000
    assert i18n.short("fr", 12_400) == "12,4\u00a0k"
    assert i18n.full("fr", 1_234_567) == "1\u202f234\u202f567"
    assert i18n.ago("fr", 0, 0) == "à l’instant"
    assert [i18n.ago("fr", 0, age * minute) for age in (6, 180, 2880)] == ["6\u00a0min", "3\u00a0h", "2\u00a0j"]
    assert i18n.date("fr", 1_700_000_000_000) == "14 nov. 2023, 22:13 UTC"
    assert i18n.date("fr", 1_700_000_000_000, "month") == "novembre 2023"


def test_the_first_of_a_month_is_written_as_each_language_does() -> None:
    first, eleventh = 1796083200000, 1796947200000
    assert i18n.date("fr", first, "day") == "1er décembre 2026"
    assert i18n.date("fr", first).startswith("1er déc. 2026, 00:00")
    assert i18n.ago("fr", first, first + 20 * 86_400_000) == "1er déc."
    assert i18n.date("fr", eleventh, "day") == "11 décembre 2026"
    assert i18n.date("en", first, "day") == "December 1, 2026"
