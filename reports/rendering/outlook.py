"""What the outlook adds to a weekly report: the coming week, what stands out, what gets worse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.charts import Forecast as ForecastBar
from core.markup import number
from reports.access import ReportScope
from reports.choices import PeriodKind
from reports.models import Outlook
from reports.policies.periods import Period
from reports.rendering.ahead import Seen, series_in_scope
from reports.rendering.periods import axis_of

#: Lines of each kind on the one page; the outlook's own page has them all.
MOST = 3


@dataclass(frozen=True)
class Glance:
    """`bar` and `said` are of the whole company, for who reads all of it."""

    url: str
    bar: ForecastBar | None
    said: str
    spikes: list[str]
    risks: list[str]


def glance_of(period: Period, scope: ReportScope) -> Glance | None:
    """Two queries; None where nothing was reckoned, and for months and quarters."""
    if period.kind != PeriodKind.WEEK:
        return None
    outlook = Outlook.objects.filter(period=period.name).first()
    if outlook is None:
        return None
    series = series_in_scope(outlook, scope)
    whole = next((one for one in series if one.row.product_id is None), None)
    forecast = whole.forecast if whole is not None and whole.forecast.is_enough else None
    return Glance(
        url=reverse("ahead_of", args=[period.name]),
        bar=_bar(period, forecast) if forecast else None,
        said=_said(forecast) if forecast else _("Not enough history for a forecast."),
        spikes=[_spike(one) for one in series if one.spike.is_spike][:MOST],
        risks=[one.full_label for one in series if one.row.risk and one.risk.is_at_risk][:MOST],
    )


def _bar(period: Period, forecast: Any) -> ForecastBar:
    return ForecastBar(
        axis_of(period.shift(1)), round(forecast.value), forecast.low, forecast.high,
        _said(forecast),
    )  # fmt: skip


def _said(forecast: Any) -> str:
    return _("Next week %(value)s are expected (%(low)s–%(high)s, 80 %% interval).") % {
        "value": number(forecast.value), "low": number(forecast.low), "high": number(forecast.high),
    }  # fmt: skip


def _spike(one: Seen) -> str:
    return _("%(where)s: %(count)s created, %(expected)s expected") % {
        "where": one.full_label, "count": number(one.spike.count),
        "expected": number(one.spike.expected or 0, 1),
    }  # fmt: skip
