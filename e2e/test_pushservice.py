"""The push service that stories stand on is as strict as real ones are."""

import time
from collections.abc import Iterator
from typing import Any

import pytest
from py_vapid import Vapid
from pywebpush import WebPushException, webpush

from e2e import pushservice
from e2e.listener import Browser, encoded, point
from e2e.pushservice import PushService


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with pushservice.running() as service:
        yield service


def key() -> Vapid:
    made = Vapid()
    made.generate_keys()
    return made


def send(subscription: dict[str, Any], key: Vapid, claims: dict[str, Any] | None = None, **more: Any) -> int:
    """The status that a push is answered."""
    told = {"sub": "mailto:desk@example.org", **(claims or {})}
    chosen = {"data": "{}", "ttl": 60, "timeout": 5, **more}
    try:
        return int(webpush(subscription, vapid_private_key=key, vapid_claims=told, **chosen).status_code)
    except WebPushException as refused:
        return refused.response.status_code if refused.response is not None else 0


def test_what_it_refuses(service: PushService) -> None:
    ours, browser = key(), Browser(service)
    subscription = browser.subscribe(point(ours.public_key))
    assert send(subscription, ours) == 201
    assert send(subscription, key()) == 403
    assert send(subscription, ours, {"aud": "https://elsewhere.example"}) == 401
    assert send(subscription, ours, {"exp": int(time.time()) + 90_000}) == 401
    assert send(subscription, ours, headers={"Topic": "x" * 33}) == 400
    assert send(subscription, ours, headers={"Urgency": "urgent"}) == 400
    assert send(subscription, ours, data="a" * 3993) == 201
    assert send(subscription, ours, data="a" * 3994) == 413
    assert send({**subscription, "endpoint": f"{service.origin}/push/nobody"}, ours) == 404
    service.answer(429)
    assert send(subscription, ours) == 429
    service.answer(0)
    service.end(subscription["endpoint"])
    assert send(subscription, ours) == 410
    assert [one.status for one in service.received if one.status == 410] == [410]


def test_who_is_away_gets_the_newest_of_a_topic(service: PushService) -> None:
    ours, browser = key(), Browser(service)
    subscription = browser.subscribe(point(ours.public_key))
    browser.socket.close()
    lengths = []
    for words in ("one", "the second", "the third is longest"):
        assert send(subscription, ours, data=words, headers={"Topic": "t"}) == 201
        lengths.append(service.received[-1].size)
    assert send(subscription, ours, data="too late", ttl=0) == 201
    back = Browser(service, browser.name)
    heard = back.hear()
    assert len(heard["data"]) == len(encoded(b"x" * lengths[-1]))
    # What comes next is what is sent next.
    assert send(subscription, ours, data="afterwards, and of another length") == 201
    assert len(back.hear()["data"]) == len(encoded(b"x" * service.received[-1].size))


def test_whom_it_forgets_starts_anew(service: PushService) -> None:
    ours, browser = key(), Browser(service)
    subscription = browser.subscribe(point(ours.public_key))
    service.forget()
    assert Browser(service, browser.name).name != browser.name
    assert send(subscription, ours) == 410
