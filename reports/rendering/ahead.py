"""The outlook as one reader may see it: forecasts, what stands out, and modules at risk."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from accounts.models import User
from core.markup import number
from core.sheets import COUNT, HOURS, SHARE, Column
from reports.access import ReportScope
from reports.models import Outlook, OutlookSeries
from reports.policies.ahead.forecasts import Forecast, read_forecast
from reports.policies.ahead.rates import FALSE_DISCOVERY, SPIKE_WEEKS, TREND_WEEKS, Spike, Trend
from reports.policies.ahead.risks import OLD_DAYS, RETURN_WEEKS, Risk
from reports.policies.weeks import Week
from reports.rendering.ahead_weeks import (
    JUDGED,
    decimal,
    drawn_block,
    model_label,
    not_enough,
    rows_url,
)
from reports.rendering.explore.blocks import Block, Cell, Explored, count
from reports.rendering.words import share
from tickets.models import Cause


@dataclass(frozen=True)
class Seen:
    """One series with its findings, as a reader sees it."""

    row: OutlookSeries
    label: str
    #: Of a module, its product.
    below: str = ""

    @cached_property
    def forecast(self) -> Forecast:
        return read_forecast(self.row.forecast)

    @cached_property
    def spike(self) -> Spike:
        return Spike(**self.row.spike)

    @cached_property
    def trend(self) -> Trend | None:
        return Trend(**self.row.trend) if self.row.trend else None

    @cached_property
    def risk(self) -> Risk:
        return Risk(**(self.row.risk or {}))

    @property
    def place(self) -> tuple[int | None, int | None]:
        return self.row.product_id, self.row.module_id

    @property
    def key(self) -> str:
        """What an address calls it: "", "7" or "7-12"."""
        return "-".join(str(pk) for pk in self.place if pk is not None)

    @property
    def full_label(self) -> str:
        if not self.below:
            return self.label
        return _("%(product)s · %(module)s") % {"product": self.below, "module": self.label}


def series_in_scope(outlook: Outlook, scope: ReportScope) -> list[Seen]:
    """The company, then each product followed by its modules, as far as the reader reads all of
    it; with confidential tickets where they see those, else without."""
    #: Product, None for all → whether confidential tickets are seen.
    free: dict[int | None, bool] = {}
    for part in scope.parts:
        if not part.department_path:
            free[part.product_id] = free.get(part.product_id, False) or part.with_confidential
    found: dict[tuple[int | None, int | None], OutlookSeries] = {}
    for row in outlook.series.order_by("confidential"):
        # Who reads everything reads each product.
        seen_as = [free[key] for key in {row.product_id, None} if key in free]
        if seen_as and (any(seen_as) or not row.confidential):
            found[row.product_id, row.module_id] = row
    seen = [_seen(row, outlook.names) for row in found.values()]
    return sorted(seen, key=lambda one: (one.row.product_id is not None, *_order(one)))


def _order(one: Seen) -> tuple[str, int, bool, str]:
    return one.below or one.label, one.row.product_id or 0, bool(one.below), one.label


def _seen(row: OutlookSeries, names: dict[str, dict[str, str]]) -> Seen:
    if row.product_id is None:
        return Seen(row, _("The whole company"))
    product = names["product"].get(str(row.product_id)) or _("Other / not sure")
    if row.module_id is None:
        return Seen(row, product)
    return Seen(row, names["module"].get(str(row.module_id), "—"), product)


@dataclass(frozen=True)
class OutlookPage:
    """What a page is built from: an outlook, the one before, and the reader's series."""

    outlook: Outlook
    series: Sequence[Seen]
    user: User
    #: None where there is no outlook of the week before.
    before: Sequence[Seen] | None = None
    chosen: str = ""

    @property
    def before_exists(self) -> bool:
        return self.before is not None

    @property
    def week(self) -> Week:
        return Week.named(self.outlook.period)

    @property
    def coming(self) -> Week:
        return self.week.shift(1)

    @property
    def drawn(self) -> Seen | None:
        """The series whose weeks are drawn: the one asked for, else the first."""
        asked = next((one for one in self.series if one.key == self.chosen), None)
        return asked or next(iter(self.series), None)

    def _lead(self) -> str:
        words = {"week": self.outlook.period, "coming": self.coming.name}
        furthest = max((len(one.forecast.further) for one in self.series), default=0)
        if not furthest:
            return _("Reckoned from the weeks up to %(week)s, for week %(coming)s.") % words
        last = self.coming.shift(furthest).name
        return _("Reckoned from the weeks up to %(week)s, for weeks %(coming)s to %(last)s.") % {
            **words, "last": last,
        }  # fmt: skip

    def explored(self) -> Explored:
        blocks = [_forecasts(self), _spikes(self), _risks(self)]
        drawn = drawn_block(self)
        return Explored(
            _("Looking ahead"),
            self._lead(),
            [drawn, *blocks] if drawn else blocks,
            _notes(),
        )


