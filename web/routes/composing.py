"""Writing posts and changing them, with what hangs on them."""

import secrets
from typing import Any

from litestar import get, post, put
from litestar.types import ASGIApp
from markupsafe import Markup

from domain.core import ids
from domain.core.access import Viewer, member
from domain.core.errors import Conflict, Invalid, NotFound, Refused
from domain.core.words import N_
from domain.media import attachments
from domain.media import uploads as taking
from domain.media.attachments import Chosen
from domain.posts import editing, publishing, views
from domain.posts.views import PostView
from web import answers, errors, faces, feed, forms, meant, page, seen, shots, state, told, uploads
from web.answers import Answer
from web.page import Asked
from web.routes.posts import known
from web.uploads import Submission

# The field with the words for one attachment: its id follows. That it is there makes the attachment part of the post.
ALT = "alt."
# What goes along through signing in: all of the form, so that nothing comes back to a wider audience. ``edit`` is the
# post that is changed, ``account`` whose form it is.
CARRIED = (
    "text", "reply_to", "quote", "cover", "sensitive", "visibility", "replies_to", "key", "account", "edit", "version",
    "media",
)  # fmt: skip
ENDED = N_("You were signed out. Sign in again: what you typed is kept.")
ENDED_WITH_FILES = N_("You were signed out. Sign in again: what you typed is kept. The files are not: add them again.")
HANDED_OVER = N_("Sign in first: what you share is kept.")
HANDED_OVER_WITH_FILES = N_("Sign in first: the words that you share are kept. The files are not: share them again.")


def _chosen(form: forms.Form) -> tuple[Chosen, ...]:
    """What is attached, in the order of the form."""
    found = ((ids.parse(name.removeprefix(ALT)), value) for name, value in form.items() if name.startswith(ALT))
    # However an id is written: it counts once.
    return tuple(Chosen(media, alt) for media, alt in {media: alt for media, alt in found if media is not None}.items())


def carried(form: forms.Form) -> dict[str, str]:
    """The fields of a post's form that go along through signing in, in their order."""
    return {name: value for name, value in form.items() if (value and name in CARRIED) or name.startswith(ALT)}


def can_resume(form: forms.Form, account: int) -> bool:
    """Whether a form carries a post that is not sent yet, and this account may go on with it."""
    begun = form["text"].strip() or form["cover"].strip() or any(name.startswith(ALT) for name in form)
    return bool(begun) and form["account"] in ("", str(account))


async def resume(request: Asked, form: forms.Form) -> Answer:
    """The form for a post as it was carried through signing in."""
    edit_id = str(known(form["edit"])) if form["edit"] else ""
    return await form_page(request, forms.Form(carried(form)), edit_id=edit_id)


async def _take(request: Asked, form: forms.Form, sent: Submission) -> None:
    """Makes attachments of the files that were sent, in their order, for ``form``. Errors: ``Refused``, with those
    before the one that is refused attached."""
    web, viewer = state.of(request), page.viewer(request)
    for file in sent.files():
        web.limits.upload.take(str(viewer.id))
        # The same file in the same form is the same picture, however often the form is sent.
        made = await taking.take(web.studio, viewer, file.file, form["key"], file.digest)
        form.setdefault(f"{ALT}{made.id}", made.alt)


async def _context(request: Asked, form: forms.Form) -> Markup:
    """The post that is answered or quoted, compact; nothing when the viewer may not see it."""
    wanted = ids.parse(form["reply_to"]) or ids.parse(form["quote"])
    found = (await views.load(page.viewer(request), [wanted])).get(wanted) if wanted else None
    if found is None:
        return Markup()
    if form["reply_to"]:
        return page.render(request, "posts/_context.html", post=seen.of(found))
    return page.render(
        request, "posts/_quote.html", quote=seen.of(found), attached=told.attached(page.locale(request), found)
    )


