"""The public log. Its key is a secret: without it, nothing more could be added on the next host."""

from datetime import date
from typing import Annotated

from sqlmodel import Field

from archive.fields import PAIR, Count, Id, Place, Record, Sha256, Small, Time, holds, line, spelt
from domain.moderation import public_log_page
from domain.moderation.statements import MAX_EXPLANATION, MAX_FACTS


def _can_be_read(content: str) -> bool:
    said = public_log_page.decoded(content)
    return said is None or not said.until or bool(date.fromisoformat(said.until))


# JSON writes some characters as six, and a grapheme has up to eight code points.
MAX_CONTENT = (MAX_FACTS + MAX_EXPLANATION) * 8 * 6 + 1000
# Kept as it was when it was committed to; "" once it is forgotten.
Said = Annotated[str, line(MAX_CONTENT), holds(_can_be_read, "what an entry says, or nothing")]
# A signed checkpoint: whose log, its size, its root, and a signature of 4 + 64 bytes.
_LOG = "parvis/log/[A-Za-z0-9_-]{22}"
Note = Annotated[str, spelt(rf"{_LOG}\n[0-9]{{1,18}}\n[A-Za-z0-9+/]{{43}}=\n\n— {_LOG} [A-Za-z0-9+/]{{91}}=\n")]
Salt = Annotated[str, spelt("([0-9a-f]{64})?")]


class LogEntry(Record, table=True):
    id: Id = Field(primary_key=True)
    leaf: Place | None
    kind: Annotated[str, spelt("[a-z_]{1,40}")]
    day: Annotated[str, spelt(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), holds(date.fromisoformat, "a date")]
    statement: Id | None
    rules_version: Count | None
    rule: Annotated[str, spelt("[a-z0-9-]{0,30}")]
    reverses: Id | None
    content: Said
    salt: Salt
    own_salt: Salt
    commitment: Sha256


class LogTile(Record, table=True):
    __table_args__ = PAIR

    level: Small = Field(primary_key=True)
    number: Place = Field(primary_key=True)
    hashes: Annotated[str, spelt("([0-9a-f]{64}){1,256}")]


class LogCheckpoint(Record, table=True):
    size: Id = Field(primary_key=True)
    note: Note
    made_at: Time
