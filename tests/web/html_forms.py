"""Forms in a page, as a browser without scripts would send them."""

from html.parser import HTMLParser


class _Reader(HTMLParser):
    """Collects each form's action and its fields' values, in the order of the page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._area = ""
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append((given.get("action", ""), {}))
        if not self.forms:
            return
        fields, name = self.forms[-1][1], given.get("name", "")
        kind = given.get("type", "text")
        if tag == "textarea":
            self._area, fields[name] = name, ""
        elif tag == "select":
            self._select = name
        elif tag == "option" and ("selected" in given or self._select not in fields):
            fields[self._select] = given["value"]
        elif tag == "input" and name and kind != "file" and (kind != "checkbox" or "checked" in given):
            fields[name] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            fields = self.forms[-1][1]
            fields[self._area] = (fields[self._area] + data).removeprefix("\n")


def fields(page: str, action: str) -> dict[str, str]:
    """What the form with this action sends as it stands. Errors: ``AssertionError`` when there is none, or several."""
    reader = _Reader()
    reader.feed(page)
    found = [fields for where, fields in reader.forms if where == action]
    assert len(found) == 1, f"{len(found)} forms to {action} among {[where for where, _ in reader.forms]}"
    return found[0]
