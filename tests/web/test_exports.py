"""Downloading one's data: all of one's own, nothing of others, suspended or not."""

import asyncio
import csv
import io
import json
import re
import zipfile
from typing import Any

import pytest
from litestar.exceptions import LitestarException

from asgi.zip_response import ZipResponse, ZipWriter
from domain.accounts import profiles
from domain.media import serving
from domain.media.serving import ServableFile
from domain.moderation import appeals, case_messages
from domain.moderation.kinds import Party, StatementKind
from domain.posts.votes import Vote
from tests.helpers import media_files
from tests.helpers.moderation import reported
from tests.helpers.people import PASSWORD, LiveSite, Member
from tests.helpers.stores import away
from web import export_files

WHERE = "/settings/data"


async def downloaded(site: LiveSite, member: Member) -> zipfile.ZipFile:
    answer = await site.browser(member).post(WHERE, data={"password": PASSWORD})
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-disposition"].startswith(f'attachment; filename="{member.handle}-')
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    assert archive.testzip() is None
    return archive


def read(archive: zipfile.ZipFile, name: str) -> Any:
    return json.loads(archive.read(name))


def rows(archive: zipfile.ZipFile, name: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(archive.read(name).decode())))


async def test_everything_of_ones_own(site: LiveSite) -> None:
    ana, bo, eve = [await site.member(name) for name in ("ana", "bo", "eve")]
    picture = media_files.encoded()
    first = await ana.show("Look, @bo #Lamps & <b>", picture)
    answer = await ana.post("To myself", parent=first)
    private = await ana.post("For friends", followers=True, cover="Soup")
    gone = await ana.post("Never mind")
    await ana.delete(gone)
    await ana.edit(answer, "To me")
    said = await bo.post("Hello")
    replied = await ana.post("Hi", parent=said, quote=said)
    await ana.repost(said)
    await ana.vote(said, Vote.UP)
    await ana.follow(bo)
    await bo.follow(ana)
    await ana.block(eve)
    await ana.mute(bo)
    about = profiles.ProfileOwner("Ana", "With @bo", 3, [profiles.ProfileLink("Site", "https://ana.example")])
    await profiles.edit(await ana.viewer(), about)
    await site.settle()
    archive = await downloaded(site, ana)
    base = read(archive, "actor.json")["id"].removesuffix("/@ana")
    actor = read(archive, "actor.json")
    assert (actor["preferredUsername"], actor["summary"]) == ("ana", f'<p>With <a href="{base}/@bo">@bo</a></p>')
    assert 'href="https://ana.example' in actor["attachment"][0]["value"]

    items = read(archive, "outbox.json")["orderedItems"]
    notes = {one["object"]["id"]: one["object"] for one in items if one["type"] == "Create"}
    assert list(notes) == [f"{base}/@ana/{one}" for one in (first, answer, private, replied)]
    assert [one["object"] for one in items if one["type"] == "Announce"] == [f"{base}/posts/{said}"]
    note = notes[f"{base}/@ana/{first}"]
    assert note["source"]["content"] == "Look, @bo #Lamps & <b>"
    assert f'<a href="{base}/@bo">@bo</a>' in note["content"]
    assert "&amp; &lt;b&gt;" in note["content"]
    assert [(tag["type"], tag["name"]) for tag in note["tag"]] == [("Mention", "@bo"), ("Hashtag", "#Lamps")]
    assert note["to"] == ["https://www.w3.org/ns/activitystreams#Public"]
    (document,) = note["attachment"]
    assert document["name"] == "words"
    assert archive.read(document["url"].removeprefix("/"))[:4] == b"RIFF"
    assert document["url"].removeprefix("/") in archive.read("index.html").decode()
    mine = notes[f"{base}/@ana/{answer}"]
    assert (mine["inReplyTo"], mine["content"]) == (f"{base}/@ana/{first}", "<p>To me</p>")
    assert [one["content"] for one in mine["history"]] == ["To myself"]
    friends = notes[f"{base}/@ana/{private}"]
    assert (friends["to"], friends["cc"], friends["summary"]) == ([f"{base}/@ana/followers"], [], "Soup")
    other = notes[f"{base}/@ana/{replied}"]
    assert (other["inReplyTo"], other["quoteUrl"]) == (f"{base}/posts/{said}", f"{base}/posts/{said}")

    assert read(archive, "likes.json")["orderedItems"] == [f"{base}/posts/{said}"]
    assert read(archive, "votes.json") == [{"post": f"{base}/posts/{said}", "vote": "up"}]
    assert rows(archive, "following_accounts.csv") == [["Account address"], ["bo@localhost"]]
    assert rows(archive, "followers.csv") == [["Account address"], ["bo@localhost"]]
    assert rows(archive, "blocked_accounts.csv") == [["eve@localhost"]]
    assert rows(archive, "muted_accounts.csv") == [["Account address"], ["bo@localhost"]]
    account = read(archive, "account.json")
    assert (account["handle"], account["private"], len(account["devices"])) == ("ana", False, 1)
    pages = archive.read("index.html").decode()
    assert 'href="index.css"' in pages
    assert b"max-width" in archive.read("index.css")
    assert "For friends" in pages
    assert "Never mind" not in pages
    assert "missing.txt" not in archive.namelist()
    # What others have done to her is theirs.
    theirs = await downloaded(site, eve)
    assert not any(re.search(rb"\bana\b", theirs.read(name)) for name in theirs.namelist())


