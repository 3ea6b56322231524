"""Levels of trust: what they are, for everybody, and one's own. There is no page about anybody else's."""

from litestar import get
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from domain.moderation import trust_levels
from web import page, trust_context


@get("/trust")
async def levels(request: Request) -> ASGIApp:
    policy, locale = page.visit(request).policy.trust, page.locale(request)
    own = await trust_levels.mine(page.viewer(request), policy)
    return page.show(
        request,
        "moderation/trust.html",
        page.translate(request, "Levels of trust"),
        own=trust_context.own(own, locale) if own else None,
        levels=trust_context.levels(policy, locale),
        points=policy.points,
        reports=policy.reports,
    )


HANDLERS = [levels]
