"""What came back: return rates per pair of levels, declines, and their reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.charts import Part, stacked
from core.markup import number
from core.sheets import COUNT, SHARE, Column
from reports.choices import FIGURES, THIN
from reports.policies.explore.blocks import read_blocks
from reports.policies.explore.flow import moves_of
from reports.policies.explore.reading import Sums
from reports.policies.ticket_rows import PROOF
from reports.rendering.explore.blocks import (
    Ask,
    Block,
    Cell,
    Explored,
    cell_bar,
    count,
    counted_chart,
    percent,
    share_cell,
    share_chart,
)
from tickets.choices import Level

_DECLINED, _ROUTED = "declined", "routed_first_time"


def returns_page(ask: Ask) -> Explored:
    sums = read_blocks(
        ask.asked, ask.scope, (_DECLINED, _ROUTED),
        {"reason": (_DECLINED,), "step": (_ROUTED,), "module": (_DECLINED, _ROUTED)},
    )  # fmt: skip
    return Explored(
        _("Returns and declines"),
        _(
            "What receivers sent back, and why. A return is charged to who sent it: the level it"
            " came from."
        ),
        [
            _reasons(ask, sums.values["reason", _DECLINED]),
            _over_time(ask, sums.points[_DECLINED]),
            _pairs(ask, moves_of(sums.values["step", _ROUTED])),
            _routed(ask, sums.points[_ROUTED]),
            _by_module(ask, sums.values["module", _DECLINED], sums.values["module", _ROUTED]),
        ],
    )


def _reasons(ask: Ask, sums: Mapping[str, Sums]) -> Block:
    """Of tickets and of causes, each decline counted once."""
    total = sum(each.rows for each in sums.values())
    rows = [
        [
            Cell(ask.names.of("reason", reason)),
            Cell("", cell_bar(stacked([Part(each.rows, "a")], label="", total=total))),
            count(each.rows, ask.rows_url("declined", narrow={"reason": reason})),
            Cell(each.rows / total, percent(each.rows, total), thin=total < THIN),
        ]
        for reason, each in sorted(sums.items(), key=lambda item: -item[1].rows)
    ]
    columns = [
        Column(_("Reason"), width=24),
        Column(pgettext("explore", "Bar")),
        Column(_("Declined or returned"), COUNT),
        Column(_("Share"), SHARE),
    ]
    return Block(_("Reasons"), columns, rows, empty=_("Nothing came back in this period."))


def _over_time(ask: Ask, points: Mapping[dt.date, Sums]) -> Block:
    values = {start: each.rows for start, each in points.items()}
    label = str(FIGURES["declined"].label)
    rows = [
        [Cell(ask.point_name(start)), count(values.get(start, 0), ask.rows_url("declined", start))]
        for start in reversed(ask.asked.points)
    ]
    columns = [Column(_("Period")), Column(label, COUNT)]
    title = _("Declined or returned over time")
    return Block(title, columns, rows, counted_chart(ask, "declined", label, values))


def _pairs(ask: Ask, moves: Mapping[tuple[int, int], Sums]) -> Block:
    """Return rate per pair of levels, charged to the sender."""
    rows = []
    for (source, target), each in sorted(moves.items()):
        url = {"step": f"{source}>{target}"}
        back = each.rows - each.met
        rows.append([
            Cell(_("%(source)s to %(target)s") % {
                "source": _place(source), "target": _place(target)}),
            count(each.rows, ask.rows_url("routed_first_time", narrow=url)),
            count(back, ask.rows_url("routed_first_time", narrow={**url, "part": "missed"})),
            share_cell(each.rows, back,
                       ask.rows_url("routed_first_time", narrow={**url, "part": "missed"})),
        ])  # fmt: skip
    columns = [
        Column(pgettext("explore", "From level to level"), width=36),
        Column(_("Moves"), COUNT),
        Column(pgettext("moves", "Came back"), COUNT),
        Column(_("Return rate"), SHARE),
    ]
    note = _("Moves of the period and what had come back by now.")
    return Block(_("Return rate per pair of levels"), columns, rows, note=note,
                 empty=_("Nothing moved between levels in this period."))  # fmt: skip


def _place(level: int) -> str:
    return f"{level} {Level(level).label}" if level else _("a team outside")


def _routed(ask: Ask, points: Mapping[dt.date, Sums]) -> Block:
    values = [
        (start, *points.get(start, Sums()), ask.asked.is_over(start, PROOF))
        for start in ask.asked.points
    ]
    label = str(FIGURES["routed_first_time"].label)
    chart = share_chart(ask, "routed_first_time", label, values)
    note = _("Moves nobody sent back. Hollow: fewer than %(n)s. Grey: fourteen days are not over.")
    return Block(label, chart=chart, note=note % {"n": number(THIN)})


def _by_module(ask: Ask, declined: Mapping[str, Sums], moved: Mapping[str, Sums]) -> Block:
    """Where it comes from: declines against moves, per module."""
    rows = [
        [
            Cell(ask.names.of("module", key)),
            count(each.rows, ask.rows_url("declined", narrow={"module": key})),
            count(
                moved.get(key, Sums()).rows,
                ask.rows_url("routed_first_time", narrow={"module": key}),
            ),
        ]
        for key, each in sorted(declined.items(), key=lambda item: -item[1].rows)
    ]
    columns = [
        Column(_("Module"), width=24),
        Column(_("Declined or returned"), COUNT),
        Column(_("Moves"), COUNT),
    ]
    return Block(_("By module"), columns, rows, empty=_("Nothing came back in this period."))
