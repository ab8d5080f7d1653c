"""The ladder: on which level tickets end, over time, per team and per person."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.charts import Part, ladder
from core.markup import number
from core.sheets import COUNT, SHARE, Column
from reports.choices import FIGURES, THIN
from reports.policies.explore.blocks import BlockSums, read_blocks
from reports.policies.explore.reading import Sums, read_sums
from reports.rendering.explore.blocks import (
    NOTHING,
    Ask,
    Block,
    Cell,
    Explored,
    count,
    share_cell,
    share_chart,
)
from tickets.choices import Level

#: Rungs drawn over time; older points stand in the table.
DRAWN = 13
_LEVELS = [str(level) for level in Level.values]
Counts = Mapping[str, int]


def ladder_page(ask: Ask) -> Explored:
    by_level = read_sums(ask.asked, ask.scope, ["resolved"], split="level")
    per = [name for name in ("team", "person") if not {name, "person"} & ask.asked.filters.keys()]
    splits = {split: figures for name in per for split, figures in (
        (f"{name}_level", ("resolved",)), (name, ("relay_only",)))}  # fmt: skip
    sums = read_blocks(ask.asked, ask.scope, ("relay_only",), splits)
    relayed = sums.points["relay_only"]
    blocks = [_over_time(ask, by_level, relayed), _relay(ask, relayed)]
    titles = {"team": _("Ladder per team"), "person": _("Ladder per person")}
    people = {"team": None, "person": ask.asked.people}
    blocks += [_per(ask, name, titles[name], people[name], sums) for name in per]
    return Explored(
        _("Level ladder"),
        _("On which level resolved tickets ended. The deeper the ink, the deeper the handling."),
        blocks,
        [
            _("Teams stand in the order of their names: the ladder is no ranking."),
            _("Figures on a person are seen by that person and their manager only."),
        ],
    )


def _levels_at(sums: Mapping[tuple[str, dt.date, str], Sums], start: dt.date) -> dict[str, int]:
    return {level: sums.get(("resolved", start, level), Sums()).rows for level in _LEVELS}


def _bar(
    ask: Ask, name: str, counts: Counts, start: dt.date | None, narrow: Mapping[str, str] = NOTHING
) -> SafeString:
    parts = [
        Part(
            counts[level], f"ink{level}",
            f"{ask.names.of('level', level)}: {number(counts[level])}",
            ask.rows_url("resolved", start, narrow={**narrow, "level": level}),
        )
        for level in _LEVELS
    ]  # fmt: skip
    words = ", ".join(number(counts[level]) for level in _LEVELS)
    return ladder(parts, label=_("Levels of %(name)s: %(counts)s") % {
        "name": name, "counts": words})  # fmt: skip


def _lad(lines: Iterable[tuple[str, SafeString, int]], css: str) -> SafeString:
    return format_html(
        '<div class="lad {}">{}</div>',
        css,
        format_html_join(
            "", '<span>{}</span>{}<span class="num">n={}</span>',
            ((name, bar, number(n)) for name, bar, n in lines),
        ),
    )  # fmt: skip


def _legend(ask: Ask) -> list[dict[str, str]]:
    return [{"label": ask.names.of("level", level), "css": f"ink{level}"} for level in _LEVELS]


def _columns(first: str) -> list[Column]:
    return [
        Column(first, width=20), *(Column(f"{n} {Level(n).label}", COUNT) for n in Level.values),
        Column(_("Without level"), COUNT), Column(str(FIGURES["relay_only"].label), SHARE),
    ]  # fmt: skip


def _over_time(
    ask: Ask,
    by_level: Mapping[tuple[str, dt.date, str], Sums],
    relayed: Mapping[dt.date, Sums],
) -> Block:
    lines, rows = [], []
    for start in reversed(ask.asked.points):
        counts = _levels_at(by_level, start)
        without = by_level.get(("resolved", start, ""), Sums()).rows
        relay = relayed.get(start, Sums())
        name = ask.point_name(start)
        if sum(counts.values()):
            lines.append((ask.point_label(start), _bar(ask, name, counts, start),
                          sum(counts.values())))  # fmt: skip
        rows.append([
            Cell(name),
            *(count(counts[level], ask.rows_url("resolved", start, narrow={"level": level}))
              for level in _LEVELS),
            count(without, ask.rows_url("resolved", start, narrow={"level": ""})),
            share_cell(relay.rows, relay.met, ask.rows_url("relay_only", start)),
        ])  # fmt: skip
    note = _("Without level (imported): outside the shares.")
    chart = _lad(lines[:DRAWN], "") if lines else ""
    return Block(_("Ladder over time"), _columns(_("Period")), rows, chart, _legend(ask), note)


def _relay(ask: Ask, points: Mapping[dt.date, Sums]) -> Block:
    values = [
        (start, *points.get(start, Sums()), ask.asked.is_over(start)) for start in ask.asked.points
    ]
    label = str(FIGURES["relay_only"].label)
    note = _(
        "Share of levelled resolutions an outside team gave after a level 1 relay."
        " Hollow: fewer than %(n)s. Grey: not over."
    ) % {"n": THIN}
    return Block(label, chart=share_chart(ask, "relay_only", label, values), note=note)


def _per(
    ask: Ask, dimension: str, title: str, people: frozenset[int] | None, found: BlockSums
) -> Block:
    """A ladder per value over the whole period; of persons only those the reader may see."""
    sums, relayed = found.values[f"{dimension}_level", "resolved"], found.values[
        dimension, "relay_only"]  # fmt: skip
    by_key: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys([*_LEVELS, ""], 0))
    for value, each in sums.items():
        key, level = value.split(":")
        if people is None or (key.isdecimal() and int(key) in people):
            by_key[key][level] += each.rows
    ordered = sorted(by_key.items(), key=lambda item: ask.names.of(dimension, item[0]))
    lines, rows = [], []
    for key, counts in ordered:
        name, relay = ask.names.of(dimension, key), relayed.get(key, Sums())
        levelled = sum(counts[level] for level in _LEVELS)
        narrow = {dimension: key}
        if levelled:
            lines.append((name, _bar(ask, name, counts, None, narrow), levelled))
        rows.append([
            Cell(name),
            *(count(counts[level], ask.rows_url("resolved", narrow={**narrow, "level": level}))
              for level in _LEVELS),
            count(counts[""], ask.rows_url("resolved", narrow={**narrow, "level": ""})),
            share_cell(relay.rows, relay.met, ask.rows_url("relay_only", narrow=narrow)),
        ])  # fmt: skip
    first = _("Team") if dimension == "team" else _("Person")
    note = "" if people is None else _("You see yourself and the people you manage.")
    chart = _lad(lines, "names") if lines else ""
    return Block(title, _columns(first), rows, chart, note=note,
                 empty=_("Nothing was resolved in this period."))  # fmt: skip
