"""What the report's page shows to one reader: the snapshot's own figures, or those in scope."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache

from accounts.models import Department
from catalog.models import Product
from reports.access import ReportScope
from reports.models import Snapshot, SnapshotRow
from reports.policies.periods import Period, period_named
from reports.policies.report import TREND, Report
from reports.policies.summary import FLOW, Figures, compare, empty_figures, from_sums

KEPT_SECONDS = 7 * 24 * 3600


@dataclass
class Sheet:
    """The data of one page. `scope` is empty when the reader sees everything."""

    period: Period
    figures: Figures
    products: dict[str, dict[str, Any]]
    causes: list[dict[str, Any]]
    trend: list[dict[str, Any]]
    names: dict[str, dict[str, str]]
    as_of: dt.datetime
    definition_version: str
    computed_at: dt.datetime | None
    #: Product, then previous week's created, for the change in the table.
    products_before: dict[str, int]
    scope: list[str]
    corrects: dt.datetime | None = None

    def trend_periods(self) -> list[tuple[Period, dict[str, Any]]]:
        """The periods before with data, oldest first, with their plain values."""
        return [(period_named(each["period"]), each["figures"]) for each in self.trend]


def sheet_of(snapshot: Snapshot, scope: ReportScope) -> Sheet:
    """Invariant 5: who sees less gets figures computed from the rows they see."""
    before = snapshot.breakdowns.get("created_before", {})
    if scope.holds_all(snapshot):
        return _sheet(snapshot, snapshot.figures, snapshot.breakdowns["product"], before)
    figures, earlier = _figures_in_scope(snapshot, scope)
    names_before = _names_before(snapshot)
    compare(figures, [earlier.get(name) for name in names_before])
    sheet = _sheet(snapshot, figures, _products_in_scope(snapshot, scope), before)
    covered = {part.product_id for part in scope.parts if not part.department_path}
    if None not in covered:
        sheet.causes = [cause for cause in sheet.causes if cause["product_id"] in covered]
    sheet.trend = [
        {"period": name, "figures": {key: figure["value"] for key, figure in earlier[name].items()}}
        for name in reversed(names_before)
        if name in earlier
    ]
    sheet.scope = _scope_names(scope)
    return sheet


def sheet_of_snapshot(snapshot: Snapshot) -> Sheet:
    """The whole of a snapshot, for the command line."""
    before = snapshot.breakdowns.get("created_before", {})
    return _sheet(snapshot, snapshot.figures, snapshot.breakdowns["product"], before)


def sheet_of_report(report: Report, definition_version: str) -> Sheet:
    """The whole of a computed report that is not stored."""
    return Sheet(
        period=report.period,
        figures=report.figures,
        products=report.breakdowns["product"],
        causes=report.breakdowns["causes"],
        trend=report.trend,
        names=report.names,
        as_of=report.as_of,
        definition_version=definition_version,
        computed_at=None,
        products_before=report.breakdowns["created_before"],
        scope=[],
    )


def _sheet(
    snapshot: Snapshot, figures: Figures, products: dict[str, Any], before: dict[str, int]
) -> Sheet:
    return Sheet(
        period=period_named(snapshot.period),
        figures=figures,
        products=products,
        causes=snapshot.breakdowns["causes"],
        trend=snapshot.trend,
        names=snapshot.names,
        as_of=snapshot.as_of,
        definition_version=snapshot.definition_version,
        computed_at=snapshot.computed_at,
        products_before=before,
        scope=[],
        corrects=snapshot.replaces.computed_at if snapshot.replaces is not None else None,
    )


def _names_before(snapshot: Snapshot) -> list[str]:
    period = period_named(snapshot.period)
    return [period.shift(-n).name for n in range(1, TREND + 1)]


def _figures_in_scope(snapshot: Snapshot, scope: ReportScope) -> tuple[Figures, dict[str, Figures]]:
    """The reader's figures of this week, and of the weeks of the trend by name; two queries."""
    earlier = dict(
        Snapshot.objects.in_force_at(snapshot.computed_at)
        .of_periods(_names_before(snapshot))
        .values_list("pk", "period")
    )
    found: tuple[Figures, dict[str, Figures]] = _kept(
        scope, (snapshot.pk, snapshot.computed_at, sorted(earlier), "figures"),
        lambda: _sums_in_scope(snapshot, earlier, scope),
    )  # fmt: skip
    return found


def _kept(scope: ReportScope, about: tuple[Any, ...], work_out: Callable[[], Any]) -> Any:
    """What a scope sees of snapshots, worked out once: they never change.

    A busy week has 48,000 rows, a quarter of a second for every reader. Scopes by department are
    worked out each time, because the tree of departments may change below them.
    """
    if any(part.department_path for part in scope.parts):
        return work_out()
    key = "report:" + hashlib.sha256(repr((about, scope)).encode()).hexdigest()
    found = cache.get(key)
    if found is None:
        found = work_out()
        cache.set(key, found, KEPT_SECONDS)
    return found


def _sums_in_scope(
    snapshot: Snapshot, earlier: dict[int, str], scope: ReportScope
) -> tuple[Figures, dict[str, Figures]]:
    rows = SnapshotRow.objects.filter(scope.rows(), snapshot__in=[snapshot.pk, *earlier])
    found: dict[str, Figures] = {name: empty_figures() for name in earlier.values()}
    own = empty_figures()
    for sums in rows.sums("snapshot"):
        target = own if sums["snapshot"] == snapshot.pk else found[earlier[sums["snapshot"]]]
        target[sums["figure"]] = from_sums(sums["figure"], sums)
    return own, found


def _products_in_scope(snapshot: Snapshot, scope: ReportScope) -> dict[str, Any]:
    found: dict[str, Any] = _kept(
        scope, (snapshot.pk, snapshot.computed_at, "products"),
        lambda: _product_sums_in_scope(snapshot, scope),
    )  # fmt: skip
    return found


def _product_sums_in_scope(snapshot: Snapshot, scope: ReportScope) -> dict[str, Any]:
    found: dict[str, Any] = {}
    rows = SnapshotRow.objects.filter(scope.rows(), snapshot=snapshot, subject="ticket")
    wanted = (*FLOW, "resolution", "resolution_on_time", "relay_only")
    for sums in rows.filter(figure__in=wanted).sums("product_id"):
        part = found.setdefault(str(sums["product_id"] or ""), {})
        part[sums["figure"]] = from_sums(sums["figure"], sums)
    return found


def _scope_names(scope: ReportScope) -> list[str]:
    products = Product.objects.filter(pk__in=scope.product_ids)
    departments = Department.objects.filter(path__in=scope.department_paths)
    return [str(product) for product in products] + [row.name for row in departments]