def _forecasts(page: OutlookPage) -> Block:
    said = {one.place: one.forecast for one in page.before or ()}
    columns = [
        Column(_("Product"), "", 28), Column(_("Module"), "", 20),
        Column(_("Created last week"), COUNT), Column(_("Said of it"), HOURS),
        Column(_("Expected"), HOURS), Column(pgettext("interval", "From"), COUNT),
        Column(pgettext("interval", "To"), COUNT),
        Column(_("Model"), "", 30), Column(_("Mean error"), HOURS), Column("MASE", "0.00"),
        Column(_("Within the interval"), SHARE), Column(_("Weeks judged"), COUNT),
    ]  # fmt: skip
    return Block(
        _("Next week, by product and module"), columns,
        [_forecast_row(page, one, said.get(one.place)) for one in page.series],
        note=_(
            "The model is the one that missed least on earlier weeks. Mean error in tickets a week;"
            " MASE below 1 misses by less than a usual step from week to week."
        ),
        empty=_("There is nothing to forecast from in what you read."),
    )  # fmt: skip


def _forecast_row(page: OutlookPage, one: Seen, said: Forecast | None) -> list[Cell]:
    found = one.forecast
    week = page.week
    last = one.row.counts[-1] if one.row.counts else 0
    name = one.below or one.label
    place = f"{reverse('ahead_of', args=[page.outlook.period])}?{urlencode({'of': one.key})}"
    row = [
        Cell(name, href="" if one.below else place),
        Cell(one.label if one.below else "", href=place if one.below else ""),
        count(last, rows_url(one, week.monday, week.sunday)),
        Cell(said.value, _spoken(said)) if said and said.is_enough else Cell(None),
    ]
    if not found.is_enough:
        return [*row, Cell(None, not_enough(found.weeks)), Cell(None), Cell(None), Cell(""),
                Cell(None), Cell(None), Cell(None), Cell(0)]  # fmt: skip
    few = found.origins < JUDGED
    return [
        *row, Cell(found.value, number(found.value)), Cell(found.low), Cell(found.high),
        Cell(model_label(found.model)),
        Cell(found.mae, decimal(found.mae, 1), thin=few),
        Cell(found.mase, decimal(found.mase, 2), thin=few),
        Cell(found.coverage, share(found.coverage), thin=few), Cell(found.origins),
    ]  # fmt: skip


def _spoken(said: Forecast) -> str:
    return _("%(value)s (%(low)s–%(high)s)") % {
        "value": number(said.value), "low": said.low, "high": said.high,
    }  # fmt: skip


def _spikes(page: OutlookPage) -> Block:
    """What stood out in the last week, the least likely first."""
    judged = [one for one in page.series if one.spike.chance is not None]
    called = sorted((one for one in judged if one.spike.is_spike), key=_chance)
    unjudged = len(page.series) - len(judged)
    note = _("%(n)s series judged together, q = %(q)s.") % {
        "n": len(judged), "q": number(FALSE_DISCOVERY, 2),
    }  # fmt: skip
    if unjudged:
        note += " " + ngettext(
            "%(n)s has not enough history yet.", "%(n)s have not enough history yet.", unjudged
        ) % {"n": unjudged}
    week = page.week
    return Block(
        _("What stood out in week %(week)s") % {"week": week.name},
        [Column(_("Where"), "", 28), Column(pgettext("figure", "Created"), COUNT),
         Column(_("Usual"), HOURS), Column(_("Chance of so many"), "0.0000")],
        [
            [
                Cell(one.full_label), count(one.spike.count, rows_url(one, week.first, week.last)),
                Cell(one.spike.expected, decimal(one.spike.expected, 1)),
                Cell(one.spike.chance, _chance_words(one.spike.chance or 0.0)),
            ]
            for one in called
        ],
        note=note,
        empty=_("Nothing stood out."),
    )  # fmt: skip


def _chance(one: Seen) -> float:
    return one.spike.chance or 0.0


