"""People out of a spreadsheet: send, look at every row, import."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from accounts.actions import carry_out_people_import, start_people_import
from accounts.actions.judging import Judged, PeopleJudge
from accounts.models import PeopleImport
from catalog.forms import PeopleImportForm
from catalog.views.pages import administrators_only, side
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.sheets import XLSX_TYPE, Column, Table, download, xlsx_bytes
from core.toasts import add_toast

PAGE = 100
SENT_SHOWN = 10


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_people_import(request: HttpRequest) -> HttpResponse:
    form = PeopleImportForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            run = start_people_import(
                form.cleaned_data["file"],
                language=translation.get_language(),
                acting_user=signed_in(request),
                now=timezone.now(),
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("settings_people_file", pk=run.pk)
    there = {
        "form": form,
        "side": side(request),
        "columns": [(label, note) for _key, label, note in headings()],
        "sent": PeopleImport.objects.defer("rows", "refused").order_by("-pk")[:SENT_SHOWN],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "catalog/settings_people_import.html", there, status=status)


def headings() -> list[tuple[str, str, str]]:
    """Key, heading and what a cell holds, in the reader's language."""
    return [
        ("username", _("User name"), _("needed; the person is found by it")),
        ("name", _("Full name"), _("needed for new people")),
        ("email", _("E-mail"), ""),
        ("department", _("Department"), _("with those above it: Sales / East; new ones are made")),
        ("position", _("Position"), _("new ones are made")),
        ("language", _("Language"), _("zh or en; Chinese where it is empty")),
    ]


@administrators_only
@require_safe
def settings_people_sample(request: HttpRequest) -> HttpResponse:
    """An empty table with the headings, and one row that shows how."""
    columns = [Column(label, width=22) for _key, label, _note in headings()]
    row = ["zhangsan", "张三", "zhangsan@example.com", _("Sales / East"), _("Sales clerk"), "zh"]
    return download(xlsx_bytes([Table(_("People"), columns, [row])]), "people.xlsx", XLSX_TYPE)


@administrators_only
@require_safe
def settings_people_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Before: every row with what it would do. While and after: how far it is, what was refused."""
    run = get_object_or_404(PeopleImport, pk=pk)
    labels = {key: label for key, label, _note in headings()}
    there: dict[str, Any] = {"run": run, "side": side(request), "total": len(run.rows)}
    if run.state == PeopleImport.State.CHECKED:
        there |= _preview(request, run, labels)
    else:
        there["refused"] = [
            (line, [[labels.get(one[0], one[0]), *one[1:]] for one in told])
            for line, told in run.refused
        ]
        if run.state == PeopleImport.State.IMPORTING:
            there["poll_url"] = request.path
    counts = there.get("found", run.counts)
    there["counts"] = [(name, label, counts.get(name, 0)) for name, label in outcomes()]
    return render(request, "catalog/settings_people_file.html", there)


def outcomes() -> list[tuple[str, str]]:
    return [
        ("create", _("New people")),
        ("change", _("Changed")),
        ("same", _("As they are")),
        ("refused", pgettext("import", "Refused")),
    ]


def _preview(request: HttpRequest, run: PeopleImport, labels: dict[str, str]) -> dict[str, Any]:
    judge = PeopleJudge()
    judged = [judge.judge(line, cells) for line, cells in run.rows]
    found = Counter(one.outcome for one in judged)
    wanted = request.GET.get("rows", "")
    shown = [one for one in judged if not wanted or one.outcome == wanted]
    start = request.GET.get("from", "")
    first = int(start) if start.isdecimal() and len(start) < 6 else 0
    asked = f"&rows={wanted}" if wanted else ""
    return {
        "found": found,
        "good": found["create"] + found["change"],
        "rows": [_row(one, labels) for one in shown[first : first + PAGE]],
        "wanted": wanted,
        "next_url": f"?from={first + PAGE}{asked}" if len(shown) > first + PAGE else "",
        "previous_url": f"?from={max(first - PAGE, 0)}{asked}" if first else "",
        "tabs": [
            {"label": _("All"), "url": request.path, "count": len(judged), "current": not wanted},
            *(
                {"label": label, "url": f"?rows={name}", "count": found[name],
                 "current": wanted == name}
                for name, label in outcomes()
            ),
        ],
    }  # fmt: skip


def _row(judged: Judged, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "line": judged.line,
        "username": judged.username,
        "person": judged.person,
        "outcome": judged.outcome,
        "label": dict(outcomes())[judged.outcome],
        "changes": [[labels[key], before, after] for key, before, after in judged.changes],
        "made": judged.made,
        "problems": [
            [labels.get(one.field, one.field), str(one.value)[:200], one.message, one.remedy]
            for one in judged.problems
        ],
    }


@administrators_only
@require_POST
@once_only
def settings_people_carry_out(request: HttpRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(PeopleImport, pk=pk)
    try:
        carry_out_people_import(run, acting_user=signed_in(request), now=timezone.now())
    except Refused as refusal:
        add_toast(request, f"{refusal.problems[0].message} {refusal.problems[0].remedy}")
    return redirect(reverse("settings_people_file", args=[pk]))
