"""Words for severities and categories of rules. Both are spelt as `domain.moderation.rules` spells them."""

from domain.core.translatable import N_

SEVERITIES = {
    "urgent": N_("Urgent"),
    "illegal": N_("Illegal"),
    "serious": N_("Serious"),
    "ordinary": N_("Ordinary"),
    "spam": N_("Spam"),
}
CATEGORIES = {
    "ANIMAL_WELFARE": N_("Animal welfare"),
    "CONSUMER_INFORMATION": N_("Information for consumers"),
    "CYBER_VIOLENCE": N_("Harassment and violence online"),
    "CYBER_VIOLENCE_AGAINST_WOMEN": N_("Harassment and violence online against women"),
    "DATA_PROTECTION_AND_PRIVACY_VIOLATIONS": N_("Privacy and personal data"),
    "ILLEGAL_OR_HARMFUL_SPEECH": N_("Illegal or harmful speech"),
    "INTELLECTUAL_PROPERTY_INFRINGEMENTS": N_("Intellectual property"),
    "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS": N_("Harm to public debate or elections"),
    "NOT_SPECIFIED_NOTICE": N_("Not specified"),
    "OTHER_VIOLATION_TC": N_("Another breach of the network’s rules"),
    "PROTECTION_OF_MINORS": N_("Protection of minors"),
    "RISK_FOR_PUBLIC_SECURITY": N_("Public security"),
    "SCAMS_AND_FRAUD": N_("Scams and fraud"),
    "SELF_HARM": N_("Self-harm"),
    "UNSAFE_AND_PROHIBITED_PRODUCTS": N_("Unsafe or prohibited products"),
    "VIOLENCE": N_("Violence"),
}
