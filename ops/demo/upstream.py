"""What the town's host and its registrar complain of: one complaint is answered, and one waits.

Times are as in ops/demo/story.py.
"""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from email.message import EmailMessage

import msgspec

from domain.core.access import GRANTED, Role, Viewer
from domain.moderation import upstream, upstream_desk, upstream_forms, upstream_intake, upstream_senders, upstream_work
from domain.moderation.upstream_forms import ComplaintForm
from domain.moderation.upstream_kinds import Sender
from domain.moderation.upstream_work import Closing
from ops.demo import moderation

Act = Callable[[], Awaitable[None]]
HOST = "tilly.example"
WRITTEN, CASED, ANSWERED = "4 11:05", "4 11:20", "4 13:10"
WORDS = """Dear customer,

we have received the complaint below about content on a server that you rent from us. Please remove it, or tell us within
24 hours why you do not. Otherwise we have to disconnect the server.

hxxps://tilly[.]example/@gaston/{post}

> A doctor is called ridiculous there, for no reason but her profession.

Nordhost, abuse desk"""
SUBJECT = "Answer to your complaint NH-20931"
LETTER = """Hello,

we have received your complaint NH-20931 about a post at Tilly.

A moderator has looked at it. It breaks rule 6 of the network, “Harassment”: the post is covered, and the account that
wrote it may not post for a day. Its author can appeal.

The network of Tilly"""
REGISTERED = "-95"
REGISTRAR = ComplaintForm(
    Sender.REGISTRAR,
    "Bureau des noms de Tilly",
    "litiges@noms.example",
    "Un particulier nous écrit que le nom du réseau sert à publier des images d’un chat en uniforme de facteur, ce qui"
    " porterait atteinte à la dignité de la poste. Nous devons vous demander ce qu’il en est.",
    "",
    reference="2026/118",
    locale="fr",
    hosts=frozenset({HOST}),
)


def acts(people: Mapping[str, Viewer], posts: Mapping[str, int]) -> Iterator[tuple[str, Act]]:
    """What comes in, and what the moderator makes of it."""
    simone = msgspec.structs.replace(people[moderation.MODERATOR], roles=GRANTED[Role.MODERATOR])
    ottilie = msgspec.structs.replace(people["ottilie"], roles=GRANTED[Role.OPERATOR])
    yield WRITTEN, lambda: _write(ottilie, posts["grumble"])
    yield CASED, lambda: _open_case(simone)
    yield ANSWERED, lambda: _answer(simone)
    yield REGISTERED, lambda: _register(posts["cat"])


async def _write(operator: Viewer, post: int) -> None:
    await upstream_senders.put(operator, "nordhost.example", Sender.HOST, "Nordhost")
    mail = EmailMessage()
    mail["From"], mail["To"] = "Nordhost Abuse <abuse@nordhost.example>", f"upstream@{HOST}"
    mail["Subject"], mail["Message-ID"] = "[NH-20931] Content on your server", "<nh-20931@nordhost.example>"
    mail.set_content(WORDS.format(post=post))
    await upstream_intake.take(mail.as_bytes(), {HOST}, can_mail=False)


async def _open_case(simone: Viewer) -> None:
    (complaint,) = (await upstream_desk.desk(simone)).open.items
    await upstream_desk.claim(simone, complaint.id)
    await upstream_work.open_cases(simone, complaint.id, [0], moderation.HARASSMENT)


async def _answer(simone: Viewer) -> None:
    (complaint,) = (await upstream_desk.desk(simone)).open.items
    seen = (await upstream_desk.read(simone, complaint.id)).version
    closing = Closing(seen, answers=True, subject=SUBJECT, words=LETTER)
    await upstream_work.close(simone, complaint.id, closing, can_mail=False)
    (letter,) = (await upstream_desk.read(simone, complaint.id)).letters
    await upstream_work.sent_by_hand(simone, complaint.id, letter.id)


async def _register(post: int) -> None:
    form = msgspec.structs.replace(REGISTRAR, addresses=f"https://{HOST}/@tom/{post}\nhttps://{HOST}/@biscuit")
    taken = await upstream_forms.file(form, can_mail=True)
    await upstream.confirm(await upstream.token(taken.complaint))
