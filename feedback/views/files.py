"""The demand table as a file: taken away as XLSX or CSV, brought in with a preview of every row."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core import sheets
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_refusal_toast, add_toast
from feedback import access
from feedback.actions.importing import carry_out_import, start_import, take_back_import
from feedback.actions.unimporting import may_take_back
from feedback.forms.fields import staff_products
from feedback.forms.imports import ImportForm
from feedback.models import DemandImport, ImportRow
from feedback.rendering.sheet import sheet_of
from feedback.views.answers import local_now, reader_of
from feedback.views.places import DemandPlace

ROWS_SHOWN = 50
IMPORTS_SHOWN = 20


@login_required
@require_safe
def demands_export(request: HttpRequest, kind: str) -> HttpResponse:
    """The list an address names, with the columns it shows."""
    access.require_reader(reader_of(request))
    if kind not in ("xlsx", "csv"):
        raise Http404
    place = DemandPlace.of(request)
    try:
        table = sheet_of(place.read)
    except Refused as refusal:
        add_refusal_toast(request, refusal)
        return redirect(place.here)
    if kind == "xlsx":
        return sheets.download(sheets.xlsx_bytes([table]), "demands.xlsx", sheets.XLSX_TYPE)
    return sheets.download(sheets.csv_lines(table), "demands.csv", "text/csv; charset=utf-8")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def demands_import(request: HttpRequest) -> HttpResponse:
    """Send a spreadsheet of demands; those sent before stand below."""
    return _import(request, DemandImport.Kind.DEMANDS)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def feedback_import(request: HttpRequest) -> HttpResponse:
    """Send a spreadsheet of what people said; those sent before stand below."""
    return _import(request, DemandImport.Kind.FEEDBACK)


def _import(request: HttpRequest, kind: str) -> HttpResponse:
    user = reader_of(request)
    if not staff_products(user).exists():
        raise PermissionDenied
    is_sent = request.method == "POST"
    form = ImportForm(
        request.POST if is_sent else None, request.FILES if is_sent else None, user=user
    )
    if is_sent and form.is_valid():
        try:
            run = start_import(
                form.cleaned_data["file"], form.cleaned_data["product"],
                language=get_language() or "", kind=kind, acting_user=user, now=local_now(),
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("demand_import", run.pk)
    there = {
        "form": form,
        "is_feedback": kind == DemandImport.Kind.FEEDBACK,
        "sent": DemandImport.objects.filter(by=user, kind=kind).order_by("-pk")[:IMPORTS_SHOWN],
    }
    return render(request, "feedback/import_new.html", there, status=422 if is_sent else 200)


@login_required
@require_safe
def demand_import(request: HttpRequest, pk: int) -> HttpResponse:
    """A file that was sent: how far it is, and what each row would do or did."""
    run = access.get_import(reader_of(request), pk)
    return render(request, "feedback/import.html", _context(request, run))


def _context(request: HttpRequest, run: DemandImport) -> dict[str, Any]:
    counts = dict(run.rows.values_list("outcome").annotate(Count("pk")).order_by())
    outcomes = ImportRow.Outcome
    wanted = request.GET.get("outcome", "")
    if wanted not in outcomes.values:
        wanted = ""
    rows = run.rows.select_related("demand")
    if wanted:
        rows = rows.filter(outcome=wanted)
    after = request.GET.get("after", "")
    if after.isdecimal() and len(after) < 10:
        rows = rows.filter(line__gt=int(after))
    found = list(rows[: ROWS_SHOWN + 1])
    total, waiting = sum(counts.values()), counts.get(outcomes.WAITING, 0)
    good = counts.get(outcomes.CREATE, 0) + counts.get(outcomes.CHANGE, 0)
    done = run.rows.filter(is_done=True).count() if run.state == run.State.IMPORTING else 0
    over = (run.State.JUDGED, run.State.DONE, run.State.FAILED, run.State.UNDONE)
    is_over = run.state in over
    is_undone = run.state == run.State.UNDONE
    here = reverse("demand_import", args=[run.pk])
    tabs = [("", _("All"), total)] + [
        (str(value), str(label), counts.get(value, 0))
        for value, label in outcomes.choices
        if value != outcomes.WAITING
    ]
    return {
        "run": run,
        "is_feedback": run.kind == DemandImport.Kind.FEEDBACK,
        "counts": [(str(label), counts.get(value, 0)) for value, label in outcomes.choices
                   if value != outcomes.WAITING],
        "good": good if run.state == run.State.JUDGED else 0,
        "refused": counts.get(outcomes.REFUSED, 0),
        "done": done if run.state == run.State.IMPORTING else total - waiting,
        "total": good if run.state == run.State.IMPORTING else total,
        "poll_url": "" if is_over else here,
        "tabs": [
            {"label": label, "url": f"{here}?outcome={value}" if value else here, "count": count,
             "current": value == wanted}
            for value, label, count in tabs
        ],
        "rows": found[:ROWS_SHOWN],
        "next_url": f"{here}?outcome={wanted}&after={found[ROWS_SHOWN - 1].line}"
        if len(found) > ROWS_SHOWN else "",
        "may_take_back": may_take_back(run, local_now()),
        "taken_back": run.rows.filter(is_taken_back=True).count() if is_undone else 0,
        "kept": list(run.rows.exclude(kept=[]).select_related("demand")[:ROWS_SHOWN])
        if is_undone else [],
        "kept_count": run.rows.exclude(kept=[]).count() if is_undone else 0,
        "left_out": [heading for heading, key in run.headings if not key],
    }  # fmt: skip


@login_required
@require_POST
@once_only
def demand_import_carry_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Import the good rows of a file that is checked."""
    user = reader_of(request)
    run = access.get_import(user, pk)
    try:
        carry_out_import(run, acting_user=user, now=local_now())
    except Refused as refusal:
        add_toast(request, "\n".join(str(one.message) for one in refusal.problems), tone="seal")
    return redirect("demand_import", run.pk)


@login_required
@require_POST
@once_only
def demand_import_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an import back: the wrong file, seen too late."""
    user = reader_of(request)
    run = access.get_import(user, pk)
    try:
        take_back_import(run, acting_user=user, now=local_now())
    except Refused as refusal:
        add_refusal_toast(request, refusal)
    return redirect("demand_import", run.pk)


@login_required
@require_safe
def demand_import_refused(request: HttpRequest, pk: int) -> HttpResponse:
    """The bad cells as a file: line, heading, value, what is wrong, what would do."""
    run = access.get_import(reader_of(request), pk)
    rows = (
        [row.line, *problem]
        for row in run.rows.filter(outcome=ImportRow.Outcome.REFUSED).iterator()
        for problem in row.problems
    )
    labels = (
        _("Line"),
        _("Column"),
        pgettext("of a cell", "Value"),
        _("What is wrong"),
        _("What would do"),
    )
    table = sheets.Table(
        pgettext("import row", "Refused"), [sheets.Column(label) for label in labels], rows
    )
    return sheets.download(sheets.csv_lines(table), "refused.csv", "text/csv; charset=utf-8")
