"""转 L4 from a ticket: choose or open the demand that drives it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from core.errors import NotAllowed, Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from feedback import actions
from feedback.forms.driving import DriveForm
from feedback.models import Demand
from feedback.views.answers import FormText, form_page, local_now, reader_of
from tickets.access import get_ticket_for_edit
from tickets.actions import edit_ticket
from tickets.models import Ticket
from tickets.policies import require_verb
from tickets.views.answers import kept_query, stale_answer

_DRIVE = FormText(
    _("Move up: L4 Product-drive"),
    _(
        "The ticket waits until the demand is released and verified; its requester is told on the "
        "way and asked at the end."
    ),
    _("Drive it by this demand"),
)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def demand_drive(request: HttpRequest, ticket_id: int) -> HttpResponse:
    """The form; sent, the demand drives the ticket and the requester is owed word on it."""
    user = reader_of(request)
    ticket = get_ticket_for_edit(user, ticket_id)
    kept = kept_query(request)
    action = reverse("demand_drive", args=[ticket_id]) + kept
    back = reverse("ticket", args=[ticket_id]) + kept
    shown: dict[str, Any] = {"action": action, "back": back, "crumb": ticket.ref}
    if request.method != "POST":
        require_verb(ticket, "drive", user)
        chosen = request.GET.get("demand", "")
        initial = {"demand": chosen} if chosen else {}
        form = DriveForm(ticket=ticket, user=user, initial=initial)
        return form_page(request, _DRIVE, form, **shown)
    form = DriveForm(request.POST, ticket=ticket, user=user)
    if form.is_valid():
        try:
            demand = _drive(ticket, form, user)
        except StaleWrite as stale:
            return stale_answer(request, ticket, form, stale, action=action, back=back)
        except NotAllowed:
            raise
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, str(_("%(ref)s drives it now") % {"ref": demand.ref}))
            return redirect(back)
    return form_page(request, _DRIVE, form, status=422, **shown)


def _drive(ticket: Ticket, form: DriveForm, user: User) -> Demand:
    """The rows typed here, a new demand when one is opened, and the drive: all or none."""
    said: dict[str, Any] = {"acting_user": user, "now": local_now()}
    seen = form.cleaned_data["version"]
    with transaction.atomic():
        if rows := form.contract_fields():
            ticket = edit_ticket(ticket, rows, seen_version=seen, **said)
            seen = ticket.version
        demand: Demand | None = form.cleaned_data.get("chosen")
        if demand is None:
            demand = actions.create_demand(
                actions.DemandDraft(
                    title=form.cleaned_data["title"], product=ticket.product,
                    module=ticket.module, kind=form.cleaned_data["kind"],
                ),
                **said,
            )  # fmt: skip
        actions.drive_by_demand(
            ticket, demand, form.cleaned_data["words"],
            importance=form.cleaned_data["importance"], seen_version=seen, **said,
        )  # fmt: skip
    return demand
