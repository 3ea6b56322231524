"""The second version of the demo's rules: what the town has changed in the shipped ones."""

import msgspec

from domain.moderation import rule_files
from domain.moderation.rules import Category, Rule, RuleText

SPAM = {
    "en": "Don't send the same thing again and again, and don't buy or fake votes and followers. Advertise a shop or an event of the town once a week at most.",
    "fr": "N’envoyez pas la même chose encore et encore, n’achetez et ne simulez ni votes ni abonnés. Annoncez un commerce ou un événement de la ville une fois par semaine au plus.",
}
SQUARE = {
    "en": RuleText(
        "News of the square",
        "Say where a piece of news comes from. If you are not sure that it is true, say so, and correct it once you know better.",
    ),
    "fr": RuleText(
        "Nouvelles de la place",
        "Dites d’où vient une nouvelle. Si vous n’êtes pas sûr qu'elle soit vraie, dites-le, et corrigez-la dès que vous en savez plus.",
    ),
}


def town_rules() -> list[Rule]:
    """The shipped rules in another order, one with other words, one with other points, and one more."""
    rules = {rule.name: rule for rule in rule_files.default_rules()}
    spam, harassment = rules["spam"], rules["harassment"]
    texts = {language: RuleText(text.title, SPAM[language]) for language, text in spam.texts.items()}
    rules["spam"] = msgspec.structs.replace(spam, texts=texts)
    rules["harassment"] = msgspec.structs.replace(harassment, points=8)
    square = msgspec.structs.replace(
        spam, name="news", category=Category.NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS, texts=SQUARE
    )
    last = [rules.pop("spam")]
    return [*rules.values(), square, *last]
