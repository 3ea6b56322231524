"""Pictures, videos and sounds: what members sent, the files made of it, and where these are stored."""

from enum import IntEnum

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class StoreState(IntEnum):
    """``CURRENT``: new objects go there; ``LEAVING``: its objects are being moved away; ``LEFT``: they were."""

    CURRENT = 0
    LEAVING = 1
    LEFT = 2


class ObjectStore(Table, tablename="object_store"):
    """A store for objects; ``url`` is "" for the folder ``objects`` of the data folder, else it holds the access keys.

    ``state`` is a ``StoreState``.
    """

    id = SmallInt(primary_key=True)
    url = Text()
    state = SmallInt()
    since = BigInt()


class StoredObject(Table, tablename="stored_object"):
    """A stored file. ``key`` is a keyed hash of its bytes; ``uses`` is how many renditions have it.

    ``path`` is the key with a random suffix: a file that is stored again while it is being removed gets another path.
    ``bytes`` is its size, ``touched_at`` when it was last stored or released, in Unix milliseconds.
    """

    key = Text(primary_key=True)
    path = Text()
    store = SmallInt()
    type = Text()
    bytes = BigInt()
    uses = Integer()
    touched_at = BigInt()


class PendingRemoval(Table, tablename="pending_removal"):
    """A file that nothing uses any more, and that is still to be deleted from its store."""

    path = Text(primary_key=True)
    store = SmallInt()
    since = BigInt()


class Media(Table, tablename="media"):
    """One upload. ``kind`` is 0 picture, 1 animation, 2 video, 3 sound.

    ``purpose`` is 0 attachment (without a ``post`` as long as it is a draft's), 1 an account's avatar, 2 its header,
    3 the picture of a link preview, which has no ``account``. ``key`` is the sender's idempotency key. Sizes are in
    pixels, ``duration`` is in milliseconds, ``hash`` a thumbhash in base64. ``removed`` is 1 while moderators have
    taken it out of its post; ``pdq`` is a hash by which the picture is recognised (domain/media/pdq.py), or "".
    """

    id = BigInt(primary_key=True)
    account = BigInt(null=True, default=None)
    key = Text(null=True, default=None)
    purpose = SmallInt()
    kind = SmallInt()
    post = BigInt(null=True, default=None)
    place = SmallInt()
    width = Integer()
    height = Integer()
    duration = Integer()
    alt = Text()
    hash = Text()
    removed = SmallInt()
    pdq = Text()


class Rendition(Table, tablename="rendition"):
    """A file made of a media: ``wide``, ``middle``, ``small``, ``moving``, or ``play`` for a video or a sound."""

    media = BigInt(primary_key=True)
    name = Text()
    key = Text()
    width = Integer()
    height = Integer()


class LinkPreviewState(IntEnum):
    """``NOTHING``: the page could not be had, or says nothing of itself."""

    REQUESTED = 0
    FOUND = 1
    NOTHING = 2


class LinkPreview(Table, tablename="link_preview"):
    """What a page on the web says of itself; ``state`` is a ``LinkPreviewState``."""

    id = BigInt(primary_key=True)
    url_key = Text()
    url = Text()
    title = Text()
    description = Text()
    site = Text()
    media = BigInt(null=True, default=None)
    state = SmallInt()
    fetched_at = BigInt()


class Receipt(Table, tablename="receipt"):
    """What was removed of a deleted post; ``lines`` is a JSON list of ``domain.posts.receipts.ReceiptLine``."""

    post = BigInt(primary_key=True)
    account = BigInt()
    deleted_at = BigInt()
    purged_at = BigInt(null=True, default=None)
    lines = Text()
