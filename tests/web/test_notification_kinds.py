"""The registry of kinds: every kind has its rules and its texts, and every page, mail and push reads those."""

import pytest

from db.queries import notifications as queries
from domain.notifications import reactions
from domain.notifications.kinds import OPTIONAL, RULES, NotificationKind, Topic, in_tab, offered_to
from web import i18n
from web.filters import icon
from web.notification_kinds import TEXTS, push_actions


@pytest.mark.parametrize("entries", [RULES, TEXTS], ids=["RULES", "TEXTS"])
def test_every_kind_has_an_entry(entries: dict[NotificationKind, object]) -> None:
    assert [kind.name for kind in NotificationKind if kind not in entries] == []
    assert list(entries) == list(NotificationKind), "in the order of settings and mails"


def test_numbers_that_are_stored_never_change() -> None:
    assert {kind.key: kind.value for kind in NotificationKind} == {
        "mention": 1, "reply": 2, "quote": 3, "repost": 4, "vote": 5, "follow": 6, "request": 7, "accepted": 8,
        "bell": 9, "network": 10, "statement": 11, "outcome": 12, "appeal": 13,
        "case_message": 14, "summons": 16, "verdict": 17, "release": 18, "work": 19, "unoffered": 20,
        "reversal": 21,
    }  # fmt: skip
    assert [topic.name for topic in Topic] == [
        "POST", "VOTES", "REPOSTS", "FOLLOWS", "REQUESTS", "GRANTS", "NETWORK", "STATEMENTS", "OUTCOMES", "APPEALS",
        "CASE_MESSAGES", "SUMMONSES", "VERDICTS", "RELEASES", "WORK", "UNOFFERED",
    ]  # fmt: skip
    assert [topic.value for topic in Topic] == [*range(1, 12), 13, 14, 15, 16, 17]
    assert queries.REQUEST == NotificationKind.REQUEST


def test_every_kind_that_can_be_undone_is_looked_at_again() -> None:
    """A post's own notices are withdrawn with the post, or when an edit no longer mentions somebody."""
    of_actions = {kind for kind, rules in RULES.items() if rules.has_actor and rules.topic is not Topic.POST}
    assert set(reactions.STILL_TRUE) == of_actions


def test_tabs_hold_no_more_kinds_than_their_statement() -> None:
    assert in_tab("all") == tuple(NotificationKind)
    for tab in ("mentions", "votes", "reposts", "follows"):
        assert 0 < len(in_tab(tab)) <= queries.KINDS
    assert in_tab("votes") == (NotificationKind.VOTE,)


def test_a_kind_without_an_actor_is_never_set_aside_and_grouped_only_for_staff() -> None:
    for kind, rules in RULES.items():
        if not rules.has_actor:
            assert (rules.grouped, rules.can_be_set_aside) == (rules.for_staff, False)
            assert TEXTS[kind].page.startswith("/")
            assert TEXTS[kind].buttons == ""


def test_members_choose_all_kinds_but_those_of_the_network() -> None:
    of_network = {
        NotificationKind.NETWORK,
        NotificationKind.STATEMENT,
        NotificationKind.OUTCOME,
        NotificationKind.APPEAL,
        NotificationKind.CASE_MESSAGE,
        NotificationKind.SUMMONS,
        NotificationKind.VERDICT,
        NotificationKind.RELEASE,
        NotificationKind.UNOFFERED,
        NotificationKind.REVERSAL,
    }
    assert set(NotificationKind) - set(OPTIONAL) == of_network
    assert set(OPTIONAL) - set(offered_to(staff=False)) == {NotificationKind.WORK}
    assert offered_to(staff=True) == OPTIONAL


@pytest.mark.parametrize("kind", NotificationKind)
def test_every_kind_has_words_in_every_language_and_an_icon(kind: NotificationKind) -> None:
    texts = TEXTS[kind]
    assert "<use" in str(icon(texts.icon))
    for locale in i18n.LOCALES:
        for count in (1, 2, 5):
            said = i18n.translations(locale).ngettext(*texts.line, count) % {"who": "Ana"}
            assert ("Ana" in said) == RULES[kind].has_actor
        if locale != "en":
            assert i18n.translations(locale).ngettext(*texts.line, 1) != texts.line[0]
            assert i18n.translate(locale, texts.heading)


def test_actions_of_a_push_lead_to_its_post_and_notice() -> None:
    assert [action.path for action in push_actions(NotificationKind.REPLY, 7, 9)] == [
        "/compose?reply_to=9", "/notifications/7/vote",
    ]  # fmt: skip
    assert [action.path for action in push_actions(NotificationKind.REQUEST, 7, 0)] == ["/notifications/7/accept"]
    assert push_actions(NotificationKind.VOTE, 7, 9) == []
