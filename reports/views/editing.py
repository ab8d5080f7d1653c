"""Writing a report's conclusion, agreeing on actions, and ending them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from reports.access import get_action_for_end, get_snapshot_for_edit, period_or_404, scope_of
from reports.actions import agree_action, edit_conclusion, end_action
from reports.choices import ActionState
from reports.forms import AgreedActionForm, ConclusionForm, EndActionForm
from reports.models import Conclusion
from reports.policies.periods import period_named
from reports.rendering.conclusion import drafted_texts
from reports.rendering.periods import title_of
from reports.rendering.sheet import sheet_of
from tickets.views.requests import SignedInRequest


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def conclusion_edit(request: SignedInRequest, period: str) -> HttpResponse:
    """The conclusion in both languages; starts from what is there, else from the draft."""
    snapshot = get_snapshot_for_edit(request.user, period_or_404(period))
    existing = Conclusion.objects.filter(period=snapshot.period).select_related("editor").first()
    draft = drafted_texts(sheet_of(snapshot, scope_of(request.user)))
    start = (
        {"text_zh": existing.text_zh, "text_en": existing.text_en, "version": existing.version}
        if existing
        else draft
    )
    form = ConclusionForm(request.POST or None, initial=start)
    newer = None
    if form.is_valid():
        data = form.cleaned_data
        try:
            edit_conclusion(
                snapshot, data["text_zh"], data["text_en"], acting_user=request.user,
                now=timezone.now(), seen_version=data["version"] or 0,
            )  # fmt: skip
        except StaleWrite as stale:
            # Both texts stay on the page: the newer one beside the one just typed.
            newer = existing
            form.data = request.POST.copy()
            form.data["version"] = str(stale.current_version)
            add_refusal(form, stale)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The conclusion is saved"))
            return redirect("weekly_report", period=snapshot.period)
    context = {"form": form, "draft": draft, "newer": newer, **_report(snapshot.period)}
    status = 409 if newer else _status(request)
    return render(request, "reports/conclusion_edit.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def action_new(request: SignedInRequest, period: str) -> HttpResponse:
    """One more thing the report asks for."""
    snapshot = get_snapshot_for_edit(request.user, period_or_404(period))
    form = AgreedActionForm(request.POST or None)
    if form.is_valid():
        data = form.cleaned_data
        try:
            agree_action(
                snapshot, data["text"], data["owner"], data["due_on"], acting_user=request.user,
                now=timezone.now(),
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The action is agreed on; its owner is told"))
            return redirect("weekly_report", period=snapshot.period)
    return _asked(request, form, _("Agree on an action"), _("Agree"), snapshot.period)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def action_end(request: SignedInRequest, pk: int) -> HttpResponse:
    """Done, or dropped with a reason."""
    action = get_action_for_end(request.user, pk)
    form = EndActionForm(request.POST or None, initial={"version": action.version})
    if form.is_valid():
        data = form.cleaned_data
        try:
            end_action(
                action, data["state"], data["outcome"], acting_user=request.user,
                now=timezone.now(), seen_version=data["version"],
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Noted"))
            return redirect("action_end", pk)
    title = action.text
    ended = action.state != ActionState.OPEN
    return _asked(request, form, title, _("Save"), action.period, action=action, ended=ended)


def _asked(
    request: SignedInRequest, form: forms.Form, title: str, button: str, period: str, **more: Any
) -> HttpResponse:
    context = {"form": form, "title": title, "button": button, **_report(period), **more}
    return render(request, "reports/action.html", context, status=_status(request))


def _report(name: str) -> dict[str, Any]:
    period = period_named(name)
    return {"period": period, "report_title": title_of(period)}


def _status(request: SignedInRequest) -> int:
    return 422 if request.method == "POST" else 200
