"""A disk that is full: every page says so, loses nothing, and goes on when there is room again."""

import contextlib
import re
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from db.engine import DB
from db.sql import SQL
from domain.accounts import login_codes
from domain.core.outages import DATABASE_STATUS
from tests.conftest import OpenSite
from tests.helpers import media_files
from tests.helpers.databases import Store
from tests.helpers.disks import Disk, small_disk
from tests.helpers.people import PASSWORD, LiveSite
from tests.web import html_forms
from web import errors

TYPED = {"text": "Words that took an hour <b>", "key": "the-first-key", "visibility": "followers", "cover": "Long"}
FULL = "The server’s disk is full"
FULL_DISK = SQL("""
    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE 'could not extend file' USING ERRCODE = 'disk_full'; END $$
""")
ROOM_AGAIN = SQL("DROP FUNCTION full_disk CASCADE")
WRITTEN = ("post", "account", "credential", "signin_code", "session", "follow", "vote", "lease")

Fill = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture
def disk(engine: str, tmp_path: Path) -> Iterator[Disk | None]:
    """For SQLite, whose file is on it."""
    if engine != "sqlite":
        yield None
        return
    folder = tmp_path / "disk"
    folder.mkdir()
    with small_disk(folder) as made:
        yield made


@pytest.fixture
async def site(open_site: OpenSite, store: Store, disk: Disk | None) -> LiveSite:
    """A network whose disk can be filled."""
    if disk is None:
        return await open_site()
    shutil.copy((await store.copy("founded")).removeprefix("sqlite:///"), disk.folder / "parvis.sqlite")
    return await open_site(database_url=f"sqlite:///{disk.folder / 'parvis.sqlite'}", data=str(disk.folder))


@pytest.fixture
def full(disk: Disk | None) -> Fill:
    """A context in which the database has no room."""

    @contextlib.asynccontextmanager
    async def filled() -> AsyncIterator[None]:
        if disk is not None:
            disk.fill()
            try:
                yield
            finally:
                disk.clear()
            return
        await DB.fetch(FULL_DISK)
        for table in WRITTEN:
            trigger = (
                f"CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE OR DELETE ON {table} EXECUTE FUNCTION full_disk()"
            )
            await DB.fetch(SQL(trigger))
        try:
            yield
        finally:
            await DB.fetch(ROOM_AGAIN)

    return filled


# --- no room ---------------------------------------------------------------------------------------------------------


async def test_a_full_disk_loses_nothing_that_was_typed(site: LiveSite, full: Fill) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    before = await ana.post("Before")
    async with full():
        answer = await browser.post("/posts", data=TYPED)
        assert answer.status_code == 503
        assert int(answer.headers["retry-after"]) > 0
        assert FULL in answer.text
        assert "Words that took an hour &lt;b&gt;" in answer.text
        for name, value in (("key", "the-first-key"), ("visibility", "followers")):
            assert f'name="{name}" value="{value}"' in answer.text
        assert ">Long</textarea>" in answer.text
        assert 'action="/posts"' in answer.text
        assert await ana.public() == [before], "reading goes on"
        assert (await browser.get(f"/posts/{before}")).status_code == 303
    again = await browser.post("/posts", data=TYPED)
    assert again.status_code == 303
    assert await site.network.count("post") == 2


