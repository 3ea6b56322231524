"""The moderators' desk for complaints from upstream."""

from litestar import delete, get, post, put
from litestar.types import ASGIApp

from asgi import public_files
from asgi.asgi_types import Request
from asgi.public_files import PublicFile
from asgi.responses import Response
from domain.core.errors import Conflict, Invalid, NotFound, Refused
from domain.moderation import rules, upstream_desk, upstream_forms, upstream_proof, upstream_work
from domain.moderation.upstream_kinds import Sender
from domain.moderation.upstream_work import Closing
from web import complaint_pages, errors, forms, moderation_context, page, state, upstream_words
from web.routes import upstream

# The field that says that a case is opened for an address: its place follows.
PLACE = "place."
HERE = "/moderation/upstream"


@get(HERE)
async def desk(request: Request) -> ASGIApp:
    """A page of one of its lists has nothing of the other one."""
    after, before = forms.query(request, "after"), forms.query(request, "before")
    found = await upstream_desk.desk(page.viewer(request), after, before)
    return page.show(
        request,
        "moderation/upstream_desk.html",
        page.translate(request, "Complaints from upstream"),
        open=[complaint_pages.row(request, one) for one in found.open.items] if not before else [],
        more_url=f"{HERE}?after={found.open.next}" if found.open.next and not before else "",
        closed=[complaint_pages.row(request, one) for one in found.closed.items] if not after else [],
        older_url=f"{HERE}?before={found.closed.next}" if found.closed.next and not after else "",
        first=not (after or before),
        operates=complaint_pages.operates(page.viewer(request)),
        active="settings",
    )


@get(f"{HERE}/new")
async def entry_form(request: Request) -> ASGIApp:
    await upstream_desk.figures(page.viewer(request))
    return _entry(request, forms.Form(locale=page.locale(request)), forms.Form())


