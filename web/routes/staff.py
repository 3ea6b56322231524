"""Operators make and dismiss moderators and operators."""

from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.access import Role
from domain.core.errors import Conflict, Invalid
from domain.moderation import staff
from domain.moderation.public_words import MAX_WORDS
from web import errors, forms, page
from web.routes import settings

ROLES = {role.value: role for role in Role}


@get("/settings/staff")
async def staff_form(request: Request) -> ASGIApp:
    return await _staff(request, forms.Form(role=Role.MODERATOR.value), forms.Form())


async def _staff(request: Request, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    people = [
        {
            "account": {
                "id": str(one.id), "handle": one.handle, "name": one.name, "hue": one.hue,
                "avatar_small": one.avatar_small,
            },
            "role": one.role.value,
            "dismissed": form["role"] == Role.MEMBER.value and form["handle"] == one.handle,
        }
        for one in await staff.everyone(page.viewer(request))
    ]  # fmt: skip
    saved = settings.just_saved(request)
    return settings.show_settings(
        request, "staff", "Moderators", form, status, errors=problems, people=people, saved=saved, max_words=MAX_WORDS
    )


@post("/settings/staff")
async def appoint(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        role = ROLES.get(form["role"])
        if role is None:
            raise Invalid("Choose a role.")
        await staff.appoint(page.viewer(request), form["handle"], role, form["words"])
    except (Invalid, Conflict) as problem:
        return await _staff(request, form, errors.problems(request, problem), errors.status_of(problem))
    return settings.redirect_saved(request, "staff")


HANDLERS = [staff_form, appoint]
