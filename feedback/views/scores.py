"""The score formula in the settings, and two demands side by side."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from catalog.views.pages import administrators_only, foreseen_page, is_seen, side
from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.toasts import add_toast
from feedback import access
from feedback.actions.scoring import change_formula, current_formula, reckon
from feedback.forms.scores import FormulaForm
from feedback.models import Demand, DemandScore, FeedbackItem, ScoreFormula
from feedback.rendering.comparing import compared
from feedback.rendering.scores import moved_by, parts_of, result_said
from feedback.views.answers import local_now, reader_of

#: Versions shown below the form.
VERSIONS = 20
QUOTES = 3


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_scores(request: HttpRequest) -> HttpResponse:
    """The formula that holds, its versions, and a form for the next one."""
    formula = current_formula(local_now())
    form = FormulaForm(
        request.POST if request.method == "POST" else None, initial=FormulaForm.initial_of(formula)
    )
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        draft, now = form.draft(), local_now()
        try:
            if not is_seen(request):
                scored = {pk: scored for pk, (_inputs, scored) in reckon(draft, now).items()}
                html = render_to_string("feedback/parts/moved.html", {"moved": moved_by(scored)})
                return foreseen_page(
                    request, _("Score formula"), reverse("settings_scores"), [html]
                )
            saved = change_formula(
                draft, acting_user=signed_in(request), now=now,
                seen_number=form.cleaned_data["version"],
            )  # fmt: skip
        except Refused as refusal:
            form.show_refusal(refusal)
            status = 409 if isinstance(refusal, StaleWrite) else 422
        else:
            add_toast(
                request,
                _("The formula is version %(number)s now; scores follow within a minute.")
                % {"number": saved.number},
            )
            return redirect("settings_scores")
    there: dict[str, Any] = {
        "side": side(request), "form": form, "formula": formula,
        "versions": ScoreFormula.objects.select_related("made_by")[:VERSIONS],
    }  # fmt: skip
    return render(request, "feedback/settings_scores.html", there, status=status)


@login_required
@require_safe
def demand_score(request: HttpRequest, pk: int) -> HttpResponse:
    """The score of a demand with its parts: a part of its page that comes after it."""
    demand = access.get_demand_as_staff(reader_of(request), pk)
    row = DemandScore.objects.select_related("formula").filter(demand=demand).first()
    there = {
        "demand": demand, "row": row, "now": local_now(),
        "parts": parts_of(row, row.formula) if row is not None else [],
        "result": result_said(row) if row is not None else "",
    }  # fmt: skip
    return render(request, "feedback/parts/score.html", there)


@login_required
@require_safe
def demand_compare(request: HttpRequest) -> HttpResponse:
    """Two demands side by side: `?a=12&b=15`, by number or reference."""
    user = reader_of(request)
    access.require_reader(user)
    asked = {name: request.GET.get(name, "").strip()[:20] for name in ("a", "b")}
    found = {name: _called(text) for name, text in asked.items()}
    mine = Demand.objects.steered_by(user).select_related(*access.RELATED)
    demands = {
        name: mine.filter(pk=pk).first() if pk is not None else None for name, pk in found.items()
    }
    shown = [demand for demand in demands.values() if demand is not None]
    # A manager of one department reads demands, never the people behind them.
    said = shown if all(access.sees_everyone(demand, user) for demand in shown) else []
    there = {
        "asked": asked,
        "missing": [text for name, text in asked.items() if text and demands[name] is None],
        "demands": shown,
        "rows": compared(*shown) if len(shown) == 2 else [],
        "quotes": [
            FeedbackItem.objects.filter(demand=demand)
            .select_related("person", "department").order_by("-importance", "-pk")[:QUOTES]
            for demand in said
        ],
    }  # fmt: skip
    return render(request, "feedback/compare.html", there)


def _called(text: str) -> int | None:
    digits = text.upper().removeprefix("D-")
    return int(digits) if digits.isdecimal() and len(digits) < 18 else None
