"""What moderators have done to posts, in words to those who see them."""

from collections.abc import Mapping

from domain.core.translatable import N_
from domain.media.file_types import MediaKind
from domain.posts.measures import PostLabel
from domain.posts.views import PostView
from web import i18n

LABELS: Mapping[PostLabel, str] = {
    PostLabel.MISLEADING: N_("Misleading"),
    PostLabel.MANIPULATED_MEDIA: N_("Manipulated media"),
    PostLabel.UNVERIFIED: N_("Unverified claim"),
    PostLabel.SENSITIVE: N_("Sensitive"),
}
# As forms call them.
NAMES: Mapping[str, PostLabel] = {label.name.lower(): label for label in PostLabel}
_REMOVED: Mapping[MediaKind, str] = {
    MediaKind.IMAGE: N_("Moderators have removed a picture."),
    MediaKind.ANIMATED: N_("Moderators have removed a picture."),
    MediaKind.VIDEO: N_("Moderators have removed a video."),
    MediaKind.AUDIO: N_("Moderators have removed a sound."),
}


def label(locale: str, view: PostView) -> str:
    """What stands above a post, "" for none."""
    found = view.moderation.label
    return i18n.translate(locale, LABELS[found]) if found is not None else ""


def label_url(view: PostView) -> str:
    """The rule because of which a post has its label, "" without one."""
    rule = view.moderation.label_rule
    return f"/rules/{rule.version}#rule-{rule.number}" if rule else ""


def cover(locale: str, view: PostView) -> str:
    """The line that covers a post, "" if nothing does: its author's words, or the rule because of which moderators have
    covered it.
    """
    rule = view.moderation.cover_rule
    if rule is not None:
        return i18n.translate(locale, "Covered by moderators: %(rule)s", rule=rule.title(locale))
    return "" if view.cover is None else view.cover or i18n.translate(locale, "Sensitive")


def removed(locale: str, view: PostView) -> str:
    """That something was taken out of a post, "" if nothing was."""
    found = view.moderation.removed
    if not found:
        return ""
    if len(found) == 1:
        return i18n.translate(locale, _REMOVED[found[0]])
    words = i18n.translations(locale).ngettext(
        "Moderators have removed %(num)s picture.", "Moderators have removed %(num)s pictures.", len(found)
    )
    return words % {"num": i18n.full(locale, len(found))}
