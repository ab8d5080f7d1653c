"""The age of what is unresolved, now."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from core.charts import Bar, Part, bars, ladder
from core.markup import number
from core.sheets import COUNT, Column
from reports.policies.explore.backlog import BANDS, read_ages
from reports.rendering.explore.blocks import (
    Ask,
    Block,
    Cell,
    Explored,
    cell_bar,
    count,
    dimension_label,
)

_SPLITS = ("step", "product", "team", "level", "type", "department")
#: From pale to deep ink: the older, the deeper.
_INKS = ("ink1", "ink1", "ink2", "ink3", "ink4", "ink5", "not")


def backlog_page(ask: Ask) -> Explored:
    splits = [split for split in _SPLITS if split not in ask.asked.filters]
    ages = read_ages(ask.asked, ask.scope, splits)
    return Explored(
        _("Backlog age"),
        _("Tickets unresolved now, by the time since they were submitted (wall clock)."),
        [_whole(ask, ages["step"]), *(_by(ask, split, ages[split]) for split in splits)],
    )


def band_label(band: int) -> str:
    if band == 0:
        return _("under a day")
    if band == len(BANDS):
        return _("over %(days)s days") % {"days": BANDS[-1]}
    return _("%(from)s–%(to)s days") % {"from": BANDS[band - 1], "to": BANDS[band]}


def _whole(ask: Ask, ages: Mapping[str, Mapping[int, int]]) -> Block:
    totals = [sum(each.get(band, 0) for each in ages.values()) for band in range(len(BANDS) + 1)]
    points = [
        Bar(band_label(band), total, f"{band_label(band)}: {number(total)}", _url(ask, band),
            current=True)
        for band, total in enumerate(totals)
    ]  # fmt: skip
    rows = [
        [Cell(band_label(band)), count(total, _url(ask, band))] for band, total in enumerate(totals)
    ]
    rows.append([
        Cell(_("All")), count(sum(totals), ask.rows_url("unresolved", standing=True)),
    ])  # fmt: skip
    columns = [Column(_("Age"), width=20), Column(_("Unresolved now"), COUNT)]
    chart = bars(points, label=_("Unresolved tickets by age")) if sum(totals) else ""
    return Block(_("By age"), columns, rows if sum(totals) else [], chart,
                 empty=_("Nothing is unresolved."))  # fmt: skip


def _url(ask: Ask, band: int, narrow: Mapping[str, str] | None = None) -> str:
    return ask.rows_url("unresolved", standing=True, narrow={**(narrow or {}), "age": str(band)})


def _by(ask: Ask, split: str, ages: Mapping[str, Mapping[int, int]]) -> Block:
    bands = range(len(BANDS) + 1)
    rows = []
    for key, each in sorted(ages.items(), key=lambda item: -sum(item[1].values())):
        parts = [
            Part(each.get(band, 0), _INKS[band], f"{band_label(band)}: {number(each.get(band, 0))}")
            for band in bands
        ]
        name = ask.names.of(split, key)
        rows.append([
            Cell(name),
            Cell("", cell_bar(ladder(parts, label=name, room=101))),
            count(sum(each.values()),
                  ask.rows_url("unresolved", standing=True, narrow={split: key})),
            *(count(each.get(band, 0), _url(ask, band, {split: key})) for band in bands),
        ])  # fmt: skip
    first = _("Status") if split == "step" else dimension_label(split)
    columns = [
        Column(first, width=24), Column(_("Ages")), Column(_("Unresolved now"), COUNT),
        *(Column(band_label(band), COUNT) for band in bands),
    ]  # fmt: skip
    title = _("By %(dimension)s") % {"dimension": first}
    return Block(title, columns, rows, empty=_("Nothing is unresolved."))