async def test_a_full_disk_in_french_for_htmx_and_for_scripts(site: LiveSite, full: Fill) -> None:
    ana = await site.member("ana", locale="fr")
    browser = site.browser(ana)
    async with full():
        answer = await browser.post("/posts", data=TYPED)
        assert (answer.status_code, "disque du serveur est plein" in answer.text) == (503, True)
        answer = await browser.post("/posts", data=TYPED, headers={"hx-request": "true"})
        assert (answer.status_code, "<html" in answer.text) == (503, False)
        answer = await browser.post("/posts", data=TYPED, headers={"x-act": "1"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "interrupted")
        assert int(answer.headers["retry-after"]) > 0


async def test_files_have_to_be_chosen_again(site: LiveSite, full: Fill, engine: str) -> None:
    browser = site.browser(await site.member("ana"))
    hint = "Files have to be chosen again"
    async with full():
        answer = await browser.post("/posts", data=TYPED, files=[("files", ("a.jpg", media_files.encoded()))])
        assert (answer.status_code, "Words that took an hour" in answer.text) == (503, True)
        # On SQLite's disk there is no room for the picture either, and the form itself comes back.
        assert (hint in answer.text) == (engine == "postgresql")
        answer = await browser.post("/posts", data={**TYPED, "key": "the-second-key"}, files=[("files", ("", b""))])
        assert (answer.status_code, hint in answer.text) == (503, False)


async def test_secrets_are_not_given_back(site: LiveSite, full: Fill) -> None:
    ana = await site.member("ana")
    async with full():
        form = {"handle": "zoe", "name": "Zoé", "password": PASSWORD, "birth_date": "1990-01-01", "terms": "1"}
        answer = await site.browser().post("/signup", data=form)
        assert (answer.status_code, "Zoé" in answer.text, PASSWORD in answer.text) == (503, True, False)
        form = {"current": PASSWORD, "new": "another long password"}
        answer = await site.browser(ana).post("/settings/account/password", data=form)
        assert (answer.status_code, PASSWORD in answer.text, "another long" in answer.text) == (503, False, False)


HANDED = {"handle": "ana", "next": "/public", "text": "A reply that was begun"}
# Address -> what the form shows again, and its secrets.
SECRETS: dict[str, tuple[dict[str, str], dict[str, str]]] = {
    "/signin": (HANDED, {"password": PASSWORD}),
    "/settings/account/email": ({"email": "ana@new.example"}, {"proof": PASSWORD}),
    "/settings/account/password": ({}, {"current": PASSWORD, "new": "another long password"}),
    "/settings/leave": ({"handle": "ana"}, {"password": PASSWORD}),
}
AGAIN = {"en": "Passwords and codes have to be typed again.", "fr": "mots de passe et les codes doivent être saisis"}


@pytest.mark.parametrize("locale", AGAIN)
@pytest.mark.parametrize("action", SECRETS)
async def test_secrets_are_asked_for_anew(site: LiveSite, full: Fill, action: str, locale: str) -> None:
    """The form that comes back can be sent again once its secrets are typed, and not without them."""
    ana = await site.member("ana", locale=locale)
    browser = site.browser(None if action == "/signin" else ana)
    browser.headers["accept-language"] = locale
    shown, secrets = SECRETS[action]
    async with full():
        answer = await browser.post(action, data={**shown, **secrets})
        assert answer.status_code == 503
        for value in secrets.values():
            assert value not in answer.text
        assert AGAIN[locale] in answer.text
        given_back = html_forms.fields(answer.text, action)
        assert given_back == {**shown, **dict.fromkeys(secrets, "")}
        for name in secrets:
            assert f'name="{name}" type="password" value="" required' in answer.text
    again = await browser.post(action, data={**given_back, **secrets})
    # Who was interrupted in mid-post by signing in goes on with the post.
    assert again.status_code == (200 if action == "/signin" else 303), again.text
    assert action != "/signin" or "A reply that was begun" in again.text


async def test_a_code_is_asked_for_anew(site: LiveSite, full: Fill) -> None:
    ana = await site.member("ana")
    code = await login_codes.make(await ana.viewer())
    browser = site.browser()
    async with full():
        answer = await browser.post("/signin/code", data={"next": "/public", "code": code})
        assert (answer.status_code, code in answer.text) == (503, False)
        given_back = html_forms.fields(answer.text, "/signin/code")
        assert given_back == {"next": "/public", "code": ""}
    assert (await browser.post("/signin/code", data=given_back | {"code": code})).headers["location"] == "/public"


async def test_every_password_in_a_form_is_secret() -> None:
    """Whatever a template calls the field, a page that gives a form back must not show it."""
    templates = Path(errors.__file__).with_name("templates")
    found = {
        name
        for template in templates.rglob("*.html")
        for name in re.findall(r'field\("(\w+)"[^}]*type="password"', template.read_text())
    }
    assert len(found) > 3
    assert found <= set(errors.SECRET)


async def test_nobody_is_sent_to_a_full_disk(site: LiveSite, full: Fill) -> None:
    browser = site.browser(await site.member("ana"))
    assert (await browser.get("/readyz")).text == "ok\n"
    async with full():
        await browser.post("/posts", data=TYPED)
        answer = await browser.get("/readyz")
        assert (answer.status_code, answer.text) == (503, "database: full\n")
        assert (await browser.get("/readyz?exclude=database")).status_code == 200, "a proxy goes on sending people"
        assert (await browser.get("/healthz")).status_code == 200, "it need not be killed"
    assert (await browser.get("/readyz")).status_code == 200


async def test_a_full_disk_is_found_before_anybody_writes(site: LiveSite, full: Fill) -> None:
    async with full():
        # As if the last look were long ago.
        DATABASE_STATUS.forget()
        await DATABASE_STATUS.refresh()
        assert DATABASE_STATUS.outage == "full"
    await DATABASE_STATUS.refresh()
    assert DATABASE_STATUS.outage is None
