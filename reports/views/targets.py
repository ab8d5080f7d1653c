"""What the figures of the reports are to reach: a page of the settings, and of managers."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from catalog.access import rights_of
from catalog.views.pages import side
from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from reports.access import require_setting_targets
from reports.actions import set_target
from reports.choices import FIGURES, FIRST_TARGETS
from reports.forms import TargetForm
from reports.models import FigureTarget
from reports.policies.targets import TARGETED, targets_on
from reports.policies.weeks import Week, company_day
from reports.rendering.targets import target_lines, value_text, week_of_version
from tickets.views.requests import SignedInRequest


@login_required
@require_safe
def settings_targets(request: SignedInRequest) -> HttpResponse:
    """Every figure that can have a target, and what holds today."""
    require_setting_targets(request.user)
    there = {"side": _side(request), "lines": target_lines(company_day(timezone.now()))}
    return render(request, "reports/settings_targets.html", there)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_target(request: SignedInRequest, figure: str) -> HttpResponse:
    """One figure: a form for its next version, and the versions there were."""
    require_setting_targets(request.user)
    if figure not in TARGETED:
        raise Http404
    now = timezone.now()
    versions = list(
        FigureTarget.objects.filter(figure=figure).select_related("made_by").order_by("-number")
    )
    number = versions[0].number if versions else 0
    holds = targets_on(company_day(now)).get(figure)
    form = TargetForm(
        request.POST if request.method == "POST" else None, figure=figure, now=now,
        initial={"number": number},
    )  # fmt: skip
    if holds is not None:
        form.initial["value"] = f"{holds / form.unit:.2f}".rstrip("0").rstrip(".")
    status = 422 if form.is_bound else 200
    if form.is_valid():
        data = form.cleaned_data
        try:
            set_target(
                figure, form.wanted(), Week.named(data["from_week"]), acting_user=request.user,
                now=now, note=data["note"], seen_number=data["number"] or 0,
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
            status = 409 if isinstance(refusal, StaleWrite) else 422
        else:
            add_toast(request, _("The target of “%(figure)s” is set.") % _named(figure))
            return redirect("settings_targets")
    there = {
        "side": _side(request), "form": form, **_named(figure),
        "first": value_text(figure, FIRST_TARGETS.get(figure)),
        "versions": [
            (row, value_text(figure, row.value), week_of_version(row)) for row in versions
        ],
    }  # fmt: skip
    return render(request, "reports/settings_target.html", there, status=status)


def _named(figure: str) -> dict[str, str]:
    return {"figure": str(FIGURES[figure].label)}


def _side(request: SignedInRequest) -> list[dict[str, object]]:
    """The settings beside it for who opens those; a manager has this page alone."""
    return side(request) if rights_of(request.user).is_administrator else []
