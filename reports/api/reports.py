"""Reports: the list of what is frozen, one of them, and the rows of a figure."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.endpoint import Endpoint, now, person, responses
from reports.access import get_snapshot_for_view, period_or_404, require_figure, scope_of
from reports.api import shapes
from reports.models import Snapshot
from reports.rendering.beside import words_beside
from reports.rendering.listing import FILTERS, lines_of, rows_in_scope
from reports.rendering.plain import sheet_as_json
from reports.rendering.sheet import sheet_of

PAGE = 50
#: Rows of a figure on one page at most.
ROWS = 500


class ReportList(Endpoint):
    @extend_schema(
        operation_id="reports_list",
        summary="List reports",
        description="Reports in force, newest first, at most 50; `before` a period for the next.",
        parameters=[shapes.ReportFilterShape],
        responses=responses({200: shapes.ReportListSerializer}, 400),
    )
    def get(self, request: Request) -> Response:
        scope_of(person(request))
        asked = shapes.ReportFilterShape(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        found = Snapshot.objects.in_force().order_by("-starts_at", "-pk")
        if wanted.get("kind"):
            found = found.filter(period_kind=wanted["kind"])
        if wanted.get("before"):
            found = found.filter(starts_at__lt=period_or_404(wanted["before"]).starts_at)
        fields = ("period", "period_kind", "definition_version", "computed_at", "as_of")
        return Response({"results": list(found.values(*fields)[:PAGE])})


class ReportDetail(Endpoint):
    @extend_schema(
        operation_id="reports_read",
        summary="Read a report",
        description="The figures of what the asking person may see. Shares are from 0 to 1, times "
        "are seconds; each with its `_n`. `scope` names what the figures are of; empty: all.",
        responses=responses({200: shapes.ReportSerializer}, 404),
    )
    def get(self, request: Request, period: str) -> Response:
        scope = scope_of(person(request))
        snapshot = get_snapshot_for_view(period_or_404(period))
        beside = words_beside(snapshot, scope, now())
        return Response(sheet_as_json(sheet_of(snapshot, scope), snapshot, beside))


class ReportRows(Endpoint):
    @extend_schema(
        operation_id="reports_rows",
        summary="List the rows of a figure",
        description="As many as the figure counts; `next` is the `after` of the next page.",
        parameters=[shapes.RowFilterShape],
        responses=responses({200: shapes.RowListSerializer}, 400, 404),
    )
    def get(self, request: Request, period: str, figure: str) -> Response:
        user = person(request)
        scope = scope_of(user)
        snapshot = get_snapshot_for_view(period_or_404(period))
        require_figure(figure)
        asked = shapes.RowFilterShape(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted: dict[str, Any] = asked.validated_data
        given = {name: wanted[name] for name in (*FILTERS, "part") if name in wanted}
        rows = rows_in_scope(snapshot, figure, scope, given)
        page = list(rows.filter(id__gt=wanted.get("after", 0))[: ROWS + 1])
        lines = lines_of(page[:ROWS], snapshot, user)
        body = {
            "count": rows.count(),
            "results": shapes.RowSerializer(lines, many=True).data,
            "next": page[ROWS - 1].pk if len(page) > ROWS else None,
        }
        return Response(body)
