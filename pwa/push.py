"""Sends due pushes to the push services, up to two hundred at a time, and records the results."""

import asyncio
import contextlib
import functools
from collections import Counter
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime

import structlog

from adapters.addresses import NotPublic, WrongAddress
from adapters.http import Outgoing
from domain.accounts import network_profile
from domain.backups.handover import SITE_MODE
from domain.core import clock, secrets
from domain.notifications import deliveries
from domain.notifications.deliveries import Broken, Delivered, Delivery, Gone, Later, Outcome, Void
from pwa import payloads
from pwa.payloads import Facts, Push
from pwa.vapid import Signer
from settings import Settings

LOG = structlog.get_logger()

AT_ONCE, BATCH = 200, 100
SECONDS = 15
# The most pushes in progress to one member's devices, and to all addresses that were entered by hand, which anybody can
# make as slow as they like. What exceeds them is put back for a moment.
PER_ACCOUNT, BY_HAND, BY_HAND_SECONDS = 10, 20, 5
PUT_BACK_MS = 1000
# Results are collected for this long and written together: a commit costs more than a push.
SETTLE_SECONDS = 0.05
GRACE_SECONDS = 3
# After TRIES failed connections in a row a push service gets no pushes for REST_MS.
TRIES, REST_MS = 3, 5000
# The most failing services that are remembered: anybody may name some.
MOST_SERVICES = 500


class Sender:
    """The push sender of one worker process; several processes share the queue."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._in_progress: set[asyncio.Task[None]] = set()
        self._room = Room()
        self._outcomes: list[Outcome] = []
        self._settled = asyncio.Event()
        self._services = Services()
        self._signer = Signer(settings)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Sends while the block runs; at its end it waits up to GRACE_SECONDS for pushes in progress."""
        async with Outgoing() as out:
            sending = deliveries.PLANNED.run(lambda: self._due(out), "push.failed")
            tasks = [asyncio.create_task(work) for work in (sending, self._keep_settling())]
            try:
                yield
            finally:
                tasks[0].cancel()
                if self._in_progress:
                    await asyncio.wait(self._in_progress, timeout=GRACE_SECONDS)
                for task in (*tasks, *self._in_progress):
                    task.cancel()
                await asyncio.gather(*tasks, *self._in_progress, return_exceptions=True)
                await self._settle()

    async def drain(self) -> int:
        """Sends all pushes that are due now and returns how many it started."""
        taken = 0
        async with Outgoing() as out:
            due = 1
            while due:
                due, some = await self._take(out, put_back_ms=0)
                taken += some
                await asyncio.gather(*self._in_progress)
                await self._settle()
        return taken

    async def _due(self, out: Outgoing) -> int:
        if SITE_MODE.writes_stopped:
            return 0
        due, _ = await self._take(out)
        return due

    async def _take(self, out: Outgoing, put_back_ms: int = PUT_BACK_MS) -> tuple[int, int]:
        """Starts a batch, once there is room for one. Returns how many were due, and how many it started."""
        while len(self._in_progress) > AT_ONCE - BATCH:
            await asyncio.wait(self._in_progress, return_when=asyncio.FIRST_COMPLETED)
        claimed = await deliveries.claim(BATCH)
        taken: set[int] = set()
        if claimed:
            facts = await self._facts()
            taken = {delivery.id for delivery in claimed if self._room.take(delivery)}
            for delivery in claimed:
                if delivery.id in taken:
                    task = asyncio.create_task(self._deliver(out, facts, delivery))
                    self._in_progress.add(task)
                    task.add_done_callback(functools.partial(self._done, delivery))
            await deliveries.put_back([one for one in claimed if one.id not in taken], put_back_ms)
        return len(claimed), len(taken)

    def _done(self, delivery: Delivery, task: asyncio.Task[None]) -> None:
        self._in_progress.discard(task)
        self._room.leave(delivery)

    async def _facts(self) -> Facts:
        about = await network_profile.about()
        await self._signer.learn(about)
        return Facts(self._settings, about, await secrets.mac_key(), clock.now())

    async def _deliver(self, out: Outgoing, facts: Facts, delivery: Delivery) -> None:
        try:
            push = await payloads.build(facts, delivery)
            outcome = await self._send(out, delivery, push) if isinstance(push, Push) else push or Void(delivery)
        except Exception as error:
            # Neither the address nor the text: the kind of the error is enough to find the place.
            LOG.warning("push.broken", error=type(error).__name__, exc_info=error)
            outcome = Later(delivery)
        self._outcomes.append(outcome)
        self._settled.set()

    async def _send(self, out: Outgoing, delivery: Delivery, push: Push) -> Outcome:
        # Imported when a push is sent: many processes never do, and these take 20 MB.
        import aiohttp

        service = delivery.endpoint.partition("://")[2].partition("/")[0]
        if self._services.rests(service):
            return Later(delivery)
        try:
            status, retry_after = await self._post(out, delivery, push)
        except (WrongAddress, NotPublic):
            return Broken(delivery, "address")
        except UnknownKey:
            return Broken(delivery, "key")
        except (aiohttp.ClientError, TimeoutError, OSError):
            self._services.failed(service)
            return Later(delivery)
        self._services.answered(service)
        return judge(delivery, status, retry_after)

    async def _post(self, out: Outgoing, delivery: Delivery, push: Push) -> tuple[int, str]:
        """Returns the response's status and its Retry-After. Errors: ``UnknownKey``, and those of the HTTP client."""
        from pywebpush import WebPushException, webpush_async

        headers = {"urgency": push.style.urgency, "topic": push.topic}
        seconds = BY_HAND_SECONDS if delivery.by_hand else SECONDS
        if not delivery.p256dh:
            plain = {**headers, "ttl": str(push.style.ttl), "content-type": "text/plain; charset=utf-8"}
            response = await out.post(delivery.endpoint, data=push.data.encode(), headers=plain, timeout=seconds)
            await response.read()
            return response.status, response.headers.get("retry-after", "")
        authorization = self._signer.authorization(delivery)
        if not authorization:
            raise UnknownKey
        try:
            response = await webpush_async(
                {"endpoint": delivery.endpoint, "keys": {"p256dh": delivery.p256dh, "auth": delivery.auth}},
                data=push.data,
                ttl=push.style.ttl,
                timeout=seconds,
                headers={**headers, "authorization": authorization},
                aiohttp_session=out,
            )
        except WebPushException as refusal:
            return refusal.status_code or 0, refusal.retry_after or ""
        return response.status, ""

    async def _keep_settling(self) -> None:
        while True:
            await self._settled.wait()
            await asyncio.sleep(SETTLE_SECONDS)
            try:
                await self._settle()
            except Exception:
                LOG.exception("push.unsettled")
                await asyncio.sleep(1)

    async def _settle(self) -> None:
        """Writes the collected results; if that fails they are kept for the next time."""
        self._settled.clear()
        outcomes = list(self._outcomes)
        if outcomes:
            await deliveries.settle(outcomes)
            del self._outcomes[: len(outcomes)]


