"""Prevention: a released demand's rate ratio with its interval. Not a picture, a test."""

from __future__ import annotations

import datetime as dt
from math import inf
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.charts import Interval, ratio_bar
from core.markup import number
from core.sheets import COUNT, Column
from feedback.models import Demand
from reports.policies.explore.prevention import (
    ENOUGH,
    LEAST,
    MATCHER,
    Prevention,
    Span,
    read_prevention,
)
from reports.policies.explore.rates import RateRatio
from reports.rendering.explore.blocks import Ask, Block, Cell, Explored, cell_bar, count

RATIO = "0.00"


def prevention_page(ask: Ask) -> Explored:
    found = read_prevention(ask.asked, ask.scope)
    visible = set(
        Demand.objects.visible_to(ask.user)
        .filter(pk__in=[each.demand.pk for each in found])
        .values_list("pk", flat=True)
    )
    rows = [_row(ask, each, visible) for each in found]
    columns = [
        Column(_("Demand"), width=40),
        Column(_("Compared with"), width=48),
        Column(_("Released"), width=14),
        Column(_("Whole weeks"), COUNT),
        Column(_("Requester-days before"), COUNT),
        Column(_("Requester-days after"), COUNT),
        Column(_("Working days before"), COUNT),
        Column(_("Working days after"), COUNT),
        Column(_("Entitled"), COUNT),
        Column(_("Rate ratio"), RATIO),
        Column(_("Lower bound"), RATIO),
        Column(_("Upper bound"), RATIO),
        Column(_("Interval")),
        Column(pgettext("explore", "Reading"), width=36),
        Column(pgettext("explore", "Beside it"), width=18),
    ]
    note = _(
        "Matcher %(version)s: tickets created in the demand's product and module with the types it"
        " came from, and \u201csame here\u201d there; one person counts once a day. Left out: the"
        " weeks of the release and of the decision and the two before that. Entitled: people whose"
        " position has a role in the product, as they are now. The numbers open the matching"
        " tickets; where a person sent several on one day the list is longer, with voices shorter."
    ) % {"version": MATCHER}
    control = _(
        "What it is not: there is no control group. The same place is compared with itself before"
        " and after, so whatever else changed between the two spans – a season, a training, a"
        " reorganisation, fewer users – is in the ratio too. Before you call it an effect, look"
        " whether the product's other modules moved the same way in the same weeks: “Other modules”"
        " opens them."
    )
    return Explored(
        _("Prevention"),
        _(
            "Requester-days per exposure after a release against before it. Below 1 there is less"
            " trouble; a ratio whose interval holds 1 says nothing."
        ),
        [
            Block(_("Demands released in the period"), columns, rows, note=note,
                  empty=_("No demand was released in this period. Choose an earlier start."))
        ],
        [control] if found else [],
    )  # fmt: skip


def _row(ask: Ask, each: Prevention, visible: set[int]) -> list[Cell]:
    demand, ratio = each.demand, each.ratio
    title = f"{demand.ref} {demand.title}" if demand.pk in visible else demand.ref
    url = reverse("demand", args=[demand.pk]) if demand.pk in visible else ""
    return [
        Cell(title, title, url),
        Cell(_compared(ask, each)),
        Cell(each.released_on, date_format(each.released_on, "SHORT_DATE_FORMAT")),
        count(each.after.weeks),
        count(sum(each.counts_before), _rows_url(ask, each, each.before), thin=each.is_thin),
        count(sum(each.counts_after), _rows_url(ask, each, each.after), thin=each.is_early),
        count(each.days_before), count(each.days_after), count(each.entitled),
        _number(ratio.value if ratio else None), _number(ratio.low if ratio else None),
        _number(ratio.high if ratio else None), Cell("", _drawn(ratio)),
        Cell(reading(each)),
        Cell(_("Other modules"), href=_beside_url(each)),
    ]  # fmt: skip


def _compared(ask: Ask, each: Prevention) -> str:
    """Of what, and which weeks against which."""
    demand = each.demand
    place = [ask.names.of("product", str(demand.product_id))]
    if demand.module_id:
        place.append(ask.names.of("module", str(demand.module_id)))
    place += sorted(ask.names.of("type", kind) for kind in each.types) or [_("any type")]
    words = {"place": " · ".join(place)}
    if not each.after.weeks:
        return _("%(place)s; no whole week after it yet") % words
    return _("%(place)s; %(before)s before, %(after)s after") % {
        **words, "before": _span(each.before), "after": _span(each.after),
    }  # fmt: skip


def _span(span: Span) -> str:
    last = span.end - dt.timedelta(days=1)
    return (
        f"{date_format(span.first, 'SHORT_DATE_FORMAT')}–{date_format(last, 'SHORT_DATE_FORMAT')}"
    )


def _rows_url(ask: Ask, each: Prevention, span: Span) -> str:
    """The tickets that match; a person who sent several a day counts once."""
    if not span.weeks:
        return ""
    narrow = {"product": str(each.demand.product_id), "from": span.first.isoformat(),
              "to": (span.end - dt.timedelta(days=1)).isoformat()}  # fmt: skip
    if each.demand.module_id:
        narrow["module"] = str(each.demand.module_id)
    if each.types:
        narrow["types"] = ",".join(sorted(each.types))
    return ask.rows_url("created", narrow=narrow)


def _beside_url(each: Prevention) -> str:
    """The product's modules over both spans and what lies between: what moved there as well."""
    asked = {
        "figure": "created", "split": "module", "product": str(each.demand.product_id),
        "from": each.before.first.isoformat(),
        "to": (each.after.end - dt.timedelta(days=1)).isoformat(),
    }  # fmt: skip
    return f"{reverse('explore_page', args=['trends'])}?{urlencode(asked)}"


def _number(value: float | None) -> Cell:
    if value is None:
        return Cell(None)
    return Cell(None, "∞") if value == inf else Cell(value, number(value, 2))


def _drawn(ratio: RateRatio | None) -> Any:
    if ratio is None:
        return " "
    css = "" if ratio.is_sure else "thin"
    return cell_bar(ratio_bar(Interval(ratio.value, ratio.low, ratio.high, css)))


def reading(each: Prevention) -> str:
    """What may be said of it, in words."""
    if each.is_early:
        return _("Too early: %(have)s of at least %(need)s whole weeks") % {
            "have": each.after.weeks, "need": LEAST,
        }  # fmt: skip
    if each.is_thin:
        return _("Sample too small: fewer than %(n)s requester-days before") % {"n": ENOUGH}
    ratio = each.ratio
    if ratio is None:
        return _("Nothing to compare")
    if not ratio.is_sure:
        said = _("No difference shown")
    elif ratio.value < 1:
        said = _("Less trouble than before")
    else:
        said = _("More trouble than before")
    if ratio.is_quasi:
        return _("%(reading)s (weeks scatter more than chance; quasi-Poisson interval)") % {
            "reading": said,
        }  # fmt: skip
    return _("%(reading)s (exact interval)") % {"reading": said}
