"""Every page can be seen in the demo town, so that it is photographed and checked by axe (``make test``, e2e)."""

import ast
import re
from collections.abc import Iterator

from tests.test_conventions import ROOT, TEMPLATES, sources

# The page that each template makes, by the name of a sight of it (e2e/*sights.py).
SIGHTS = {
    "accounts/followers.html": "followers",
    "accounts/menu.html": "profile-menu-page",
    "accounts/people.html": "people",
    "accounts/profile.html": "profile",
    "accounts/requests.html": "requests",
    "accounts/reset.html": "mail-reset",
    "accounts/reset_ask.html": "reset",
    "accounts/signin.html": "sign-in",
    "accounts/signup.html": "sign-up",
    "jury/history.html": "jury-history",
    "jury/summons.html": "jury",
    "jury/summonses.html": "juries",
    "log/log.html": "log",
    "log/transparency.html": "transparency",
    "moderation/appeal.html": "appeal",
    "moderation/audits.html": "jury-audits",
    "moderation/brake.html": "brake",
    "moderation/bulk.html": "bulk-preview",
    "moderation/bulk_list.html": "bulk-list",
    "moderation/care.html": "care",
    "moderation/case.html": "case",
    "moderation/case_list.html": "case-reports",
    "moderation/crisis.html": "crisis",
    "moderation/filter.html": "filter-live",
    "moderation/filter_form.html": "filter-new",
    "moderation/filters.html": "filters",
    "moderation/guest_appeal.html": "guest-appeal",
    "moderation/known_pictures.html": "known-pictures",
    "moderation/notice.html": "notice",
    "moderation/notice_confirmation.html": "notice-confirmation",
    "moderation/notice_taken.html": "notice-taken",
    "moderation/own_appeals.html": "appeals-mine",
    "moderation/own_reports.html": "reports-mine",
    "moderation/queue.html": "queue",
    "moderation/received_messages.html": "messages",
    "moderation/report.html": "report-page",
    "moderation/report_appeal.html": "appeal-report",
    "moderation/reported.html": "report-done-plainly",
    "moderation/shared_standing.html": "standing-shared",
    "moderation/simulation.html": "simulation",
    "moderation/standing.html": "standing",
    "moderation/standing_link.html": "standing-link",
    "moderation/statement.html": "statement",
    "moderation/trust.html": "trust",
    "moderation/upstream_complaint.html": "upstream-complaint",
    "moderation/upstream_confirmation.html": "upstream-confirmation",
    "moderation/upstream_desk.html": "upstream-desk",
    "moderation/upstream_entry.html": "upstream-entry",
    "moderation/upstream_form.html": "upstream-form",
    "moderation/upstream_senders.html": "upstream-senders",
    "moderation/upstream_taken.html": "upstream-taken",
    "moderation/word_list.html": "filter-words-list",
    "moderation/word_lists.html": "filter-words",
    "notifications/aside.html": "notifications-aside",
    "notifications/notifications.html": "notifications",
    "pages/about.html": "about",
    "pages/confirm.html": "block",
    "pages/error.html": "not-found",
    "pages/other_account.html": "notification-of-another",
    "pages/terms.html": "terms",
    "posts/compose.html": "compose",
    "posts/deleted.html": "post-deleted",
    "posts/edits.html": "edits",
    "posts/menu.html": "post-menu-page",
    "posts/thread.html": "thread",
    "pwa/act.html": "notification-accept",
    "pwa/arrive.html": "arrive",
    "pwa/install.html": "install-iphone",
    "pwa/moved.html": "moved",
    "pwa/offline.html": "offline",
    "pwa/push.html": "settings-push",
    "rules/history.html": "rules-history",
    "rules/rules.html": "rules",
    "settings/account.html": "settings-account",
    "settings/backups.html": "settings-backups",
    "settings/data.html": "settings-data",
    "settings/devices.html": "settings-devices",
    "settings/index.html": "settings",
    "settings/jury.html": "jury-settings",
    "settings/leave.html": "settings-leave",
    "settings/mail_link.html": "mail-confirm",
    "settings/network.html": "settings-network",
    "settings/notifications.html": "settings-notifications",
    "settings/outbox.html": "settings-outbox",
    "settings/privacy.html": "settings-privacy",
    "settings/profile.html": "settings-profile",
    "settings/reading.html": "settings-reading",
    "settings/receipts.html": "settings-receipts",
    "settings/rules.html": "settings-rules",
    "settings/rules_preview.html": "settings-rules-preview",
    "settings/staff.html": "settings-staff",
    "timelines/home.html": "home",
    "timelines/public.html": "public",
    "timelines/tag.html": "tag",
    "timelines/welcome.html": "welcome",
}
# Those that the town has no sight of, and why.
UNSEEN = {
    "accounts/setup.html": "nobody sees it where somebody has an account; e2e/screens.py has it with the first day",
    "base.html": "the frame of all pages",
}
# What is no page: parts of pages, and files that are downloaded.
PARTS = ("components", "exports")


def pages() -> set[str]:
    """The templates that are pages of their own, by their names."""
    found = [file.relative_to(TEMPLATES) for file in TEMPLATES.rglob("*.html")]
    return {str(path) for path in found if path.parts[0] not in PARTS and not path.name.startswith("_")}


def names() -> Iterator[str]:
    """Patterns of the names of all sights: those made in a loop have more than one."""
    for file in (*sources("e2e/*sights.py"), ROOT / "e2e" / "demo_site.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "PageSight":
                yield _pattern(node.args[0])


def _pattern(name: ast.expr) -> str:
    parts = name.values if isinstance(name, ast.JoinedStr) else [name]
    return "".join(re.escape(str(part.value)) if isinstance(part, ast.Constant) else r"\w+" for part in parts)


def test_every_page_has_a_sight() -> None:
    named = SIGHTS.keys() | UNSEEN.keys()
    assert pages() - named == set(), "add a PageSight in e2e, and its name here"
    assert named - pages() == set(), "these pages are gone"
    assert SIGHTS.keys() & UNSEEN.keys() == set()


def test_every_sight_of_a_page_exists() -> None:
    known = re.compile("|".join(names()))
    assert [name for name in SIGHTS.values() if not known.fullmatch(name)] == []
