"""What people are told of. The numbers are stored: never change one."""

MENTION, REPLY, QUOTE, REPOST, VOTE, FOLLOW, REQUEST, ACCEPTED, BELL = range(1, 10)

NAMES = {
    MENTION: "mention",
    REPLY: "reply",
    QUOTE: "quote",
    REPOST: "repost",
    VOTE: "vote",
    FOLLOW: "follow",
    REQUEST: "request",
    ACCEPTED: "accepted",
    BELL: "bell",
}
KINDS = {name: kind for kind, name in NAMES.items()}
