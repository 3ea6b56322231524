"""Who may see what: every condition on whether a post or a person is shown is composed here.

Parameter 1 is the viewer's id, 0 for a guest. Functions take the alias of a table in the statement, by default ``p``
for the post and ``a`` for its author.

Each subject has two conditions:

- *exists*: nobody has deleted it. An author manages what exists; an account that exists signs in and gets mail.
- *shown*: it exists, and other people may see it.

The columns of moderation, ``post.state`` and ``account.suspended_until``, are read here and nowhere else. A post that
moderators have removed (``PostState.REMOVED``) is shown to nobody: its author reads it in the statement of reasons, and
may delete it. One that is hidden until it is edited (``HIDDEN``) is shown to its author alone, who edits it there, and
so is one that waits for a moderator (``HELD``). One of limited reach (``LIMITED``) is shown to everybody in its
audience, but no list takes it to those who don't follow its author (:func:`in_reach`, :func:`listed`). A suspended
account exists and is not shown, nor is anything that it wrote or reposted.

tests/db/test_visibility.py finds statements that read posts or people without these conditions.
"""

from db.sql import guard


def post_exists(post: str = "p") -> str:
    """SQL: its author has not deleted the post."""
    return f"{post}.deleted_at IS NULL"


def post_allowed(post: str = "p") -> str:
    """SQL: moderators have neither removed nor hidden the post, and it does not wait for one. Whether its author has
    deleted it is another condition.

    The states are ``PostState.VISIBLE`` and ``PostState.LIMITED``.
    """
    return f"{post}.state <= 0"


def post_told(post: str = "p") -> str:
    """SQL: others may be told of the post: it does not wait for a moderator (``PostState.HELD``)."""
    return f"{post}.state <> 3"


def post_unlimited(post: str = "p") -> str:
    """SQL: lists for everybody may have the post: moderators have done nothing about who sees it."""
    return f"{post}.state = 0"


def post_shown(post: str = "p") -> str:
    """SQL: the post exists, and people other than its author may see it if they are in its audience."""
    return f"{post_exists(post)} AND {post_allowed(post)}"


def account_exists(account: str = "a") -> str:
    """SQL: the account has not left: it may sign in, and gets mail and notifications."""
    return f"{account}.left_at IS NULL"


def account_shown(account: str = "a") -> str:
    """SQL: the account exists and is not suspended: other people may see it and its posts.

    A suspension that ends sets the column to 0, see domain/moderation/sanctions.py.
    """
    return f"{account_exists(account)} AND {account}.suspended_until = 0"


def open_account(account: str = "a") -> str:
    """SQL: the account is not private: anybody may follow it and read its public posts."""
    return f"{account}.private = 0"


def public_post(post: str = "p", author: str = "a") -> str:
    """SQL: the audience of the post is everybody. Whether it is shown at all is another condition."""
    return f"{post}.visibility = 0 AND {open_account(author)}"


def listed(post: str = "p", author: str = "a") -> str:
    """SQL: public lists may have the post: the public timeline and the suggestions of hashtags."""
    return f"{post_unlimited(post)} AND {public_post(post, author)}"


def open_post(post: str = "p", author: str = "a") -> str:
    """SQL: anybody may see the post, signed in or not."""
    return f"{post_shown(post)} AND {account_shown(author)} AND {public_post(post, author)}"


def once_open_post(post: str = "p", author: str = "a") -> str:
    """SQL: anybody could see the post, whatever moderators have made of it or its author since. Moderators alone are
    shown what they have removed (``PostState.REMOVED``) and what a suspended account wrote.
    """
    return f"{post_exists(post)} AND {post}.state <= 1 AND {account_exists(author)} AND {public_post(post, author)}"


# Columns of a bare ``FROM post``: the condition of the index post_public. What it finds still has to be `listed`.
PUBLIC_FIRST_POST = "parent IS NULL AND visibility = 0"


def not_blocked_by(person: str) -> str:
    """SQL: ``person``, an expression for an id, has not blocked the viewer."""
    return f"NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker = {person} AND b.blocked = ?1)"


def unblocked(person: str) -> str:
    """SQL: neither of viewer and ``person``, an expression for an id, has blocked the other."""
    return guard(f"""
    NOT EXISTS (SELECT 1 FROM block b WHERE b.blocker = ?1 AND b.blocked = {person})
    AND {not_blocked_by(person)}
""")


def unmuted(person: str) -> str:
    """SQL: the viewer has not muted ``person``, an expression for an id."""
    return guard(f"NOT EXISTS (SELECT 1 FROM mute m WHERE m.muter = ?1 AND m.muted = {person})")


def visible_person(account: str = "a") -> str:
    """SQL: the viewer may see the account in a list of people."""
    return f"{account_shown(account)} AND {unblocked(f'{account}.id')}"


# The viewer is in the audience of the post, even while its author may still undo a deletion.
IN_AUDIENCE = f"""
    ({public_post()}
        OR p.author = ?1
        OR EXISTS (SELECT 1 FROM follow f WHERE f.follower = ?1 AND f.followee = p.author)
        OR EXISTS (SELECT 1 FROM mention n WHERE n.post = p.id AND n.account = ?1))
    AND {unblocked("p.author")}
"""
# What moderators have hidden until it is edited (PostState.HIDDEN), or have to look at (HELD), its author sees all the
# same.
_OWN_HIDDEN = f"p.state >= 2 AND p.author = ?1 AND {post_exists()}"
# The viewer may see the post.
VISIBLE = f"({post_shown()} OR {_OWN_HIDDEN}) AND {account_shown()} AND {IN_AUDIENCE}"
# The viewer may see the post, and has not muted its author.
VISIBLE_UNMUTED = f"{VISIBLE} AND {unmuted('p.author')}"


def in_reach(viewer: str = "?1") -> str:
    """SQL: what takes a post to the viewer, such as a repost or a quote, may do so: moderators have not limited its
    reach (PostState.LIMITED), or the viewer follows its author, or is its author.

    ``viewer`` is an expression for an id.
    """
    return f"""(p.state >= 0 OR p.author = {viewer}
        OR EXISTS (SELECT 1 FROM follow lf WHERE lf.follower = {viewer} AND lf.followee = p.author))"""


def timeline_visible(actor: str = "s.actor") -> str:
    """SQL: the post may come into a timeline: it is visible, neither its author nor ``actor`` is muted, ``actor`` is
    shown, and may take it there.

    ``actor`` is an expression for the id of the account that reposted it, or 0.
    """
    # Looked up for each repost that is listed: of an EXISTS, PostgreSQL would rather read all accounts once.
    shown = f"coalesce((SELECT {account_shown('ra')} FROM account ra WHERE ra.id = {actor}), false)"
    return (
        f"{VISIBLE_UNMUTED} AND ({actor} = 0 OR {unblocked(actor)} AND {unmuted(actor)} AND {shown} AND {in_reach()})"
    )
