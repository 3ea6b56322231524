"""Tries a condition on a text that a moderator types, before it is tried on posts."""

import msgspec

from domain.core import access, clock, ids, permissions, text_parsing
from domain.core.access import Viewer
from domain.core.blocking import run_blocking
from domain.core.errors import Invalid, Refused
from domain.moderation import filter_engine, filter_expressions, word_lists
from domain.moderation.filter_engine import Hit
from domain.moderation.filter_fields import PostFields
from domain.posts.publishing import MAX_LENGTH


class Trial(msgspec.Struct, frozen=True):
    """Whether the condition holds for the text, or the ``problem`` because of which that can't be said."""

    hit: bool
    problem: Refused | None = None


async def look(viewer: Viewer, condition: str, text: str) -> Trial:
    """A post with this text and nothing else, by the viewer. Errors: ``SignedOut``, ``NotFound``, ``Invalid``."""
    access.require(permissions.may_moderate(viewer))
    text_parsing.check_sizes(condition=(condition, filter_expressions.MAX_SOURCE), sample=(text, MAX_LENGTH))
    fields = PostFields(
        text=text_parsing.clean(text),
        account_age=max(0, clock.now() - ids.time_of(viewer.id)) // clock.HOUR_MS,
        trust=viewer.trust,
        language=viewer.reading.locale,
    )
    try:
        lists = await word_lists.compiled()
        compiled = await run_blocking(filter_engine.compile_alone, text_parsing.clean(condition), lists)
    except Invalid as problem:
        return Trial(hit=False, problem=problem)
    for found in await run_blocking(compiled.check, fields):
        return Trial(hit=True) if isinstance(found, Hit) else Trial(hit=False, problem=Refused(found.reason))
    return Trial(hit=False)
