"""A member's account and posts in the words of ActivityStreams, laid out as Mastodon's archives are, so that other
networks can take them in.
"""

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from asgi import text_html
from domain.core import ids, text_parsing
from domain.core.visibility import Visibility
from domain.exports.own_data import OwnAccount, OwnPost
from domain.media.attachments import Attachment, AttachmentFile
from web import filters

CONTEXT = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{CONTEXT}#Public"
# Files whose types are not called as their names end.
SUFFIXES = {"image/jpeg": "jpg", "audio/mpeg": "mp3", "audio/mp4": "m4a", "video/quicktime": "mov"}


def suffix(media_type: str) -> str:
    """What a file's name ends with: ``image/webp`` gives "webp"."""
    return SUFFIXES.get(media_type) or media_type.partition("/")[2]


def file_of(media: Attachment) -> AttachmentFile:
    """The file that shows a media best: the video or sound itself, or its widest picture."""
    return media.files.get("play") or media.files.get("moving") or media.stills[0]


def file_name(media: Attachment) -> str:
    """Where the archive has a media's file."""
    return f"media_attachments/files/{media.id}.{suffix(file_of(media).type)}"


class Writer:
    """Writes about one account of a network; ``base`` is the network's origin, such as ``https://tilly.example``."""

    def __init__(self, base: str, account: OwnAccount) -> None:
        self._base = base
        self._account = account
        self.actor_url = f"{base}/@{account.handle}"
        self._followers = f"{self.actor_url}/followers"

    def actor(self, pictures: dict[str, str]) -> dict[str, Any]:
        """``pictures`` are names of files in the archive, as ``icon`` and ``image``."""
        one = self._account
        return {
            "@context": CONTEXT,
            "id": self.actor_url,
            "type": "Person",
            "preferredUsername": one.handle,
            "name": one.name,
            "summary": str(self.html(one.bio, one.bio_mentions)),
            "url": self.actor_url,
            "published": filters.iso(one.created_at),
            "manuallyApprovesFollowers": one.private,
            "outbox": "outbox.json",
            "likes": "likes.json",
            "attachment": [
                {"type": "PropertyValue", "name": link.label, "value": str(text_html.rich(link.address))}
                for link in one.links
            ],
            **{kind: {"type": "Image", "url": name} for kind, name in pictures.items()},
        }

    def post(self, one: OwnPost) -> dict[str, Any]:
        """The creation of a post."""
        url = self._url(one.id, own=True)
        audience = self._audience(one.visibility)
        note = {
            "id": url,
            "type": "Note",
            "url": url,
            "attributedTo": self.actor_url,
            "published": filters.iso(one.created_at),
            **audience,
            "summary": one.cover,
            "sensitive": one.cover is not None,
            "inReplyTo": self._url(one.parent, own=one.own_parent) if one.parent else None,
            "content": str(self.html(one.text, one.mentions)),
            "source": {"content": one.text, "mediaType": "text/plain"},
            "attachment": [_document(media) for media in one.media],
            "tag": self._tags(one),
        }
        if one.quote:
            note["quoteUrl"] = self._url(one.quote, own=False)
        if one.edited_at:
            note["updated"] = filters.iso(one.edited_at)
        if one.earlier:
            note["history"] = [
                {"content": text.text, "summary": text.cover, "published": filters.iso(text.written_at)}
                for text in one.earlier
            ]
        return {
            "id": f"{url}/activity",
            "type": "Create",
            "actor": self.actor_url,
            "published": note["published"],
            **audience,
            "object": note,
        }

    def repost(self, number: int, post: int) -> dict[str, Any]:
        return {
            "id": f"{self.actor_url}/reposts/{number}",
            "type": "Announce",
            "actor": self.actor_url,
            "published": filters.iso(ids.time_of(number)),
            **self._audience(Visibility.PUBLIC),
            "object": self.post_url(post),
        }

    def post_url(self, post: int) -> str:
        """The short address of anybody's post, which leads to the whole one."""
        return self._url(post, own=False)

    def _url(self, post: int, *, own: bool) -> str:
        return f"{self.actor_url}/{post}" if own else f"{self._base}/posts/{post}"

    def _audience(self, visibility: Visibility) -> dict[str, list[str]]:
        if visibility is Visibility.PUBLIC and not self._account.private:
            return {"to": [PUBLIC], "cc": [self._followers]}
        return {"to": [self._followers], "cc": []}

    def html(self, text: str, mentions: str) -> Markup:
        """A text with whole addresses. Quotation marks that people write are escaped, so that only links have them."""
        shown = text_html.rich(text, mentions).replace('href="/', Markup('href="{}/').format(self._base))
        return Markup("<p>{}</p>").format(shown) if text else shown

    def _tags(self, one: OwnPost) -> list[dict[str, str]]:
        return [
            {"type": "Mention", "name": piece.text, "href": f"{self._base}/@{piece.value}"}
            if piece.kind == "mention"
            else {
                "type": "Hashtag",
                "name": piece.text,
                "href": f"{self._base}/tags/{text_parsing.tag_key(piece.value)}",
            }
            for piece in text_parsing.pieces(one.text)
            if piece.kind == "tag" or (piece.kind == "mention" and f" {piece.value.lower()} " in one.mentions)
        ]


def _document(media: Attachment) -> dict[str, Any]:
    file = file_of(media)
    return {
        "type": "Document",
        "mediaType": file.type,
        "url": f"/{file_name(media)}",
        "name": media.alt or None,
        "width": file.width or None,
        "height": file.height or None,
    }


def collection(name: str, items: Sequence[Any] = ()) -> dict[str, Any]:
    """A file that lists things in their order."""
    return {"@context": CONTEXT, "id": name, "type": "OrderedCollection", "orderedItems": list(items)}