class UnknownKey(Exception):
    """The push key that a subscription was made with no longer exists."""


class Room:
    """Limits how many pushes to one account, and to addresses entered by hand, are in progress at once."""

    def __init__(self) -> None:
        self._of: Counter[int] = Counter()
        self._by_hand = 0

    def take(self, delivery: Delivery) -> bool:
        """False when a delivery must wait for others to finish."""
        if self._of[delivery.account] >= PER_ACCOUNT or (delivery.by_hand and self._by_hand >= BY_HAND):
            return False
        self._of[delivery.account] += 1
        self._by_hand += delivery.by_hand
        return True

    def leave(self, delivery: Delivery) -> None:
        self._by_hand -= delivery.by_hand
        self._of[delivery.account] -= 1
        if not self._of[delivery.account]:
            del self._of[delivery.account]


class Services:
    """Push services that can't be reached: hundreds of pushes waiting for one of them would hold up all others."""

    def __init__(self) -> None:
        self._failures: dict[str, tuple[int, int]] = {}

    def rests(self, service: str) -> bool:
        count, at = self._failures.get(service, (0, 0))
        return count >= TRIES and clock.now() < at + REST_MS

    def failed(self, service: str) -> None:
        count, _ = self._failures.pop(service, (0, 0))
        self._failures[service] = (count + 1, clock.now())
        if len(self._failures) > MOST_SERVICES:
            del self._failures[next(iter(self._failures))]

    def answered(self, service: str) -> None:
        self._failures.pop(service, None)


def judge(delivery: Delivery, status: int, retry_after: str) -> Outcome:
    """The outcome that a push service's response means: ``judge(delivery, 410, "") == Gone(delivery)``."""
    if 200 <= status < 300:
        return Delivered(delivery)
    if status in (404, 410):
        return Gone(delivery)
    if status in (408, 425, 429) or status >= 500:
        return Later(delivery, wait_ms(retry_after))
    LOG.warning("push.refused", status=status)
    return Broken(delivery, {401: "key", 403: "key", 413: "large"}.get(status, "refused"))


def wait_ms(retry_after: str) -> int | None:
    """Retry-After, in seconds or as a date, in milliseconds from now; None for anything else."""
    text = retry_after.strip()
    if text.isascii() and text.isdigit():
        return int(text[:9]) * 1000
    try:
        return int(parsedate_to_datetime(text).timestamp() * 1000) - clock.now()
    except (ValueError, OverflowError):
        return None
