"""What the DSA Transparency Database calls things, as its interface for programs takes them (state of June 2026)."""

from domain.moderation.rules import Category

VISIBILITY = frozenset(
    f"DECISION_VISIBILITY_{name}"
    for name in (
        "CONTENT_REMOVED",
        "CONTENT_DISABLED",
        "CONTENT_DEMOTED",
        "CONTENT_AGE_RESTRICTED",
        "CONTENT_INTERACTION_RESTRICTED",
        "CONTENT_LABELLED",
        "OTHER",
    )
)
MONETARY = frozenset(f"DECISION_MONETARY_{name}" for name in ("SUSPENSION", "TERMINATION", "OTHER"))
PROVISION = frozenset(
    f"DECISION_PROVISION_{extent}_{end}" for extent in ("PARTIAL", "TOTAL") for end in ("SUSPENSION", "TERMINATION")
)
ACCOUNT = frozenset({"DECISION_ACCOUNT_SUSPENDED", "DECISION_ACCOUNT_TERMINATED"})
ACCOUNT_TYPES = frozenset({"ACCOUNT_TYPE_BUSINESS", "ACCOUNT_TYPE_PRIVATE"})
ILLEGAL, INCOMPATIBLE = "DECISION_GROUND_ILLEGAL_CONTENT", "DECISION_GROUND_INCOMPATIBLE_CONTENT"
GROUNDS = frozenset({ILLEGAL, INCOMPATIBLE})
CONTENT_TYPES = frozenset(
    f"CONTENT_TYPE_{name}" for name in ("APP", "AUDIO", "IMAGE", "PRODUCT", "SYNTHETIC_MEDIA", "TEXT", "VIDEO", "OTHER")
)
CATEGORIES = frozenset(f"STATEMENT_CATEGORY_{category}" for category in Category)
SOURCES = frozenset(
    f"SOURCE_{name}" for name in ("ARTICLE_16", "TRUSTED_FLAGGER", "TYPE_OTHER_NOTIFICATION", "VOLUNTARY")
)
AUTOMATED_DECISIONS = frozenset(f"AUTOMATED_DECISION_{name}" for name in ("FULLY", "PARTIALLY", "NOT_AUTOMATED"))
YES, NO = "Yes", "No"
# The European Economic Area.
COUNTRIES = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
