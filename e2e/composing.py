"""What a form for a post holds, as one sees it, and how to fill it."""

import base64
from typing import NamedTuple

from playwright.sync_api import FilePayload, Locator, expect

from e2e.user import User
from tests.helpers import media_files

LAMP: FilePayload = {"name": "lamp.jpg", "mimeType": "image/jpeg", "buffer": media_files.encoded()}
DOOR: FilePayload = {
    "name": "door.png",
    "mimeType": "image/png",
    "buffer": media_files.encoded(media_files.photo(300, 500, seed=4), "PNG"),
}
# What the system does when one shares with the app, and what any site can do: a form that is sent by navigation.
SHARE = """([action, text, base64]) => {
  const form = Object.assign(document.createElement("form"), {method: "post", action, enctype: "multipart/form-data"});
  form.append(Object.assign(document.createElement("input"), {name: "text", value: text}));
  if (base64) {
    const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt());
    const data = new DataTransfer();
    data.items.add(new File([bytes], "lamp.jpg", {type: "image/jpeg"}));
    form.append(Object.assign(document.createElement("input"), {type: "file", name: "files", files: data.files}));
  }
  document.body.append(form);
  form.submit();
}"""
PICTURE = base64.b64encode(LAMP["buffer"]).decode()
WRITE = "a[href='/compose'][data-sheet]"


class Form(NamedTuple):
    """Everything that a form holds; ``alts`` describe the pictures, in their order."""

    text: str
    visibility: str = "followers"
    replies_to: str | None = "mentioned"
    cover: str = "How it ends"
    sensitive: bool = True
    alts: tuple[str, ...] = ()
    about: str = ""
    key: str = ""


def fill(form: Locator, wanted: Form) -> Form:
    """Types all of that, with a picture for each of ``alts``. Returns it with the key of the form."""
    form.locator("[name=text]").fill(wanted.text)
    form.locator("[name=visibility]").select_option(wanted.visibility)
    if wanted.replies_to is not None:
        form.locator("[name=replies_to]").select_option(wanted.replies_to)
    if wanted.sensitive:
        form.locator("[name=sensitive]").check()
        form.locator("[name=cover]").fill(wanted.cover)
    if wanted.alts:
        form.locator("[type=file]").set_input_files([LAMP, DOOR][: len(wanted.alts)])
        arrived(form, len(wanted.alts))
    for place, alt in enumerate(wanted.alts):
        form.locator(".attached textarea").nth(place).fill(alt)
    return wanted._replace(key=form.locator("[name=key]").input_value())


def arrived(form: Locator, count: int) -> None:
    """The server has so many pictures of this form."""
    expect(form.locator(".attached[data-state=there]")).to_have_count(count)


def read(form: Locator) -> Form:
    """What the form would send as it stands."""
    expect(form).to_have_count(1)
    sent = form.evaluate("(form) => [...new FormData(form)].filter(([, value]) => typeof value === 'string')")
    fields = dict(sent)
    about = {name: fields.get(name, "") for name in ("reply_to", "quote")}
    return Form(
        text=fields["text"],
        visibility=fields.get("visibility", ""),
        replies_to=fields.get("replies_to"),
        cover=fields["cover"],
        sensitive="sensitive" in fields,
        alts=tuple(value for name, value in sent if name.startswith("alt.")),
        about=next((f"{name} {value}" for name, value in about.items() if value), ""),
        key=fields["key"],
    )


def blank(form: Locator, text: str = "") -> None:
    """The form is as it comes to somebody who has written nothing."""
    expect(form.locator("[name=text]")).to_have_value(text)
    found = read(form)
    assert found._replace(key="") == Form(text, "public", found.replies_to and "everyone", "", sensitive=False)


def holds(form: Locator, wanted: Form) -> None:
    """The form holds all of that, and nothing else."""
    expect(form.locator("[name=text]")).to_have_value(wanted.text)
    expect(form.locator(".attached")).to_have_count(len(wanted.alts))
    assert read(form) == wanted


def write(person: User) -> Locator:
    """Opens the sheet to write in."""
    person.page.locator(WRITE).locator("visible=true").first.click()
    expect(person.form()).to_be_visible()
    return person.form()


def close(person: User) -> None:
    person.page.keyboard.press("Escape")
    expect(person.page.locator("#sheet")).to_be_hidden()


def again_in_the_sheet(person: User) -> Locator:
    """Closes the sheet and opens it again."""
    close(person)
    return write(person)


def again_after_reload(person: User) -> Locator:
    """Loads the page again and opens the sheet."""
    person.page.reload()
    return write(person)
