"""Looking ahead from a week that is over: reckoned once, never changed."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from django.db import connection, transaction

from catalog.models import Module, Product
from reports.actions.alarms import tell_failure
from reports.actions.facts import catch_up
from reports.actions.snapshots import SETTLE
from reports.models import LiveCell, Outlook, OutlookSeries
from reports.policies.ahead.history import Series, series_until
from reports.policies.ahead.rates import SPIKE_WEEKS, Trend
from reports.policies.ahead.reckoning import Findings, reckon_apart
from reports.policies.ahead.risks import risks_of
from reports.policies.ahead.series import Weekly
from reports.policies.weeks import Week, last_complete_week

logger = logging.getLogger(__name__)

_LOCK = 0x0B5_0A4D
_Reckon = Callable[[Sequence[Weekly]], Findings]


def make_outlook(week: Week, now: dt.datetime, reckon: _Reckon = reckon_apart) -> Outlook:
    """The outlook of a week, reckoned if there is none yet; two workers make one.

    Raises ValueError for a week that is not over, ReckoningFailed when the reckoning does not end
    well: nothing is stored then and the next run tries again.
    """
    if not week.is_over(now):
        raise ValueError(f"{week.name} is not over; what follows from it is reckoned when it is")
    existing = Outlook.objects.filter(period=week.name).first()
    if existing is not None:
        return existing
    catch_up(now)
    series = series_until(week)
    # Minutes for a large company: outside the transaction.
    findings = reckon([replace(one.weekly, key=str(n)) for n, one in enumerate(series)])
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, week.monday.toordinal()])
        existing = Outlook.objects.filter(period=week.name).first()
        return existing if existing is not None else _store(week, series, findings, now)


def make_due_outlook(now: dt.datetime, reckon: _Reckon = reckon_apart) -> Outlook | None:
    """Of the last complete week, once its late commits are in; None before the first ticket, or
    when it is there already.

    One that cannot be reckoned is told to who answers for the reports once a day, and the next run
    tries again: the page shows no older outlook as if it were this week's.
    """
    week = last_complete_week(now - SETTLE)
    if Outlook.objects.filter(period=week.name).exists() or not LiveCell.objects.exists():
        return None
    try:
        return make_outlook(week, now, reckon)
    except Exception:
        logger.exception("the outlook of %s could not be reckoned", week.name)
        tell_failure(week.name, "ahead", now)
        return None


def _store(week: Week, series: Sequence[Series], found: Findings, now: dt.datetime) -> Outlook:
    trends: dict[int, Trend | None] = {
        one.module_id: trend
        for one, trend in zip(series, found.trends, strict=True)
        if one.module_id is not None and not one.confidential
    }
    risks = risks_of(trends, week)
    products = Product.objects.in_bulk({one.product_id for one in series} - {None})
    modules = Module.objects.in_bulk(list(trends))
    outlook = Outlook.objects.create(
        period=week.name,
        computed_at=now,
        names={
            # The one product every company has is a word of ours, put in the reader's language.
            "product": {str(pk): "" if row.is_other else row.name for pk, row in products.items()},
            "module": {str(pk): row.name for pk, row in modules.items()},
        },
    )
    OutlookSeries.objects.bulk_create(
        OutlookSeries(
            outlook=outlook,
            product_id=one.product_id,
            module_id=one.module_id,
            confidential=one.confidential,
            counts=list(one.weekly.counts[-SPIKE_WEEKS:]),
            days=list(one.weekly.days[-SPIKE_WEEKS - 1 :]),
            forecast=asdict(forecast),
            spike=asdict(spike),
            trend=asdict(trend) if trend is not None else None,
            risk=asdict(risks[one.module_id]) if one.module_id in risks else None,
        )
        for one, forecast, spike, trend in zip(
            series, found.forecasts, found.spikes, found.trends, strict=True
        )
    )
    return outlook
