"""The tables of a report's annex: breakdowns, all steps, the ladder per team, forecasts held
against what came."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.markup import number
from core.sheets import SHARE, Cell
from reports.access import ReportScope
from reports.choices import FIGURES, TEAM_PREFIX, THIN, PeriodKind
from reports.models import Outlook, Snapshot, SnapshotRow
from reports.policies.periods import Period
from reports.policies.summary import BREAKDOWNS
from reports.rendering.ahead import series_in_scope
from reports.rendering.conclusion import rows_url, steps_by_time
from reports.rendering.sheet import Sheet
from reports.rendering.words import (
    hours,
    name_in,
    share,
    step_label,
    team_in,
    waits_for_requester,
)
from tickets.choices import Level, Type

#: Columns of a breakdown: the backlog's identity.
FLOW_SHOWN = (
    "unresolved_at_start", "created", "reopened", "restored_unresolved", "moved_in", "resolved",
    "cancelled_unresolved", "moved_out", "unresolved_at_end",
)  # fmt: skip
_TENTHS = "0.0"


@dataclass(frozen=True)
class Figure:
    """One cell: its words, its number for a spreadsheet, and its rows."""

    text: str
    url: str = ""
    value: Any = None


@dataclass(frozen=True)
class AnnexTable:
    """`rows`: a label and its figures."""

    key: str
    title: str
    columns: list[str]
    rows: list[tuple[str, list[Figure]]]
    note: str = ""
    thin: list[bool] = field(default_factory=list)

    @property
    def lines(self) -> list[tuple[str, list[Figure], bool]]:
        """Label, figures, and whether the sample is too small."""
        marks = self.thin or [False] * len(self.rows)
        return [(*row, mark) for row, mark in zip(self.rows, marks, strict=True)]


def annex_tables(sheet: Sheet, snapshot: Snapshot, scope: ReportScope) -> list[AnnexTable]:
    """Those with rows, in the order of product.md. Per breakdown one query for who reads a part,
    one for the ladder, and two for the forecast."""
    found = [
        *(breakdown(sheet, name, part) for name, part in _parts(snapshot, scope).items()),
        steps(sheet),
        teams(sheet, snapshot, scope),
        held_forecasts(sheet, scope),
    ]
    return [table for table in found if table.rows]


def _parts(snapshot: Snapshot, scope: ReportScope) -> dict[str, dict[str, dict[str, int]]]:
    """Dimension → key → figure → count."""
    names = list(BREAKDOWNS)
    if scope.holds_all(snapshot):
        products = {
            key: {name: found["value"] for name, found in part.items() if name in FLOW_SHOWN}
            for key, part in snapshot.breakdowns["product"].items()
        }
        return {**{name: snapshot.breakdowns[name] for name in names}, "product": products}
    rows = SnapshotRow.objects.filter(
        scope.rows(), snapshot=snapshot, subject="ticket", figure__in=FLOW_SHOWN
    )
    found: dict[str, dict[str, dict[str, int]]] = {}
    for name in names:
        column = "type" if name == "type" else f"{name}_id"
        counts = rows.order_by().values_list(column, "figure").annotate(n=Count("id"))
        part = found.setdefault(name, {})
        for key, figure, count in counts:
            part.setdefault(str(key or ""), {})[figure] = count
    return found


def breakdown(sheet: Sheet, name: str, part: dict[str, dict[str, int]]) -> AnnexTable:
    """The backlog's identity of each module, department or type; most created first."""
    titles = {
        "product": _("By product"), "module": _("By module"),
        "department": _("By department"), "type": _("By type"),
    }  # fmt: skip
    keys = sorted(part, key=lambda key: (-part[key].get("created", 0), key))
    rows = []
    for key in keys:
        counts = [part[key].get(figure, 0) for figure in FLOW_SHOWN]
        cells = [
            Figure(number(n), rows_url(sheet.period.name, figure, **{name: key}), n)
            for figure, n in zip(FLOW_SHOWN, counts, strict=True)
        ]
        if any(counts):
            rows.append((_key_label(sheet, name, key), cells))
    note = _("Each line is the sum: start + created + reopened + restored + reclassified into"
             " − resolved − cancelled − reclassified out of = unresolved.")  # fmt: skip
    columns = [str(FIGURES[figure].label) for figure in FLOW_SHOWN]
    return AnnexTable(f"by_{name}", titles[name], columns, rows, note)


def _key_label(sheet: Sheet, name: str, key: str) -> str:
    if name == "type":
        return str(Type(key).label) if key in Type.values else _("Not given")
    return name_in(sheet.names, name, key)


