"""The form in which a post is written or edited: its fields, its attachments, and what happens when it is refused."""

import secrets
from typing import Any
from urllib.parse import quote

from markupsafe import Markup

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core import ids
from domain.core.errors import Conflict, Invalid, Refused, RulesChanged
from domain.core.translatable import N_
from domain.media import attachments, uploads
from domain.media.attachments import ChosenMedia
from domain.posts import editing, posting_limits, views
from domain.posts.screening import Nudged
from domain.posts.views import PostView
from web import (
    account_guard,
    avatars,
    errors,
    forms,
    media_context,
    notification_text,
    page,
    post_context,
    state,
)
from web.submissions import Submission

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


def chosen_media(form: forms.Form) -> tuple[ChosenMedia, ...]:
    """What is attached, in the order of the form."""
    found = ((ids.parse(name.removeprefix(ALT)), value) for name, value in form.items() if name.startswith(ALT))
    # However an id is written: it counts once.
    return tuple(
        ChosenMedia(media, alt) for media, alt in {media: alt for media, alt in found if media is not None}.items()
    )


def carried_fields(form: forms.Form) -> dict[str, str]:
    """The fields of a post's form that go along through signing in, in their order."""
    return {name: value for name, value in form.items() if (value and name in CARRIED) or name.startswith(ALT)}


def can_resume(form: forms.Form, account: int) -> bool:
    """Whether a form carries a post that is not sent yet, and this account may go on with it."""
    begun = form["text"].strip() or form["cover"].strip() or any(name.startswith(ALT) for name in form)
    return bool(begun) and form["account"] in ("", str(account))


async def resume(request: Request, form: forms.Form) -> Response:
    """The form for a post as it was carried through signing in."""
    edit_id = str(forms.parse_id(form["edit"])) if form["edit"] else ""
    return await form_page(request, forms.Form(carried_fields(form)), edit_id=edit_id)


async def attach_files(request: Request, form: forms.Form, sent: Submission) -> None:
    """Makes attachments of the files that were sent, in their order, for ``form``. Errors: ``Refused``, with those
    before the one that is refused attached."""
    web, viewer = state.of(request), page.viewer(request)
    for file in sent.files():
        web.limits.upload.take(str(viewer.id))
        # The same file in the same form is the same picture, however often the form is sent.
        made = await uploads.take(web.processor, viewer, file.file, form["key"], file.digest)
        form.setdefault(f"{ALT}{made.id}", made.alt)


async def _context(request: Request, form: forms.Form) -> Markup:
    """The post that is answered or quoted, compact; nothing when the viewer may not see it."""
    wanted = ids.parse(form["reply_to"]) or ids.parse(form["quote"])
    found = (await views.load(page.viewer(request), [wanted])).get(wanted) if wanted else None
    if found is None:
        return Markup()
    shown = post_context.of(found, page.templates(request).media_origin, page.locale(request))
    if form["reply_to"]:
        return page.render(request, "posts/_context.html", post=shown)
    return page.render(
        request,
        "posts/_quote.html",
        quote=shown,
        attached=notification_text.attached(page.locale(request), found),
    )


async def form_page(
    request: Request,
    form: forms.Form,
    *,
    edit_id: str = "",
    status: int = 200,
    typed: bool = True,
    handed_over: bool = False,
    rules_url: str = "",
    is_limited: bool = False,
    now: PostView | None = None,
) -> Response:
    """The form as it stands. ``typed``: by the member, so that a script puts no older draft in its place.
    ``handed_over``: by another app, and so no draft either before the member changes it. ``rules_url``: where to accept
    the rules, when that is to be done first. ``is_limited``: it is more than a new account may post within an hour.
    ``now``: the post as it is, when it was edited elsewhere since the form was opened."""
    viewer, media_origin = page.viewer(request), page.templates(request).media_origin
    form["key"] = form["key"] or secrets.token_hex(12)
    chosen = {one.id: one.alt for one in chosen_media(form)}
    found = await attachments.own(viewer, list(chosen))
    if len(found) < len(chosen):
        form["error"] = form["error"] or page.translate(request, attachments.GONE)
    context: dict[str, Any] = {
        "form": form,
        "edit_id": edit_id,
        "typed": typed,
        "handed_over": handed_over,
        "rules_url": rules_url,
        "is_limited": is_limited,
        "now": now,
        # The form has what was typed: what the post has got elsewhere would go with it.
        "going": len({one.id for one in now.media} - set(chosen)) if now else 0,
        "slowed": page.is_slowed(request),
        "account": str(viewer.id),
        "context": await _context(request, form),
        "me_avatar": avatars.avatar(viewer.name, viewer.hue, viewer.avatar_small, media_origin, ""),
        "may_public": not viewer.private,
        "attached": [(shot, chosen[int(shot.id)]) for shot in media_context.of(found)],
    }
    if page.is_fragment(request):
        return Response(page.render(request, "posts/_compose.html", **context).encode(), status)
    return page.show(
        request, "posts/compose.html", page.translate(request, "Write"), status=status, active="compose", **context
    )


