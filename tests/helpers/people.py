"""Members of a network under test, with the domain's verbs at hand, and the browsers that they use."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx

from app import media_processing
from app.wiring import reactions_by_event
from app.worker import Worker
from db.engine import DB
from db.sql import SQL
from domain.accounts import credentials, sessions, signup
from domain.core import clock, ids
from domain.core.access import GUEST, Role, Viewer
from domain.core.errors import NotFound
from domain.core.trust import TrustLevel
from domain.core.visibility import Visibility
from domain.graph import blocks, follows, mutes
from domain.media import uploads
from domain.media.attachments import Attachment, ChosenMedia
from domain.moderation import cases, decisions, reports
from domain.moderation.kinds import StatementKind, SubjectKind
from domain.moderation.subjects import Subject
from domain.posts import deletion, editing, publishing, reposts, threads, views, votes
from domain.posts.views import PostSummary, PostView
from domain.posts.votes import Vote
from domain.timelines import home, public
from settings import Settings
from tests.helpers import media_files
from web import post_rendering

PASSWORD = "a lamp in every window"
ORIGIN = "http://parvis.test"
# Made once: a hash takes longer than most tests.
HASH = credentials._HASHER.hash(PASSWORD)
TRUST = SQL("UPDATE account SET trust = ?2 WHERE id = ?1")


class Member:
    """One person; ``token`` is the cookie of their device."""

    def __init__(self, account: int, handle: str, token: str, settings: Settings) -> None:
        self.id, self.handle, self.token, self.settings = account, handle, token, settings
        self.processor = media_processing.create(settings)

    async def viewer(self) -> Viewer:
        """As the next request would know them."""
        return await sessions.viewer(self.token)

    async def _tick(self) -> None:
        """Ids sort by the millisecond: what one does after the other gets another one."""
        now = clock.now()
        while clock.now() == now:
            await asyncio.sleep(0)

    async def post(self, text: str, *, followers: bool = False, key: str = "", **draft: Any) -> int:
        await self._tick()
        if followers:
            draft["visibility"] = Visibility.FOLLOWERS
        return await publishing.publish(
            await self.viewer(), publishing.Draft(text, key or secrets.token_hex(8), **draft)
        )

    async def send(self, body: bytes | None = None, key: str = "") -> Attachment:
        """Sends a picture, video or sound that is not posted yet."""
        body = body or media_files.encoded()
        with self.processor.open_file() as file:
            file.write(body)
            sent = key or secrets.token_hex(8), hashlib.sha256(body).hexdigest()[:16]
            return await uploads.take(self.processor, await self.viewer(), file, *sent)

    async def show(self, text: str = "", *bodies: bytes, **draft: Any) -> int:
        """Posts pictures; one by itself, when none are given."""
        sent = [await self.send(body) for body in bodies or (media_files.encoded(),)]
        return await self.post(text, media=tuple(ChosenMedia(one.id, "words") for one in sent), **draft)

    async def delete(self, post: int, undo_seconds: int = 0) -> None:
        await deletion.delete(await self.viewer(), post, undo_seconds)

    async def edit(self, post: int, text: str, cover: str | None = None, version: int | None = None) -> None:
        await editing.edit(await self.viewer(), post, text, cover, version)

    async def keep_only(self, post: int, *media: int) -> None:
        """Takes all other pictures out of a post."""
        kept = [ChosenMedia(one, "words") for one in media]
        await editing.edit(await self.viewer(), post, (await self.view(post)).text, None, media=kept)

    async def repost(self, post: int) -> None:
        await self._tick()
        await reposts.put(await self.viewer(), post)

    async def unrepost(self, post: int) -> None:
        await reposts.withdraw(await self.viewer(), post)

    async def vote(self, post: int, value: int) -> None:
        await votes.cast(await self.viewer(), post, Vote(value))

    async def follow(self, *others: "Member") -> None:
        for other in others:
            await follows.follow(await self.viewer(), other.id, self.settings.fanout_limit)

    async def unfollow(self, other: "Member") -> None:
        await follows.unfollow(await self.viewer(), other.id)

    async def block(self, other: "Member") -> None:
        await blocks.block(await self.viewer(), other.id)

    async def mute(self, other: "Member") -> None:
        await mutes.mute(await self.viewer(), other.id)

    async def report(self, post: int, rule: int = 6, words: str = "") -> reports.Receipt:
        """Reports a post under a rule of the shipped ones: 1 is urgent, 6 (harassment) is not."""
        return await self.report_subject(Subject(SubjectKind.POST, post), rule, words)

    async def report_subject(self, subject: Subject, rule: int = 6, words: str = "") -> reports.Receipt:
        filed = reports.FiledReport(subject, reports.NamedRule(1, rule), words)
        return await reports.file(await self.viewer(), filed)

    async def decide(
        self,
        case: int,
        kind: StatementKind | None,
        rule: int = 6,
        facts: str = "It says so.",
        explanation: str = "It does.",
        *,
        names_nobody: bool = False,
        sanction: StatementKind | None = None,
        days: int | None = None,
        **measures: Any,
    ) -> int:
        """Claims a case and decides it. Returns the last statement, 0 for what another moderator has to agree to."""
        await cases.claim(await self.viewer(), case)
        view = await cases.read(await self.viewer(), case)
        decision = decisions.Decision(
            kind,
            view.version,
            reports.NamedRule(1, rule),
            facts,
            explanation,
            names_nobody,
            sanction=sanction,
            days=days,
            **measures,
        )
        return await decisions.decide(await self.viewer(), case, decision) or 0

    async def sees(self, post: int) -> bool:
        return post in await views.load(await self.viewer(), [post])

    async def view(self, post: int) -> PostView:
        return await views.get(await self.viewer(), post)

    async def home(self) -> list[int]:
        """The whole home timeline, page by page, as the ids of its posts."""
        return [view.id for view in await everything(home.read, await self.viewer())]

    async def public(self) -> list[int]:
        return [view.id for view in await everything(public.read, await self.viewer())]

    async def thread(self, post: int, sort: threads.Sort = threads.Sort.OLDEST) -> threads.Thread:
        return await threads.read(await self.viewer(), post, sort)


async def everything(read: Callable[..., Any], viewer: Viewer, *where: Any) -> list[PostSummary]:
    """All pages of a timeline. Errors: ``AssertionError`` for an entry that comes twice or out of order."""
    found: list[PostSummary] = []
    cursor = ""
    while True:
        page = await read(viewer, *where, cursor)
        assert not found or not page.items or page.items[0].entry < found[-1].entry
        found += page.items
        entries = [view.entry for view in found]
        assert entries == sorted(set(entries), reverse=True)
        cursor = page.next
        if not cursor:
            return found


async def hidden(post: int, *members: Member) -> bool:
    """Whether none of the members, or no guest when there are none, is told of a post."""
    for viewer in [await member.viewer() for member in members] or [GUEST]:
        try:
            await views.get(viewer, post)
        except NotFound:
            continue
        return False
    return True


def remembered(words: str) -> bool:
    """Whether this process keeps a drawing of a post with these words."""
    return any(words in kept.view.text for kept in post_rendering.KEPT.entries.values()) or any(
        words.encode() in html for html in post_rendering.FILLED.entries.values()
    )


class LiveNetwork:
    """An open, founded network."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.worker = Worker(reactions_by_event(settings))

    async def member(self, handle: str, **fields: Any) -> Member:
        """Somebody signed in, whom no level of trust limits. The password is PASSWORD."""
        role, trust = fields.pop("role", Role.MEMBER), fields.pop("trust", TrustLevel.MEMBER)
        accepted = signup.AcceptedVersions(terms=1, rules=fields.pop("rules", 1))
        person = signup.NewMember(handle=handle, name=fields.pop("name", handle.title()), password=PASSWORD, **fields)
        account = await signup.write(ids.new(), person, HASH, accepted, role)
        await DB.fetch(TRUST, account, trust)
        return await self.device(account, handle)

    async def members(self, *handles: str) -> list[Member]:
        return [await self.member(handle) for handle in handles]

    async def moderator(self, handle: str = "mona") -> Member:
        return await self.member(handle, role=Role.MODERATOR)

    async def open_case(self) -> int:
        """The id of the newest case that is open."""
        return int(await DB.value(SQL("SELECT max(id) FROM mod_case WHERE state = 1")))

    async def device(self, account: int, handle: str, agent: str = "tests") -> Member:
        """The account on one more device."""
        return Member(account, handle, await sessions.start(account, agent), self.settings)

    async def settle(self) -> None:
        """Works off the outbox as far as it is due."""
        while await self.worker.drain():
            await self.worker.settle()

    async def operator(self) -> Member:
        return await self.device(await credentials.account_named("ottilie"), "ottilie")

    async def count(self, table: str, where: str = "true") -> int:
        return int(await DB.value(SQL(f"SELECT count(*) FROM {table} WHERE {where}")))