async def test_the_suspended_take_their_data_along(site: LiveSite) -> None:
    ana, eve, moderator, _, case = await reported(site.network)
    kept = await eve.show("A picture")
    await case_messages.write(await moderator.viewer(), case, Party.SANCTIONED, "What did you mean?")
    statement = await moderator.decide(
        case,
        StatementKind.POST_REMOVAL,
        facts="It insults.",
        explanation="It hurts.",
        sanction=StatementKind.SUSPENSION,
        days=7,
    )
    await appeals.lodge(await eve.viewer(), statement, "I did not.")
    await site.settle()
    browser = site.browser(eve)
    assert 'href="/settings/data"' in (await browser.get("/standing")).text
    assert "Download your data" in (await browser.get(WHERE)).text
    archive = await downloaded(site, eve)
    shown = archive.read("index.html").decode()
    assert "You will be sorry." in shown
    assert "not shown to others" in shown
    assert f"/@eve/{kept}" in shown
    assert any(name.startswith("media_attachments/files/") for name in archive.namelist())
    found = read(archive, "moderation.json")
    assert {one["kind"] for one in found["decisions"]} == {"post_removal", "suspension"}
    assert found["appeals"][0]["words"] == "I did not."
    # When moderators were there is nobody's business.
    assert [(one["words"], len(one["day"])) for one in found["messages"]] == [("What did you mean?", 10)]
    whole = b"".join(archive.read(name) for name in archive.namelist())
    for secret in ("ana", "mona", str(case), str(moderator.id)):
        assert not re.search(rf"\b{secret}\b".encode(), whole), secret
    # Who reported keeps what they said, and the day alone.
    reports = read(await downloaded(site, ana), "moderation.json")["reports"]
    assert [(one["outcome"], len(one["day"])) for one in reports] == [("action", 10)]


async def test_removed_media_stay_out_and_missing_files_are_named(site: LiveSite) -> None:
    ana, eve = await site.network.members("ana", "eve")
    moderator = await site.network.moderator()
    post = await eve.show("Two", media_files.encoded(), media_files.encoded(media_files.photo(40, 30)))
    removed, left = (await eve.view(post)).media
    await ana.report(post)
    await moderator.decide(
        await site.network.open_case(), None, measures=frozenset({StatementKind.MEDIA_REMOVAL}), media=(removed.id,)
    )
    archive = await downloaded(site, eve)
    names = [name for name in archive.namelist() if name.startswith("media_attachments")]
    assert names == [f"media_attachments/files/{left.id}.webp"]
    with away(site.network.settings.objects):
        archive = await downloaded(site, eve)
    assert archive.read("missing.txt").decode() == f"{names[0]}\n"
    assert names[0] not in archive.namelist()


async def test_half_an_archive_does_not_look_like_a_whole_one(site: LiveSite, monkeypatch: pytest.MonkeyPatch) -> None:
    ana = await site.member("ana")
    await ana.show("One")
    monkeypatch.setattr(export_files, "CHUNK", 100)
    read_part = serving.read

    async def failing(found: ServableFile, start: int, end: int) -> bytes:
        if start == 0:
            return await read_part(found, start, end)
        with away(site.network.settings.objects):
            return await read_part(found, start, end)

    monkeypatch.setattr(serving, "read", failing)
    with pytest.raises(LitestarException, match="after response started"):
        await site.browser(ana).post(WHERE, data={"password": PASSWORD})


async def test_whoever_goes_away_ends_the_writing() -> None:
    ended = asyncio.Event()
    sent: list[Any] = []

    async def write(archive: ZipWriter) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def send(message: Any) -> None:
        sent.append(message["type"])

    async def receive() -> Any:
        return {"type": "http.disconnect"}

    await ZipResponse("a.zip", write)({"type": "http"}, receive, send)
    assert ended.is_set()
    assert sent == ["http.response.start"]


async def test_without_the_password_nothing_is_given(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    for password in ("", "wrong", PASSWORD.upper()):
        answer = await browser.post(WHERE, data={"password": password})
        assert answer.status_code == 422
        assert "application/zip" not in answer.headers["content-type"]
    guest = site.browser()
    assert (await guest.get(WHERE)).status_code in (303, 401)
    assert (await guest.post(WHERE, data={"password": PASSWORD})).status_code in (303, 401)


async def test_five_a_day(site: LiveSite) -> None:
    ana = await site.member("ana")
    browser = site.browser(ana)
    for _ in range(5):
        assert (await browser.post(WHERE, data={"password": PASSWORD})).status_code == 200
    answer = await browser.post(WHERE, data={"password": PASSWORD})
    assert answer.status_code == 429
    assert "Download your data" in answer.text
