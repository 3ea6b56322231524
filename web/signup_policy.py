"""Who may sign up now, and how many: less while the brake is on, nobody in a crisis."""

from asgi.asgi_types import Request
from asgi.client_address import client_address
from domain.accounts import signup
from domain.accounts.signup import SignupPolicy
from domain.core.errors import TooMany
from domain.moderation.brake import SIGNUP_COST
from web import page, state


def of(request: Request) -> SignupPolicy:
    """What the settings say, and the brake."""
    visit, settings = page.visit(request), state.of(request).settings
    return SignupPolicy(
        visit.signup_open,
        settings.email_required,
        settings.minimum_age,
        visit.network.terms_version,
        visit.network.rules_version,
        settings.brake_signups_per_hour if visit.brake.on else 0,
    )


def take(request: Request) -> None:
    """Counts a sign-up against the limit of its address, several times while the brake is on. Errors: ``TooMany``."""
    limit, address = state.of(request).limits.signup, client_address(request.scope)
    if not page.visit(request).brake.on:
        limit.take(address)
        return
    try:
        limit.take(address, min(SIGNUP_COST, limit.burst))
    except TooMany as refusal:
        raise TooMany(signup.SLOW, refusal.retry_after) from None
