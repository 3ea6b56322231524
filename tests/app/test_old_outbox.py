"""Events that schema 8 recorded and nobody worked on: the upgraded worker does what each of them is for."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from aiohttp import web

from db import schema
from db.engine import DB
from domain.accounts import credentials, network_profile, profiles
from domain.backups import handover
from domain.core import dead_letters
from domain.core.errors import NotFound
from domain.media.stores import STORES
from domain.notifications import notices
from domain.notifications.deliveries import MOVE
from domain.notifications.notices import NoticeView
from settings import Settings
from tests.conftest import QUICK, Watch
from tests.helpers import old_network
from tests.helpers.databases import Store
from tests.helpers.old_network import ASKING, PAGE_AT, PUSHES, WIM, post
from tests.helpers.people import LiveNetwork, Member
from tests.helpers.services import MailServer
from tests.helpers.web_server import answering

# Under the name that schema 8 gave it, and the one that operators see.
STORED, GIVEN_UP = "CauseLeft", "CauseContinued"


class Old(NamedTuple):
    network: LiveNetwork
    people: dict[str, Member]
    mail: MailServer

    async def notice(self, handle: str, kind: str, actor: str, about: str = "") -> NoticeView | None:
        """What somebody is told of what ``actor``, alone or as the last of several, did."""
        wanted = await post(about) if about else None
        for view in (await notices.page(await self.people[handle].viewer())).items:
            if (view.kind.key, view.actor and view.actor.handle, view.post and view.post.id) == (kind, actor, wanted):
                return view
        return None

    async def reads(self, handle: str, words: str) -> bool:
        """Whether a post is in somebody's home timeline."""
        return await post(words) in await self.people[handle].home()

    async def asks(self, handle: str, of: str) -> bool:
        """Whether a notice still says that somebody asks to follow."""
        return bool(await DB.value(ASKING, self.people[of].id, self.people[handle].id))

    def mailed(self, to: str, words: str) -> bool:
        return any(one["To"] == f"{to}@tilly.example" and words in one.get_content() for one in self.mail.messages)


async def published(old: Old) -> bool:
    words = "To be told and copied, @yuki."
    return bool(await old.notice("yuki", "mention", "simone", words)) and await old.reads("lena", words)


async def edited(old: Old) -> bool:
    return bool(await old.notice("pavel", "mention", "simone", "This was edited for @pavel."))


async def deleted(_: Old) -> bool:
    return not await post("This is to be deleted.")


async def reposted(old: Old) -> bool:
    words = "This is to be reposted."
    return bool(await old.notice("lena", "repost", "bao", words)) and await old.reads("noor", words)


async def unreposted(old: Old) -> bool:
    return not await old.notice("tom", "repost", "noor", "Lost again: one cat.")


async def voted(old: Old) -> bool:
    view = await old.notice("bao", "vote", "ibrahim", "The machine is mended once more.")
    return view is not None and [face.handle for face in view.others] == ["ana"]


async def page_was_asked(old: Old) -> bool:
    preview = (await old.people["mireille"].view(await post("Read http://"))).preview
    return preview is not None and preview.title == "A page of before"


async def copied_to_the_others(old: Old) -> bool:
    viewer = await old.people["pavel"].viewer()
    found = [await profiles.by_handle(viewer, handle) for handle in old.people]
    readers = [one.handle for one in found if one.follows_you]
    assert len(readers) > 4
    return all([await old.reads(handle, "Copied to one of many.") for handle in readers])


async def bell_rang_for_the_others(old: Old) -> bool:
    words = "The bell has rung once."
    return all([await old.notice(handle, "bell", "ana", words) for handle in ("pavel", "eszter")])


async def told_at_last(old: Old) -> bool:
    return bool(await old.notice("bao", "mention", "ottilie", "Somebody was busy, @bao."))


async def caused(old: Old) -> bool:
    return bool(await old.notice("ana", "vote", "eszter", "The bell has rung once."))


async def followed(old: Old) -> bool:
    return bool(await old.notice("bao", "follow", "gaston")) and await old.reads("gaston", "The coffee machine lives")


async def unfollowed(old: Old) -> bool:
    return not await old.notice("lena", "follow", "vera")


async def asked(old: Old) -> bool:
    return bool(await old.notice("yuki", "request", "simone"))


async def unasked(old: Old) -> bool:
    return not await old.asks("gaston", of="yuki")


async def accepted(old: Old) -> bool:
    return bool(await old.notice("eszter", "accepted", "yuki"))


async def let_in(old: Old) -> bool:
    return (await profiles.by_handle(await old.people["tom"].viewer(), "vera")).following


async def push_planned(old: Old) -> bool:
    view = await old.notice("bao", "repost", "pavel", "The machine is mended once more.")
    assert view is not None
    return int(await DB.value(PUSHES, view.id)) == 1


async def left(_: Old) -> bool:
    return not await DB.value(WIM) and not await post("Hello, I am Wim.")


