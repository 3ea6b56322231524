"""Signs in over HTTP and reads a few pages, to see that a network works."""

import asyncio
import secrets
import time

import aiohttp
import msgspec

from db import schema
from db.engine import DB
from db.queries import backups
from domain.accounts import network_profile, signup
from domain.core import ids
from domain.core.access import Role
from ops.backup.errors import Problem
from settings import Settings

SECONDS = 20


class Guest(msgspec.Struct, frozen=True):
    """Somebody who can sign in, and what they are to look at; ``post`` 0 and ``author`` "" where nothing is public."""

    handle: str
    password: str
    post: int
    author: str


async def first_page(base: str, seconds: int) -> None:
    """Waits for the first page. Errors: ``Problem`` after ``seconds``."""
    deadline = time.monotonic() + seconds
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=SECONDS)) as browser:
        while True:
            try:
                async with browser.get(f"{base}/public") as answer:
                    if answer.status == 200:
                        await answer.read()
                        return
            except (aiohttp.ClientError, TimeoutError):
                pass
            if time.monotonic() > deadline:
                raise Problem("The restored network does not serve its first page.")
            await asyncio.sleep(0.1)


async def make_member(settings: Settings) -> Guest:
    """Makes a member in the database of the settings, which is nobody's but ours."""
    handle, password = f"rehearsal_{secrets.token_hex(4)}", secrets.token_urlsafe(16)
    person = signup.NewMember(handle=handle, name="Rehearsal", password=password)
    await DB.open(settings.url)
    try:
        await schema.check()
        # A member of today, who has accepted the rules: another would have to before a post.
        accepted = signup.AcceptedVersions(1, (await network_profile.about()).rules_version)
        await signup.write(ids.new(), person, await signup.hashed(person), accepted, Role.MEMBER)
        found = await backups.public_post()
    finally:
        await DB.close()
    return Guest(handle, password, found.id if found else 0, found.handle if found else "")


async def look_around(base: str, guest: Guest) -> None:
    """Signs in and reads home, a thread and a profile. Errors: ``Problem`` for a page that is not as it should be."""
    jar = aiohttp.CookieJar(unsafe=True)
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with aiohttp.ClientSession(base, cookie_jar=jar, timeout=timeout, headers={"Origin": base}) as browser:
        form = {"handle": guest.handle, "password": guest.password, "next": "/"}
        async with browser.post("/signin", data=form, allow_redirects=False) as answer:
            if answer.status != 303:
                raise Problem("The restored network signs nobody in: it answers %(status)s.", status=answer.status)
        await _see(browser, "/", guest.handle)
        if guest.post:
            await _see(browser, f"/posts/{guest.post}", f"p-{guest.post}")
            await _see(browser, f"/@{guest.author}", f"@{guest.author}")


async def _see(browser: aiohttp.ClientSession, path: str, words: str) -> None:
    async with browser.get(path) as answer:
        text = await answer.text()
        if answer.status != 200 or words not in text:
            raise Problem("The restored network shows %(path)s not as it should (%(status)s).",
                          path=path, status=answer.status)  # fmt: skip
