"""Following, muting, blocking, and lists of people."""

from collections.abc import Sequence
from typing import Any

from litestar import delete, get, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.accounts import profiles
from domain.accounts.profiles import Relation
from domain.core import cursors
from domain.core.access import member
from domain.core.cursors import Page
from domain.graph import blocks, follows, mutes, people
from web import forms, page, state
from web.routes import back, timelines


def _rows(found: Sequence[people.PersonSummary]) -> list[dict[str, Any]]:
    """People as templates know them."""
    return [
        {
            "account": {
                "id": str(one.id), "handle": one.handle, "name": one.name, "hue": one.hue,
                "avatar_small": one.avatar_small, "bio": one.bio, "followers": one.followers, "private": one.private,
            },
            "relation": one.relation,
        }
        for one in found
    ]  # fmt: skip


async def _related(request: Request, account: int, relation: Relation, message: str = "") -> Response:
    return back.done(request, {"relation": relation, **({"message": message} if message else {})})


@put("/accounts/{account_id:str}/follow")
async def follow(request: Request, account_id: str) -> ASGIApp:
    limit = state.of(request).settings.fanout_limit
    relation = await follows.follow(page.viewer(request), forms.parse_id(account_id), limit)
    message = page.translate(request, "Your request is sent.") if relation is Relation.REQUESTED else ""
    return await _related(request, forms.parse_id(account_id), relation, message)


@delete("/accounts/{account_id:str}/follow", status_code=200)
async def unfollow(request: Request, account_id: str) -> ASGIApp:
    return await _related(
        request, forms.parse_id(account_id), await follows.unfollow(page.viewer(request), forms.parse_id(account_id))
    )


@put("/accounts/{account_id:str}/mute")
async def mute(request: Request, account_id: str) -> ASGIApp:
    await mutes.mute(page.viewer(request), forms.parse_id(account_id))
    return back.done(request, {"muted": True})


@delete("/accounts/{account_id:str}/mute", status_code=200)
async def unmute(request: Request, account_id: str) -> ASGIApp:
    await mutes.unmute(page.viewer(request), forms.parse_id(account_id))
    return back.done(request, {"muted": False})


@get("/accounts/{account_id:str}/block")
async def block_form(request: Request, account_id: str) -> ASGIApp:
    """Asks before blocking, by name."""
    person = await profiles.by_id(member(page.viewer(request)), forms.parse_id(account_id))
    return page.show(
        request,
        "pages/_confirm.html" if page.is_fragment(request) else "pages/confirm.html",
        page.translate(request, "Block @%(handle)s", handle=person.handle),
        question=page.translate(
            request,
            "Block %(name)s (@%(handle)s)? Neither of you will see the other's posts, profile or replies any more,"
            " and you will no longer follow each other.",
            name=person.name,
            handle=person.handle,
        ),
        action=f"/accounts/{person.id}/block?_method=PUT",
        danger_label=page.translate(request, "Block @%(handle)s", handle=person.handle),
        back=f"/@{person.handle}",
    )


@put("/accounts/{account_id:str}/block")
async def block(request: Request, account_id: str) -> ASGIApp:
    person = await profiles.by_id(member(page.viewer(request)), forms.parse_id(account_id))
    await blocks.block(page.viewer(request), person.id)
    return back.done(request, {"relation": Relation.BLOCKED}, f"/@{person.handle}")


@delete("/accounts/{account_id:str}/block", status_code=200)
async def unblock(request: Request, account_id: str) -> ASGIApp:
    await blocks.unblock(page.viewer(request), forms.parse_id(account_id))
    return back.done(request, {"relation": Relation.NONE})


@get("/requests")
async def requests(request: Request) -> ASGIApp:
    found = _rows(await people.requesting(page.viewer(request)))
    return page.show(
        request, "accounts/requests.html", page.translate(request, "Follow requests"), people=found, active="people"
    )


@put("/requests/{account_id:str}")
async def accept(request: Request, account_id: str) -> ASGIApp:
    await follows.accept(page.viewer(request), forms.parse_id(account_id), state.of(request).settings.fanout_limit)
    return back.done(request, {"accepted": True})


@delete("/requests/{account_id:str}", status_code=200)
async def decline(request: Request, account_id: str) -> ASGIApp:
    await follows.decline(page.viewer(request), forms.parse_id(account_id))
    return back.done(request, {"accepted": False})


@get("/people")
async def directory(request: Request) -> ASGIApp:
    """People to follow, or those whose handle or name begins as asked."""
    viewer = page.viewer(request)
    words, after = forms.query(request, "q"), cursors.checked_rank(forms.query(request, "after"))
    if words.strip():
        found = Page(await people.matching(viewer, words))
    else:
        found = await people.suggested(viewer, after)
    older = f"/people?after={found.next}" if found.next else ""
    rows = _rows(found.items)
    if page.is_fragment(request) and after:
        return Response(page.render(request, "accounts/_people.html", people=rows, older_url=older).encode())
    return page.show(
        request,
        "accounts/people.html",
        page.translate(request, "People"),
        people=rows,
        q=words,
        older_url=older,
        requests=viewer.counts.requests,
        active="people",
    )


@get("/people/suggested")
async def suggested(request: Request) -> ASGIApp:
    """Three people to follow, for the margin of a wide screen."""
    found = await people.suggested(member(page.viewer(request)), size=3)
    return Response(page.render(request, "accounts/_suggested.html", people=_rows(found.items)).encode())


async def _follows(request: Request, handle: str, which: str) -> Response:
    ask = people.followers if which == "followers" else people.following
    person, found = await ask(page.viewer(request), handle, timelines.cursor(request))
    older = f"/@{person.handle}/{which}?before={found.next}" if found.next else ""
    rows = _rows(found.items)
    if page.is_fragment(request) and timelines.cursor(request):
        return Response(page.render(request, "accounts/_people.html", people=rows, older_url=older).encode())
    return page.show(
        request, "accounts/followers.html", person.name, profile=person, which=which, people=rows, older_url=older
    )


@get("/@/{handle:str}/followers")
async def followers(request: Request, handle: str) -> ASGIApp:
    return await _follows(request, handle, "followers")


@get("/@/{handle:str}/following")
async def following(request: Request, handle: str) -> ASGIApp:
    return await _follows(request, handle, "following")


@get("/complete")
async def complete(request: Request) -> ASGIApp:
    """Handles after @ and hashtags after #, while one writes."""
    viewer = member(page.viewer(request))
    typed = forms.query(request, "q")
    options: list[dict[str, Any]] = []
    if typed.startswith("@"):
        found = await people.matching(viewer, typed, 6)
        options = [{"value": f"@{one.handle}", "label": one.name, "who": one} for one in found]
    elif typed.startswith("#") and len(typed) > 1:
        options = [
            {"value": f"#{tag}", "label": f"#{tag}", "who": None} for tag in await people.tags(viewer, typed[1:], 6)
        ]
    return Response(page.render(request, "accounts/_complete.html", options=options).encode())


HANDLERS = [
    follow, unfollow, mute, unmute, block_form, block, unblock, requests, accept, decline, directory, suggested,
    followers, following, complete,
]  # fmt: skip
