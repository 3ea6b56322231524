"""Walks through a site as a reader would, and looks at every page for what its policy forbids."""

import re
from html.parser import HTMLParser

import httpx


class Reader(HTMLParser):
    """Notes everything in a page that the policy would have to allow."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("style", "base", "iframe", "object", "embed") or (tag == "script" and "src" not in given):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            address = (value or "").strip().lower()
            if name == "style" or name.startswith(("on", "hx-on")):
                self.found.append(f"{tag} {name}")
            if name in ("href", "src", "action", "formaction") and re.match(
                r"(?!https?:|mailto:)[a-z][\w+.-]*:", address
            ):
                self.found.append(f"{tag} {name}={value}")
            if name in ("src", "action", "formaction") and "//" in address:
                self.found.append(f"{tag} {name}={value}")


async def walk(browser: httpx.AsyncClient, start: str = "/") -> dict[str, str]:
    """Every page that is a link away, and its text."""
    seen: dict[str, str] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path in seen or len(seen) > 2000:
            continue
        answer = await browser.get(path)
        seen[path] = answer.text if answer.status_code != 303 else ""
        assert answer.status_code in (200, 303), f"{path}: {answer.status_code}"
        check(answer)
        for address in re.findall(r'(?:href|hx-get)="(/[^"#]*)', seen[path]):
            link = address.replace("&amp;", "&")
            if not link.startswith(("/static/", "/signout")) and link not in seen:
                waiting.append(link)
    return seen


def check(answer: httpx.Response) -> None:
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "*" not in policy
    for name, value in (("x-content-type-options", "nosniff"), ("cross-origin-opener-policy", "same-origin")):
        assert answer.headers[name] == value
    reader = Reader()
    reader.feed(answer.text)
    assert reader.found == [], str(answer.url)
