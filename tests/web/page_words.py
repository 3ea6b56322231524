"""What a page says, and what of it a French page says in English."""

import re
from html.parser import HTMLParser

import httpx

from ops import messages

CATALOGUES = {file.stem: messages.read(file) for file in sorted(messages.CATALOGUES.glob("*.po"))}


def pairs(locale: str) -> list[tuple[str, str]]:
    """Each source text with its translation, form by form."""
    return [
        (message.id if isinstance(message.id, str) else message.id[min(form, 1)], words)
        for message in CATALOGUES[locale]
        if message.id
        for form, words in enumerate(messages.strings(message))
    ]


class Words(HTMLParser):
    """What a page says: its texts, and the attributes that are read or shown."""

    SHOWN = ("aria-label", "title", "placeholder", "alt")
    SILENT = ("script", "style", "code")

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


# The same in both languages: some words, and what people wrote.
OURS = {"English", "Français", "Ctrl", "Enter", "Esc", "https://"} | {
    source for source, words in pairs("fr") if source == words
}
THEIRS = re.compile(
    r"(Zoe: )?[#@]?(zzz|zoe[23]?|bao|tests|Tilly|Ottilie Brandt|ottilie)( zz| @zoe|zzz| #?zzz)*( · Tilly)?|\w\w"
    r"|\S+@tilly.example"
    r"|The square of Tilly.+|Be on the square.+|What you write stays yours.+|\(?Version [\d.]+( ·|\))?"
    r"|parvis( log verify |/log/)\S+( --state log.json)?|[0-9a-f]{64}",
    re.IGNORECASE,
)


async def page(browser: httpx.AsyncClient, address: str, locale: str) -> str:
    answer = await browser.get(address, headers={"accept-language": locale})
    assert answer.status_code == (404 if address == "/nowhere" else 200), address
    assert f'<html lang="{locale}"' in answer.text, address
    return answer.text


async def leftovers(browser: httpx.AsyncClient, address: str) -> set[str]:
    """What the French page says in the words of the English one."""
    french = Words(await page(browser, address, "fr")).found
    english = Words(await page(browser, address, "en")).found
    assert len(french) > 10
    return {
        words
        for words in french & english
        if words.removesuffix(" · Tilly") not in OURS and not THEIRS.fullmatch(words)
    }
