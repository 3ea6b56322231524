"""The links that people are mailed, as a server makes them: ``python -m e2e.mailed_links HANDLE``.

In a process of its own, with the server's environment: no page shows them.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path

import settings
from db.engine import DB
from db.sql import SQL
from domain.accounts import credentials
from domain.moderation import guest_appeals, guest_reports, upstream, upstream_forms
from domain.moderation.guest_reports import GuestForm
from domain.moderation.reports import NamedRule
from domain.moderation.upstream_forms import ComplaintForm
from domain.moderation.upstream_kinds import Sender
from domain.notifications import digests
from tests.helpers.services import ROOT, environment

CONFIRMED = SQL("SELECT min(report) FROM guest_report")
EMAIL = SQL("SELECT email FROM credential WHERE account = ?1")
REPORT = GuestForm(
    address="/@ottilie",
    rule=NamedRule(2, 7),
    words="My telephone number is in it.",
    name="Zoé Petit",
    email="zoe@orle.example",
    good_faith=True,
    locale="fr",
)
COMPLAINT = ComplaintForm(
    sender=Sender.HOST,
    name="Nordhost",
    email="abuse@nordhost.example",
    words="We have had a complaint about this page.",
    addresses="https://tilly.example/@gaston",
    hosts=frozenset({"tilly.example"}),
)


def of(folder: Path, handle: str) -> dict[str, str]:
    """Paths: those that reset a member's password, confirm their address and stop their digests; those of a guest's
    report and of a complaint, which are filed for this and wait for a confirmation; and those of the oldest report's
    confirmation and of an appeal against its outcome.

    ``folder`` is the server's, whose own forms want a mail server for them.
    """
    made = subprocess.run(
        [sys.executable, "-m", "e2e.mailed_links", handle],
        cwd=ROOT, env=environment(folder), check=True, capture_output=True, timeout=60,
    )  # fmt: skip
    found: dict[str, str] = json.loads(made.stdout)
    return found


async def _make(handle: str) -> dict[str, str]:
    await DB.open(settings.read().url)
    try:
        account = await credentials.account_named(handle)
        email = str(await DB.value(EMAIL, account))
        report = (await guest_reports.file(REPORT, can_mail=True)).report
        complaint = (await upstream_forms.file(COMPLAINT, can_mail=True)).complaint
        confirmed = int(await DB.value(CONFIRMED))
        return {
            "reset": f"/reset/{await credentials.make_reset(account)}",
            "confirm": f"/mail/confirm/{await digests.confirm_token(account, email)}",
            "stop": f"/mail/stop/{await digests.stop_token(account, email)}",
            "notice": f"/notice/confirmation/{await guest_reports.token(report)}",
            "notice-before": f"/notice/confirmation/{await guest_reports.token(confirmed)}",
            # As the mail with its outcome has it. Whatever the outcome is, the page is the same.
            "appeal": f"/notice/appeal/{await guest_reports.signed(guest_appeals.PURPOSE, confirmed)}",
            "complaint": f"/upstream/confirmation/{await upstream.token(complaint)}",
        }
    finally:
        await DB.close()


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_make(sys.argv[1]))))
