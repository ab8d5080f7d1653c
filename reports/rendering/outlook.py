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
from reports.rendering.words import share

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
        risks=[_risk(one) for one in series if one.row.risk and one.risk.is_at_risk][:MOST],
    )


def _risk(one: Seen) -> str:
    """The module with its evidence: causes that came back, and how old the unfixed ones are."""
    risk = one.risk
    if risk.age is None:
        return _("%(where)s: %(returned)s causes came back") % {
            "where": one.full_label, "returned": number(risk.returned),
        }  # fmt: skip
    return _(
        "%(where)s: %(returned)s causes came back, %(unfixed)s unfixed for %(age)s days (median)"
    ) % {
        "where": one.full_label, "returned": number(risk.returned),
        "unfixed": number(risk.unfixed), "age": number(risk.age),
    }  # fmt: skip


def _bar(period: Period, forecast: Any) -> ForecastBar:
    return ForecastBar(
        axis_of(period.shift(1)), round(forecast.value), forecast.low, forecast.high,
        _said(forecast),
    )  # fmt: skip


def _said(forecast: Any) -> str:
    words = {
        "value": number(forecast.value), "low": number(forecast.low), "high": number(forecast.high),
    }  # fmt: skip
    if not forecast.origins or forecast.mase is None:
        return _("Next week %(value)s are expected (%(low)s–%(high)s, 80 %% interval).") % words
    words |= {
        "n": number(forecast.origins), "mase": number(forecast.mase, 2),
        "coverage": share(forecast.coverage),
    }  # fmt: skip
    return (
        _(
            "Next week %(value)s are expected (%(low)s–%(high)s, 80 %% interval). Tested on %(n)s"
            " earlier weeks: MASE %(mase)s, %(coverage)s within the interval."
        )
        % words
    )


def _spike(one: Seen) -> str:
    return _("%(where)s: %(count)s created, %(expected)s expected") % {
        "where": one.full_label, "count": number(one.spike.count),
        "expected": number(one.spike.expected or 0, 1),
    }  # fmt: skip
