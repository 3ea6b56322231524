"""Who may see a post, and who may reply to it. The numbers are stored with the post.

The condition that statements ask is in db/queries/visibility.py.
"""

from enum import IntEnum


class Visibility(IntEnum):
    """Who may see a post: everybody, or the author's followers and those it mentions."""

    PUBLIC = 0
    FOLLOWERS = 1


class WhoMayReply(IntEnum):
    """Who may reply, besides the author: everybody, followers and those mentioned, or only those mentioned."""

    EVERYONE = 0
    FOLLOWERS = 1
    MENTIONED = 2
