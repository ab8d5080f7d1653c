"""What periods are called, and sentences that differ between weeks and longer periods."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from reports.choices import PeriodKind
from reports.policies.periods import Period
from reports.policies.weeks import Week


def title_of(period: Period) -> str:
    """The report's heading."""
    if period.kind == PeriodKind.WEEK:
        return _("Weekly report, week %(number)s") % {"number": period.number}
    if period.kind == PeriodKind.MONTH:
        return _("Monthly report, %(month)s") % {"month": _month(period)}
    return _("Quarterly report, %(quarter)s") % {"quarter": short_of(period)}


def short_of(period: Period) -> str:
    """In a line or a link."""
    if period.kind == PeriodKind.WEEK:
        return _("Week %(number)s") % {"number": period.number}
    if period.kind == PeriodKind.MONTH:
        return _month(period)
    return _("Q%(number)s %(year)s") % {"number": period.number, "year": period.first.year}


def week_in_words(week: Week) -> str:
    """A week among others of another year too, with the day it begins."""
    return _("Week %(number)s, from %(day)s") % {
        "number": week.number, "day": date_format(week.first, "DATE_FORMAT"),
    }  # fmt: skip


def axis_of(period: Period) -> str:
    """Below a column of a chart."""
    if period.kind == PeriodKind.WEEK:
        return str(period.number)
    if period.kind == PeriodKind.MONTH:
        return date_format(period.first, "M")
    return f"Q{period.number}"


def _month(period: Period) -> str:
    return date_format(period.first, "YEAR_MONTH_FORMAT")


def kind_tabs(kind: str) -> list[tuple[str, str, bool]]:
    """Kind, label, whether it is shown: to go from weeks to months to quarters."""
    labels = {
        PeriodKind.WEEK: pgettext("reports by", "Weeks"),
        PeriodKind.MONTH: pgettext("reports by", "Months"),
        PeriodKind.QUARTER: pgettext("reports by", "Quarters"),
    }
    return [(each.value, labels[each], each == kind) for each in PeriodKind]


def since_of(period: Period) -> str:
    """What a change is told against: last week, or the period before."""
    return "week" if period.kind == PeriodKind.WEEK else "period"
