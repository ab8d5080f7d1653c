"""Trends: any figure over any period, whole or split."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.charts import Dot, dots, sparkline
from core.markup import number
from core.sheets import COUNT, HOURS, SHARE, Column
from reports.choices import FIGURES, THIN, Kind, kind_of
from reports.policies.explore.cells import DIMENSIONS, SUMMED
from reports.policies.explore.reading import (
    Sums,
    by_point,
    by_value,
    read_backlog,
    read_sums,
)
from reports.policies.explore.times import read_times
from reports.policies.ticket_rows import PROOF
from reports.rendering.explore.blocks import (
    Ask,
    Block,
    Cell,
    Explored,
    count,
    counted_chart,
    dimension_label,
    hours_cell,
    percent,
    share_cell,
    share_chart,
    signed,
)
from reports.rendering.words import HOUR, hours

FLOW, BACKLOG = "flow", "unresolved_at_end"
#: What a trend can show, in the order it is offered.
FIGURES_OFFERED = (
    FLOW, "created", "resolved", BACKLOG, "reopened", "cancelled", "closed", "first_response",
    "resolution", "response_on_time", "resolution_on_time", "solved_first_time", "relay_only",
    "non_technical_relay", "routed_first_time", "declined",
)  # fmt: skip
#: Figures whose rows have to prove themselves first.
PROVEN = ("solved_first_time", "routed_first_time")
#: Figures whose rows are dated by when they fall due, which may be still to come.
TARGETED = ("response_on_time", "resolution_on_time")
_PLACES = ("product", "module", "department", "type")


def label_of(figure: str) -> str:
    return _("Created and resolved") if figure == FLOW else str(FIGURES[figure].label)


def splits_of(figure: str) -> tuple[str, ...]:
    """What a figure can be narrowed and split by."""
    if figure == BACKLOG:
        return _PLACES
    if kind_of_trend(figure) == Kind.TIME:
        return (*_PLACES, "channel", "team", "person", *(("level",) * (figure == "resolution")))
    first = "created" if figure == FLOW else figure
    own = (each for each in SUMMED[first] if each in DIMENSIONS and each != "step")
    return ("product", *own)


def kind_of_trend(figure: str) -> Kind:
    return Kind.COUNT if figure == FLOW else kind_of(figure)


def trends_page(ask: Ask) -> Explored:
    figure = ask.asked.figure
    if figure == BACKLOG:
        blocks = _backlog(ask)
    elif kind_of_trend(figure) == Kind.TIME:
        blocks = _times(ask, figure)
    elif kind_of_trend(figure) == Kind.SHARE:
        blocks = _shares(ask, figure)
    else:
        blocks = _counts(ask, figure)
    return Explored(
        _("Trends"),
        _("Any figure over any period. Each point and each number opens its rows."),
        blocks,
    )


def _counts(ask: Ask, figure: str) -> list[Block]:
    names = ("created", "resolved") if figure == FLOW else (figure,)
    sums = read_sums(ask.asked, ask.scope, names, split=ask.asked.split)
    points = {name: _values(by_point(sums, name)) for name in names}
    line = points.get("resolved") if figure == FLOW else None
    chart = counted_chart(ask, names[0], label_of(figure), points[names[0]], line)
    legend: list[dict[str, Any]] = [{"label": FIGURES[names[0]].label, "css": "bars"}, _so_far()]
    if line is not None:
        legend.insert(1, {"label": FIGURES["resolved"].label, "css": "line"})
    rows = [
        [
            Cell(ask.point_name(start)),
            *(count(points[name].get(start, 0), ask.rows_url(name, start)) for name in names),
        ]
        for start in reversed(ask.asked.points)
    ]
    columns = [Column(_("Period")), *(Column(str(FIGURES[n].label), COUNT) for n in names)]
    blocks = [Block(label_of(figure), columns, rows, chart, legend)]
    if ask.asked.split:
        blocks.append(_split_counts(ask, sums, names))
    return blocks


def _so_far() -> dict[str, str]:
    return {"label": _("The period is not over"), "css": "still"}


def _values(points: Mapping[dt.date, Sums]) -> dict[dt.date, int]:
    return {start: each.rows for start, each in points.items()}


class _Half(NamedTuple):
    """A period cut in two halves of whole, finished points, to say which way it goes."""

    before: list[dt.date]
    after: list[dt.date]


def _halves(ask: Ask) -> _Half:
    over = [start for start in ask.asked.points if ask.asked.is_over(start)]
    half = len(over) // 2
    return _Half(over[len(over) - 2 * half : len(over) - half], over[len(over) - half :])


def _split_counts(ask: Ask, sums: Mapping[tuple[str, dt.date, str], Sums],
                  names: tuple[str, ...]) -> Block:  # fmt: skip
    """A line per value: how much, what share, and which way it goes."""
    split, name = ask.asked.split, names[0]
    values = sorted(by_value(dict(sums), name).items(), key=lambda item: -item[1].rows)
    total = sum(each.rows for _value, each in values)
    halves = _halves(ask)
    rows = []
    for value, each in values:
        points = _values(by_point(dict(sums), name, value))
        was = sum(points.get(start, 0) for start in halves.before)
        now = sum(points.get(start, 0) for start in halves.after)
        thin = each.rows < THIN
        line = sparkline([points.get(s, 0) for s in (*halves.before, *halves.after)])
        rows.append(
            [
                Cell(ask.names.of(split, value)),
                count(each.rows, ask.rows_url(name, narrow={split: value}), thin=thin),
                Cell(each.rows / total if total else None, percent(each.rows, total), thin=thin),
                Cell(now - was, signed(now - was), thin=thin),
                Cell("", line),
            ]
        )
    columns = [
        Column(dimension_label(split), width=24), Column(str(FIGURES[name].label), COUNT),
        Column(_("Share"), SHARE), Column(_("Second half against the first"), COUNT, 24),
        Column(pgettext("explore", "Line")),
    ]  # fmt: skip
    title = _("%(figure)s by %(dimension)s") % {
        "figure": label_of(ask.asked.figure), "dimension": dimension_label(split),
    }  # fmt: skip
    return Block(title, columns, rows, empty=_("Nothing happened in this period."))


def _shares(ask: Ask, figure: str) -> list[Block]:
    sums = read_sums(ask.asked, ask.scope, [figure], split=ask.asked.split)
    points = by_point(sums, figure)
    values = [
        (start, *_so_far_of(ask, figure, start, points), _is_proven(ask, figure, start))
        for start in ask.asked.points
    ]
    chart = share_chart(ask, figure, label_of(figure), values)
    rows = [
        [
            Cell(ask.point_name(start)),
            share_cell(total, met, ask.rows_url(figure, start))
            if over
            else Cell(None, _("not over"), tone="mute"),
            count(met, ask.rows_url(figure, start, narrow={"part": "met"})),
            count(total, ask.rows_url(figure, start)),
        ]
        for start, total, met, over in reversed(values)
    ]
    columns = [
        Column(_("Period")), Column(label_of(figure), SHARE), Column(_("Met"), COUNT),
        Column("n", COUNT),
    ]  # fmt: skip
    note = _("Hollow: fewer than %(n)s. Grey: the window is not over.") % {"n": THIN}
    blocks = [Block(label_of(figure), columns, rows, chart, note=note)]
    if ask.asked.split:
        over = {start for start, _total, _met, is_over in values if is_over}
        blocks.append(_split_shares(ask, figure, {k: v for k, v in sums.items() if k[1] in over}))
    return blocks


def _so_far_of(ask: Ask, figure: str, start: dt.date, points: Mapping[dt.date, Sums]) -> Sums:
    """Of a point; targets still to come are in no list, so a point that goes on tells none."""
    if figure in TARGETED and not ask.asked.is_over(start):
        return Sums()
    return points.get(start, Sums())


def _is_proven(ask: Ask, figure: str, start: dt.date) -> bool:
    return ask.asked.is_over(start, PROOF if figure in PROVEN else dt.timedelta())


def _split_shares(ask: Ask, figure: str, sums: dict[tuple[str, dt.date, str], Sums]) -> Block:
    split = ask.asked.split
    values = sorted(by_value(sums, figure).items(), key=lambda item: -item[1].rows)
    until = max((start for _name, start, _value in sums), default=None)
    last = {"to": str(ask.asked.point_end(until) - dt.timedelta(days=1))} if until else {}
    rows = [
        [
            Cell(ask.names.of(split, value)),
            share_cell(each.rows, each.met, ask.rows_url(figure, narrow={split: value, **last})),
            count(each.met, ask.rows_url(figure, narrow={split: value, **last, "part": "met"})),
            count(each.rows, ask.rows_url(figure, narrow={split: value, **last})),
        ]
        for value, each in values
    ]
    columns = [
        Column(dimension_label(split), width=24), Column(label_of(figure), SHARE),
        Column(_("Met"), COUNT), Column("n", COUNT),
    ]  # fmt: skip
    title = _("%(figure)s by %(dimension)s") % {
        "figure": label_of(figure), "dimension": dimension_label(split),
    }  # fmt: skip
    note = _("Points whose window is over.")
    return Block(title, columns, rows, note=note, empty=_("No case in this period."))


def _backlog(ask: Ask) -> list[Block]:
    standing = read_backlog(ask.asked, ask.scope, split=ask.asked.split)
    values = dict.fromkeys(ask.asked.points, 0)
    by_key: dict[str, dict[dt.date, int]] = {}
    for (start, key), value in standing.items():
        values[start] += value
        by_key.setdefault(key, {})[start] = value
    now_url = ask.rows_url("unresolved", standing=True)
    shown = [start for start in ask.asked.points if start <= ask.asked.today]
    chart = dots(
        [
            Dot(
                ask.point_label(start), values[start],
                f"{ask.point_name(start)}: {number(values[start])}",
                still=not ask.asked.is_over(start),
                href="" if ask.asked.is_over(start) else now_url,
            )
            for start in shown
        ],
        label=label_of(BACKLOG),
    )  # fmt: skip
    rows = [
        [
            Cell(ask.point_name(start)),
            count(values[start], "" if ask.asked.is_over(start) else now_url),
        ]
        for start in reversed(shown)
    ]
    columns = [Column(_("Period")), Column(_("Unresolved at the end"), COUNT)]
    note = _(
        "The last point is now, and opens its tickets; the ends of past weeks open theirs in the"
        " weekly report."
    )
    blocks = [Block(label_of(BACKLOG), columns, rows, chart, note=note)]
    if ask.asked.split and shown:
        blocks.append(_split_backlog(ask, by_key, shown))
    return blocks


def _split_backlog(ask: Ask, by_key: dict[str, dict[dt.date, int]], shown: list[dt.date]) -> Block:
    split, first, last = ask.asked.split, shown[0], shown[-1]
    ordered = sorted(by_key.items(), key=lambda item: -item[1].get(last, 0))
    rows = [
        [
            Cell(ask.names.of(split, key)),
            count(
                values.get(last, 0), ask.rows_url("unresolved", standing=True, narrow={split: key})
            ),
            Cell(
                values.get(last, 0) - values.get(first, 0),
                signed(values.get(last, 0) - values.get(first, 0)),
            ),
            Cell("", sparkline([values.get(start, 0) for start in shown])),
        ]
        for key, values in ordered
        if any(values.values())
    ]
    columns = [
        Column(dimension_label(split), width=24), Column(_("Unresolved now"), COUNT),
        Column(_("Since the first point"), COUNT, 18), Column(pgettext("explore", "Line")),
    ]  # fmt: skip
    title = _("%(figure)s by %(dimension)s") % {
        "figure": label_of(BACKLOG), "dimension": dimension_label(split),
    }  # fmt: skip
    return Block(title, columns, rows, empty=_("Nothing is unresolved."))


def _times(ask: Ask, figure: str) -> list[Block]:
    times = read_times(ask.asked, ask.scope, figure)
    points = [(start, times.get((start, ""))) for start in ask.asked.points]
    chart = dots(
        [
            Dot(
                ask.point_label(start),
                found.median / HOUR if found and found.median is not None else None,
                f"{ask.point_name(start)}: {hours(found.median)}, n={number(found.rows)}"
                if found
                else "",
                ask.rows_url(figure, start), thin=found is not None and found.rows < THIN,
                still=not ask.asked.is_over(start),
            )
            for start, found in points
        ],
        label=label_of(figure), said=lambda value: _("%(n)s h") % {"n": number(value)},
    )  # fmt: skip
    rows = [
        [
            Cell(ask.point_name(start)),
            hours_cell(found.median if found else None, rows=found.rows if found else 0),
            hours_cell(found.ninth if found else None, rows=found.rows if found else 0),
            count(found.rows if found else 0, ask.rows_url(figure, start)),
        ]
        for start, found in reversed(points)
    ]
    first = [Column(_("Period"))]
    blocks = [Block(label_of(figure), [*first, *_time_columns()], rows, chart, note=_(
        "Working time of the handling team's calendar. Hollow: few."))]  # fmt: skip
    if ask.asked.split:
        blocks.append(_split_times(ask, figure))
    return blocks


def _time_columns() -> list[Column]:
    return [Column("P50", HOURS), Column("P90", HOURS), Column("n", COUNT)]


def _split_times(ask: Ask, figure: str) -> Block:
    split = ask.asked.split
    found = read_times(ask.asked, ask.scope, figure, split=split)
    rows = [
        [
            Cell(ask.names.of(split, key)),
            hours_cell(times.median, rows=times.rows),
            hours_cell(times.ninth, rows=times.rows),
            count(times.rows, ask.rows_url(figure, narrow={split: key})),
        ]
        for (_start, key), times in sorted(found.items(), key=lambda item: -item[1].rows)
    ]
    title = _("%(figure)s by %(dimension)s") % {
        "figure": label_of(figure), "dimension": dimension_label(split),
    }  # fmt: skip
    columns = [Column(dimension_label(split), width=24), *_time_columns()]
    return Block(title, columns, rows, empty=_("No case in this period."))
