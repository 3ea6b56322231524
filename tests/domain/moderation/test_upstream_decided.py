"""What a complaint from upstream says of what moderators had decided about its addresses before it came."""

import pytest

from domain.core.errors import Conflict
from domain.moderation import upstream, upstream_work
from domain.moderation.kinds import StatementKind
from domain.moderation.reports import NamedRule
from tests.helpers.complaints import mail, opened, read
from tests.helpers.moderation import reported
from tests.helpers.people import LiveNetwork
from web import upstream_words


async def test_what_was_removed_before_is_said_to_be_removed(network: LiveNetwork) -> None:
    _, eve, mona, post, case = await reported(network)
    kept = await eve.post("Hello.")
    statement = await mona.decide(case, StatementKind.POST_REMOVAL)
    complaint = await opened(mail(f"https://parvis.test/@eve/{post} https://parvis.test/@eve/{kept}"))
    view = await read(mona, complaint)
    first, second = view.addresses
    assert ([one.id for one in first.before], first.removed, first.can_open) == ([statement], True, False)
    assert (second.before, second.removed, second.can_open) == ((), False, True)
    assert view.seen == {kept}
    with pytest.raises(Conflict, match="removed it already"):
        await upstream_work.open_cases(await mona.viewer(), complaint, [0], NamedRule(1, 6))
    row = await upstream.one(complaint)
    assert row
    _, letter = upstream_words.answer("en", row, view.addresses, "1.a", "Parvis", "https://parvis.test")
    assert f"the post was removed, by rule 6, “Harassment” (statement {first.before[0].puid})" in letter
    assert letter.count("Nothing was decided about this address.") == 1
