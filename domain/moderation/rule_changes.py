"""Compares two versions of the rules: which were added, removed, renumbered or changed, and in which words."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import msgspec

from domain.moderation.rules import Rule, RuleText

# Words, and the ends of lines.
_WORD = re.compile(r"\n+|\S+")
# The time of a comparison grows with the pairs of equal words, one in each text.
MAX_PAIRS = 4_000


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


class Mark(StrEnum):
    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"


class Run(NamedTuple):
    """Words that follow each other and are all kept, all new or all gone."""

    mark: Mark
    words: str


class Rewording(msgspec.Struct, frozen=True):
    """What a rule says now and said before in one language, word by word."""

    title: tuple[Run, ...]
    text: tuple[Run, ...]


class RuleChange(msgspec.Struct, frozen=True):
    """What happened to one rule. ``before`` is None for a new one, ``after`` for one that is gone."""

    before: Rule | None
    after: Rule | None

    @property
    def kind(self) -> Kind:
        if self.before is None:
            return Kind.ADDED
        return Kind.REMOVED if self.after is None else Kind.CHANGED

    @property
    def rule(self) -> Rule:
        """The rule as it is now, or was last."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def renumbered(self) -> bool:
        return self.before is not None and self.after is not None and self.before.number != self.after.number

    @property
    def languages(self) -> list[str]:
        """Those in which the words of a rule have changed, came or went."""
        before, after = self._texts()
        return sorted(language for language in {*before, *after} if before.get(language) != after.get(language))

    @property
    def unchanged_languages(self) -> list[str]:
        """Those in which a rule says what it said before, where it now says something else in others."""
        changed = self.languages
        return sorted(set(self._texts()[1]).difference(changed)) if changed else []

    def rewording(self, language: str) -> Rewording | None:
        """What has changed in the words of a rule in one language; None where nothing has, or it had none before."""
        before, after = self._texts()
        old, new = before.get(language), after.get(language)
        if old is None or new is None or old == new:
            return None
        return Rewording(words(old.title, new.title), words(old.text, new.text))

    def _texts(self) -> tuple[dict[str, RuleText], dict[str, RuleText]]:
        if self.before is None or self.after is None:
            return {}, {}
        return self.before.texts, self.after.texts


def compare(before: Sequence[Rule], after: Sequence[Rule]) -> list[RuleChange]:
    """What differs: first the rules of ``after`` in their order, then those that are gone in theirs.

    A rule is the same one as long as it keeps its name, whatever its number.
    """
    old = {rule.name: rule for rule in before}
    names = {rule.name for rule in after}
    changes = [RuleChange(old.get(rule.name), rule) for rule in after if old.get(rule.name) != rule]
    return changes + [RuleChange(rule, None) for rule in before if rule.name not in names]


@lru_cache(maxsize=2048)
def words(before: str, after: str) -> tuple[Run, ...]:
    """The runs of words that make up two texts. Texts that are too long to compare come as gone and new."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    return tuple(Run(mark, _joined(run)) for mark, run in _runs(old, new) if run)


def _joined(run: Sequence[str]) -> str:
    return re.sub(r" ?(\n+) ?", r"\1", " ".join(run))


def _runs(old: list[str], new: list[str]) -> Iterator[tuple[Mark, list[str]]]:
    start, end = _common_ends(old, new)
    middle_old, middle_new = old[start : len(old) - end], new[start : len(new) - end]
    yield Mark.SAME, old[:start]
    counts = Counter(middle_new)
    if sum(counts[word] for word in middle_old) > MAX_PAIRS:
        yield Mark.REMOVED, middle_old
        yield Mark.ADDED, middle_new
    else:
        for tag, a, b, c, d in SequenceMatcher(None, middle_old, middle_new, autojunk=False).get_opcodes():
            if tag == "equal":
                yield Mark.SAME, middle_old[a:b]
            else:
                yield Mark.REMOVED, middle_old[a:b]
                yield Mark.ADDED, middle_new[c:d]
    yield Mark.SAME, old[len(old) - end :]


def _common_ends(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many words two texts have in common at their beginning and, of the others, at their end."""
    most = min(len(old), len(new))
    start = next((place for place in range(most) if old[place] != new[place]), most)
    rest = most - start
    end = next((place for place in range(rest) if old[-1 - place] != new[-1 - place]), rest)
    return start, end
