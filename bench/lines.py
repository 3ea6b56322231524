"""The lines of the results, each as the requests it plays."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from urllib.parse import urlencode

from bench.load import Request
from bench.site import Site
from ops.seeding import words


@dataclass(frozen=True, slots=True)
class Line:
    """``alone``: one answer, of typical length, stands for all at the limit (else each path has its own)."""

    name: str
    requests: Sequence[Request]
    alone: bool = False


def reads(site: Site) -> list[Line]:
    """The pages, each measured next to the limit."""
    home = [Request("/", cookie) for cookie in site.cookies]
    return [
        Line("home", home, alone=True),
        Line("profile", _crossed(site.profiles, site.cookies)),
        Line("profile_guest", [Request(path) for path in site.profiles]),
        Line("thread", _crossed(site.threads, site.cookies)),
        Line("public", [Request("/public")]),
    ]


def posts(site: Site) -> Line:
    random = Random(2)
    return Line("post", [_post(random, random.choice(site.cookies)) for _ in range(2000)])


def mix(site: Site) -> Line:
    """In every eleven requests, in some order: 6 home, 2 public as a guest, a profile, a thread, a post."""
    random = Random(3)
    requests: list[Request] = []
    for _ in range(300):
        cookies = random.choices(site.cookies, k=9)
        eleven = [Request("/", cookie) for cookie in cookies[:6]]
        eleven += [Request("/public")] * 2
        eleven.append(Request(random.choice(site.profiles), cookies[6]))
        eleven.append(Request(random.choice(site.threads), cookies[7]))
        eleven.append(_post(random, cookies[8]))
        random.shuffle(eleven)
        requests += eleven
    return Line("mix", requests)


def _crossed(paths: Sequence[str], cookies: Sequence[str]) -> list[Request]:
    """Every path, each time by another member."""
    count = max(len(paths), len(cookies)) * 2 + 1
    return [Request(paths[at % len(paths)], cookies[at * 7 % len(cookies)]) for at in range(count)]


def _post(random: Random, cookie: str) -> Request:
    text = words.say(random, ["nobody_here"]).text
    body = {"text": text, "visibility": "public", "replies_to": "everyone", "key": "KEY"}
    return Request("/posts", cookie, body=urlencode(body).replace("key=KEY", "key=@KEY@"))
