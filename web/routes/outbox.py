"""What an operator sees of the outbox: what waits, what gave up, and what was dropped."""

from typing import Any

from litestar import get, post
from litestar.types import ASGIApp

from asgi.asgi_types import Request
from asgi.responses import Response
from domain.core import dead_letters, ids
from domain.core.errors import Invalid
from domain.core.translatable import N_
from web import errors, forms, page

HERE = "/settings/outbox"
# What each kind of event has still to do.
WORK = {
    "SanctionEnds": N_("End a freeze or a suspension"),
    "HiddenPostEdited": N_("Bring an edited post back to moderators"),
    "HoldEnded": N_("Tell of a post that moderators have let through"),
    "AppealDecided": N_("Tell of an answer to an appeal"),
    "SummonsMade": N_("Tell somebody that they were drawn for a jury"),
    "SummonsEnds": N_("Draw another juror in place of one who did not answer"),
    "JuryClosed": N_("Tell jurors how their jury ended"),
    "BulkDue": N_("Carry out a bulk decision, or take it back"),
    "VerdictDue": N_("Tell jurors how their jury ended"),
    "CaseMessageDue": N_("Tell of a message from moderators"),
    "BrakeEnds": N_("Switch the brake off at its end"),
    "CrisisEnds": N_("End a crisis"),
    "UrgentCaseWaits": N_("Push an urgent case to the next moderator"),
    "AuthorityWaits": N_("Push an authority’s complaint to the next moderator"),
    "WorkWaits": N_("Tell moderators that something is waiting"),
    "RoleLeft": N_("Say in the public log that a role is gone"),
    "StaffNoticeDue": N_("Tell moderators that something is waiting"),
    "SimulationDue": N_("Simulate a filter"),
    "PostPublished": N_("Bring a post to its readers"),
    "PostEdited": N_("Tell of an edited post"),
    "PostDeleted": N_("Remove a deleted post"),
    "Reposted": N_("Bring a repost to its readers"),
    "Unreposted": N_("Take back the notification of a repost"),
    "Voted": N_("Tell of a vote"),
    "LinkPreviewRequested": N_("Fetch the preview of a link"),
    "CopiesContinued": N_("Bring a post to its readers"),
    "BellsContinued": N_("Tell those with a bell of a post"),
    "PostNoticesContinued": N_("Tell those whom a post concerns"),
    "CauseContinued": N_("Tell of a vote, a repost or a follow"),
    "Followed": N_("Fill the home page of a new follower"),
    "Unfollowed": N_("Take back the notification of a follow"),
    "FollowRequested": N_("Tell of a follow request"),
    "FollowRequestClosed": N_("Take back the notification of a follow request"),
    "FollowAccepted": N_("Tell of an accepted follow request"),
    "HomeOpened": N_("Fill the home page of a member who came back"),
    "AccountMadePublic": N_("Let in those who asked to follow an account"),
    "Noticed": N_("Plan a push notification"),
    "AccountLeft": N_("Remove an account that left"),
    "PasswordResetRequested": N_("Look up who wants a new password"),
    "PasswordResetDue": N_("Mail a link for a new password"),
    "EmailConfirmationDue": N_("Mail a link that confirms an address"),
    "DigestDue": N_("Mail a digest of notifications"),
    "CaseDecided": N_("Tell of a moderators’ decision"),
    "StatementMade": N_("Tell of a moderators’ decision"),
    "AnswersContinued": N_("Tell those who reported something of the outcome"),
    "AnswerDue": N_("Tell somebody who reported something of the outcome"),
    "GuestConfirmationDue": N_("Mail a link that confirms a report"),
    "GuestAnswerDue": N_("Mail the outcome of a report"),
    "GuestMessageDue": N_("Mail a moderator’s message to a guest"),
    "GuestAppealAnswerDue": N_("Mail the answer to a guest’s appeal"),
    "ComplaintReceiptDue": N_("Mail that a complaint came"),
    "ComplaintLetterDue": N_("Mail the answer to a complaint"),
    "LogEntryAdded": N_("Sign the public log"),
    "MoveAnnounced": N_("Tell devices of another address"),
}
UNKNOWN = N_("Work of another version of Parvis")


@get(HERE)
async def outbox(request: Request) -> ASGIApp:
    return await _page(request, forms.query(request, "saved"))


async def _page(
    request: Request, saved: str = "", form: forms.Form | None = None, problem: str = "", status: int = 200
) -> Response:
    """``form`` is one that was refused, for ``problem``: it stays open, with what was typed."""
    found = await dead_letters.overview(page.viewer(request))
    since = found.backlog.since
    return page.show(
        request,
        "settings/outbox.html",
        page.translate(request, "Outbox"),
        status=status,
        active="settings",
        backlog=found.backlog,
        since=since,
        late=dead_letters.age_ms(since) > dead_letters.LATE_MS,
        failing_late=dead_letters.age_ms(found.backlog.failing_since) > dead_letters.LATE_MS,
        kinds=[_kind(request, kind, form or forms.Form()) for kind in found.kinds],
        dropped=[{"letter": one, "work": _work(request, one.kind)} for one in found.dropped],
        saved=saved,
        problem=problem,
        max_reason=dead_letters.MAX_REASON,
    )


def _kind(request: Request, kind: dead_letters.DeadLetterGroup, form: forms.Form) -> dict[str, Any]:
    """A kind, and which of its forms was refused: the event's, "0" for that of all, "" for none."""
    refused = form["event"] or "0" if form["kind"] == kind.name else ""
    return {"kind": kind, "work": _work(request, kind.name), "refused": refused, "typed": form["reason"]}


def _work(request: Request, kind: str) -> str:
    return page.translate(request, WORK.get(kind, UNKNOWN))


@post(f"{HERE}/retries")
async def retry(request: Request) -> ASGIApp:
    form = await forms.read(request)
    await dead_letters.retry(page.viewer(request), form["kind"], _event(form))
    return page.redirect(request, f"{HERE}?saved=retried")


@post(f"{HERE}/drops")
async def drop(request: Request) -> ASGIApp:
    form = await forms.read(request)
    try:
        await dead_letters.drop(page.viewer(request), form["kind"], form["reason"], _event(form))
    except Invalid as problem:
        return await _page(request, form=form, problem=errors.fields(request, problem)["reason"], status=422)
    return page.redirect(request, f"{HERE}?saved=dropped")


def _event(form: forms.Form) -> int:
    """One event's id, or 0 for all of the kind."""
    return (ids.parse(form["event"]) or -1) if form["event"] else 0


HANDLERS = [outbox, retry, drop]