def steps(sheet: Sheet) -> AnnexTable:
    """Every step, most time waited first; those that wait for the requester stand last."""
    ordered = [step for step in steps_by_time(sheet) if sheet.figures[step]["value"]]
    ordered.sort(key=waits_for_requester)
    rows, thin = [], []
    for step in ordered:
        found = sheet.figures[step]
        url = rows_url(sheet.period.name, step)
        rows.append((
            step_label(step, sheet.names),
            [
                Figure(hours(found["value"]), url, found["value"]),
                Figure(hours(found["value"] - found["ended"]), "", found["value"] - found["ended"]),
                Figure(hours(found["p50"]), "", found["p50"]),
                Figure(hours(found["p90"]), "", found["p90"]),
                Figure(number(found["n"]), "", found["n"]),
                Figure(number(found["queue"]), "", found["queue"]),
            ],
        ))  # fmt: skip
        thin.append(found["n"] < THIN)
    columns = [
        _("Waited in all"), _("of it still waiting"), "P50", "P90", "n",
        pgettext("steps", "Queue at the end"),
    ]  # fmt: skip
    note = _("Working time. Steps that wait for the requester stand last.")
    return AnnexTable("steps", _("Bottlenecks: every step"), columns, rows, note, thin)


def teams(sheet: Sheet, snapshot: Snapshot, scope: ReportScope) -> AnnexTable:
    """Resolutions per team and level: the ladder, not a ranking; no person is named."""
    rows_of = SnapshotRow.objects.filter(snapshot=snapshot, figure__startswith=TEAM_PREFIX)
    if not scope.holds_all(snapshot):
        rows_of = rows_of.filter(scope.rows())
    counts: dict[str, dict[int, int]] = {}
    grouped = rows_of.order_by().values_list("figure", "level").annotate(n=Count("id"))
    for figure, level, n in grouped:
        counts.setdefault(figure, {})[level or 0] = n
    rows, thin = [], []
    for figure in sorted(counts, key=lambda key: team_in(sheet.names, _team(key))):
        by_level = counts[figure]
        total = sum(by_level.values())
        cells = [Figure(number(total), rows_url(sheet.period.name, figure), total)]
        for level in Level.values:
            n = by_level.get(level, 0)
            url = rows_url(sheet.period.name, figure, level=str(level))
            cells.append(Figure(f"{number(n)} ({share(n / total)})", url, n))
        rows.append((team_in(sheet.names, _team(figure)), cells))
        thin.append(total < THIN)
    columns = [
        pgettext("figure", "Resolved"),
        *(f"{level} {Level(level).label}" for level in Level.values),
    ]
    note = _("By the team that handled the ticket when it was resolved, in alphabetical order.")
    return AnnexTable("teams", _("The ladder of each team"), columns, rows, note, thin=thin)


def _team(figure: str) -> str:
    return figure.removeprefix(TEAM_PREFIX)


def held_forecasts(sheet: Sheet, scope: ReportScope) -> AnnexTable:
    """What was forecast for this week when the one before was over, and what came."""
    columns = [
        pgettext("forecast", "Forecast"), _("80 % interval"), pgettext("forecast", "Came"),
        pgettext("forecast", "Off by"), "MASE", _("in the interval so far"),
    ]  # fmt: skip
    rows = _held(sheet.period, scope) if sheet.period.kind == PeriodKind.WEEK else []
    note = _("Made before the week began. MASE: the error of earlier weeks as a multiple of the"
             " usual step from one week to the next.")  # fmt: skip
    return AnnexTable("forecasts", _("Forecasts against what came"), columns, rows, note)


def _held(period: Period, scope: ReportScope) -> list[tuple[str, list[Figure]]]:
    names = [period.shift(-1).name, period.name]
    outlooks = {each.period: each for each in Outlook.objects.filter(period__in=names)}
    if set(outlooks) != set(names):
        return []
    came = {one.place: one.row.counts[-1] for one in series_in_scope(outlooks[names[1]], scope)}
    rows = []
    for one in series_in_scope(outlooks[names[0]], scope):
        said = one.forecast
        if not said.is_enough or one.place not in came or one.below:
            continue
        actual = came[one.place]
        off = actual - said.value
        rows.append((one.full_label, [
            Figure(number(said.value), "", Cell(said.value, _TENTHS)),
            Figure(f"{number(said.low)}–{number(said.high)}"),
            Figure(number(actual), "", actual),
            Figure(f"{'+' if off > 0 else ''}{number(off)}", "", Cell(off, _TENTHS)),
            Figure(
                number(said.mase, 2) if said.mase is not None else "—", "", Cell(said.mase, "0.00")
            ),
            Figure(share(said.coverage), "", Cell(said.coverage, SHARE)),
        ]))  # fmt: skip
    return rows
