"""What moderators are told of the people who have reported something. None of them is named."""

from domain.core.translatable import N_
from domain.moderation.weights import ReportWeight

# By whom a single report is, and several: "3 reports, mostly ...". Of SOME there is nothing to say.
ONE = {
    ReportWeight.GOOD_RECORD: N_("by somebody whose reports tend to be right"),
    ReportWeight.NO_RECORD: N_("by somebody without a record here, or with a poor one"),
    ReportWeight.IN_VAIN: N_("by somebody whose reports were found without a breach"),
}
SEVERAL = {
    ReportWeight.GOOD_RECORD: N_("mostly by people whose reports tend to be right"),
    ReportWeight.NO_RECORD: N_("mostly by people without a record here, or with a poor one"),
    ReportWeight.IN_VAIN: N_("mostly by people whose reports were found without a breach"),
}


def by_whom(weight: ReportWeight, reports: int) -> str:
    """An English source text, "" where there is nothing to say."""
    return (ONE if reports == 1 else SEVERAL).get(weight, "")