def _entry(request: Request, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    title = page.translate(request, "Enter a complaint")
    fields = upstream.fields(request, form, problems)
    return page.show(request, "moderation/upstream_entry.html", title, status=status, active="settings", **fields)


@post(HERE)
async def enter(request: Request) -> ASGIApp:
    form = await forms.read(request)
    viewer = page.viewer(request)
    await upstream_desk.figures(viewer)
    try:
        made = await upstream_forms.enter(viewer, upstream.complaint(request, form), can_mail=_can_mail(request))
    except Invalid as problem:
        return _entry(request, form, forms.Form(errors.fields(request, problem)), 422)
    except Refused as refusal:
        shown = forms.Form(form=errors.words(request, refusal))
        return _entry(request, form, shown, errors.status_of(refusal))
    return page.redirect(request, f"{HERE}/{made}")


def _can_mail(request: Request) -> bool:
    return bool(state.of(request).settings.smtp_url)


@get(HERE + "/{complaint_id:str}")
async def complaint(request: Request, complaint_id: str) -> ASGIApp:
    return await _complaint(request, forms.parse_id(complaint_id), forms.Form(), forms.Form())


async def _complaint(
    request: Request, number: int, form: forms.Form, problems: forms.Form, status: int = 200
) -> Response:
    """``form`` is one that was refused, with ``form["act"]`` the name of it."""
    view = await upstream_desk.read(page.viewer(request), number)
    return page.show(
        request,
        "moderation/upstream_complaint.html",
        page.translate(request, "Complaint"),
        status=status,
        active="settings",
        rules=moderation_context.rules(await rules.current(), page.locale(request)),
        senders=[*upstream.senders(request), ("other", page.translate(request, upstream_words.SENDERS[Sender.OTHER]))],
        form=form,
        errors=problems,
        **await complaint_pages.context(request, view, form),
    )


@put(HERE + "/{complaint_id:str}/claim", status_code=200)
async def claim(request: Request, complaint_id: str) -> ASGIApp:
    await upstream_desk.claim(page.viewer(request), forms.parse_id(complaint_id))
    return page.redirect(request, f"{HERE}/{complaint_id}")


@delete(HERE + "/{complaint_id:str}/claim", status_code=200)
async def release(request: Request, complaint_id: str) -> ASGIApp:
    await upstream_desk.release(page.viewer(request), forms.parse_id(complaint_id))
    return page.redirect(request, "/moderation")


@put(HERE + "/{complaint_id:str}/verification", status_code=200)
async def verify(request: Request, complaint_id: str) -> ASGIApp:
    number = forms.parse_id(complaint_id)
    try:
        await upstream_work.verify(page.viewer(request), number)
    except Conflict as problem:
        return await _refused(request, number, forms.Form(act="verify"), problem)
    return page.redirect(request, f"{HERE}/{number}")


async def _refused(request: Request, number: int, form: forms.Form, problem: Invalid | Conflict) -> Response:
    return await _complaint(request, number, form, errors.problems(request, problem), errors.status_of(problem))


@post(HERE + "/{complaint_id:str}/correction")
async def correct(request: Request, complaint_id: str) -> ASGIApp:
    number, form = forms.parse_id(complaint_id), await forms.read(request)
    form["act"] = "correct"
    sender = upstream_words.NAMES.get(form["sender"])
    try:
        await upstream_work.correct(
            page.viewer(request), number, sender, form["name"], form["locale"], form["deadline"]
        )
    except (Invalid, Conflict) as problem:
        return await _refused(request, number, form, problem)
    return page.redirect(request, f"{HERE}/{number}")


@post(HERE + "/{complaint_id:str}/cases")
async def open_cases(request: Request, complaint_id: str) -> ASGIApp:
    number, form = forms.parse_id(complaint_id), await forms.read(request, max_fields=80)
    form["act"] = "cases"
    chosen = [name.removeprefix(PLACE) for name in form if name.startswith(PLACE) and form.on(name)]
    places = [place for place in map(forms.version, chosen) if place is not None]
    try:
        await upstream_work.open_cases(
            page.viewer(request), number, places, moderation_context.named_rule(form["rule"])
        )
    except (Invalid, Conflict) as problem:
        return await _refused(request, number, form, problem)
    return page.redirect(request, f"{HERE}/{number}")


@post(HERE + "/{complaint_id:str}/closure")
async def close(request: Request, complaint_id: str) -> ASGIApp:
    number, form = forms.parse_id(complaint_id), await forms.read(request)
    form["act"] = "close"
    closing = Closing(
        forms.version(form["version"]) or 0, answers=form.on("answers"), subject=form["subject"], words=form["words"]
    )
    try:
        unsent = await upstream_work.close(page.viewer(request), number, closing, can_mail=_can_mail(request))
    except (Invalid, Conflict) as problem:
        return await _refused(request, number, form, problem)
    return page.redirect(request, f"{HERE}/{number}" if unsent else "/moderation?closed=1")


@put(HERE + "/{complaint_id:str}/letters/{letter_id:str}/sent", status_code=200)
async def sent_by_hand(request: Request, complaint_id: str, letter_id: str) -> ASGIApp:
    number = forms.parse_id(complaint_id)
    try:
        await upstream_work.sent_by_hand(page.viewer(request), number, forms.parse_id(letter_id))
    except Conflict as problem:
        return await _refused(request, number, forms.Form(act="sent"), problem)
    return page.redirect(request, f"{HERE}/{number}")


@get(HERE + "/{complaint_id:str}/letters/{letter_id:str}")
async def letter(request: Request, complaint_id: str, letter_id: str) -> ASGIApp:
    """A letter to be sent another way."""
    view = await upstream_desk.read(page.viewer(request), forms.parse_id(complaint_id))
    found = next((one for one in view.letters if one.id == forms.parse_id(letter_id)), None)
    if found is None:
        raise NotFound
    text = f"{found.subject}\n\n{found.words}\n".encode()
    return PublicFile(text, public_files.TEXT, name=f"letter-{found.id}.txt", cache=public_files.PRIVATE)


@get(HERE + "/{complaint_id:str}/proof")
async def proof(request: Request, complaint_id: str) -> ASGIApp:
    """The trail as a file, to be handed to whoever asks for it."""
    number = forms.parse_id(complaint_id)
    body = upstream_proof.encoded(await upstream_desk.read(page.viewer(request), number))
    return PublicFile(body, public_files.JSON, name=f"complaint-{number}.json", cache=public_files.PRIVATE)


@get(HERE + "/{complaint_id:str}/mails/{mail_id:str}")
async def mail(request: Request, complaint_id: str, mail_id: str) -> ASGIApp:
    """What was kept of a mail, as plain text that no browser draws."""
    number = forms.parse_id(mail_id)
    body = await upstream_desk.kept_mail(page.viewer(request), forms.parse_id(complaint_id), number)
    return PublicFile(body, public_files.TEXT, name=f"mail-{number}.eml.txt", cache=public_files.PRIVATE)


HANDLERS = [
    desk, entry_form, enter, complaint, claim, release, verify, correct, open_cases, close, sent_by_hand, letter, proof,
    mail,
]  # fmt: skip
