"""The files of a member's archive."""

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

import msgspec

from asgi.zip_response import ZipWriter
from domain.accounts import sessions
from domain.core import clock
from domain.core.access import Viewer
from domain.core.errors import NotFound
from domain.exports import own_data
from domain.exports.own_data import OwnAccount, OwnPost, PeopleList
from domain.media import serving
from domain.media.storage import StorageUnavailable
from domain.moderation.statements import Statement
from web import activity_streams, filters
from web.templating import Templates

# Bytes of a stored file read at a time.
CHUNK = 512 * 1024
# Mastodon's names and first lines of these lists.
LISTS = {
    PeopleList.FOLLOWING: ("following_accounts.csv", "Account address"),
    PeopleList.FOLLOWERS: ("followers.csv", "Account address"),
    PeopleList.BLOCKED: ("blocked_accounts.csv", ""),
    PeopleList.MUTED: ("muted_accounts.csv", "Account address"),
}


class Archive:
    """Writes what the network has of ``viewer``; ``base`` is its origin, ``domain`` the second part of full handles."""

    def __init__(self, viewer: Viewer, account: OwnAccount, base: str, domain: str, templates: Templates) -> None:
        self._viewer = viewer
        self._account = account
        self._base = base
        self._domain = domain
        self._templates = templates
        self._activities = activity_streams.Writer(base, account)
        self._now = clock.now()

    async def write(self, archive: ZipWriter) -> None:
        """Readable pages come first, then lists, and then what is large: pictures, videos and sounds."""
        texts = {
            "README.txt": self._readme(),
            "index.html": self._pages(),
            "index.css": self._styles(),
            "account.json": self._settings(),
            "outbox.json": self._outbox(),
            "likes.json": self._likes(),
            "votes.json": self._votes(),
            "moderation.json": self._moderation(),
            **{name: self._people(which, first) for which, (name, first) in LISTS.items()},
        }
        for name, chunks in texts.items():
            await archive.add(name, chunks, self._now)
        missing = await self._pictures(archive)
        missing += await self._media(archive)
        if missing:
            await archive.add("missing.txt", _one("\n".join(missing) + "\n"), self._now)

    async def _readme(self) -> AsyncIterator[bytes]:
        yield self._templates.render("exports/readme.html", account=self._account, base=self._base).encode()

    async def _pages(self) -> AsyncIterator[bytes]:
        account = self._account
        yield self._templates.render("exports/head.html", account=account, base=self._base, ms=self._now).encode()
        async for posts in own_data.posts(self._viewer):
            shown = [self._shown(one) for one in posts]
            yield self._templates.render("exports/posts.html", posts=shown).encode()
        yield b"</main>\n</body>\n</html>\n"

    async def _styles(self) -> AsyncIterator[bytes]:
        yield self._templates.render("exports/index.css").encode()

    def _shown(self, one: OwnPost) -> dict[str, Any]:
        """``lead`` is the address of what it replies to, "" for none."""
        note = self._activities.post(one)["object"]
        files = [(activity_streams.file_name(media), media) for media in one.media]
        return {
            "ms": one.created_at,
            "edited_ms": one.edited_at,
            "cover": one.cover,
            "html": self._activities.html(one.text, one.mentions),
            "url": note["url"],
            "lead": note["inReplyTo"] or "",
            "shown": one.shown,
            "files": [
                {"name": name, "type": activity_streams.file_of(media).type.partition("/")[0], "alt": media.alt}
                for name, media in files
            ],
        }

    async def _settings(self) -> AsyncIterator[bytes]:
        one = self._account
        devices = [
            {"browser": device.agent, "since": filters.iso(device.created_at), "seen": filters.iso(device.seen_at)}
            for device in await sessions.devices(self._viewer)
        ]
        yield _json(
            {
                "handle": one.handle,
                "address": f"@{one.handle}@{self._domain}",
                "joined": filters.iso(one.created_at),
                "email": one.email,
                "private": one.private,
                "language": one.locale,
                "theme": one.theme,
                "terms": {"version": one.terms, "accepted": filters.iso(one.terms_at)},
                "rules": {"version": one.rules},
                "devices": devices,
            }
        )

    async def _outbox(self) -> AsyncIterator[bytes]:
        head, tail = _json(activity_streams.collection("outbox.json")).rsplit(b"]", 1)
        yield head
        between = b""
        async for posts in own_data.posts(self._viewer):
            yield between + b",\n".join(msgspec.json.encode(self._activities.post(one)) for one in posts)
            between = b",\n"
        async for reposts in own_data.reposts(self._viewer):
            yield between + b",\n".join(
                msgspec.json.encode(self._activities.repost(one.id, one.post)) for one in reposts
            )
            between = b",\n"
        yield b"]" + tail

    async def _likes(self) -> AsyncIterator[bytes]:
        liked = [self._activities.post_url(one.post) async for one in self._each_vote() if one.value > 0]
        yield _json(activity_streams.collection("likes.json", liked))

    async def _votes(self) -> AsyncIterator[bytes]:
        yield _json(
            [
                {"post": self._activities.post_url(one.post), "vote": "up" if one.value > 0 else "down"}
                async for one in self._each_vote()
            ]
        )

    async def _each_vote(self) -> AsyncIterator[Any]:
        async for votes in own_data.votes(self._viewer):
            for one in votes:
                yield one

    async def _people(self, which: PeopleList, first: str) -> AsyncIterator[bytes]:
        if first:
            yield _rows([[first]])
        async for handles in own_data.people(self._viewer, which):
            yield _rows([f"{handle}@{self._domain}"] for handle in handles)

    async def _moderation(self) -> AsyncIterator[bytes]:
        viewer = self._viewer
        yield _json(
            {
                "decisions": [_decision(one) async for many in own_data.decisions(viewer) for one in many],
                "appeals": [
                    {"decision": str(one.statement), "words": one.own.words, "answer": one.own.answer,
                     "lodged": filters.iso(one.own.lodged_at), "state": one.own.state.name.lower()}
                    async for many in own_data.own_appeals(viewer) for one in many
                ],
                "reports": [
                    {"rule": one.rule.said(viewer.reading.locale).title, "words": one.words,
                     "day": clock.day(one.filed_at), "kind": one.kind.name.lower(),
                     "handle": one.about.handle if one.about else None, "text": one.about.text if one.about else None,
                     "outcome": None if one.outcome is None else one.outcome.name.lower()}
                    async for many in own_data.own_reports(viewer) for one in many
                ],
                "messages": [
                    {"words": one.words, "day": clock.day(one.written_at),
                     "answers": [
                         {"words": said.words, "written": filters.iso(said.written_at)} for said in one.answers
                     ]}
                    async for many in own_data.messages(viewer) for one in many
                ],
            }
        )  # fmt: skip

    async def _pictures(self, archive: ZipWriter) -> list[str]:
        """Writes the profile with its pictures. Returns the names of those that the store could not give."""
        found: dict[str, str] = {}
        missing = []
        for kind, key, stem in (("icon", self._account.avatar, "avatar"), ("image", self._account.header, "header")):
            stored = await serving.find(key) if key else None
            if stored is None:
                continue
            found[kind] = f"{stem}.{activity_streams.suffix(stored.type)}"
            if not await self._add(archive, found[kind], key, self._now):
                missing.append(found.pop(kind))
        await archive.add("actor.json", _one_json(self._activities.actor(found)), self._now)
        return missing

    async def _media(self, archive: ZipWriter) -> list[str]:
        missing = []
        async for posts in own_data.posts(self._viewer):
            for post in posts:
                for media in post.media:
                    name, file = activity_streams.file_name(media), activity_streams.file_of(media)
                    if not await self._add(archive, name, file.key, post.created_at):
                        missing.append(name)
        return missing

    async def _add(self, archive: ZipWriter, name: str, key: str, at: int) -> bool:
        """Adds a stored file. Returns False, and adds nothing, when the store can't give it."""
        stored = await serving.find(key)
        if stored is None:
            return False
        try:
            first = await serving.read(stored, 0, min(CHUNK, stored.size))
        except (NotFound, StorageUnavailable):
            return False

        async def chunks() -> AsyncIterator[bytes]:
            yield first
            for start in range(CHUNK, stored.size, CHUNK):
                yield await serving.read(stored, start, min(start + CHUNK, stored.size))

        await archive.add(name, chunks(), at, packed=True)
        return True


def _decision(one: Statement) -> dict[str, Any]:
    return {
        "decision": str(one.id),
        "kind": one.kind.name.lower(),
        "day": clock.day(one.decided_at),
        "rule": one.rule.number if one.rule else None,
        "rules_version": one.rule_version or None,
        "facts": one.facts,
        "explanation": one.explanation,
        "ends": filters.iso(one.ends_at) if one.ends_at else None,
        "taken_back": one.reversed,
        "points": one.points,
    }


def _json(value: Any) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


async def _one(text: str) -> AsyncIterator[bytes]:
    yield text.encode()


async def _one_json(value: Any) -> AsyncIterator[bytes]:
    yield _json(value)


def _rows(rows: Iterable[Sequence[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue().encode()
