"""Reports to take away: the week as a workbook, the rows of a figure as XLSX or CSV."""

from __future__ import annotations

import json
from collections.abc import Iterator

from django.contrib.auth.decorators import login_required
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.sheets import XLSX_TYPE, csv_lines, download, xlsx_bytes
from reports.access import get_snapshot_for_view, period_or_404, require_figure, scope_of
from reports.models import Snapshot
from reports.querysets import SnapshotRowQuerySet
from reports.rendering.annex_tables import annex_tables
from reports.rendering.beside import beside_figures, words_beside
from reports.rendering.listing import FILTERS, Line, label_of_list, lines_of, rows_in_scope
from reports.rendering.paper import report_as_pdf
from reports.rendering.plain import sheet_as_json
from reports.rendering.sheet import sheet_of
from reports.rendering.workbook import rows_table, workbook_of
from tickets.views.requests import SignedInRequest

KINDS = ("xlsx", "csv")
#: Rows looked up at once: titles are asked for by page, so memory stays flat.
_BATCH = 2_000


@login_required
@require_GET
def report_file(request: SignedInRequest, period: str, kind: str) -> HttpResponse:
    """The figures of the reader's scope: a workbook, or the page on paper."""
    scope = scope_of(request.user)
    snapshot = get_snapshot_for_view(period_or_404(period))
    sheet, name = sheet_of(snapshot, scope), f"opsdesk-{snapshot.period}.{kind}"
    if kind == "xlsx":
        tables = annex_tables(sheet, snapshot, scope)
        return download(xlsx_bytes(workbook_of(sheet, tables)), name, XLSX_TYPE)
    if kind == "json":
        found = sheet_as_json(sheet, snapshot, words_beside(snapshot, scope, timezone.now()))
        content = json.dumps(found, ensure_ascii=False, indent=2, cls=DjangoJSONEncoder)
        return download(content.encode(), name, "application/json")
    if kind != "pdf":
        raise Http404
    tables = annex_tables(sheet, snapshot, scope)
    beside = beside_figures(snapshot, scope, timezone.now())
    return download(report_as_pdf(sheet, beside, tables), name, "application/pdf")


@login_required
@require_GET
def rows_file(request: SignedInRequest, period: str, figure: str, kind: str) -> HttpResponse:
    """Exactly the rows the figure's page lists, with the same filters."""
    scope = scope_of(request.user)
    snapshot = get_snapshot_for_view(period_or_404(period))
    require_figure(figure)
    if kind not in KINDS:
        raise Http404
    wanted = {name: request.GET[name] for name in (*FILTERS, "part") if name in request.GET}
    rows = rows_in_scope(snapshot, figure, scope, wanted)
    label = label_of_list(figure, snapshot, rows)
    table = rows_table(label, _lines(request, rows, snapshot))
    name = f"opsdesk-{snapshot.period}-{figure}.{kind}"
    if kind == "csv":
        return download(csv_lines(table), name, "text/csv; charset=utf-8")
    return download(xlsx_bytes([table]), name, XLSX_TYPE)


def _lines(
    request: SignedInRequest, rows: SnapshotRowQuerySet, snapshot: Snapshot
) -> Iterator[Line]:
    after = 0
    while batch := list(rows.filter(id__gt=after)[:_BATCH]):
        yield from lines_of(batch, snapshot, request.user)
        after = batch[-1].pk
