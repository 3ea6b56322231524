"""The rate limits of one process, as the settings define them."""

from asgi.limits import Limit
from asgi.password_guessing import GuessLimits
from domain.core.errors import TooMany
from domain.core.translatable import N_
from settings import Settings

# Reset links mailed to one account in an hour. Each stays valid for an hour, so one is always at hand.
RESETS = 3
# Mails in an hour to an address that guests give with their reports, which may be somebody else's.
GUEST_MAILS = 3

# Archives of all their data that a member may download in a day: each reads everything that they have here.
EXPORTS = 5

# Files of the public log that an address may read at once and per second: whoever checks a log of 100,000 entries reads
# 800 of them, each of which costs much less than a page.
LOG_FILES = (2000, 20)

TOO_MANY_EDITS = N_(
    "You have edited this post many times within an hour. Wait a while, then save again: your text is still here."
)


def _mailbox(email: str) -> str:
    return email.strip().lower()[:254]


class RateLimits:
    """One limit for each kind of request."""

    def __init__(self, settings: Settings) -> None:
        self.signup = Limit.hourly(settings.signups_per_hour)
        self.signin = Limit.hourly(settings.signins_per_hour)
        self.guesses = GuessLimits(self.signin, settings.signins_per_hour)
        self.resets = Limit.hourly(RESETS)
        self.edits = Limit.hourly(settings.edits_per_hour)
        self.post = Limit.hourly(settings.posts_per_hour)
        # Some attempts come to nothing, so there are at least as many as posts.
        self.post_attempt = Limit.hourly(max(settings.posts_per_hour, settings.acts_per_hour))
        self.upload = Limit.hourly(settings.uploads_per_hour)
        self.upload_seconds = Limit.hourly(settings.upload_seconds_per_hour)
        self.guest_reports = Limit.hourly(settings.guest_reports_per_hour)
        self.guest_mails = Limit.hourly(GUEST_MAILS)
        self.reports = Limit.hourly(settings.reports_per_hour)
        self.exports = Limit.daily(EXPORTS)
        self.act = Limit.hourly(settings.acts_per_hour)
        self.member_reads = Limit(settings.reads_burst, settings.reads_per_minute / 60)
        self.member_day = Limit.daily(settings.reads_per_day)
        self.log_files = Limit(*LOG_FILES)
        self.address_reads = Limit(settings.address_reads_burst, settings.address_reads_per_minute / 60)
        self.address_day = Limit.daily(settings.address_reads_per_day)

    def read(self, account: int, address: str) -> None:
        """Takes one page from a member's reading budget, or from the address's when ``account`` is 0 (a guest).

        Errors: ``TooMany``.
        """
        if account:
            key, now, day = str(account), self.member_reads, self.member_day
        else:
            key, now, day = address, self.address_reads, self.address_day
        now.take(key)
        day.take(key)

    def guest_report(self, address: str, email: str) -> None:
        """Takes a report or a complaint of a guest, and the mail that it makes to a mailbox ("": to none).

        Errors: ``TooMany`` for an address that has sent, or a mailbox that has been sent, as many as it may.
        """
        self.guest_reports.take(address)
        if mailbox := _mailbox(email):
            self.guest_mails.take(mailbox)

    def guest_report_refused(self, email: str) -> None:
        """Gives back the mail that a form with something wrong did not make: it may be somebody else's mailbox."""
        self.guest_mails.give(_mailbox(email))

    def edit(self, account: int, post: int) -> None:
        """Takes one of a member's edits of a post. Errors: ``TooMany``."""
        try:
            self.edits.take(f"{account}.{post}")
        except TooMany as error:
            raise TooMany(TOO_MANY_EDITS, error.retry_after) from None

    def change(self, account: int, address: str) -> None:
        """Takes one change from a member's budget, or from the address's when ``account`` is 0. Errors: ``TooMany``."""
        self.act.take(str(account) if account else address)
