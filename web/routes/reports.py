"""Reporting what breaks a rule: members from a menu, guests by a form; and what became of it."""

from urllib.parse import urlsplit

from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.client_address import client_address
from asgi.responses import Response
from domain.core.access import member
from domain.core.errors import Invalid, Refused
from domain.graph import blocks, mutes
from domain.moderation import appeals, guest_reports, reports, rules, subjects, weights
from domain.moderation.guest_reports import GuestForm, GuestReport
from domain.moderation.kinds import SubjectKind
from domain.moderation.reports import FiledReport, Receipt
from domain.moderation.subjects import ReportedSubject
from web import errors, forms, moderation_context, page, state
from web.routes import timelines

# What a reporter may want besides.
ALSO = {"mute": mutes.mute, "block": blocks.block}


@get("/report")
async def report_form(request: Request) -> ASGIApp:
    member(page.viewer(request))
    wanted = moderation_context.subject(forms.query(request, "about"))
    found = await subjects.load(page.viewer(request), wanted)
    return await _form(request, found, forms.Form(about=forms.query(request, "about")), forms.Form())


async def _form(
    request: Request, found: ReportedSubject, form: forms.Form, problems: forms.Form, status: int = 200
) -> Response:
    book = await rules.current()
    fragment = page.is_fragment(request)
    return page.show(
        request,
        "moderation/_report.html" if fragment else "moderation/report.html",
        page.translate(request, "Report"),
        status=status,
        form=form,
        errors=problems,
        handle=found.handle,
        subject=moderation_context.SUBJECT_WORDS[found.subject.kind],
        choices=_choices(request, found),
        rules=moderation_context.rules(book, page.locale(request)),
        max_words=reports.MAX_WORDS,
    )


def _choices(request: Request, found: ReportedSubject) -> list[tuple[str, str]]:
    """What of a post with pictures can be reported: all of it, or one of them."""
    if found.subject.kind is not SubjectKind.POST or not found.media:
        return []
    number = len(found.media)
    pictures = [
        (f"media.{media}", page.translate(request, "Picture %(number)s of %(count)s", number=at, count=number))
        for at, media in enumerate(found.media, 1)
    ]
    return [(f"post.{found.subject.id}", page.translate(request, "The whole post")), *pictures]


@post("/reports")
async def file(request: Request) -> ASGIApp:
    form = await forms.read(request)
    viewer = member(page.viewer(request))
    state.of(request).limits.reports.take(str(viewer.id))
    about = moderation_context.subject(form["about"])
    filed = FiledReport(about, moderation_context.named_rule(form["rule"]), form["words"])
    try:
        receipt = await reports.file(viewer, filed, page.visit(request).policy.trust.reports)
    except Invalid as problem:
        found = await subjects.load(viewer, about)
        return await _form(request, found, form, forms.Form(errors.fields(request, problem)), 422)
    if form["also"] in ALSO:
        await ALSO[form["also"]](viewer, receipt.account)
    return await _taken(request, receipt, filed, form["also"])


async def _taken(request: Request, receipt: Receipt, filed: FiledReport, also: str) -> Response:
    book = await rules.of_version(filed.rule.version)
    return page.show(
        request,
        "moderation/_reported.html" if page.is_fragment(request) else "moderation/reported.html",
        page.translate(request, "Reported"),
        receipt=receipt,
        harmless=receipt.outcome is not None,
        rule=moderation_context.rule(book.rule(filed.rule.number), book.version, page.locale(request)),
        also=also if also in ALSO else "",
    )


