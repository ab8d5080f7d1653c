"""The weekly report, the rows behind its figures, and asking for one that is missing."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.formkeys import once_only
from core.toasts import add_toast
from reports.access import (
    HEAVY,
    get_snapshot,
    get_snapshot_for_view,
    may_edit,
    may_order,
    period_or_404,
    require_figure,
    scope_of,
)
from reports.actions import mark_report_read, order_snapshot
from reports.choices import Kind, PeriodKind, kind_of
from reports.models import Snapshot
from reports.policies.periods import Period, last_complete, period_named
from reports.rendering.agreed import added_by_people
from reports.rendering.comments import bad_comments
from reports.rendering.frozen import frozen_of
from reports.rendering.list_columns import columns_of, part_labels
from reports.rendering.listing import FILTERS, PAGE, label_of_list, lines_of, rows_in_scope
from reports.rendering.page import neighbours, page_head
from reports.rendering.periods import title_of
from tickets.views.requests import SignedInRequest


@login_required
@require_GET
def weekly_report_latest(request: SignedInRequest) -> HttpResponse:
    """The newest weekly report."""
    return reports_latest(request, PeriodKind.WEEK)


@login_required
@require_GET
def reports_latest(request: SignedInRequest, kind: str) -> HttpResponse:
    """The newest report of a kind, else the page of the last period: it is not there yet."""
    scope_of(request.user)
    if kind not in PeriodKind:
        raise Http404
    found = Snapshot.objects.in_force().filter(period_kind=kind).order_by("-starts_at")
    newest = found.only("period").first()
    period = newest.period if newest else last_complete(kind, timezone.now()).name
    return redirect("weekly_report", period=period)


@login_required
@require_GET
def weekly_report(request: SignedInRequest, period: str) -> HttpResponse:
    scope = scope_of(request.user)
    asked = period_or_404(period)
    snapshot = get_snapshot(asked, leave_out=HEAVY)
    now = timezone.now()
    if snapshot is None:
        return render(request, "reports/weekly_report_missing.html", _missing(request, asked))
    mark_report_read(snapshot, acting_user=request.user, now=now)
    frozen = frozen_of(snapshot, scope)
    context = {
        **page_head(snapshot),
        "frozen": frozen,
        # The words are about the whole report: who reads a part of it gets the draft of theirs.
        **(added_by_people(snapshot, now) if scope.holds_all(snapshot) else {}),
        "comments": bad_comments(snapshot, scope) if frozen.is_anybody_dissatisfied else [],
        "next_is_over": asked.shift(1).is_over(now),
        "may_edit": may_edit(request.user, snapshot),
    }
    return render(request, "reports/weekly_report.html", context)


def _missing(request: SignedInRequest, period: Period) -> dict[str, Any]:
    is_over = period.is_over(timezone.now())
    return {
        "period": period,
        "title": title_of(period),
        "is_over": is_over,
        "may_order": is_over and may_order(request.user),
        **neighbours(period),
    }


@login_required
@require_POST
@once_only
def order_weekly_report(request: SignedInRequest, period: str) -> HttpResponse:
    """Have a worker compute a missing report."""
    scope_of(request.user)
    if not may_order(request.user):
        raise PermissionDenied
    asked = period_or_404(period)
    order_snapshot(asked, acting_user=request.user, now=timezone.now())
    add_toast(request, _("The report is being computed. Reload the page in a few seconds."))
    return redirect("weekly_report", period=asked.name)


@login_required
@require_GET
def report_rows(request: SignedInRequest, period: str, figure: str) -> HttpResponse:
    """Exactly the rows the reader's figure counts, a page at a time by key."""
    scope = scope_of(request.user)
    snapshot = get_snapshot_for_view(period_or_404(period))
    require_figure(figure)
    wanted = {name: request.GET[name] for name in (*FILTERS, "part") if name in request.GET}
    rows = rows_in_scope(snapshot, figure, scope, wanted)
    after = request.GET.get("after", "")
    key = int(after) if after.isdecimal() and len(after) < 19 else 0
    shown = list(rows.filter(id__gt=key)[: PAGE + 1])
    base = reverse("report_rows", args=[snapshot.period, figure])
    total = rows.count()
    lines = lines_of(shown[:PAGE], snapshot, request.user)
    context = {
        "period": period_named(snapshot.period),
        "title": title_of(period_named(snapshot.period)),
        "figure": figure,
        "label": label_of_list(figure, snapshot, rows),
        "total": total,
        "lines": lines,
        "columns": columns_of(figure, lines),
        "is_share": kind_of(figure) == Kind.SHARE,
        "first_url": f"{base}?{urlencode(wanted)}" if after else "",
        "next_url": f"{base}?{urlencode({**wanted, 'after': str(shown[PAGE - 1].pk)})}"
        if len(shown) > PAGE
        else "",
        "shown": _("%(shown)s of %(total)s") % {"shown": len(shown[:PAGE]), "total": total},
        "tabs": _parts(base, wanted, figure),
        "files": _files(snapshot.period, figure, wanted),
    }
    return render(request, "reports/report_rows.html", context)


def _files(period: str, figure: str, wanted: dict[str, str]) -> list[tuple[str, str]]:
    """The same rows to take away: what to call each kind of file, and its address."""
    query = f"?{urlencode(wanted)}" if wanted else ""
    return [
        (kind.upper(), reverse("rows_file", args=[period, figure, kind]) + query)
        for kind in ("xlsx", "csv")
    ]


def _parts(base: str, wanted: dict[str, str], figure: str) -> list[dict[str, Any]]:
    """A share links its numerator and its denominator."""
    current = wanted.get("part", "")
    labels = dict(zip(("", "met", "missed"), part_labels(figure), strict=True))
    return [
        {
            "label": label,
            "url": f"{base}?{urlencode({**wanted, 'part': part})}",
            "current": part == current,
        }
        for part, label in labels.items()
    ]
