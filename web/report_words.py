"""What moderators are told of the people who have reported something. None of them is named."""

from domain.core.translatable import N_
from domain.moderation.weights import ReportWeight

# Each follows a number of reports: "3 reports, mostly ...". Of SOME there is nothing to say.
WEIGHTS = {
    ReportWeight.GOOD_RECORD: N_("mostly by people whose reports tend to be right"),
    ReportWeight.NO_RECORD: N_("mostly by people without a record here, or with a poor one"),
    ReportWeight.IN_VAIN: N_("mostly by people whose reports were found without a breach"),
}
