"""Claims on leased events, each with a fencing token: a worker that was overtaken can write nothing."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from db.queries import outbox
from domain.core import clock
from domain.core.leases import Lost


class Claim:
    """The right to work on the event with this id, which one worker has for ``lease_ms`` milliseconds.

    ``token`` is another one each time an event is claimed; with an old one nothing is written.
    """

    __slots__ = ("event", "lease_ms", "token")

    def __init__(self, event: int, token: int, lease_ms: int) -> None:
        self.event, self.token, self.lease_ms = event, token, lease_ms

    async def renew(self) -> bool:
        """Extends the lease; False when another worker has taken it over."""
        return await outbox.renew(self.event, self.token, clock.now() + self.lease_ms)

    async def confirm(self) -> None:
        """Renews the lease right before something that can't be undone. Errors: ``Lost``."""
        if not await self.renew():
            raise Lost

    async def complete(self) -> None:
        """Deletes the event. Errors: ``Lost``."""
        if not await outbox.complete(self.event, self.token):
            raise Lost

    async def release(self, due_at: int, attempts: int, error: str) -> None:
        """Ends the lease; the event is due again at ``due_at``. Errors: ``Lost``."""
        if not await outbox.release(self.event, self.token, due_at, attempts, error):
            raise Lost


_current: ContextVar[Claim | None] = ContextVar("claim", default=None)


def current() -> Claim | None:
    """The claim under which a reaction runs; None outside of one."""
    return _current.get()


@contextmanager
def running_under(claim: Claim) -> Iterator[None]:
    """Makes the claim the current one while the block runs."""
    token = _current.set(claim)
    try:
        yield
    finally:
        _current.reset(token)