def _chance_words(chance: float) -> str:
    return _("under 1 in 10,000") if chance < 0.0001 else f"{number(chance * 100, 2)}%"


def _risks(page: OutlookPage) -> Block:
    found = [one for one in page.series if one.below and one.risk.is_worth_watching]
    found.sort(key=lambda one: (-len(one.risk.signs), -one.risk.unfixed, one.full_label))
    named = {pk for one in found for pk in one.risk.oldest}
    causes = {
        cause.pk: cause
        for cause in Cause.objects.visible_to(page.user).filter(pk__in=named).only("pk", "title")
    } if named else {}  # fmt: skip
    return Block(
        _("Hidden risk"),
        [Column(_("Module"), "", 28), Column(_("Standing")), Column(_("Tickets"), "", 24),
         Column(_("Causes that came back"), "", 24), Column(_("Unfixed causes"), "", 30),
         Column(_("Oldest of them"), "", 40)],
        [_risk_row(page, one, causes) for one in found],
        note=_(
            "At risk: tickets, returning causes and the age of unfixed causes all point up; two of"
            " them are worth watching."
        ),
        empty=_("No module has two of the three signs."),
    )  # fmt: skip


def _risk_row(page: OutlookPage, one: Seen, causes: dict[int, Cause]) -> list[Cell]:
    risk, trend = one.risk, one.trend
    first = page.week.shift(1 - TREND_WEEKS).monday
    standing = _("At risk") if risk.is_at_risk else _("Worth watching")
    tickets = ""
    if trend is not None:
        tickets = _("%(before)s → %(after)s in %(weeks)s weeks each") % {
            "before": trend.before, "after": trend.count, "weeks": TREND_WEEKS,
        }  # fmt: skip
    returned = _("%(before)s → %(after)s in half a year each") % {
        "before": risk.returned_before, "after": risk.returned,
    }  # fmt: skip
    links = [
        (reverse("cause", args=[pk]), causes[pk].ref, causes[pk].title)
        for pk in risk.oldest
        if pk in causes
    ]
    return [
        Cell(one.full_label), Cell(standing, tone="late" if risk.is_at_risk else ""),
        Cell(tickets, _arrow(tickets, up="trend" in risk.signs),
             rows_url(one, first, page.week.sunday)),
        Cell(returned, _arrow(returned, up="returns" in risk.signs)),
        Cell(_ages(risk), _arrow(_ages(risk), up="age" in risk.signs)),
        Cell(", ".join(ref for _url, ref, _title in links),
             format_html_join(" ", '<a href="{}" title="{}">{}</a>',
                              ((url, title, ref) for url, ref, title in links))),
    ]  # fmt: skip


def _arrow(words: str, *, up: bool) -> str:
    return _("▲ %(words)s") % {"words": words} if up and words else words


def _ages(risk: Risk) -> str:
    if risk.age is None:
        return _("None")
    if risk.age_before is None:
        return _("%(n)s, median age %(age)s days") % {
            "n": risk.unfixed, "age": number(risk.age),
        }  # fmt: skip
    return _("%(n)s, median age %(before)s → %(age)s days") % {
        "n": risk.unfixed, "before": number(risk.age_before), "age": number(risk.age),
    }  # fmt: skip


def _notes() -> list[str]:
    return [
        _(
            "Forecast: best of means, medians, seasonal naive and exponential smoothing by "
            "rolling-origin back-test; each model and interval from earlier weeks only. Weeks with "
            "public holidays compare per working day where that fits better."
        ),
        _(
            "Stood out: negative-binomial expectation over %(weeks)s weeks, false discoveries held "
            "at q = 0.05 over all series (Benjamini–Hochberg)."
        )
        % {"weeks": SPIKE_WEEKS},
        _(
            "Hidden risk: tickets of %(trend)s weeks against the %(trend)s before (one-sided "
            "p < 0.1); causes that came back in %(returns)s weeks against the %(returns)s before; "
            "median age of unfixed causes against %(trend)s weeks ago, one of them older than "
            "%(old)s days."
        )
        % {"trend": TREND_WEEKS, "returns": RETURN_WEEKS, "old": OLD_DAYS},
        _(
            "Frozen when it was reckoned; the lists behind the numbers are as of now. Departments "
            "have no forecast of their own."
        ),
    ]


def choices_of(page: OutlookPage) -> list[dict[str, Any]]:
    """The series one can look at, as options of a select."""
    drawn = page.drawn
    return [
        {"value": one.key, "label": one.full_label, "selected": one is drawn} for one in page.series
    ]