async def form_page(
    request: Asked,
    form: forms.Form,
    *,
    edit_id: str = "",
    status: int = 200,
    typed: bool = True,
    handed_over: bool = False,
) -> Answer:
    """The form as it stands. ``typed``: by the member, so that a script puts no older draft in its place.
    ``handed_over``: by another app, and so no draft either before the member changes it."""
    viewer = page.viewer(request)
    form["key"] = form["key"] or secrets.token_hex(12)
    chosen = {one.id: one.alt for one in _chosen(form)}
    found = await attachments.own(viewer, list(chosen))
    if len(found) < len(chosen):
        form["error"] = form["error"] or page.say(request, attachments.GONE)
    context: dict[str, Any] = {
        "form": form,
        "edit_id": edit_id,
        "typed": typed,
        "handed_over": handed_over,
        "account": str(viewer.id),
        "context": await _context(request, form),
        "me_avatar": faces.avatar(viewer.name, viewer.hue, viewer.picture, ""),
        "may_public": not viewer.private,
        "attached": [(shot, chosen[int(shot.id)]) for shot in shots.of(found, is_open=False)],
    }
    if page.is_fragment(request):
        return Answer(page.render(request, "posts/_compose.html", **context).encode(), status)
    return page.show(
        request, "posts/compose.html", page.say(request, "Write"), status=status, active="compose", **context
    )


@get("/compose")
async def compose(request: Asked) -> ASGIApp:
    """The form, empty or begun: for a reply, a quote, or with a text that another app shares."""
    form = forms.Form({name: forms.query(request, name) for name in ("reply_to", "quote", "text")})
    if form["text"] and not page.viewer(request).signed_in:
        return to_sign_in(request, form["text"])
    member(page.viewer(request))
    if form["reply_to"]:
        answered = await views.get(page.viewer(request), known(form["reply_to"]))
        if answered.author != page.viewer(request).id and not form["text"]:
            form["text"] = f"@{answered.handle} "
        if answered.visibility != views.PUBLIC:
            form["visibility"] = "followers"
    return await form_page(request, form, typed=False)


async def begin(request: Asked, text: str, sent: Submission) -> Answer:
    """The form, begun with what another app hands over."""
    form = forms.Form(text=text, key=secrets.token_hex(12))
    try:
        await _take(request, form, sent)
    except Refused as refusal:
        return await _again(request, form, refusal, handed_over=True)
    return await form_page(request, form, handed_over=True)


@post("/compose", status_code=200, request_max_body_size=None)
async def attach(request: Asked) -> ASGIApp:
    """The form again, with the files that were chosen attached, or one taken away: for browsers without scripts."""
    edit_id = forms.query(request, "edit") and str(known(forms.query(request, "edit")))
    async with uploads.submission(request, state.of(request).studio) as sent:
        form = sent.form
        if (answer := _not_theirs(request, form, edit_id)) is not None:
            return answer
        member(page.viewer(request))
        form.pop(ALT + form["drop"], None)
        try:
            await _take(request, form, sent)
        except Refused as refusal:
            return await _again(request, form, refusal, edit_id)
    return await form_page(request, form, edit_id=edit_id)


def _draft(form: forms.Form) -> publishing.Draft:
    sensitive = form.on("sensitive") or bool(form["cover"].strip())
    return publishing.Draft(
        text=form["text"],
        key=form["key"],
        visibility=seen.VISIBILITIES.get(form["visibility"] or "public", -1),
        replies_to=seen.REPLIES.get(form["replies_to"] or "everyone", -1),
        cover=form["cover"] if sensitive else None,
        parent=_id_or_none(form["reply_to"]),
        quote=_id_or_none(form["quote"]),
        media=_chosen(form),
    )


def _id_or_none(text: str) -> int | None:
    return known(text) if text else None


@post("/posts", request_max_body_size=None)
async def publish(request: Asked) -> ASGIApp:
    async with uploads.submission(request, state.of(request).studio) as sent:
        form = sent.form
        if (answer := _not_theirs(request, form)) is not None:
            return answer
        try:
            made = await _publish(request, member(page.viewer(request)), sent)
        except Refused as refusal:
            if page.is_act(request):
                raise
            return await _again(request, form, refusal)
    return await _published(request, made)


async def _publish(request: Asked, viewer: Viewer, sent: Submission) -> int:
    state.of(request).limits.post.take(str(viewer.id))
    await _take(request, sent.form, sent)
    return await publishing.publish(viewer, _draft(sent.form))


