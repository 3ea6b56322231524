"""Pictures, videos and sounds, and where their files lie. The files themselves are in the object store."""

from typing import Annotated

from sqlmodel import Field

from archive.fields import PAIR, Base64, Count, Flag, Id, Record, Small, Time, among, free, line, number_of, span, spelt
from db.tables.media import StoreState
from domain.media import attachments, audio_video, picture_jobs, storage, uploads
from domain.media.file_types import MediaKind

Key = Annotated[str, spelt(f"[A-Za-z0-9_-]{{{storage.KEY_LENGTH}}}")]
# As objects.new_path makes it: nothing that leads out of the store.
Path = Annotated[str, spelt(f"[A-Za-z0-9_-]{{2}}/[A-Za-z0-9_-]{{{storage.KEY_LENGTH}}}\\.[0-9a-f]{{8}}")]
TYPES = (picture_jobs.TYPE, *sorted(set(audio_video.TYPES.values())))


class ObjectStore(Record, table=True):
    """Which places there were. A load never goes by ``url``: files lie where the next host's settings say."""

    id: Small = Field(primary_key=True)
    url: Annotated[str, line(2000)]
    state: Annotated[int, number_of(StoreState)]
    since: Time


class StoredObject(Record, table=True):
    __table_args__ = PAIR

    key: Key = Field(primary_key=True)
    path: Path
    store: Small
    # It is sent as a header.
    type: Annotated[str, among(*TYPES)]
    bytes: Annotated[int, span(0, 2**62)]
    uses: Count
    touched_at: Time


class PendingRemoval(Record, table=True):
    """Without it, a file that somebody deleted would stay in the store for ever."""

    path: Path = Field(primary_key=True)
    store: Small = Field(primary_key=True)
    since: Time


class Media(Record, table=True):
    id: Id = Field(primary_key=True)
    account: Id | None
    key: Annotated[str, line(uploads.MAX_KEY)] | None
    purpose: Annotated[int, number_of(uploads.Purpose)]
    kind: Annotated[int, number_of(MediaKind)]
    post: Id | None
    place: Small
    width: Count
    height: Count
    duration: Count
    alt: Annotated[str, free(attachments.MAX_ALT)]
    hash: Base64
    removed: Flag
    pdq: Annotated[str, spelt("([0-9a-f]{64})?")]


class Rendition(Record, table=True):
    __table_args__ = PAIR

    media: Id = Field(primary_key=True)
    name: Annotated[str, among(*sorted(picture_jobs.ALL), uploads.PLAY)] = Field(primary_key=True)
    key: Key
    width: Count
    height: Count
