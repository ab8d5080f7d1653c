"""Fill in or correct the custom fields of a ticket."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from tickets.access import get_ticket_for_edit
from tickets.actions import edit_ticket
from tickets.forms.fields_of_ticket import FieldsForm
from tickets.rendering.fields import values_of
from tickets.views.answers import kept_query, shown_in_dialog, undo_url
from tickets.views.requests import SignedInRequest


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def ticket_fields(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the ticket is asked for besides its own columns, as its place and type ask it."""
    ticket = get_ticket_for_edit(request.user, pk)
    back = reverse("ticket", args=[pk]) + kept_query(request)
    context = {
        "ticket": ticket, "back": back,
        "action": reverse("ticket_fields", args=[pk]) + kept_query(request),
    }  # fmt: skip
    if request.method != "POST":
        context |= {"form": FieldsForm(ticket=ticket), "held": values_of(ticket)}
        return render(request, "tickets/fields.html", context)
    form = FieldsForm(request.POST, request.FILES, ticket=ticket)
    if form.is_valid():
        now = timezone.now()
        try:
            edit_ticket(
                ticket, {"custom": form.changes()}, acting_user=request.user, now=now,
                seen_version=form.cleaned_data["version"], field_files=form.added_files(),
            )  # fmt: skip
        except StaleWrite:
            text = _("Somebody changed these fields meanwhile. Look again, then save once more.")
            form.add_error(None, text)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            undo = undo_url(ticket, request.user, now)
            add_toast(request, _("The fields are saved."), undo_url=undo)
            return redirect(back)
    ticket.refresh_from_db()
    context |= {"form": form, "held": values_of(ticket)}
    return shown_in_dialog(render(request, "tickets/fields.html", context, status=422))
