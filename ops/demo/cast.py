"""One cast of characters for tests, e2e and `parvis demo`: the people of a small town, and a week on its square.

Everything is done through the domain's own verbs, at the times that ops/demo/story.py gives.
"""

import re
from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple

import msgspec
from PIL.Image import Image

from domain.accounts import network_profile, profiles, signup
from domain.core import access, clock, ids
from domain.core.access import GRANTED, Viewer
from domain.core.errors import Refused
from domain.core.visibility import Visibility
from domain.graph import blocks, follows, mutes
from domain.media import profile_images, uploads
from domain.media.attachments import ChosenMedia
from domain.media.processor import MediaProcessor
from domain.media.profile_images import ProfileImage
from domain.moderation import figures, founding, rules
from domain.notifications import bells, notices, preferences
from domain.posts import editing, publishing, reposts, votes
from domain.posts.votes import Vote
from ops.demo import drawings, filters, moderation, spam, story, trust, upstream
from ops.demo.rules import town_rules
from settings import Settings

# Everybody's, and public: never keep the cast in a network that strangers can reach.
PASSWORD = "lanterns over the square"
MINUTE, DAY = 60_000, 86_400_000
Act = Callable[[], Awaitable[None]]
Drain = Callable[[], Awaitable[int]]

ABOUT = network_profile.NetworkInfo(
    name="Tilly",
    description="The square of Tilly-sur-Orle, where the town talks. La place où la ville se parle.",
    contact="mairie@tilly.example",
    hue=11,
)
TERMS = """Be on the square as you would be on the square.

What you write stays yours, and goes when you go."""


class NotEmpty(Refused):
    """The network has been set up already: the cast plays only in an empty one."""


class Role(NamedTuple):
    """``follows`` are handles; "*" is everybody but Gaston. Who is ``private`` becomes so after being followed."""

    handle: str
    name: str
    hue: int
    bio: str
    follows: str
    links: tuple[tuple[str, str], ...] = ()
    private: bool = False
    locale: str = "en"
    # The number of their portrait in ops/demo/drawings.py; and the drawing on top of their page.
    face: int = -1
    header: str = ""


# The first one founds the network.
ROLES = [
    Role("ottilie", "Ottilie Brandt", 14, "Librarian. Keeps this place running between two shelves. Film club on Mondays.", "*", (("Library", "https://library.tilly.example"),), face=9, header="square"),
    Role("ana", "Ana Ruiz", 3, "Mends bicycles and whatever else holds still. Repair café in the tram shed.", "*", (("Repair café", "https://repair.tilly.example"),), face=4, header="shed"),
    Role("ibrahim", "Ibrahim Diallo", 9, "Électricien. If your light is on, that was me.", "ana mireille noor lena pavel bao tom"),
    Role("mireille", "Mireille Caron", 1, "Boulangère place du Tilleul. Levée avant vous.", "ana ibrahim noor simone tom pavel", locale="fr", face=10, header="bread"),
    Role("lena", "Lena Vogt", 7, "Landscape architect. On the side of the trees.", "ana simone yuki pavel ottilie eszter", face=5),
    Role("tom", "Tom Okafor", 18, "Teaches the little ones. Lives with Biscuit, who allows it.", "ana mireille noor bao pavel ottilie ibrahim", face=1),
    Role("noor", "Noor Haddad", 21, "Pharmacist. Knock twice.", "ana ibrahim mireille tom bao ottilie lena eszter"),
    Role("pavel", "Pavel Iliev", 11, "Drove tram 4 for 38 years. Now I sit, with purpose. Ask @lena about the bench.", "ana lena mireille tom simone ottilie", face=7),
    Role("bao", "Bảo Trần", 5, "Café Trần, gare de Tilly. Coffee from seven.", "ana tom noor eszter mireille ibrahim"),
    Role("simone", "Simone Achard", 16, "Secrétaire de mairie. Ce qui est dit ici n’est pas un acte officiel.", "lena ottilie mireille pavel", (("Mairie", "https://mairie.tilly.example"),), locale="fr"),
    Role("yuki", "Yuki Mori", 19, "Draws slowly. For friends.", "ana lena ottilie noor", private=True, face=6),
    Role("gaston", "Gaston Lebrun", 0, "I only ask questions.", "simone lena noor"),
    Role("eszter", "Eszter Kovács", 12, "New in town. Owner of a lamp.", "ana bao tom lena", face=8),
]  # fmt: skip


