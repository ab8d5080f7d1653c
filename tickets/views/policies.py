"""Settings of service policies: their order, one of them, what a change would move, the run."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import signed_in
from accounts.models import Department
from catalog.models import Product
from catalog.views.pages import administrators_only, foreseen_page, is_seen, side
from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.toasts import add_toast
from tickets.actions.policies import create_policy, edit_policy, guard_policy
from tickets.choices import Priority
from tickets.forms.policies import PolicyForm, duration_said
from tickets.models import DueRun, ServicePolicy
from tickets.rendering.consequences import consequences_html
from tickets.sla import policies_in_force
from tickets.sla.preview import foresee_policies, with_policy

#: Runs shown below the list.
RUNS = 5


@administrators_only
@require_safe
def settings_policies(request: HttpRequest) -> HttpResponse:
    """Every policy in the order in which they are asked, and the last runs."""
    products = {product.pk: str(product) for product in Product.objects.all()}
    departments = dict(Department.objects.values_list("pk", "name"))
    there = {
        "side": side(request),
        "priorities": Priority.labels,
        "rows": [
            {
                "policy": policy,
                "products": [products[pk] for pk in policy.product_ids if pk in products],
                "departments": [
                    departments[pk] for pk in policy.department_ids if pk in departments
                ],
                "targets": [_target_said(policy, priority) for priority in Priority],
            }
            for policy in ServicePolicy.objects.select_related("calendar")
        ],
        "runs": [_run_said(run) for run in DueRun.objects.order_by("-pk")[:RUNS]],
    }
    return render(request, "tickets/policies.html", there)


def _target_said(policy: ServicePolicy, priority: Priority) -> str:
    target = policy.target(priority)
    if target is None:
        return "—"
    return f"{duration_said(target.response)} / {duration_said(target.resolution)}"


def _run_said(run: DueRun) -> dict[str, Any]:
    return {
        "run": run,
        "label": f"{run.get_reason_display()}: {run.what}" if run.what else
        run.get_reason_display(),
        "poll_url": "" if run.finished_at else reverse("settings_due_run", args=[run.pk]),
    }  # fmt: skip


@administrators_only
@require_safe
def settings_due_run(request: HttpRequest, pk: int) -> HttpResponse:
    """How far a run is: the fragment that asks again until it is done."""
    run = get_object_or_404(DueRun, pk=pk)
    return render(request, "tickets/parts/due_run.html", {"one": _run_said(run)})


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_policies_new(request: HttpRequest) -> HttpResponse:
    form = PolicyForm(request.POST if request.method == "POST" else None)
    return _answer(request, None, form)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_policies_edit(request: HttpRequest, pk: int) -> HttpResponse:
    policy = get_object_or_404(ServicePolicy, pk=pk)
    form = PolicyForm(
        request.POST if request.method == "POST" else None, row=policy,
        initial=PolicyForm.initial_of(policy),
    )  # fmt: skip
    return _answer(request, policy, form)


def _answer(request: HttpRequest, policy: ServicePolicy | None, form: PolicyForm) -> HttpResponse:
    """The form; then what it would move; then, sent again from there, the saved policy."""
    if not form.is_bound or not form.is_valid():
        return _page(request, policy, form, 422 if form.is_bound else 200)
    now = timezone.now()
    try:
        if not is_seen(request):
            return _foreseen(request, policy, form, now)
        saved = _save(request, policy, form, now)
    except Refused as refusal:
        form.show_refusal(refusal)
        return _page(request, policy, form, 409 if isinstance(refusal, StaleWrite) else 422)
    add_toast(request, _("“%(name)s” is saved; open tickets are reckoned anew.") % {"name": saved})
    return redirect("settings_policies")


def _foreseen(
    request: HttpRequest, policy: ServicePolicy | None, form: PolicyForm, now: dt.datetime
) -> HttpResponse:
    """What the policy would move, after the same guards that saving it meets."""
    wanted = ServicePolicy() if policy is None else ServicePolicy.objects.get(pk=policy.pk)
    before = wanted.position
    for name, value in form.fields_of_row().items():
        setattr(wanted, name, value)
    guard_policy(wanted)
    if policy is not None and wanted.position > before:
        # Those between move up one place, so that it stands behind the one that has it now.
        wanted.position += 1
    found = foresee_policies(
        with_policy(wanted, policies_in_force()), user=signed_in(request), now=now
    )
    back = reverse("settings_policies") if policy is None else request.path
    return foreseen_page(request, wanted.name, back, [consequences_html(found, now)])


def _save(
    request: HttpRequest, policy: ServicePolicy | None, form: PolicyForm, now: dt.datetime
) -> ServicePolicy:
    fields = form.fields_of_row()
    if policy is None:
        return create_policy(fields, acting_user=signed_in(request), now=now)
    return edit_policy(
        policy, fields, acting_user=signed_in(request), now=now,
        seen_version=form.cleaned_data["version"],
    )  # fmt: skip


def _page(
    request: HttpRequest, policy: ServicePolicy | None, form: PolicyForm, status: int
) -> HttpResponse:
    there = {
        "side": side(request),
        "policy": policy,
        "form": form,
        "targets": [
            {"priority": priority.label, "response": form[response], "resolution": form[resolution]}
            for priority, response, resolution in form.targets
        ],
        "others": [
            bound for bound in form.visible_fields()
            if not bound.name.startswith(("response_", "resolution_"))
        ],
        "crumbs": [{"label": _("Service policies"), "url": reverse("settings_policies")}],
    }  # fmt: skip
    return render(request, "tickets/policy_edit.html", there, status=status)
