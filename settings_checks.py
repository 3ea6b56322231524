"""What settings must be beyond their types. Errors of each check: ``WrongSetting``."""

from urllib.parse import urlsplit

from adapters import addresses, email_address, objects

PREFIX = "PARVIS_"


class WrongSetting(Exception):
    """A setting has a value that cannot be used; ``str(error)`` names it and says why."""


def databases(url: str, replica_url: str) -> None:
    scheme = url.partition("://")[0]
    if scheme not in ("sqlite", "postgres", "postgresql"):
        raise WrongSetting(f"{PREFIX}DATABASE_URL must start with sqlite:/// or postgres://, not {scheme!r}")
    if scheme == "sqlite" and not url.startswith("sqlite:///"):
        raise WrongSetting(f"{PREFIX}DATABASE_URL must be sqlite:/// (three slashes) and the path of a file")
    if replica_url and not replica_url.startswith(("postgres://", "postgresql://")):
        raise WrongSetting(f"{PREFIX}REPLICA_URL must start with postgres://")
    if replica_url and scheme == "sqlite":
        raise WrongSetting(f"{PREFIX}REPLICA_URL needs PostgreSQL: SQLite has no replicas")


def origin(address: str, push_contact: str) -> None:
    if not address:
        return
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path not in ("", "/"):
        raise WrongSetting(f"{PREFIX}ORIGIN must be a bare address such as https://example.org")
    if parts.scheme == "https" and not (push_contact or addresses.is_public_name(parts.hostname)):
        # Push services refuse whoever names no way to be reached; Apple checks it.
        problem = f"because push services accept no sender at {parts.hostname}"
        raise WrongSetting(f"{PREFIX}PUSH_CONTACT must be a mail address, {problem}")


def media(objects_url: str, media_origin: str, address: str) -> None:
    _store("OBJECTS_URL", objects_url)
    if not media_origin:
        return
    parts = urlsplit(media_origin)
    if parts.scheme not in ("http", "https") or not parts.hostname or media_origin.endswith("/"):
        raise WrongSetting(f"{PREFIX}MEDIA_ORIGIN must be a bare address such as https://media.example.org")
    if parts.netloc == urlsplit(address).netloc:
        raise WrongSetting(f"{PREFIX}MEDIA_ORIGIN must be another name than PARVIS_ORIGIN, or empty")


def backups(url: str, recipients: str, objects_url: str) -> None:
    _store("BACKUP_URL", url)
    if url and not recipients:
        raise WrongSetting(f"{PREFIX}BACKUP_RECIPIENTS is empty: `parvis backup keygen` makes a pair of keys")
    if url and objects.public(url) == objects.public(objects_url):
        raise WrongSetting(f"{PREFIX}BACKUP_URL must be another place than PARVIS_OBJECTS_URL")


def mail(smtp_url: str, sender: str, push_contact: str, upstream_address: str) -> None:
    named = {
        "PUSH_CONTACT": push_contact,
        "MAIL_FROM": email_address.named(sender)[1],
        "UPSTREAM_ADDRESS": upstream_address,
    }
    for name, address in named.items():
        if address and not email_address.is_normal(address.lower()):
            raise WrongSetting(f"{PREFIX}{name} must be a mail address such as hello@example.org")
    if smtp_url and urlsplit(smtp_url).scheme not in ("smtp", "smtps", "smtp+starttls"):
        raise WrongSetting(f"{PREFIX}SMTP_URL must start with smtp://, smtps:// or smtp+starttls://")


def server(workers: int, port: int) -> None:
    if workers > 1 and port == 0:
        raise WrongSetting(f"{PREFIX}PORT can't be 0 with several workers")


def _store(name: str, url: str) -> None:
    try:
        if url:
            objects.check(url)
    except objects.WrongURL as error:
        raise WrongSetting(f"{PREFIX}{name} {error}") from None
