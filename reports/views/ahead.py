"""Looking ahead: the newest outlook, earlier ones, and their files."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.sheets import XLSX_TYPE, csv_lines, download, xlsx_bytes
from reports.access import get_outlook_for_view, newest_outlook, period_or_404, scope_of
from reports.actions.snapshots import SETTLE
from reports.models import Outlook
from reports.policies.weeks import Week, last_complete_week
from reports.rendering.ahead import OutlookPage, choices_of, series_in_scope
from reports.rendering.explore.blocks import tables_of
from tickets.views.requests import SignedInRequest

KINDS = ("xlsx", "csv")


@login_required
@require_GET
def ahead(request: SignedInRequest) -> HttpResponse:
    """The newest outlook there is, else a page that says when it will be there."""
    scope_of(request.user)
    newest = newest_outlook()
    if newest is not None:
        return redirect("ahead_of", week=newest.period)
    week = last_complete_week(timezone.now())
    return render(request, "reports/ahead_missing.html", {"week": week})


@login_required
@require_GET
def ahead_of(request: SignedInRequest, week: str) -> HttpResponse:
    page = _page(request, week)
    newest = newest_outlook()
    context = {
        "page": page, "explored": page.explored(), "choices": choices_of(page),
        "previous": page.week.shift(-1) if page.before_exists else None,
        "next": page.week.shift(1) if newest and newest.period != week else None,
        "late": _late(page) if newest and newest.period == week else None,
        "files": [
            (kind.upper(), reverse("ahead_file", args=[week, kind])) for kind in KINDS
        ],
    }  # fmt: skip
    return render(request, "reports/ahead.html", context)


@login_required
@require_GET
def ahead_file(request: SignedInRequest, week: str, kind: str) -> HttpResponse:
    """The page's figures: a workbook with a sheet per block, or one CSV under headings."""
    page = _page(request, week)
    if kind not in KINDS:
        raise Http404
    tables = tables_of(page.explored())
    name = f"opsdesk-ahead-{week}.{kind}"
    if kind == "xlsx":
        return download(xlsx_bytes(tables), name, XLSX_TYPE)
    return download(csv_lines(*tables), name, "text/csv; charset=utf-8")


def _late(page: OutlookPage) -> Week | None:
    """The week that is over and should have an outlook by now, where the newest is an older one."""
    due = last_complete_week(timezone.now() - SETTLE)
    return due if due.monday > page.week.monday else None


def _page(request: SignedInRequest, name: str) -> OutlookPage:
    scope = scope_of(request.user)
    outlook = get_outlook_for_view(period_or_404(name))
    earlier = Week.named(outlook.period).shift(-1)
    before = Outlook.objects.filter(period=earlier.name).first()
    return OutlookPage(
        outlook, series_in_scope(outlook, scope), request.user,
        series_in_scope(before, scope) if before is not None else None,
        request.GET.get("of", ""),
    )  # fmt: skip
