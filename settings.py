"""Every setting of Parvis, and the only reader of the environment.

Each one is read from ``PARVIS_<NAME>``; docs/operations.md lists them all (a test holds the two together).
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta

import settings_checks
from settings_checks import PREFIX, WrongSetting
from settings_trust import TrustSettings

Port = Annotated[int, Meta(ge=0, le=65535)]
Positive = Annotated[int, Meta(ge=1)]
Count = Annotated[int, Meta(ge=0)]
Daily = Annotated[int, Meta(ge=1, le=24 * 60)]


class Settings(TrustSettings, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The settings of one process. Times are seconds unless the name says otherwise."""

    data: Annotated[
        str, Meta(description="Folder of the SQLite database, stored files and everything else kept on disk.")
    ] = "var"
    database_url: Annotated[
        str,
        Meta(description="`sqlite:///path` or `postgres://user:password@host/name`; empty: SQLite in the data folder."),
    ] = ""
    replica_url: Annotated[
        str, Meta(description="PostgreSQL replica that guests' pages are read from; empty: none.")
    ] = ""
    replica_lag_seconds: Annotated[
        Positive, Meta(description="Largest lag of PARVIS_REPLICA_URL, in seconds, at which it is used.")
    ] = 2
    host: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    port: Annotated[Port, Meta(description="Port to listen on.")] = 8000
    metrics_port: Annotated[Port, Meta(description="Port of the Prometheus metrics, on loopback; 0: none.")] = 0
    origin: Annotated[
        str,
        Meta(
            description="Public address, such as `https://example.org`: used in mails, for secure "
            "cookies and by installed apps."
        ),
    ] = ""
    hsts_subdomains: Annotated[bool, Meta(description="With an https origin, extend HSTS to its subdomains.")] = False
    workers: Annotated[Positive, Meta(description="Server processes of `parvis serve`.")] = 1
    outbox_in_server: Annotated[
        bool,
        Meta(description="Drain the outbox in the server processes; false where `parvis worker` runs."),
    ] = True
    trusted_proxies: Annotated[
        str,
        Meta(description="Comma-separated proxies whose X-Forwarded-For and X-Forwarded-Proto headers are trusted."),
    ] = "127.0.0.1"
    language: Annotated[
        str,
        Meta(
            pattern="^(en|fr)$", description="Language for visitors whose browser asks for none that the network has."
        ),
    ] = "en"
    rule_languages: Annotated[
        str, Meta(pattern="^(en|fr|en,fr)$", description="Languages that every rule must be written in.")
    ] = "en,fr"

    signup_open: Annotated[bool, Meta(description="Whether anybody may sign up.")] = True
    email_required: Annotated[bool, Meta(description="Whether signing up requires an e-mail address.")] = False
    minimum_age: Annotated[int, Meta(ge=0, le=120, description="Minimum age for signing up, in years.")] = 16
    smtp_url: Annotated[
        str,
        Meta(description="`smtp://user:password@host:port`, `smtps://` or `smtp+starttls://`; empty: no mail is sent."),
    ] = ""
    mail_from: Annotated[str, Meta(description="Sender of mails; empty: noreply@ the origin's host.")] = ""
    upstream_address: Annotated[
        str, Meta(description="Mail address whose mails are piped to `parvis upstream take`; empty: there is none.")
    ] = ""
    push_contact: Annotated[
        str,
        Meta(description="Mail address given to push services; empty: the network's contact, or its origin."),
    ] = ""

    objects_url: Annotated[
        str,
        Meta(
            description="Store of pictures, videos and sounds: `file:///folder` or "
            "`s3://key:secret@bucket?endpoint=https://host`; empty: `objects` in the data folder. "
            "Move them with `parvis objects move`."
        ),
    ] = ""
    media_origin: Annotated[
        str,
        Meta(description="Second public address of this server, for public pictures; empty: none."),
    ] = ""
    image_mb: Annotated[Positive, Meta(description="Largest picture, in MB of 1,048,576 bytes.")] = 20
    video_mb: Annotated[Positive, Meta(description="Largest video, in MB.")] = 40
    audio_mb: Annotated[Positive, Meta(description="Largest sound, in MB.")] = 40
    media_at_once: Annotated[
        Positive,
        Meta(description="Pictures, videos and sounds that each process works on at a time, each in a child process."),
    ] = 2

    backup_url: Annotated[
        str,
        Meta(description="Store of backups and replication, as PARVIS_OBJECTS_URL; empty: none."),
    ] = ""
    backup_recipients: Annotated[
        str,
        Meta(
            description="Comma-separated public keys (`age1...`) that backups are encrypted to; see "
            "`parvis backup keygen`."
        ),
    ] = ""
    backup_hours: Annotated[Positive, Meta(description="Hours between backups.")] = 24
    backup_alarm_hours: Annotated[
        Positive, Meta(description="Age of the newest good backup, in hours, at which operators are warned.")
    ] = 36
    backup_daily: Annotated[Count, Meta(description="Number of daily backups to keep.")] = 7
    backup_weekly: Annotated[Count, Meta(description="Number of weekly backups to keep.")] = 4
    backup_monthly: Annotated[Count, Meta(description="Number of monthly backups to keep.")] = 6
    rehearsal_days: Annotated[
        Positive, Meta(description="Age of the newest successful rehearsal, in days, at which it is shown in red.")
    ] = 35

    fanout_limit: Annotated[
        Count,
        Meta(description="Followers above which an author's posts are merged in by readers instead of copied to them."),
    ] = 10_000
    home_length: Annotated[
        Positive, Meta(description="Entries kept in each home timeline; older pages are put together when read.")
    ] = 400
    home_idle_days: Annotated[
        Positive,
        Meta(description="Days without opening home after which a member's timeline is no longer kept ready."),
    ] = 14
    log_minutes: Annotated[
        Count,
        Meta(
            description="Minutes between two signatures of the public log, whose new entries are shuffled so that their"
            " time tells nothing; 0 signs each at once."
        ),
    ] = 60
    undo_seconds: Annotated[Count, Meta(description="Seconds in which a deleted post can be restored.")] = 30

    signups_per_hour: Annotated[Positive, Meta(description="Sign-ups per hour and IP address.")] = 10
    brake_signups_per_hour: Annotated[Positive, Meta(description="Sign-ups per hour in all while the brake is on.")] = (
        20
    )
    hard_cases_per_day: Annotated[
        Daily,
        Meta(description="Cases that are hard to look at which a moderator is offered within 24 hours, at most."),
    ] = 30
    hard_minutes_per_day: Annotated[
        Daily,
        Meta(description="Minutes within 24 hours after which a moderator who has had such cases is offered none."),
    ] = 120
    signins_per_hour: Annotated[Positive, Meta(description="Failed sign-ins per hour and IP address or device.")] = 20
    posts_per_hour: Annotated[Positive, Meta(description="Posts per hour and member.")] = 120
    edits_per_hour: Annotated[Positive, Meta(description="Edits of one post per hour.")] = 30
    reports_per_hour: Annotated[Positive, Meta(description="Reports per hour and member.")] = 30
    guest_reports_per_hour: Annotated[Positive, Meta(description="Reports by guests per hour and IP address.")] = 10
    uploads_per_hour: Annotated[Positive, Meta(description="Pictures, videos and sounds per hour and member.")] = 200
    upload_seconds_per_hour: Annotated[
        Positive, Meta(description="Processing time of pictures, videos and sounds per hour and member, in seconds.")
    ] = 300
    acts_per_hour: Annotated[
        Positive, Meta(description="Changes but posts per hour and member, or of any kind per IP address for guests.")
    ] = 1200
    reads_per_minute: Annotated[Positive, Meta(description="Pages per minute and member, sustained.")] = 60
    reads_burst: Annotated[Positive, Meta(description="Pages that a member may read at once.")] = 240
    reads_per_day: Annotated[Positive, Meta(description="Pages per day and member.")] = 16_000
    address_reads_per_minute: Annotated[
        Positive, Meta(description="Guests' pages per minute and IP address, sustained.")
    ] = 120
    address_reads_burst: Annotated[
        Positive, Meta(description="Pages that guests at one IP address may read at once.")
    ] = 480
    address_reads_per_day: Annotated[Positive, Meta(description="Guests' pages per day and IP address.")] = 32_000
    address_connections: Annotated[
        Positive,
        Meta(
            description="Connections from one IP address that wait for requests, and changes that it makes at a time."
            " Above it the oldest or the slowest is ended."
        ),
    ] = 200
    body_limit_kb: Annotated[
        Positive, Meta(description="Largest request body without files, in KB of 1,024 bytes.")
    ] = 256

    cache_mb: Annotated[Positive, Meta(description="Memory for rendered posts and pages in each process, in MB.")] = 64
    guest_cache_ms: Annotated[Count, Meta(description="How long a guest's page is cached, in milliseconds.")] = 1000
    service_worker: Annotated[
        bool,
        Meta(description="The service worker; false removes it from every browser, with its cache and pushes."),
    ] = True
    streams: Annotated[Positive, Meta(description="Open pages that each process keeps up to date.")] = 5000
    drain_seconds: Annotated[
        Count,
        Meta(description="Seconds in which a stopping server still answers, while /readyz says no."),
    ] = 0
    log_level: Annotated[
        str, Meta(pattern="^(debug|info|warning|error)$", description="Lowest level that is logged.")
    ] = "info"
    log_json: Annotated[bool, Meta(description="Log JSON lines instead of text.")] = False

    @property
    def url(self) -> str:
        """Where the database is; the embedded default when none is set."""
        return self.database_url or f"sqlite:///{Path(self.data) / 'parvis.sqlite'}"

    @property
    def file(self) -> Path | None:
        """The embedded database's file; None with PostgreSQL."""
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite:") else None

    @property
    def objects(self) -> Path:
        """The folder for objects where no other place is set."""
        return Path(self.data, "objects").absolute()

    @property
    def work(self) -> Path:
        """The folder for files that are worked on; they have no names and leave nothing behind."""
        return Path(self.data, "work").absolute()

    @property
    def secure(self) -> bool:
        """Whether the network is served over https, which decides cookie names and HSTS."""
        return self.origin.startswith("https://")

    @property
    def domain(self) -> str:
        """The network's own name, the part after the second @ of a full handle."""
        return urlsplit(self.origin).hostname or "localhost"

    @property
    def sender(self) -> str:
        return self.mail_from or f"noreply@{self.domain}"


