"""Editing one's own post."""

from litestar import get, put
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from domain.core.access import member
from domain.core.errors import NotFound, Refused
from domain.posts import editing, views
from web import (
    forms,
    page,
    post_context,
    post_forms,
    state,
    submissions,
)


@get("/posts/{post_id:str}/edit")
async def edit_form(request: Request, post_id: str) -> ASGIApp:
    view = await editing.own(page.viewer(request), forms.parse_id(post_id))
    form = forms.Form(text=view.text, cover=view.cover or "", version=str(view.version))
    form["sensitive"] = "1" if view.cover is not None else ""
    form |= {f"{post_forms.ALT}{one.id}": one.alt for one in view.media}
    return await post_forms.form_page(request, form, edit_id=str(view.id), typed=False)


@put("/posts/{post_id:str}", request_max_body_size=None)
async def edit(request: Request, post_id: str) -> ASGIApp:
    async with submissions.submission(request, state.of(request).processor) as sent:
        form = sent.form
        if (answer := post_forms.wrong_account(request, form, str(forms.parse_id(post_id)))) is not None:
            return answer
        viewer = member(page.viewer(request))
        cover = form["cover"] if form.on("sensitive") or form["cover"].strip() else None
        version = int(form["version"]) if form["version"].isdecimal() and len(form["version"]) < 9 else None
        try:
            await post_forms.attach_files(request, form, sent)
            # A form that knows nothing of pictures leaves them alone.
            media = post_forms.chosen_media(form) if form.on("media") else None
            policy = page.visit(request).policy.trust
            number, anyway = forms.parse_id(post_id), form["sent_anyway"]
            state.of(request).limits.edit(viewer.id, number)
            await editing.edit(viewer, number, form["text"], cover, version, media, policy, anyway)
        except NotFound:
            raise
        except Refused as refusal:
            return await post_forms.show_refusal(request, form, refusal, post_id)
    return page.redirect(request, post_context.address(await views.get(viewer, forms.parse_id(post_id))))


HANDLERS = [edit_form, edit]
