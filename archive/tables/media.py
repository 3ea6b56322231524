"""Pictures, films and sounds, and where their files lie. The files themselves are in the object store."""

from typing import Annotated

from sqlmodel import Field

from archive.fields import PAIR, Base64, Count, Id, Record, Small, Time, free, line, span, spelt
from domain.media import attachments, objects, uploads
from domain.media.kinds import AUDIO, IMAGE

Key = Annotated[str, spelt(f"[A-Za-z0-9_-]{{{objects.KEY_LENGTH}}}")]
Path = Annotated[str, line(100, 1)]


class ObjectStore(Record, table=True):
    """``url`` holds the store's keys, where it has any."""

    id: Small = Field(primary_key=True)
    url: Annotated[str, line(2000)]
    state: Annotated[int, span(0, 2)]
    since: Time


class Object(Record, table=True):
    __table_args__ = PAIR

    key: Key = Field(primary_key=True)
    path: Path
    store: Small
    type: Annotated[str, line(100, 1)]
    bytes: Annotated[int, span(0, 2**62)]
    uses: Count
    touched_at: Time


class Removal(Record, table=True):
    """Without it, a file that somebody deleted would stay in the store for ever."""

    path: Path = Field(primary_key=True)
    store: Small = Field(primary_key=True)
    since: Time


class Media(Record, table=True):
    id: Id = Field(primary_key=True)
    account: Id | None
    key: Annotated[str, line(uploads.MAX_KEY)] | None
    purpose: Annotated[int, span(uploads.ATTACHMENT, uploads.CARD)]
    kind: Annotated[int, span(IMAGE, AUDIO)]
    post: Id | None
    place: Small
    width: Count
    height: Count
    duration: Count
    alt: Annotated[str, free(attachments.MAX_ALT)]
    hash: Base64


class Rendition(Record, table=True):
    __table_args__ = PAIR

    media: Id = Field(primary_key=True)
    name: Annotated[str, line(20, 1)] = Field(primary_key=True)
    key: Key
    width: Count
    height: Count