async def _published(request: Asked, made: int) -> Answer:
    """The new post: drawn for the page it was written on, or its own page."""
    viewer = page.viewer(request)
    view = await views.get(viewer, made)
    address = seen.address(view)
    if not page.is_fragment(request) and not page.is_act(request):
        return page.go(request, address if view.parent is None else f"{_thread_of(view)}#p-{made}")
    html = (await feed.draw(viewer, [view.glimpse], page.locale(request), above=view.parent is None))[0]
    if page.is_act(request):  # it waited on the device for a connection
        return page.json({"id": str(made), "url": address, "html": html.decode()}, 201)
    event = page.event("posted", {"id": str(made), "url": address})
    return Answer(html, 201, (*answers.HTML, event))


def _thread_of(view: PostView) -> str:
    return f"/@{view.parent_handle}/{view.parent}" if view.parent_handle else seen.address(view)


async def _again(
    request: Asked, form: forms.Form, refusal: Refused, edit_id: str = "", *, handed_over: bool = False
) -> Answer:
    """The form with what was typed and why it was refused."""
    form["error"] = errors.words(request, refusal)
    if isinstance(refusal, Conflict):
        form["key"] = ""
    status = 422 if isinstance(refusal, Invalid) or page.is_fragment(request) else errors.status_of(refusal)
    return await form_page(request, form, edit_id=edit_id, status=status, handed_over=handed_over)


def _not_theirs(request: Asked, form: forms.Form, edit_id: str = "") -> Answer | None:
    """The answer to a form whose session has ended, or that was made for another account; None for all others."""
    viewer = page.viewer(request)
    if viewer.signed_in:
        return None if form["account"] in ("", str(viewer.id)) else meant.not_you(request, form["account"], "/compose")
    return None if page.is_act(request) else _signed_out(request, form, edit_id)


def _signed_out(request: Asked, form: forms.Form, edit_id: str) -> Answer:
    """A session that ended in mid-post: the form travels through signing in, but for files that came with it."""
    if page.is_fragment(request):
        return Answer(b"", 401)
    form["edit"] = edit_id
    return _sign_in(request, form, ENDED_WITH_FILES if form.has_files else ENDED)


def to_sign_in(request: Asked, text: str, *, with_files: bool = False) -> Answer:
    """The answer to a guest who shares something from another app. An address might not hold all of it."""
    return _sign_in(request, forms.Form(text=text), HANDED_OVER_WITH_FILES if with_files else HANDED_OVER)


def _sign_in(request: Asked, form: forms.Form, words: str) -> Answer:
    """The page to sign in on, which carries a post's form along."""
    return page.show(
        request,
        "accounts/signin.html",
        page.say(request, "Sign in"),
        status=401,
        bare=True,
        form=forms.Form(),
        error=page.say(request, words),
        next="/compose",
        carried=carried(form),
    )


@get("/posts/{post_id:str}/edit")
async def edit_form(request: Asked, post_id: str) -> ASGIApp:
    view = await editing.own(page.viewer(request), known(post_id))
    form = forms.Form(text=view.text, cover=view.cover or "", version=str(view.version))
    form["sensitive"] = "1" if view.cover is not None else ""
    form |= {f"{ALT}{one.id}": one.alt for one in view.media}
    return await form_page(request, form, edit_id=str(view.id), typed=False)


@put("/posts/{post_id:str}", request_max_body_size=None)
async def edit(request: Asked, post_id: str) -> ASGIApp:
    async with uploads.submission(request, state.of(request).studio) as sent:
        form = sent.form
        if (answer := _not_theirs(request, form, str(known(post_id)))) is not None:
            return answer
        viewer = member(page.viewer(request))
        cover = form["cover"] if form.on("sensitive") or form["cover"].strip() else None
        version = int(form["version"]) if form["version"].isdecimal() and len(form["version"]) < 9 else None
        try:
            await _take(request, form, sent)
            # A form that knows nothing of pictures leaves them alone.
            media = _chosen(form) if form.on("media") else None
            await editing.edit(viewer, known(post_id), form["text"], cover, version, media)
        except NotFound:
            raise
        except Refused as refusal:
            return await _again(request, form, refusal, post_id)
    return page.go(request, seen.address(await views.get(viewer, known(post_id))))


HANDLERS = [compose, attach, publish, edit_form, edit]