async def show_refusal(
    request: Request, form: forms.Form, refusal: Refused, edit_id: str = "", *, handed_over: bool = False
) -> Response:
    """The form with what was typed and why it was refused."""
    form["error"] = errors.words(request, refusal)
    now = None
    if isinstance(refusal, Conflict):
        form["key"] = ""
        now = await _edited_since(request, form, edit_id) if edit_id else None
    form["sent_anyway"] = refusal.token if isinstance(refusal, Nudged) else ""
    status = 422 if isinstance(refusal, Invalid) or page.is_fragment(request) else errors.status_of(refusal)
    rules_url = _rules_url(form, edit_id) if isinstance(refusal, RulesChanged) else ""
    return await form_page(
        request,
        form,
        edit_id=edit_id,
        status=status,
        handed_over=handed_over,
        rules_url=rules_url,
        is_limited=refusal.code == posting_limits.CODE,
        now=now,
    )


async def _edited_since(request: Request, form: forms.Form, edit_id: str) -> PostView | None:
    """The post as it is, if it is another version than the form began from: what is sent next replaces this one."""
    found = await editing.own(page.viewer(request), forms.parse_id(edit_id))
    if form["version"] == str(found.version):
        return None
    form["version"] = str(found.version)
    return found


def _rules_url(form: forms.Form, edit_id: str) -> str:
    """Where the rules are accepted, and from where one comes back to this form, in which a script puts the draft."""
    begun = next((f"?{name}={ids.parse(form[name])}" for name in ("reply_to", "quote") if ids.parse(form[name])), "")
    to = f"/posts/{edit_id}/edit" if edit_id else f"/compose{begun}"
    return f"/rules?next={quote(to, safe='/')}"


def wrong_account(request: Request, form: forms.Form, edit_id: str = "") -> Response | None:
    """The answer to a form whose session has ended, or that was made for another account; None for all others."""
    viewer = page.viewer(request)
    if viewer.signed_in:
        return (
            None
            if form["account"] in ("", str(viewer.id))
            else account_guard.wrong_account(request, form["account"], "/compose")
        )
    return None if page.is_act(request) else _signed_out(request, form, edit_id)


def _signed_out(request: Request, form: forms.Form, edit_id: str) -> Response:
    """A session that ended in mid-post: the form travels through signing in, but for files that came with it."""
    if page.is_fragment(request):
        return Response(b"", 401)
    form["edit"] = edit_id
    return _sign_in(request, form, ENDED_WITH_FILES if form.has_files else ENDED)


def to_sign_in(request: Request, text: str, *, with_files: bool = False) -> Response:
    """The answer to a guest who shares something from another app. An address might not hold all of it."""
    return _sign_in(request, forms.Form(text=text), HANDED_OVER_WITH_FILES if with_files else HANDED_OVER)


def _sign_in(request: Request, form: forms.Form, words: str) -> Response:
    """The page to sign in on, which carries a post's form along."""
    return page.show(
        request,
        "accounts/signin.html",
        page.translate(request, "Sign in"),
        status=401,
        bare=True,
        form=forms.Form(),
        error=page.translate(request, words),
        next="/compose",
        carried=carried_fields(form),
    )
