"""Writing a post: the form, its attachments, publishing."""

import secrets

from litestar import get, post
from litestar.types import ASGIApp

from asgi import responses
from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core.access import Viewer, member
from domain.core.errors import Invalid, Refused, collect
from domain.core.visibility import Visibility
from domain.posts import publishing, views
from domain.posts.views import PostView
from web import (
    errors,
    forms,
    page,
    post_context,
    post_forms,
    post_rendering,
    state,
    submissions,
)
from web.submissions import Submission


@get("/compose")
async def compose(request: Request) -> ASGIApp:
    """The form, empty or begun: for a reply, a quote, or with a text that another app shares."""
    form = forms.Form({name: forms.query(request, name) for name in ("reply_to", "quote", "text")})
    if form["text"] and not page.viewer(request).signed_in:
        return post_forms.to_sign_in(request, form["text"])
    member(page.viewer(request))
    if form["reply_to"]:
        answered = await views.get(page.viewer(request), forms.parse_id(form["reply_to"]))
        if answered.author != page.viewer(request).id and not form["text"]:
            form["text"] = f"@{answered.handle} "
        if answered.visibility != Visibility.PUBLIC:
            form["visibility"] = "followers"
        if refusal := views.may_build_on(answered):
            # Before anything is typed.
            form["error"] = errors.words(request, refusal)
    return await post_forms.form_page(request, form, typed=False)


async def begin(request: Request, text: str, sent: Submission) -> Response:
    """The form, begun with what another app hands over."""
    form = forms.Form(text=text, key=secrets.token_hex(12))
    try:
        await post_forms.attach_files(request, form, sent)
    except Refused as refusal:
        return await post_forms.show_refusal(request, form, refusal, handed_over=True)
    return await post_forms.form_page(request, form, handed_over=True)


@post("/compose", status_code=200, request_max_body_size=None)
async def attach(request: Request) -> ASGIApp:
    """The form again, with the files that were chosen attached, or one taken away: for browsers without scripts."""
    edit_id = forms.query(request, "edit") and str(forms.parse_id(forms.query(request, "edit")))
    async with submissions.submission(request, state.of(request).processor) as sent:
        form = sent.form
        if (answer := post_forms.wrong_account(request, form, edit_id)) is not None:
            return answer
        member(page.viewer(request))
        form.pop(post_forms.ALT + form["drop"], None)
        try:
            await post_forms.attach_files(request, form, sent)
        except Refused as refusal:
            return await post_forms.show_refusal(request, form, refusal, edit_id)
    return await post_forms.form_page(request, form, edit_id=edit_id)


def _draft(form: forms.Form) -> publishing.Draft:
    """Errors: ``Invalid`` when a choice is none of the form's."""
    sensitive = form.on("sensitive") or bool(form["cover"].strip())
    visibility = post_context.VISIBILITIES.get(form["visibility"] or "public")
    replies_to = post_context.REPLIES.get(form["replies_to"] or "everyone")
    collect(
        visibility=Invalid("Choose who may see it.") if visibility is None else None,
        replies_to=Invalid("Choose who may reply.") if replies_to is None else None,
    )
    assert visibility is not None
    assert replies_to is not None
    return publishing.Draft(
        text=form["text"],
        key=form["key"],
        visibility=visibility,
        replies_to=replies_to,
        cover=form["cover"] if sensitive else None,
        parent=_id_or_none(form["reply_to"]),
        quote=_id_or_none(form["quote"]),
        media=post_forms.chosen_media(form),
        sent_anyway=form["sent_anyway"],
    )


def _id_or_none(text: str) -> int | None:
    return forms.parse_id(text) if text else None


@post("/posts", request_max_body_size=None)
async def publish(request: Request) -> ASGIApp:
    async with submissions.submission(request, state.of(request).processor) as sent:
        form = sent.form
        try:
            if (answer := post_forms.wrong_account(request, form)) is not None:
                return answer
            made = await _publish(request, member(page.viewer(request)), sent)
        except Refused as refusal:
            if page.is_act(request):
                raise
            return await post_forms.show_refusal(request, form, refusal)
    return await _published(request, made)


async def _publish(request: Request, viewer: Viewer, sent: Submission) -> int:
    state.of(request).limits.post.take(str(viewer.id))
    await post_forms.attach_files(request, sent.form, sent)
    return await publishing.publish(viewer, _draft(sent.form), page.visit(request).policy.trust)


async def _published(request: Request, made: int) -> Response:
    """The new post: drawn for the page it was written on, or its own page."""
    viewer = page.viewer(request)
    view = await views.get(viewer, made)
    address = post_context.address(view)
    if not page.is_fragment(request) and not page.is_act(request):
        return page.redirect(request, address if view.parent is None else f"{_thread_of(view)}#p-{made}")
    html = (await post_rendering.render(viewer, [view.summary], page.templates(request), above=view.parent is None))[0]
    if page.is_act(request):  # it waited on the device for a connection
        return page.json({"id": str(made), "url": address, "html": html.decode()}, 201)
    event = page.event("posted", {"id": str(made), "url": address})
    return Response(html, 201, (*responses.HTML, event))


def _thread_of(view: PostView) -> str:
    return f"/@{view.parent_handle}/{view.parent}" if view.parent_handle else post_context.address(view)


HANDLERS = [compose, attach, publish]
