"""The report as tables with real numbers: a workbook of one week, and the rows of a figure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.sheets import COUNT, DAY, HOURS, MOMENT, SHARE, Cell, Column, Table
from reports.choices import FIGURES, Kind, kind_of
from reports.rendering.annex_tables import AnnexTable
from reports.rendering.conclusion import steps_by_time
from reports.rendering.debts import debts
from reports.rendering.listing import Line
from reports.rendering.sheet import Sheet
from reports.rendering.words import name_in, step_label, waits_for_requester
from tickets.choices import CauseState, Level

_HOUR = 3600
#: Tables of the annex that the workbook has in its own words.
_HAVE_SHEETS = frozenset({"steps", "by_product"})
#: Figures per product, in the order of their columns; those of the page's table and more.
_BY_PRODUCT = (
    "created", "resolved", "closed", "cancelled", "reopened", "unresolved_at_end", "over_7_days",
    "first_response", "resolution", "response_on_time", "resolution_on_time",
    "solved_first_time", "relay_only", "routed_first_time",
)  # fmt: skip


def workbook_of(sheet: Sheet, tables: Sequence[AnnexTable] = ()) -> list[Table]:
    """Every section of the page – figures, products, steps, levels by week, causes, pushes, manual
    debt – and the tables of the annex."""
    found = [_figures(sheet), _products(sheet), _steps(sheet), _weeks(sheet), _causes(sheet)]
    found += [_push(sheet), _overdue(sheet), _debt(sheet)]
    # Products and steps have their sheets already.
    return found + [_annexed(table) for table in tables if table.key not in _HAVE_SHEETS]


def _push(sheet: Sheet) -> Table:
    columns = [
        Column(_("Product"), width=18), Column(_("Module"), width=18),
        Column(pgettext("push", "Pushed"), COUNT), Column(pgettext("push", "Overdue"), COUNT),
        Column(pgettext("push", "Declined"), COUNT), Column(_("Fell due"), COUNT),
        Column(_("Delivered by then"), COUNT, 16),
    ]  # fmt: skip
    rows = [
        (
            name_in(sheet.names, "product", str(line["product_id"] or "")),
            name_in(sheet.names, "module", str(line["module_id"] or "")),
            line["pushed"], line["overdue"], line["declined"], line["due"], line["met"],
        )
        for line in sheet.push
    ]  # fmt: skip
    return Table(_("Pushed to owners"), columns, rows)


def _overdue(sheet: Sheet) -> Table:
    columns = [
        Column(_("Reference"), width=10), Column(_("Cause"), width=48),
        Column(_("Owner"), width=14), Column(_("Promised date"), DAY, 14),
        Column(_("Days late"), COUNT, 10), Column(_("Times moved"), COUNT, 12),
    ]  # fmt: skip
    rows = [
        (
            f"C-{line['cause_id']}", line["title"], line["owner"],
            dt.date.fromisoformat(line["promised_on"]), line["days"], line["slips"],
        )
        for line in sheet.overdue
    ]  # fmt: skip
    return Table(_("Longest past their agreed date"), columns, rows)


def _debt(sheet: Sheet) -> Table:
    columns = [
        Column(_("What is to be written"), width=48), Column(_("Product"), width=18),
        Column(_("What speaks for it"), width=48), Column(_("Score"), COUNT, 8),
    ]  # fmt: skip
    rows = [
        (line["title"], line["product"], line["parts"], debt["score"])
        for line, debt in zip(debts(sheet, len(sheet.debt)), sheet.debt, strict=True)
    ]
    return Table(_("Manual debt"), columns, rows)


def _annexed(table: AnnexTable) -> Table:
    """The numbers behind the words of the annex."""
    columns = [
        Column(table.title, width=24),
        *(Column(label, COUNT, 14) for label in table.columns),
    ]
    rows = [
        [label, *(figure.text if figure.value is None else figure.value for figure in figures)]
        for label, figures in table.rows
    ]
    return Table(table.title, columns, rows)


def rows_table(label: str, lines: Iterable[Line]) -> Table:
    """The rows behind a figure with their dimensions as they were then."""
    columns = [
        Column(_("Reference")), Column(_("Title"), width=48), Column(_("When"), MOMENT, 18),
        Column(_("Product"), width=18), Column(_("Module"), width=18),
        Column(_("Department"), width=18), Column(_("Type")),
        Column(pgettext("figure", "Counts"), COUNT, 8), Column(_("Hours"), HOURS, 10),
        Column(_("Note"), width=20),
    ]  # fmt: skip
    return Table(label, columns, (_row(line) for line in lines))


def _row(line: Line) -> Sequence[Any]:
    row = line.row
    return (
        line.ref, line.title, row.at, line.product, line.module, line.department, line.type,
        row.amount, _hours(row.seconds), line.note,
    )  # fmt: skip


def _hours(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / _HOUR


def _cell(name: str, value: float | None) -> Cell:
    """A figure's value as a number of its kind: counts, shares of one, hours."""
    kind = kind_of(name)
    if kind == Kind.SHARE:
        return Cell(value, SHARE)
    if kind in (Kind.TIME, Kind.STEP):
        return Cell(_hours(value), HOURS)
    return Cell(value, COUNT)


