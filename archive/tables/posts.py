"""What people say, what they said before, and what others do with it; receipts for what is deleted."""

from typing import Annotated

from pydantic import StringConstraints
from sqlmodel import Field

from archive.fields import (
    PAIR,
    Count,
    Handles,
    Id,
    Record,
    Sha256,
    Tag,
    Time,
    free,
    heading,
    json,
    line,
    number_of,
    span,
    spelt,
)
from db.tables.media import LinkPreviewState
from db.tables.posts import PostState
from domain.core import ids
from domain.core.visibility import Visibility, WhoMayReply
from domain.media import attachments
from domain.posts import page_metadata, publishing, receipts
from domain.posts.link_previews import MAX_URL

Text = Annotated[str, free(publishing.MAX_LENGTH)]
Mentions = Annotated[str, StringConstraints(max_length=publishing.MAX_MENTIONS * 32), Handles]
Cover = Annotated[str, heading(publishing.MAX_COVER)]
# A receipt has a few lines of counts, and one for each stored file.
RECEIPT = 300 * 40


class Post(Record, table=True):
    id: Id = Field(primary_key=True)
    author: Id
    parent: Id | None
    parent_author: Id | None
    root: Id
    quote: Id | None
    text: Text
    mentions: Mentions
    cover: Cover | None
    visibility: Annotated[int, number_of(Visibility)]
    replies_to: Annotated[int, number_of(WhoMayReply)]
    key: Annotated[str, line(publishing.MAX_KEY)]
    version: Count
    edited_at: Time | None
    deleted_at: Time | None
    state: Annotated[int, number_of(PostState)]
    replies: Count
    reposts: Count
    quotes: Count
    ups: Count
    downs: Count
    attachments: Annotated[int, span(0, attachments.MOST)]
    link_preview: Id | None
    measures: Annotated[int, span(0, ids.LAST - 1)]


class Revision(Record, table=True):
    __table_args__ = PAIR

    post: Id = Field(primary_key=True)
    number: Count = Field(primary_key=True)
    text: Text
    mentions: Mentions
    cover: Cover | None
    written_at: Time


class Mention(Record, table=True):
    __table_args__ = PAIR

    post: Id = Field(primary_key=True)
    account: Id = Field(primary_key=True)


class PostTag(Record, table=True):
    __table_args__ = PAIR

    tag: Annotated[str, StringConstraints(max_length=publishing.MAX_LENGTH), Tag] = Field(primary_key=True)
    post: Id = Field(primary_key=True)


class Repost(Record, table=True):
    id: Id = Field(primary_key=True)
    account: Id
    post: Id


class Vote(Record, table=True):
    __table_args__ = PAIR

    account: Id = Field(primary_key=True)
    post: Id = Field(primary_key=True)
    value: Annotated[int, span(-1, 1)]


class LinkPreview(Record, table=True):
    id: Id = Field(primary_key=True)
    url_key: Sha256
    url: Annotated[str, StringConstraints(max_length=MAX_URL), spelt(r"https?://[^\x00-\x20\x7f-\x9f]+")]
    title: Annotated[str, heading(page_metadata.MAX_TITLE)]
    description: Annotated[str, heading(page_metadata.MAX_DESCRIPTION)]
    site: Annotated[str, heading(page_metadata.MAX_SITE)]
    media: Id | None
    state: Annotated[int, number_of(LinkPreviewState)]
    fetched_at: Time


class Receipt(Record, table=True):
    post: Id = Field(primary_key=True)
    account: Id
    deleted_at: Time
    purged_at: Time | None
    lines: Annotated[str, line(RECEIPT), json(list[receipts.ReceiptLine])]
