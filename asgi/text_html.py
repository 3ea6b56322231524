"""Text that people write, as safe HTML."""

from urllib.parse import quote

from markupsafe import Markup, escape

from domain.core import text_parsing

# A link's text is cut after this many characters; its address stays whole.
MAX_LINK_TEXT = 60


def rich(source: str, mentions: str = "") -> Markup:
    """Returns a text as HTML with its mentions, hashtags and addresses as links, and its line ends kept.

    ``mentions`` are the mentioned handles that exist, in lower case, each between spaces.

    >>> rich("Hello @Ana & @nobody", " ana ")
    Markup('Hello <a href="/@Ana">@Ana</a> &amp; @nobody')
    """
    html = "".join(_piece(piece, mentions) for piece in text_parsing.pieces(source))
    return Markup(html.replace("\n", "<br>"))  # noqa: S704 - every piece is escaped


def paragraphs(source: str) -> Markup:
    """Returns a longer text as HTML paragraphs; an empty line begins a new one."""
    parts = [part.strip() for part in source.split("\n\n") if part.strip()]
    return Markup("\n").join(Markup("<p>{}</p>").format(rich(part)) for part in parts)


def _piece(piece: text_parsing.Piece, mentions: str) -> str:
    words = str(escape(piece.text))
    if piece.kind == "mention" and f" {piece.value.lower()} " in mentions:
        return f'<a href="/@{escape(piece.value)}">{words}</a>'
    if piece.kind == "tag":
        return f'<a href="/tags/{quote(text_parsing.tag_key(piece.value))}">{words}</a>'
    if piece.kind == "link":
        return f'<a href="{escape(piece.value)}" rel="nofollow noopener ugc">{_link_text(piece.text)}</a>'
    return words


def _link_text(address: str) -> str:
    """An address without its scheme, shortened."""
    bare = address.removeprefix("https://").removeprefix("http://").removesuffix("/")
    return str(escape(bare if len(bare) <= MAX_LINK_TEXT else bare[: MAX_LINK_TEXT - 3] + "…"))
