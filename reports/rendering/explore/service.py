"""Targets met: response and resolution, and owners' dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.sheets import COUNT, SHARE, Column
from reports.choices import FIGURES, THIN
from reports.policies.explore.blocks import BlockSums, read_blocks
from reports.policies.explore.reading import Sums
from reports.rendering.explore.blocks import (
    Ask,
    Block,
    Cell,
    Explored,
    count,
    share_cell,
    share_chart,
)

TARGETS = ("response_on_time", "resolution_on_time", "owner_on_time")
_SPLITS = ("product", "type", "team")


def service_page(ask: Ask) -> Explored:
    over = [start for start in ask.asked.points if ask.asked.is_over(start)]
    shown, figures = _shown(ask), TARGETS[:2]
    splits = [split for split in _SPLITS if split not in ask.asked.filters and over]
    until = ask.asked.point_end(over[-1]) if over else None
    sums = read_blocks(ask.asked, ask.scope, shown, dict.fromkeys(splits, figures), until=until)
    blocks = [_target(ask, figure, sums.points[figure]) for figure in shown]
    blocks += [_by(ask, split, over[-1], sums) for split in splits]
    return Explored(
        _("Service targets"),
        _(
            "Targets that fell due in the period, and how many were met. A paused clock is not"
            " due; imported tickets have no targets."
        ),
        blocks,
    )


def _shown(ask: Ask) -> tuple[str, ...]:
    """Owners' dates belong to causes, which have a product and a module only."""
    own = set(ask.asked.filters) <= {"product", "module"}
    return TARGETS if own else TARGETS[:2]


def _target(ask: Ask, figure: str, points: Mapping[dt.date, Sums]) -> Block:
    values = [
        (start, *points.get(start, Sums()), ask.asked.is_over(start)) for start in ask.asked.points
    ]
    label = str(FIGURES[figure].label)
    rows = [
        [
            Cell(ask.point_name(start)),
            share_cell(total, met, ask.rows_url(figure, start))
            if over
            else Cell(None, _("not over"), tone="mute"),
            count(total - met, ask.rows_url(figure, start, narrow={"part": "missed"}))
            if over
            else Cell(None),
            count(total, ask.rows_url(figure, start)) if over else Cell(None),
        ]
        for start, total, met, over in reversed(values)
    ]
    columns = [
        Column(_("Period")), Column(label, SHARE), Column(_("Missed"), COUNT), Column("n", COUNT),
    ]  # fmt: skip
    note = _("Hollow: fewer than %(n)s. Grey: the period is not over.") % {"n": THIN}
    return Block(label, columns, rows, share_chart(ask, figure, label, values), note=note)


def _by(ask: Ask, split: str, last: dt.date, sums: BlockSums) -> Block:
    """Both targets per value, of the points that are over, the last of them beginning on `last`."""
    figures = TARGETS[:2]
    found = {figure: sums.values[split, figure] for figure in figures}
    keys = {key for values in found.values() for key in values}
    until = {"to": ask.last_day(last).isoformat()}
    rows = []
    for key in sorted(keys, key=lambda key: ask.names.of(split, key)):
        row = [Cell(ask.names.of(split, key))]
        for figure in figures:
            each = found[figure].get(key, Sums())
            narrow = {split: key, **until}
            row += [
                share_cell(each.rows, each.met, ask.rows_url(figure, narrow=narrow)),
                count(each.rows, ask.rows_url(figure, narrow=narrow)),
            ]
        rows.append(row)
    label = {"product": _("Product"), "type": _("Type"), "team": _("Team")}[split]
    columns = [
        Column(label, width=24), Column(str(FIGURES[figures[0]].label), SHARE), Column("n", COUNT),
        Column(str(FIGURES[figures[1]].label), SHARE), Column("n", COUNT),
    ]  # fmt: skip
    title = _("By %(dimension)s") % {"dimension": label}
    return Block(title, columns, rows, empty=_("No target fell due in this period."))