class Cast(NamedTuple):
    """``people`` by handle, ``posts`` by their key in ops/demo/story.py."""

    people: dict[str, Viewer]
    posts: dict[str, int]


def person(role: Role) -> signup.NewMember:
    """The role's sign-up form."""
    return signup.NewMember(
        handle=role.handle,
        name=role.name,
        password=PASSWORD,
        birth_date="1980-05-17",
        accepted_terms=True,
        accepted_rules=2,
        locale=role.locale,
    )


def viewer(role: Role, account: int) -> Viewer:
    roles, level = GRANTED[access.Role.MEMBER], trust.LEVELS[role.handle]
    return Viewer(
        id=account, handle=role.handle, name=role.name, hue=role.hue, private=role.private,
        roles=roles, rules_version=2, trust=level,
    )  # fmt: skip


async def play(settings: Settings, drain: Drain, processor: MediaProcessor | None) -> Cast:
    """Founds the network in the open database and plays the cast's week in it, each action at its time.

    ``drain`` runs the reactions that are due and returns how many events it took. With a ``processor`` people and posts
    get pictures, which takes some seconds. Errors: ``NotEmpty``.
    """
    network_profile.forget()
    if (await network_profile.about()).founded:
        raise NotEmpty(
            "This network has people already, and the demo needs an empty one: set PARVIS_DATA to a new folder."
        )
    now = clock.now()
    album = Album(processor) if processor else None
    with clock.fixed_at(now - 7 * DAY):
        people = await _arrive()
        await _follow(people, settings.fanout_limit)
        await _listen(people)
        await moderation.appoint()
        await trust.grow(people)
        if album:
            await album.hang(people)
    posts: dict[str, int] = {}
    for moment, act in sorted(_acts(people, posts, now, album), key=lambda timed: timed[0]):
        with clock.fixed_at(moment):
            await act()
            while await drain():
                pass
    await figures.count_due()
    network_profile.forget()
    return Cast(people, posts)


class Album:
    """What the cast photographs, and what it looks like."""

    def __init__(self, processor: MediaProcessor) -> None:
        self._processor = processor

    async def hang(self, people: dict[str, Viewer]) -> None:
        """Puts everybody's picture on their page."""
        for role in ROLES:
            if role.face >= 0:
                await self._put(people[role.handle], ProfileImage.PICTURE, drawings.portrait(role.face))
            if role.header:
                await self._put(people[role.handle], ProfileImage.HEADER, getattr(drawings, role.header)())

    async def _put(self, who: Viewer, what: ProfileImage, drawing: Image) -> None:
        with self._processor.open_file() as file:
            file.write(drawings.jpeg(drawing))
            await profile_images.put(self._processor, who, what, file, None)

    async def of(self, who: Viewer, post: story.Post) -> tuple[ChosenMedia, ...]:
        """What a post shows, sent."""
        chosen = []
        for name, words in post.shows:
            drawing = getattr(drawings, name)()
            with self._processor.open_file() as file:
                file.write(drawing if isinstance(drawing, bytes) else drawings.jpeg(drawing))
                sent = await uploads.take(self._processor, who, file, f"the-cast-{post.key}", name)
            chosen.append(ChosenMedia(sent.id, words))
        return tuple(chosen)


async def _arrive() -> dict[str, Viewer]:
    people: dict[str, Viewer] = {}
    for role in ROLES:
        if people:
            policy = signup.SignupPolicy(
                open=True, email_required=False, minimum_age=0, terms_version=1, rules_version=2
            )
            account = await signup.sign_up(person(role), policy)
        else:
            account = await _found(role)
        who = people[role.handle] = viewer(role, account)
        links = [profiles.ProfileLink(*link) for link in role.links]
        await profiles.edit(who, profiles.ProfileOwner(role.name, role.bio, role.hue, links))
    return people


