"""First-pass yield: what held at the first attempt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.sheets import COUNT, SHARE, Column
from reports.choices import FIGURES, THIN
from reports.policies.explore.blocks import BlockSums, read_blocks
from reports.policies.explore.reading import Sums
from reports.policies.ticket_rows import PROOF
from reports.rendering.explore.blocks import (
    Ask,
    Block,
    Cell,
    Explored,
    count,
    dimension_label,
    share_cell,
    share_chart,
)

_SPLITS = ("product", "module", "type", "level", "team")
_SOLVED, _ROUTED = "solved_first_time", "routed_first_time"


def first_pass_page(ask: Ask) -> Explored:
    over = [start for start in ask.asked.points if ask.asked.is_over(start, PROOF)]
    splits = [split for split in _SPLITS if over and split not in ask.asked.filters]
    figures = (_SOLVED, _ROUTED)
    until = ask.asked.point_end(over[-1]) if over else None
    sums = read_blocks(ask.asked, ask.scope, figures, dict.fromkeys(splits, figures), until=until)
    blocks = [_over_time(ask, figure, sums.points[figure]) for figure in figures]
    blocks += [_by(ask, split, over[-1], sums) for split in splits]
    return Explored(
        _("First-pass yield"),
        _(
            "Resolutions that were not reopened within fourteen days, and moves nobody sent back."
            " Only what had its fourteen days is counted."
        ),
        blocks,
    )


def _over_time(ask: Ask, figure: str, points: Mapping[dt.date, Sums]) -> Block:
    values = [
        (start, *points.get(start, Sums()), ask.asked.is_over(start, PROOF))
        for start in ask.asked.points
    ]
    label = str(FIGURES[figure].label)
    rows = [
        [
            Cell(ask.point_name(start)),
            share_cell(total, met, ask.rows_url(figure, start))
            if over
            else Cell(None, _("not over"), tone="mute"),
            count(total - met, ask.rows_url(figure, start, narrow={"part": "missed"})),
            count(total, ask.rows_url(figure, start)),
        ]
        for start, total, met, over in reversed(values)
    ]
    columns = [
        Column(_("Period")), Column(label, SHARE), Column(_("Did not hold"), COUNT),
        Column("n", COUNT),
    ]  # fmt: skip
    note = _("Hollow: fewer than %(n)s. Grey: fourteen days are not over.") % {"n": THIN}
    return Block(label, columns, rows, share_chart(ask, figure, label, values), note=note)


def _by(ask: Ask, split: str, last: dt.date, sums: BlockSums) -> Block:
    """Of the points that are over, the last of them beginning on `last`."""
    solved, routed = sums.values[split, _SOLVED], sums.values[split, _ROUTED]
    until = {"to": ask.last_day(last).isoformat()}
    rows = []
    for key in sorted(solved.keys() | routed.keys(), key=lambda key: ask.names.of(split, key)):
        row = [Cell(ask.names.of(split, key))]
        for figure, found in ((_SOLVED, solved), (_ROUTED, routed)):
            each, narrow = found.get(key, Sums()), {split: key, **until}
            row += [
                share_cell(each.rows, each.met, ask.rows_url(figure, narrow=narrow)),
                count(each.rows, ask.rows_url(figure, narrow=narrow)),
            ]
        rows.append(row)
    columns = [
        Column(dimension_label(split), width=24), Column(str(FIGURES[_SOLVED].label), SHARE),
        Column("n", COUNT), Column(str(FIGURES[_ROUTED].label), SHARE), Column("n", COUNT),
    ]  # fmt: skip
    title = _("By %(dimension)s") % {"dimension": dimension_label(split)}
    return Block(title, columns, rows, empty=_("Nothing was resolved in this period."))