def _unit(name: str) -> str:
    kind = kind_of(name)
    if kind == Kind.SHARE:
        return _("share")
    return _("hours") if kind in (Kind.TIME, Kind.STEP) else _("count")


def _figures(sheet: Sheet) -> Table:
    columns = [
        Column(_("Figure"), width=30), Column(_("Value"), width=12),
        Column(_("Before"), width=12), Column(_("Mean of four"), width=18),
        Column(pgettext("figure", "Target"), width=10), Column("P90", HOURS, 10),
        Column("n", COUNT, 8), Column(_("Unit"), width=10),
    ]  # fmt: skip
    rows = [
        (
            str(meta.label), _cell(name, found["value"]), _cell(name, found.get("previous")),
            _cell(name, found.get("mean")), _cell(name, found.get("target")),
            _hours(found.get("p90")), found["n"], _unit(name),
        )
        for name, meta in FIGURES.items()
        if (found := sheet.figures.get(name)) is not None
    ]  # fmt: skip
    return Table(_("Figures"), columns, rows)


def _products(sheet: Sheet) -> Table:
    columns = [
        Column(_("Product"), width=20),
        *(Column(str(FIGURES[name].label), width=14) for name in _BY_PRODUCT),
    ]
    rows = [
        [
            name_in(sheet.names, "product", key),
            *(_cell(name, part.get(name, {}).get("value")) for name in _BY_PRODUCT),
        ]
        for key, part in sorted(sheet.products.items())
    ]
    return Table(_("By product"), columns, rows)


def _steps(sheet: Sheet) -> Table:
    columns = [
        Column(_("Step"), width=44), Column(_("Waits for"), width=14),
        Column(_("Hours waited in the week"), HOURS, 16), Column("P50", HOURS, 10),
        Column("P90", HOURS, 10), Column(_("Visits ended"), COUNT, 12),
        Column(_("Still waiting"), COUNT, 12),
    ]  # fmt: skip
    return Table(_("Slowest steps"), columns, list(_step_rows(sheet)))


def _step_rows(sheet: Sheet) -> Iterator[Sequence[Any]]:
    for step in steps_by_time(sheet):
        found = sheet.figures[step]
        holder = _("the requester") if waits_for_requester(step) else _("staff or owners")
        yield (
            step_label(step, sheet.names), holder, _hours(found["value"]), _hours(found["p50"]),
            _hours(found["p90"]), found["n"], found["queue"],
        )  # fmt: skip


def _weeks(sheet: Sheet) -> Table:
    names = ("created", "resolved", "unresolved_at_end", *(f"level_{n}" for n in Level.values))
    columns = [
        Column(_("Week"), width=12),
        *(Column(str(FIGURES[name].label), COUNT, 16) for name in names),
    ]
    own = {name: sheet.figures[name]["value"] for name in names}
    weeks = [(each["period"], each["figures"]) for each in sheet.trend]
    rows = [
        [week, *(values.get(name) for name in names)]
        for week, values in [*weeks, (sheet.period.name, own)]
    ]
    return Table(_("Week by week"), columns, rows)


def _causes(sheet: Sheet) -> Table:
    columns = [
        Column(_("Reference"), width=10), Column(_("Cause"), width=48),
        Column(_("New tickets"), COUNT, 12), Column(_("Last week"), COUNT, 12),
        Column(_("Departments"), COUNT, 12),
        Column(_("State"), width=12), Column(_("Owner"), width=14),
        Column(_("Promised date"), DAY, 14),
    ]  # fmt: skip
    rows = [
        (
            f"C-{cause['cause_id']}", cause["title"], cause["tickets"], cause["previous"],
            cause["departments"],
            str(CauseState(cause["state"]).label), cause["owner"],
            dt.date.fromisoformat(cause["promised_on"]) if cause["promised_on"] else None,
        )
        for cause in sheet.causes
    ]  # fmt: skip
    return Table(_("Causes"), columns, rows)
