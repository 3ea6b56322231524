"""Languages: the catalogues are whole, the pages hold nothing else, and everyone gets the one they want."""

import re
from html.parser import HTMLParser

import httpx
import pytest
from babel.messages import Message

from domain.core.errors import NotFound
from ops import messages
from tests.people import PASSWORD, Member, Site
from web import i18n

SOURCES = messages.extract()
CATALOGUES = {file.stem: messages.read(file) for file in sorted(messages.CATALOGUES.glob("*.po"))}
PLACE = re.compile(r"%\(\w+\)s")
TAG = re.compile(r"<[^>]+>")


@pytest.fixture
def engine() -> str:
    """The database has no say in words."""
    return "sqlite"


def pairs(locale: str) -> list[tuple[str, str]]:
    """Each source text with its translation, form by form."""
    return [
        (message.id if isinstance(message.id, str) else message.id[min(form, 1)], words)
        for message in CATALOGUES[locale]
        if message.id
        for form, words in enumerate(messages.strings(message))
    ]


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
def test_catalogues_are_written_as_make_messages_writes_them(locale: str, tmp_path_factory: pytest.TempPathFactory) -> None:
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


class Words(HTMLParser):
    """What a page says: its texts, and the attributes that are read or shown."""

    SHOWN = ("aria-label", "title", "placeholder", "alt")
    SILENT = ("script", "style")

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._silent = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in self.SILENT
        for name, value in attrs:
            if name in self.SHOWN or (name.startswith("data-") and " " in (value or "").strip()):
                self._note(value or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._note(data)

    def _note(self, text: str) -> None:
        words = " ".join(text.split())
        if re.search(r"[^\W\d_]{2}", words):
            self.found.add(words)


# The same in both languages: names, figures, keys, and what people wrote.
OURS = {"English", "Français", "Ctrl", "Enter", "Esc"} | {
    source for source, words in pairs("fr") if source == words
}  # fmt: skip
THEIRS = re.compile(
    r"#?zzz.*|.* · Tilly|.*\bzz\b.*|@?(zoe|bao|ottilie)\b.*|\w\w|Tilly|Ottilie Brandt|https://|The square of Tilly.*"
    r"|mairie@tilly\.example|tests|\d+ \w{3} \d{4}, [\d:]+ UTC"
)


async def page(browser: httpx.AsyncClient, address: str, locale: str) -> str:
    answer = await browser.get(address, headers={"accept-language": locale})
    assert f'<html lang="{locale}"' in answer.text, address
    return answer.text


async def leftovers(browser: httpx.AsyncClient, address: str) -> set[str]:
    """What the French page says in the words of the English one."""
    french, english = (Words(await page(browser, address, locale)).found for locale in ("fr", "en"))
    assert len(french) > 10
    return {words for words in french & english - OURS if not THEIRS.fullmatch(words)}


GUESTS_PAGES = ["/", "/public", "/signin", "/signup", "/reset", "/about", "/nowhere", "/tags/zzz", "/@zoe"]


@pytest.mark.parametrize("address", GUESTS_PAGES)
async def test_guests_pages_are_french_throughout(site: Site, address: str) -> None:
    zoe = await site.member("zoe")
    await zoe.post("zzz #zzz", cover="zzz")
    assert await leftovers(site.browser(), address) == set()


async def speaking_none(site: Site) -> tuple[Member, httpx.AsyncClient, dict[str, int]]:
    """A member whose browser decides on the language, and posts of every kind."""
    zoe, bao = await site.members("zoe", "bao")
    await zoe.follow(bao)
    first = await zoe.post("zzz")
    posts = {"first": first, "reply": await bao.post("zzz @zoe", parent=first), "quote": await bao.post("zzz", quote=first)}
    posts["kept"] = await zoe.post("zzz", followers=True, cover="zzz")
    await bao.post("zzz", replies_to=2)
    await bao.repost(first)
    await zoe.edit(first, "zzz zz")
    await zoe.mute(await site.member("zoe2"))
    await site.settle()
    return zoe, site.browser(zoe), posts


MEMBERS_PAGES = """
/ /public /people /people?q=zzz /requests /compose /compose?reply_to={reply} /compose?quote={first} /@zoe /@bao /@zoe/votes
/@bao/followers /@zoe/following /@bao/menu /accounts/{bao}/block /@zoe/{first} /@zoe/{kept} /@bao/{reply} /@zoe/{first}/edits
/@zoe/{first}/menu /@bao/{reply}/menu /posts/{first}/edit /settings /settings/profile /settings/account /settings/reading
/settings/privacy /settings/devices /settings/leave /settings/network
""".split()


async def test_members_pages_are_french_throughout(site: Site) -> None:
    _, browser, posts = await speaking_none(site)
    bao = await site.network.count("account", "true")
    assert bao
    places = {name: str(post) for name, post in posts.items()}
    found = {}
    for address in MEMBERS_PAGES:
        whole = address.format(**places, bao=places.get("bao", ""))
        if left := await leftovers(browser, whole):
            found[whole] = left
    assert found == {}