def read(environment: Mapping[str, str] | None = None) -> Settings:
    """The settings from the environment.

    Errors: ``WrongSetting`` for an unknown ``PARVIS_*`` name or a value that does not fit.
    """
    source = os.environ if environment is None else environment
    raw = {name[len(PREFIX) :].lower(): value for name, value in source.items() if name.startswith(PREFIX)}
    for name in raw:
        if name not in Settings.__struct_fields__:
            raise WrongSetting(f"{PREFIX}{name.upper()} is not a setting of Parvis")
    settings = _convert(raw)
    _check(settings)
    return settings


def _check(settings: Settings) -> None:
    settings_checks.databases(settings.url, settings.replica_url)
    settings_checks.origin(settings.origin, settings.push_contact)
    settings_checks.media(settings.objects_url, settings.media_origin, settings.origin)
    settings_checks.backups(settings.backup_url, settings.backup_recipients, settings.objects_url)
    settings_checks.mail(settings.smtp_url, settings.mail_from, settings.push_contact, settings.upstream_address)
    settings_checks.server(settings.workers, settings.port)


def environment(settings: Settings) -> dict[str, str]:
    """These settings as variables, beside whatever else a process of ours inherits."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    plain = Settings()
    for name in Settings.__struct_fields__:
        value = getattr(settings, name)
        if value != getattr(plain, name):
            kept[PREFIX + name.upper()] = str(value).lower() if isinstance(value, bool) else str(value)
    return kept


def _convert(raw: dict[str, str]) -> Settings:
    try:
        return msgspec.convert(raw, Settings, strict=False)
    except msgspec.ValidationError as error:
        name = str(error).partition(" - at `$.")[2].rstrip("`")
        raise WrongSetting(f"{PREFIX}{name.upper()} must be {_wanted(name, raw[name])}") from None


def _wanted(name: str, value: str) -> str:
    """What a setting takes, in words, for who gave it ``value``."""
    fields: Any = msgspec.inspect.type_info(Settings)
    kind = next(field.type for field in fields.fields if field.name == name)
    kind = getattr(kind, "type", kind)
    if isinstance(kind, msgspec.inspect.BoolType):
        return "true or false"
    if isinstance(kind, msgspec.inspect.StrType):
        *others, last = (kind.pattern or "").strip("^()$").split("|")
        return f"{', '.join(others)} or {last}"
    if not value.removeprefix("-").isdecimal():
        return f"a whole number, not {value!r}"
    return f"at least {kind.ge}" if kind.le is None else f"from {kind.ge} to {kind.le}"