@get("/reports/mine")
async def mine(request: Request) -> ASGIApp:
    before = timelines.cursor(request)
    found = await reports.mine(page.viewer(request), before)
    locale = page.locale(request)
    statuses = await appeals.of_cases(page.viewer(request), [one.case for one in found.items])
    rows = [
        {
            "appeal": moderation_context.appeal(statuses[one.case], locale) if one.case in statuses else None,
            **moderation_context.own_report(one, locale),
        }
        for one in found.items
    ]
    older = f"/reports/mine?before={found.next}" if found.next else ""
    if page.is_fragment(request) and before:
        return Response(page.render(request, "moderation/_own_reports.html", reports=rows, older_url=older).encode())
    title, policy = page.translate(request, "What you reported"), page.visit(request).policy.trust.reports
    return page.show(
        request,
        "moderation/own_reports.html",
        title,
        reports=rows,
        older_url=older,
        standing=await weights.standing(page.viewer(request), policy),
        ignored_days=policy.ignored_days,
    )


@get("/notice")
async def notice_form(request: Request) -> ASGIApp:
    return await _notice(request, forms.Form(address=forms.query(request, "address")[:500]), forms.Form())


async def _notice(request: Request, form: forms.Form, problems: forms.Form, status: int = 200) -> Response:
    book, mail = await rules.current(), bool(state.of(request).settings.smtp_url)
    at_once = [one for one in book.rules if guest_reports.counts_at_once(one)]
    offered = book.rules if mail else at_once
    return page.show(
        request,
        "moderation/notice.html",
        page.translate(request, "Report something"),
        status=status,
        form=form,
        errors=problems,
        rules=[moderation_context.rule(one, book.version, page.locale(request)) for one in offered],
        at_once=[one.said(page.locale(request)).title for one in at_once],
        mail=mail,
        days=guest_reports.CONFIRM_DAYS,
        max_words=reports.MAX_WORDS,
    )


@post("/notice")
async def notice(request: Request) -> ASGIApp:
    form = await forms.read(request)
    wanted = GuestForm(
        address=form["address"],
        rule=moderation_context.named_rule(form["rule"]),
        words=form["words"],
        name=form["name"],
        email=form["email"],
        good_faith=form.on("good_faith"),
        locale=page.locale(request),
        hosts=_hosts(request),
    )
    try:
        state.of(request).limits.guest_report(client_address(request.scope), wanted.email)
        can_mail, policy = bool(state.of(request).settings.smtp_url), page.visit(request).policy.trust.reports
        taken = await guest_reports.file(wanted, can_mail=can_mail, policy=policy)
    except Invalid as problem:
        state.of(request).limits.guest_report_refused(wanted.email)
        return await _notice(request, form, forms.Form(errors.fields(request, problem)), 422)
    except Refused as refusal:
        shown = forms.Form(form=errors.words(request, refusal))
        return await _notice(request, form, shown, errors.status_of(refusal))
    return page.show(
        request,
        "moderation/notice_taken.html",
        page.translate(request, "Report received"),
        number=str(taken.report),
        confirm=taken.confirm,
        mailed=taken.mailed,
        email=form["email"],
        days=guest_reports.CONFIRM_DAYS,
    )


def _hosts(request: Request) -> frozenset[str]:
    """The names under which this network is reached."""
    return frozenset({request.headers.get("host", "").lower(), urlsplit(state.of(request).settings.origin).netloc})


@get("/notice/confirmation/{token:str}")
async def confirmation_form(request: Request, token: str) -> ASGIApp:
    """A mail program may open a link by itself: only the button on its page confirms anything."""
    return _confirmation(request, token, await guest_reports.of_token(token))


@post("/notice/confirmation/{token:str}")
async def confirmation(request: Request, token: str) -> ASGIApp:
    await guest_reports.confirm(token)
    return _confirmation(request, token, await guest_reports.of_token(token))


def _confirmation(request: Request, token: str, found: GuestReport) -> Response:
    return page.show(
        request,
        "moderation/notice_confirmation.html",
        page.translate(request, "Report confirmed")
        if found.confirmed
        else page.translate(request, "Confirm your report"),
        token=token,
        number=token.partition(".")[0],
        done=bool(found.confirmed),
        decided=found.outcome is not None,
        headers=((b"referrer-policy", b"no-referrer"),),
    )


HANDLERS = [report_form, file, mine, notice_form, notice, confirmation_form, confirmation]