async def _found(role: Role) -> int:
    """The founder has had a day to write the town's own rules, which everybody accepts who joins."""
    with clock.fixed_at(clock.now() - DAY):
        account = await founding.found(ABOUT, person(role), TERMS)
    operator = msgspec.structs.replace(viewer(role, account), roles=GRANTED[access.Role.OPERATOR])
    await rules.publish(operator, town_rules(), since=1)
    return account


async def _follow(people: dict[str, Viewer], fanout_limit: int) -> None:
    for role in ROLES:
        everybody = [other.handle for other in ROLES if other.handle not in (role.handle, "gaston")]
        for handle in everybody if role.follows == "*" else role.follows.split():
            await follows.follow(people[role.handle], people[handle].id, fanout_limit)
    # Whoever followed before stays; from now on one asks.
    for role in ROLES:
        if role.private:
            await profiles.set_private(people[role.handle], private=True)


async def _listen(people: dict[str, Viewer]) -> None:
    for handle, other in story.BELLS:
        await bells.add(people[handle], people[other].id)
    for handle in story.SHY:
        await preferences.save(people[handle], preferences.Preferences(strangers=preferences.ASIDE))


def _acts(people: dict[str, Viewer], posts: dict[str, int], now: int, album: Album | None) -> Iterator[tuple[int, Act]]:
    said = {post.key: _moment(post.when, now) for post in story.POSTS}
    for post in story.POSTS:
        yield said[post.key], _saying(people[post.who], post, posts, album)
    for action in story.ACTIONS:
        yield _moment(action.when, now), _doing(people, action, posts)
    for vote, ballots in ((Vote.UP, story.UPS), (Vote.DOWN, story.DOWNS)):
        for key, handles in ballots.items():
            for place, handle in enumerate(handles.split(), 1):
                moment = min(said[key] + place * 7 * MINUTE, now)
                yield moment, _voting(people[handle], key, vote, posts)
    of_posts = (*moderation.acts(people, posts), *upstream.acts(people, posts))
    for when, act in (*of_posts, *trust.acts(people), *filters.acts(people), *spam.acts(people)):
        yield _moment(when, now), act
    # Everybody has looked at their notifications this morning.
    for who in people.values():
        yield now - DAY // 4, _looking(who)


def _moment(when: str, now: int) -> int:
    if when.startswith("-"):
        return now + int(when) * MINUTE
    days, hour, minute = map(int, re.split(r"[ :]", when))
    midnight = now // DAY * DAY
    moment = midnight - days * DAY + (hour * 60 + minute) * MINUTE
    assert moment < now, f"{when} is in the future"
    return moment


def _saying(who: Viewer, post: story.Post, posts: dict[str, int], album: Album | None) -> Act:
    async def act() -> None:
        draft = publishing.Draft(
            text=post.text,
            key=f"the-cast-{post.key}",
            visibility=Visibility.FOLLOWERS if post.followers else Visibility.PUBLIC,
            replies_to=post.replies_to,
            cover=post.cover,
            parent=posts[post.reply] if post.reply else None,
            quote=posts[post.quote] if post.quote else None,
            media=await album.of(who, post) if album else (),
        )
        posts[post.key] = await publishing.publish(who, draft)

    return act


def _looking(who: Viewer) -> Act:
    async def act() -> None:
        await notices.read(who, ids.LAST)

    return act


def _voting(who: Viewer, key: str, vote: Vote, posts: dict[str, int]) -> Act:
    async def act() -> None:
        await votes.cast(who, posts[key], vote)

    return act


def _doing(people: dict[str, Viewer], action: story.Action, posts: dict[str, int]) -> Act:
    who = people[action.who]

    async def act() -> None:
        if action.verb == "repost":
            await reposts.put(who, posts[action.on])
        elif action.verb == "edit":
            await editing.edit(who, posts[action.on], action.text, None)
        elif action.verb == "mute":
            await mutes.mute(who, people[action.on].id)
        elif action.verb == "block":
            await blocks.block(who, people[action.on].id)
        else:
            assert action.verb == "ask"
            await follows.follow(who, people[action.on].id, fanout_limit=10_000)

    return act
