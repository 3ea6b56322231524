"""What leads members to another address: what the network has said of it, and the keys that devices come with."""

from typing import Annotated

from sqlmodel import Field

from archive.fields import Id, Record, Sha256, Time, json, line, spelt
from domain.domain_migration import announcements

# A signature or a point of a curve, base64url.
Signed = Annotated[str, spelt("[A-Za-z0-9_-]{40,200}")]


def _leads_to_origins(notice: announcements.SignedMoveNotice) -> bool:
    """Whether both addresses are bare ones of the web; ``to`` may be none. Errors: ``Invalid``."""
    return announcements.bare(notice.origin) == notice.origin and notice.to in ("", announcements.bare(notice.to))


NOTICE = json(announcements.SignedMoveNotice, _leads_to_origins)


class MoveNotice(Record, table=True):
    """Kept as it was signed: apps remember its number."""

    number: Id = Field(primary_key=True)
    text: Annotated[str, line(10_000, 1), NOTICE]
    ed25519: Signed
    p256: Signed


class DeviceKey(Record, table=True):
    id: Id = Field(primary_key=True)
    session: Sha256
    public: Signed
    made_at: Time


class Arrival(Record, table=True):
    """Without it, a code that was used could be used again on the next host."""

    nonce: Annotated[str, spelt("[A-Za-z0-9_-]{1,64}")] = Field(primary_key=True)
    expires_at: Time
