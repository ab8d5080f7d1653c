"""Procedures: written in the settings with a preview, ticked on the ticket."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from catalog.access import rights_of
from catalog.views.pages import side
from core.errors import NotAllowed, Refused, StaleWrite
from core.formkeys import once_only
from core.toasts import add_toast
from tickets import actions
from tickets.access import get_ticket_for_staff
from tickets.actions.procedures import StepDraft, steps_of_edition
from tickets.forms.procedures import ProcedureForm, drafts_of, steps_formset
from tickets.models import Procedure, ProcedureStep, Ticket
from tickets.rendering.steps import ShownProcedure, steps_shown
from tickets.views.answers import kept_query, undo_url
from tickets.views.requests import SignedInRequest


def _frame(request: SignedInRequest) -> dict[str, Any]:
    if not actions.may_share(request.user):
        raise PermissionDenied
    return {"side": side(request) if rights_of(request.user).is_administrator else []}


@login_required
@require_GET
def procedure_list(request: SignedInRequest) -> HttpResponse:
    """Every procedure, by type and place."""
    frame = _frame(request)
    rows = Procedure.objects.filter(is_active=True).select_related("product", "module")
    context = {**frame, "rows": rows.order_by("type", "product__name", "module__name", "pk")}
    return render(request, "tickets/procedures.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def procedure_edit(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    """Write a procedure; `preview` shows it as tickets would, and keeps nothing."""
    frame = _frame(request)
    procedure = get_object_or_404(Procedure, pk=pk, is_active=True) if pk else None
    present = _present(procedure)
    initial = ProcedureForm.initial_of(procedure) if procedure else {}
    form = ProcedureForm(request.POST or None, row=procedure, initial=initial)
    steps = steps_formset(request.POST or None, present)
    drafts = present
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid() and steps.is_valid():
            drafts = drafts_of(steps)
            if "preview" not in request.POST:
                saved = _save(request, procedure, form, drafts)
                if saved is not None:
                    add_toast(request, _("“%(name)s” is saved.") % {"name": saved})
                    return redirect("procedure", saved.pk)
    context = {
        **frame, "procedure": procedure, "form": form, "steps": steps,
        "shown": _previewed(form, procedure, drafts), "affected": _affected(form, procedure),
    }  # fmt: skip
    return render(request, "tickets/procedure_edit.html", context, status=status)


def _present(procedure: Procedure | None) -> list[StepDraft]:
    if procedure is None:
        return []
    return [
        StepDraft(step.text, step.page, step.is_required)
        for step in steps_of_edition(procedure, procedure.edition)
    ]


def _save(
    request: SignedInRequest, procedure: Procedure | None, form: ProcedureForm,
    drafts: list[StepDraft],
) -> Procedure | None:  # fmt: skip
    fields, now = form.fields_of_row(), timezone.now()
    try:
        if procedure is None:
            return actions.create_procedure(
                Procedure(**fields), drafts, acting_user=request.user, now=now
            )
        return actions.edit_procedure(
            procedure, fields, drafts, acting_user=request.user, now=now,
            seen_version=form.cleaned_data["version"],
        )  # fmt: skip
    except (NotAllowed, StaleWrite):
        raise
    except Refused as refusal:
        form.show_refusal(refusal)
        return None


def _previewed(
    form: ProcedureForm, procedure: Procedure | None, drafts: list[StepDraft]
) -> ShownProcedure:
    rows = [ProcedureStep(text=d.text, page=d.page, is_required=d.is_required) for d in drafts]
    name = form["name"].value() or (procedure.name if procedure else "")
    return ShownProcedure(str(name), steps_shown(rows))


def _affected(form: ProcedureForm, procedure: Procedure | None) -> int | None:
    """How many unresolved tickets it fits, as the form stands; None while it is not complete."""
    if form.is_bound and form.is_valid():
        fields = form.fields_of_row()
    elif procedure is not None:
        fields = {name: getattr(procedure, name) for name in ("type", "product_id", "module_id")}
    else:
        return None
    places = {name: fields[name] for name in ("product_id", "module_id") if fields[name]}
    return Ticket.objects.unresolved().filter(type=fields["type"], **places).count()


@login_required
@require_POST
@once_only
def procedure_retire(request: SignedInRequest, pk: int) -> HttpResponse:
    """No new ticket begins it, with an undo."""
    _frame(request)
    procedure = get_object_or_404(Procedure, pk=pk)
    actions.retire_procedure(procedure, acting_user=request.user, now=timezone.now())
    add_toast(
        request, _("“%(name)s” is removed.") % {"name": procedure},
        undo_url=reverse("procedure_bring_back", args=[pk]),
    )  # fmt: skip
    return redirect("procedures")


@login_required
@require_POST
@once_only
def procedure_bring_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """The undo of removing it."""
    _frame(request)
    procedure = get_object_or_404(Procedure, pk=pk)
    actions.bring_back_procedure(procedure, acting_user=request.user, now=timezone.now())
    add_toast(request, _("“%(name)s” is saved.") % {"name": procedure})
    return redirect("procedures")


@login_required
@require_POST
@once_only
def ticket_tick(request: SignedInRequest, pk: int) -> HttpResponse:
    """Tick a step of the ticket's procedure, or (`off`) take the tick back."""
    ticket = get_ticket_for_staff(request.user, pk)
    key = request.POST.get("step", "")
    known = int(key) if key.isdecimal() and len(key) < 18 else 0
    step = get_object_or_404(ProcedureStep.objects.select_related("procedure"), pk=known)
    act = actions.untick_step if request.POST.get("off") else actions.tick_step
    now = timezone.now()
    act(ticket, step, acting_user=request.user, now=now)
    said = _("Tick taken back") if request.POST.get("off") else _("Ticked")
    add_toast(request, said, undo_url=undo_url(ticket, request.user, now))
    return redirect(reverse("ticket", args=[pk]) + kept_query(request))
