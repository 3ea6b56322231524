"""What people say, and what others do with it."""

from enum import IntEnum

from piccolo.columns import BigInt, Integer, SmallInt, Text
from piccolo.table import Table


class PostState(IntEnum):
    """What moderation has made of a post. ``REMOVED``: nobody sees it; its author may still delete it. ``HIDDEN``: its
    author alone sees it, until they edit it. ``HELD``: its author alone sees it, until a moderator has looked at it.
    ``LIMITED``: nothing takes it to those who don't follow its author.

    Others see what is not above 0.
    """

    LIMITED = -1
    VISIBLE = 0
    REMOVED = 1
    HIDDEN = 2
    HELD = 3


class Post(Table, tablename="post"):
    """``visibility`` 0 public, 1 followers; ``replies_to`` 0 everyone, 1 followers, 2 those mentioned.

    ``state`` is a ``PostState``: what moderation has made of it. ``measures`` is 0 while it is drawn as its author
    wants it; it changes with every decision that has it drawn otherwise.
    """

    id = BigInt(primary_key=True)
    author = BigInt()
    parent = BigInt(null=True, default=None)
    parent_author = BigInt(null=True, default=None)
    root = BigInt()
    quote = BigInt(null=True, default=None)
    text = Text()
    mentions = Text()
    cover = Text(null=True, default=None)
    visibility = SmallInt()
    replies_to = SmallInt()
    key = Text()
    version = Integer()
    edited_at = BigInt(null=True, default=None)
    deleted_at = BigInt(null=True, default=None)
    state = SmallInt()
    replies = Integer()
    reposts = Integer()
    quotes = Integer()
    ups = Integer()
    downs = Integer()
    attachments = SmallInt()
    link_preview = BigInt(null=True, default=None)
    measures = BigInt()


class Revision(Table, tablename="revision"):
    """What a post said before an edit."""

    post = BigInt(primary_key=True)
    number = Integer()
    text = Text()
    mentions = Text()
    cover = Text(null=True, default=None)
    written_at = BigInt()


class Mention(Table, tablename="mention"):
    post = BigInt(primary_key=True)
    account = BigInt()


class PostTag(Table, tablename="post_tag"):
    tag = Text(primary_key=True)
    post = BigInt()


class Repost(Table, tablename="repost"):
    id = BigInt(primary_key=True)
    account = BigInt()
    post = BigInt()


class Vote(Table, tablename="vote"):
    """``value`` is 1 or -1."""

    account = BigInt(primary_key=True)
    post = BigInt()
    value = SmallInt()
