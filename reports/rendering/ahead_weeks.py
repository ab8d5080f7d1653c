"""The weeks of one series of an outlook: what was, and what is expected with its back-test."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.charts import Bar, bars
from core.charts import Forecast as ForecastBar
from core.markup import number
from core.sheets import COUNT, HOURS, SHARE, Column
from reports.policies.ahead.forecasts import PLAIN, Further
from reports.policies.ahead.series import LEAST_WEEKS
from reports.policies.weeks import Week
from reports.rendering.explore.blocks import Block, Cell
from reports.rendering.words import share

if TYPE_CHECKING:
    from reports.rendering.ahead import OutlookPage, Seen

#: Weeks drawn before the forecast.
DRAWN = 13
#: Back-tested weeks below which error and coverage are greyed.
JUDGED = 20


def rows_url(one: Seen, first: dt.date, last: dt.date) -> str:
    """The tickets created in these days, as the explore pages list them."""
    wanted = {"from": first.isoformat(), "to": last.isoformat()}
    product_id, module_id = one.place
    wanted |= {"product": str(product_id)} if product_id is not None else {}
    wanted |= {"module": str(module_id)} if module_id is not None else {}
    return f"{reverse('explore_rows', args=['created'])}?{urlencode(wanted)}"


def drawn_block(page: OutlookPage) -> Block | None:
    """The last weeks with the coming ones, and the table of what is expected of these."""
    one = page.drawn
    if one is None or not one.row.counts:
        return None
    coming = _coming(one)
    expected = [_bar(page, each) for each in coming]
    title = _("Tickets created: %(place)s") % {"place": one.full_label}
    chart = bars(
        _points(page, one), label=title, forecast=expected[0] if expected else None,
        later=expected[1:],
    )  # fmt: skip
    legend = [
        {"label": pgettext("figure", "Created"), "css": "bars"},
        {"label": _("Forecast, 80 % interval"), "css": "fc"},
    ]  # fmt: skip
    return Block(
        title, _columns(), [_row(page, each) for each in coming], chart,
        legend if expected else [], _told(one),
    )  # fmt: skip


def _coming(one: Seen) -> list[Further]:
    """The weeks ahead alike, the coming one first; none where the history is too short."""
    found = one.forecast
    if not found.is_enough:
        return []
    first = Further(
        1, found.model, found.value, found.low, found.high, found.origins, found.mae,
        found.mean_mae, found.coverage,
    )  # fmt: skip
    return [first, *found.further]


def _points(page: OutlookPage, one: Seen) -> list[Bar]:
    counts = one.row.counts[-DRAWN:]
    points = []
    for place, value in enumerate(counts):
        week = page.week.shift(place - len(counts) + 1)
        points.append(
            Bar(
                label=_week_label(week), value=value, href=rows_url(one, week.monday, week.sunday),
                title=_("%(point)s: %(count)s") % {"point": week.name, "count": number(value)},
                current=week == page.week,
            )
        )  # fmt: skip
    return points


def _bar(page: OutlookPage, each: Further) -> ForecastBar:
    week = page.week.shift(each.ahead)
    said = _("%(week)s: %(value)s expected, %(low)s to %(high)s") % {
        "week": week.name, "value": number(each.value), "low": each.low, "high": each.high,
    }  # fmt: skip
    return ForecastBar(_week_label(week), each.value, each.low, each.high, said)


def _columns() -> list[Column]:
    return [
        Column(_("Week"), "", 14), Column(_("Expected"), HOURS),
        Column(pgettext("interval", "From"), COUNT), Column(pgettext("interval", "To"), COUNT),
        Column(_("Model"), "", 30), Column(_("Mean error"), HOURS),
        Column(_("Error of the mean of 8 weeks"), HOURS), Column(_("Within the interval"), SHARE),
        Column(_("Weeks judged"), COUNT),
    ]  # fmt: skip


def _row(page: OutlookPage, each: Further) -> list[Cell]:
    few = each.origins < JUDGED
    return [
        Cell(page.week.shift(each.ahead).name), Cell(each.value, number(each.value)),
        Cell(each.low), Cell(each.high), Cell(model_label(each.model)),
        Cell(each.mae, decimal(each.mae, 1), thin=few),
        Cell(each.mean_mae, decimal(each.mean_mae, 1), thin=few),
        Cell(each.coverage, share(each.coverage), thin=few), Cell(each.origins),
    ]  # fmt: skip


def _told(one: Seen) -> str:
    """The forecast in one sentence, or why there is none."""
    found = one.forecast
    if not found.is_enough:
        return not_enough(found.weeks)
    words = {
        "model": model_label(found.model), "value": number(found.value), "low": found.low,
        "high": found.high, "n": found.origins, "mase": number(found.mase or 0, 2),
        "coverage": share(found.coverage),
    }  # fmt: skip
    if not found.origins or found.mase is None:
        return (
            _("%(value)s expected (%(low)s–%(high)s). %(model)s; nothing to judge it by yet.")
            % words
        )
    return (
        _(
            "%(value)s expected (%(low)s–%(high)s). %(model)s; over %(n)s weeks back-tested: "
            "MASE %(mase)s, %(coverage)s of them within the interval."
        )
        % words
    )


def not_enough(weeks: int) -> str:
    return ngettext(
        "Not enough history: %(n)s week of the %(least)s needed.",
        "Not enough history: %(n)s weeks of the %(least)s needed.",
        weeks,
    ) % {"n": weeks, "least": LEAST_WEEKS}


def model_label(model: str) -> str:
    """What a model does, in a few words."""
    name = model.removeprefix(PLAIN)
    label = {
        "mean_4": _("Mean of 4 weeks"), "mean_8": _("Mean of 8 weeks"),
        "mean_26": _("Mean of 26 weeks"), "median_8": _("Median of 8 weeks"),
        "last": _("As last week"), "seasonal_naive": _("As the same week of last year"),
        "seasonal_level": _("Level with last year's season"),
        "ets": _("Exponential smoothing (ETS)"), "ets_damped": _("ETS with a damped trend"),
    }.get(name, name)  # fmt: skip
    if name == model:
        return label
    return _("%(model)s, working days aside") % {"model": label}


def decimal(value: float | None, places: int) -> str:
    return "—" if value is None else number(value, places)


def _week_label(week: Week) -> str:
    return _("W%(week)s") % {"week": week.number}
