"""The annex of a report: every figure, what it means, who got it; and subscribing to reports."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from reports.access import (
    get_snapshot_for_view,
    get_subscription_for_end,
    may_edit,
    may_set_targets,
    period_or_404,
    scope_of,
)
from reports.actions import subscribe, unsubscribe
from reports.choices import PeriodKind
from reports.forms import SubscriberForm
from reports.models import Delivery, Snapshot, Subscription
from reports.policies.periods import period_named
from reports.rendering.annex import defined_figures
from reports.rendering.annex_tables import annex_tables
from reports.rendering.periods import title_of
from reports.rendering.sheet import sheet_of
from tickets.views.requests import SignedInRequest


@login_required
@require_GET
def report_annex(request: SignedInRequest, period: str) -> HttpResponse:
    """What stands behind the one page."""
    scope_of(request.user)
    snapshot = get_snapshot_for_view(period_or_404(period))
    return _annex(request, snapshot, SubscriberForm())


def _annex(
    request: SignedInRequest, snapshot: Snapshot, form: SubscriberForm, status: int = 200
) -> HttpResponse:
    period, user = period_named(snapshot.period), request.user
    scope = scope_of(user)
    sheet = sheet_of(snapshot, scope)
    editing = may_edit(user, snapshot)
    subscriptions = Subscription.objects.filter(kind=period.kind, is_active=True)
    context: dict[str, Any] = {
        "period": period,
        "title": title_of(period),
        "sheet": sheet,
        "figures": defined_figures(sheet),
        "tables": annex_tables(sheet, snapshot, scope),
        "form": form,
        "kind_label": PeriodKind(period.kind).label,
        "mine": subscriptions.filter(person=user).first(),
        "may_edit": editing,
        "may_set_targets": may_set_targets(user),
        "subscriptions": subscriptions.select_related("person").order_by("person__name", "pk")
        if editing
        else [],
        "deliveries": _deliveries(snapshot, user.pk, editing),
    }
    return render(request, "reports/annex.html", context, status=status)


def _deliveries(snapshot: Snapshot, user_id: int, everybody: bool) -> list[Delivery]:
    """To whom the report went; who only reads sees their own line."""
    found = Delivery.objects.filter(snapshot=snapshot).select_related("person")
    return list((found if everybody else found.filter(person=user_id)).order_by("sent_at", "pk"))


@login_required
@require_POST
@once_only
def report_subscribe(request: SignedInRequest, period: str) -> HttpResponse:
    """Reports like this one go to me, or, by who edits them, to somebody else."""
    scope_of(request.user)
    snapshot = get_snapshot_for_view(period_or_404(period))
    form = SubscriberForm(request.POST)
    if not form.is_valid():
        return _annex(request, snapshot, form, 422)
    person = form.cleaned_data["person"] or request.user
    if person != request.user and not may_edit(request.user, snapshot):
        form.add_error("person", _("Only who edits the report subscribes others. Leave it empty."))
        return _annex(request, snapshot, form, 403)
    try:
        subscribe(person, snapshot.period_kind, acting_user=request.user, now=timezone.now())
    except Refused as refusal:
        add_refusal(form, refusal)
        return _annex(request, snapshot, form, refusal.status)
    add_toast(request, _("%(name)s gets each new report") % {"name": person.name})
    return redirect("report_annex", period=snapshot.period)


@login_required
@require_POST
@once_only
def report_unsubscribe(request: SignedInRequest, period: str, pk: int) -> HttpResponse:
    """No further report, for me or by who edits the reports."""
    scope_of(request.user)
    snapshot = get_snapshot_for_view(period_or_404(period))
    subscription = get_subscription_for_end(request.user, snapshot, pk)
    unsubscribe(subscription, acting_user=request.user, now=timezone.now())
    name = subscription.person.name
    add_toast(request, _("%(name)s gets no further report") % {"name": name})
    return redirect("report_annex", period=snapshot.period)
