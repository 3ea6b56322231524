"""Pictures, films and sounds: what members sent, the files made of it, and where those lie."""

from enum import IntEnum

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class ObjectStore(Table, tablename="object_store"):
    """A place for objects; ``url`` "" is the folder ``objects`` beside the data, and has its keys otherwise.

    ``state`` 0: new objects go there, 1: it is being left, 2: it was left.
    """

    id = SmallInt(primary_key=True)
    url = Text()
    state = SmallInt()
    since = BigInt()


class StoredObject(Table, tablename="stored_object"):
    """A stored file. ``key`` is what it holds, hashed with a secret; ``uses`` is how many renditions it is of.

    ``path`` is where it lies: the key and something by chance, so that a file that comes back while it is being removed
    gets a place of its own.
    """

    key = Text(primary_key=True)
    path = Text()
    store = SmallInt()
    type = Text()
    bytes = BigInt()
    uses = Integer()
    touched_at = BigInt()


class PendingRemoval(Table, tablename="pending_removal"):
    """A file that nothing uses any more, still to be taken out of its store."""

    path = Text(primary_key=True)
    store = SmallInt()
    since = BigInt()


class Media(Table, tablename="media"):
    """``kind`` 0 picture, 1 moving picture, 2 video, 3 sound; ``purpose`` 0 of a post (none yet: being written), 1 an
    account's picture, 2 its header, 3 of a link's preview (which nobody sent). ``key`` is the sender's own."""

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


class Rendition(Table, tablename="rendition"):
    """A file made of a media: ``wide``, ``middle``, ``small``, ``moving``, or ``play`` for a film or a sound."""

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
    """What was removed of a deleted post, and where; ``lines`` is a JSON list of ``domain.posts.receipts.Line``."""

    post = BigInt(primary_key=True)
    account = BigInt()
    deleted_at = BigInt()
    purged_at = BigInt(null=True, default=None)
    lines = Text()