class LiveSite:
    """A network served in this process."""

    def __init__(self, network: LiveNetwork, app: Any) -> None:
        async def with_state(scope: Any, receive: Any, send: Any) -> None:
            # httpx leaves this to the server, which has it from the lifespan.
            await app({**scope, "state": {}}, receive, send)

        self.network, self.app = network, with_state
        self.member, self.members, self.settle = network.member, network.members, network.settle
        self._open: list[httpx.AsyncClient] = []

    def browser(
        self, member: Member | None = None, address: str = "192.0.2.1", headers: dict[str, str] | None = None
    ) -> httpx.AsyncClient:
        """A browser, signed in when it is a member's. It follows no redirects."""
        origin = self.network.settings.origin or ORIGIN
        name = "__Host-parvis" if self.network.settings.secure else "parvis"
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app, client=(address, 4444)),
            base_url=origin,
            headers={"origin": origin, **(headers or {})},
            cookies={name: member.token} if member else {},
        )
        self._open.append(client)
        return client

    async def close(self) -> None:
        for client in self._open:
            await client.aclose()


@asynccontextmanager
async def living(app: Any) -> AsyncIterator[None]:
    """Runs an ASGI application's lifespan around the block."""
    inbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    outbox: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
    task = asyncio.create_task(app(scope, inbox.get, outbox.put))
    await inbox.put({"type": "lifespan.startup"})
    assert (answer := await outbox.get())["type"] == "lifespan.startup.complete", answer
    try:
        yield
    finally:
        await inbox.put({"type": "lifespan.shutdown"})
        assert (answer := await outbox.get())["type"] == "lifespan.shutdown.complete", answer
        await task
