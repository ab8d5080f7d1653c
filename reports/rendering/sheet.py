"""What the report's page shows to one reader: the snapshot's own figures, or those in scope."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.cache import cache
from django.db.models import Count, Sum

from accounts.models import Department
from catalog.models import Product
from reports.access import ReportScope
from reports.choices import CAUSE_PREFIX
from reports.models import Snapshot, SnapshotRow
from reports.policies.periods import Period, period_named
from reports.policies.push_rows import PUSH_FIGURES, push_lines
from reports.policies.report import TREND, Report, cause_line, most_joined
from reports.policies.summary import FLOW, Figures, compare, empty_figures, from_sums
from reports.policies.targets import is_for_parts

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
    #: Lines per module of what was pushed, the longest overdue causes, and the worst manual debt.
    push: list[dict[str, Any]] = field(default_factory=list)
    overdue: list[dict[str, Any]] = field(default_factory=list)
    debt: list[dict[str, Any]] = field(default_factory=list)
    #: Created by module and type, now and in the previous period; only of the whole report.
    drivers: dict[str, tuple[dict[str, int], dict[str, int]]] = field(default_factory=dict)
    corrects: dt.datetime | None = None

    def trend_periods(self) -> list[tuple[Period, dict[str, Any]]]:
        """The periods before with data, oldest first, with their plain values."""
        return [(period_named(each["period"]), each["figures"]) for each in self.trend]


def sheet_of(snapshot: Snapshot, scope: ReportScope) -> Sheet:
    """Invariant 5: who sees less gets figures computed from the rows they see."""
    if scope.holds_all(snapshot):
        return sheet_of_snapshot(snapshot)
    figures, earlier = _figures_in_scope(snapshot, scope)
    names_before = _names_before(snapshot)
    compare(figures, [earlier.get(name) for name in names_before])
    _take_settings(figures, snapshot.figures)
    products, before, push, departments = _parts_in_scope(snapshot, names_before[0], scope)
    sheet = _sheet(snapshot, figures, products, before)
    covered = {part.product_id for part in scope.parts if not part.department_path}
    if None not in covered:
        sheet.overdue = _about(covered, sheet.overdue)
        sheet.debt = _about(covered, sheet.debt)
    sheet.causes = _causes_in_scope(
        snapshot, scope, figures, earlier.get(names_before[0]), departments
    )
    sheet.push = push
    sheet.drivers = {}
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


def _about(product_ids: Iterable[int | None], lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [line for line in lines if line["product_id"] in product_ids]


def _causes_in_scope(
    snapshot: Snapshot, scope: ReportScope, figures: Figures, before: Figures | None,
    departments: dict[str, int],
) -> list[dict[str, Any]]:  # fmt: skip
    """The causes of the reader's own tickets. A cause is read by who reads its product, in any
    department (`tickets.querysets.CauseQuerySet.visible_to`); reports of before kept ten."""
    facts = snapshot.breakdowns.get("joined", snapshot.breakdowns["causes"])
    free = any(part.product_id is None for part in scope.parts)
    lines = []
    for each in facts:
        name = f"{CAUSE_PREFIX}{each['cause_id']}"
        tickets = figures.get(name, {}).get("value", 0)
        if not tickets or not (free or each["product_id"] in scope.product_ids):
            continue
        previous = before.get(name, {}).get("value", 0) if before is not None else None
        lines.append(
            cause_line(
                each, tickets=tickets, previous=previous, departments=departments.get(name, 0)
            )
        )
    return most_joined(lines)


def _take_settings(figures: Figures, whole: Figures) -> None:
    """What a share or a time is held against is the same for every reader."""
    for name, figure in figures.items():
        target = whole.get(name, {}).get("target")
        if target is not None and is_for_parts(name):
            figure["target"] = target
    figures["resolved"]["working_days"] = whole["resolved"].get("working_days")


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
        push=report.breakdowns["push"],
        overdue=report.breakdowns["overdue"],
        debt=report.breakdowns["debt"],
        drivers=_drivers(report.breakdowns),
    )


def _drivers(breakdowns: dict[str, Any]) -> dict[str, tuple[dict[str, int], dict[str, int]]]:
    """Reports of earlier definitions kept none of the previous period."""
    return {
        name: ({key: part["created"] for key, part in breakdowns[name].items()}, before)
        for name, before in breakdowns.get("drivers_before", {}).items()
    }


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
        push=snapshot.breakdowns.get("push", []),
        overdue=snapshot.breakdowns.get("overdue", []),
        debt=snapshot.breakdowns.get("debt", []),
        drivers=_drivers(snapshot.breakdowns),
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


#: By product; created by product in the period before; what was pushed, by module; departments
#: by cause.
_Parts = tuple[dict[str, Any], dict[str, int], list[dict[str, Any]], dict[str, int]]


def _parts_in_scope(snapshot: Snapshot, name_before: str, scope: ReportScope) -> _Parts:
    def work_out() -> _Parts:
        before = Snapshot.objects.in_force_at(snapshot.computed_at).of_periods([name_before])
        return (
            _product_sums_in_scope(snapshot, scope),
            _created_in_scope(before.first(), scope),
            _push_in_scope(snapshot, scope),
            _departments_in_scope(snapshot, scope),
        )

    found: _Parts = _kept(scope, (snapshot.pk, snapshot.computed_at, "parts and causes"), work_out)
    return found


def _product_sums_in_scope(snapshot: Snapshot, scope: ReportScope) -> dict[str, Any]:
    found: dict[str, Any] = {}
    rows = SnapshotRow.objects.filter(scope.rows(), snapshot=snapshot, subject="ticket")
    wanted = (*FLOW, "resolution", "resolution_on_time", "relay_only")
    for sums in rows.filter(figure__in=wanted).sums("product_id"):
        part = found.setdefault(str(sums["product_id"] or ""), {})
        part[sums["figure"]] = from_sums(sums["figure"], sums)
    return found


def _created_in_scope(before: Snapshot | None, scope: ReportScope) -> dict[str, int]:
    rows = SnapshotRow.objects.filter(scope.rows(), snapshot=before).of_figure("created")
    counts = rows.order_by().values_list("product_id").annotate(n=Count("id"))
    return {str(product_id or ""): n for product_id, n in counts} if before is not None else {}


def _push_in_scope(snapshot: Snapshot, scope: ReportScope) -> list[dict[str, Any]]:
    rows = SnapshotRow.objects.filter(scope.rows(), snapshot=snapshot, figure__in=PUSH_FIGURES)
    counts = rows.order_by().values_list("figure", "product_id", "module_id")
    return push_lines(counts.annotate(rows=Count("id"), met=Sum("amount")))


def _departments_in_scope(snapshot: Snapshot, scope: ReportScope) -> dict[str, int]:
    rows = SnapshotRow.objects.filter(scope.rows(), snapshot=snapshot)
    rows = rows.filter(figure__startswith=CAUSE_PREFIX).order_by()
    counts = rows.values_list("figure").annotate(n=Count("department_id", distinct=True))
    return dict(counts)


def _scope_names(scope: ReportScope) -> list[str]:
    products = Product.objects.filter(pk__in=scope.product_ids)
    departments = Department.objects.filter(path__in=scope.department_paths)
    return [str(product) for product in products] + [row.name for row in departments]
