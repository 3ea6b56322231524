"""The public log's kinds of entries in words, and changes of roles."""

from domain.core.access import Role
from domain.core.translatable import N_
from domain.moderation import brake_switch, crisis, staff
from domain.moderation.brake import BrakeReason
from domain.moderation.public_log import (
    BRAKE_OFF,
    BRAKE_ON,
    BULK,
    BULK_REVERSAL,
    CRISIS_OFF,
    CRISIS_ON,
    FILTER,
    ROLE,
    RULES,
)

KINDS = {
    "no_breach": N_("No breach"),
    "warning": N_("Warning"),
    "post_removal": N_("Post removed"),
    "label": N_("Label put on a post"),
    "cover": N_("Post covered"),
    "limit": N_("Reach limited"),
    "hide_until_edited": N_("Hidden until edited"),
    "media_removal": N_("Picture removed"),
    "reversal": N_("Decision taken back"),
    "freeze": N_("Posting frozen"),
    "suspension": N_("Account suspended"),
    "permanent_suspension": N_("Account suspended for good"),
    BULK: N_("Bulk decision"),
    BULK_REVERSAL: N_("Bulk decision taken back"),
    RULES: N_("Rules published"),
    ROLE: N_("Role changed"),
    FILTER: N_("Filter changed"),
    BRAKE_ON: N_("Brake switched on"),
    BRAKE_OFF: N_("Brake switched off"),
    CRISIS_ON: N_("Crisis declared"),
    CRISIS_OFF: N_("Crisis over"),
}
# Why the brake or a crisis was switched, or a role changed by itself -> what is said of it. By hand, people say why.
REASONS: dict[str, dict[str, str]] = {
    BRAKE_ON: {
        BrakeReason.URGENT.name.lower(): N_("An urgent report had waited for more than an hour."),
        BrakeReason.BACKLOG.name.lower(): N_("More cases were open than are decided in a day."),
        BrakeReason.HAND.name.lower(): N_("An operator has switched it on."),
    },
    BRAKE_OFF: {
        brake_switch.CAUGHT_UP: N_("Moderators have caught up."),
        brake_switch.END: N_("Its time was over."),
        BrakeReason.HAND.name.lower(): N_("An operator has switched it off."),
    },
    ROLE: {
        staff.LEFT: N_("They have left the network."),
    },
    CRISIS_OFF: {
        crisis.END: N_("Its time was over."),
        crisis.HAND: N_("Moderators have ended it before its time."),
    },
}
UNKNOWN = N_("An entry of another version of Parvis")
# What was done to a filter that looks at posts before they are published.
FILTER_CHANGES = {
    "went_live": N_("A filter looks at posts before they are published from now on."),
    "switched_off": N_("A filter no longer looks at posts."),
    "words_changed": N_("A filter that looks at posts looks for other words from now on."),
    "pictures_changed": N_("A filter that looks at posts looks for other pictures from now on."),
}
# What it does, by its outcome.
FILTER_OUTCOMES = {
    "allow": N_("What it finds passes all other filters."),
    "nudge": N_("It asks authors whether they want to send such a post."),
    "case": N_("It brings such a post before the moderators."),
    "cover": N_("It covers such a post and brings it before the moderators."),
    "hold": N_("Such a post waits until a moderator has looked at it."),
}
# What somebody was and is now -> what is said of it.
ROLES = {
    (Role.MEMBER, Role.MODERATOR): N_("Somebody was made a moderator."),
    (Role.MEMBER, Role.OPERATOR): N_("Somebody was made an operator."),
    (Role.MODERATOR, Role.OPERATOR): N_("A moderator was made an operator."),
    (Role.OPERATOR, Role.MODERATOR): N_("An operator became a moderator."),
    (Role.MODERATOR, Role.MEMBER): N_("Somebody is no longer a moderator."),
    (Role.OPERATOR, Role.MEMBER): N_("Somebody is no longer an operator."),
}