async def reset_answered(old: Old) -> bool:
    return old.mailed("bao", "http://tilly.example/reset/")


async def reset_mailed(old: Old) -> bool:
    return old.mailed("ibrahim", "http://tilly.example/reset/")


async def confirmation_mailed(old: Old) -> bool:
    return old.mailed("tom", "http://tilly.example/mail/confirm/")


async def digest_mailed(old: Old) -> bool:
    return old.mailed("noor", "For the digest of @noor.")


async def move_told(_: Old) -> bool:
    return int(await DB.value(PUSHES, MOVE)) == 3


# By the events' names in schema 8.
EFFECTS: dict[str, Callable[[Old], Awaitable[bool]]] = {
    "PostPublished": published,
    "PostEdited": edited,
    "PostDeleted": deleted,
    "Reposted": reposted,
    "Unreposted": unreposted,
    "Voted": voted,
    "CardDue": page_was_asked,
    "CopiesLeft": copied_to_the_others,
    "BellsLeft": bell_rang_for_the_others,
    "SaidLeft": told_at_last,
    "CauseLeft": caused,
    "Followed": followed,
    "Unfollowed": unfollowed,
    "FollowAsked": asked,
    "FollowUnasked": unasked,
    "FollowAccepted": accepted,
    "AccountOpened": let_in,
    "Noticed": push_planned,
    "AccountLeft": left,
    "ResetAsked": reset_answered,
    "ResetDue": reset_mailed,
    "ConfirmDue": confirmation_mailed,
    "DigestDue": digest_mailed,
    "MoveAnnounced": move_told,
}


async def answer(_: web.Request) -> web.Response:
    return web.Response(text="<title>A page of before</title>", content_type="text/html")


@pytest.fixture
async def url(store: Store, engine: str, watch: Watch) -> str:
    old_network.turn_back(watch)
    return await old_network.put_into(store, engine)


@pytest.fixture
async def old(url: str, mail: MailServer, private_addresses: None, tmp_path: Path) -> AsyncIterator[Old]:
    """The network, upgraded; its operator has not taken the handover back yet."""
    settings = Settings(database_url=url, data=str(tmp_path), smtp_url=mail.url, origin="http://tilly.example", **QUICK)
    network_profile.forget()
    await DB.open(url)
    try:
        await schema.migrate()
        await STORES.open("", settings.objects)
        handles = [row[1] for row in await DB.fetch(old_network.PEOPLE)]
        people = {handle: await old_network.member(handle, settings) for handle in handles}
        async with answering(answer) as port:
            assert await DB.fetch(PAGE_AT, f"http://127.0.0.1:{port}/page")
            yield Old(LiveNetwork(settings), people, mail)
        await handover.resume_writes()
    finally:
        await DB.close()


async def waiting() -> list[tuple[str, int, str | None]]:
    return [(row[0], row[1], row[2]) for row in await DB.fetch(old_network.OUTBOX)]


async def happened(old: Old) -> dict[str, bool]:
    return {kind: await effect(old) for kind, effect in EFFECTS.items()}


async def test_there_is_one_of_every_kind(url: str) -> None:
    found = {row["kind"] for row in (await old_network.rows(url))["outbox"]}
    assert found == set(EFFECTS)


async def test_each_has_its_effect(old: Old) -> None:
    await handover.SITE_MODE.refresh()
    await old.network.settle()
    assert await happened(old) == dict.fromkeys(EFFECTS, False), "the network was handed over: nothing is worked on"
    await handover.resume_writes()
    await old.network.settle()
    assert await happened(old) == dict.fromkeys(EFFECTS, True)
    assert await waiting() == [(STORED, 20, "TimeoutError")], "no other has failed"
    with pytest.raises(NotFound):
        await credentials.account_named("wim")
    assert len(old.mail.messages) == 4, "nobody else is written to"


async def test_who_must_not_be_told_is_not(old: Old) -> None:
    await handover.resume_writes()
    await old.network.settle()
    assert not await old.reads("gaston", "Copied to one of many.")
    for handle, kind, actor in (
        ("yuki", "request", "gaston"),
        ("bao", "vote", "noor"),
        ("simone", "mention", "simone"),
    ):
        assert not await old.notice(handle, kind, actor), handle
    assert not await old.notice("lena", "bell", "ana", "The bell has rung once.")


async def test_one_that_gave_up_can_be_tried_again(old: Old) -> None:
    await handover.resume_writes()
    await old.network.settle()
    mended = "The machine is mended once more."
    operator = await old.people["ottilie"].viewer()
    (given_up,) = (await dead_letters.overview(operator)).kinds
    assert (given_up.name, given_up.count) == (GIVEN_UP, 1)
    assert not await old.notice("bao", "vote", "lena", mended)
    assert await dead_letters.retry(operator, given_up.name) == 1
    await old.network.settle()
    assert await old.notice("bao", "vote", "lena", mended)
    assert await waiting() == []
