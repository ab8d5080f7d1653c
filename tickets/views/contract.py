"""Fill one row of the contract in place."""

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
from tickets.forms.contract import FIELDS_OF_ROW, RowForm
from tickets.rendering.words import labels_of
from tickets.views.answers import kept_query, shown_in_dialog, stale_answer, undo_url
from tickets.views.requests import SignedInRequest

DEFAULT_ROW = "title"


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def ticket_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """One row's form; sent, the ticket holds its values."""
    ticket = get_ticket_for_edit(request.user, pk)
    back = reverse("ticket", args=[pk]) + kept_query(request)
    action = reverse("ticket_edit", args=[pk]) + kept_query(request)
    wanted = (request.POST or request.GET).get("row", "")
    row = wanted if wanted in FIELDS_OF_ROW else DEFAULT_ROW
    context = {"ticket": ticket, "action": action, "back": back}
    if request.method != "POST":
        context["form"] = RowForm(ticket=ticket, row=row)
        return render(request, "tickets/edit.html", context)
    form = RowForm(request.POST, ticket=ticket, row=row)
    if form.is_valid():
        now = timezone.now()
        try:
            edit_ticket(
                ticket, form.changes(), acting_user=request.user, now=now,
                seen_version=form.cleaned_data["version"],
            )  # fmt: skip
        except StaleWrite as stale:
            return stale_answer(request, ticket, form, stale, action=action, back=back)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(
                request, _("Saved: %(fields)s") % {"fields": labels_of(form.names)},
                undo_url=undo_url(ticket, request.user, now),
            )  # fmt: skip
            return redirect(back)
    response = render(request, "tickets/edit.html", {**context, "form": form}, status=422)
    return shown_in_dialog(response)
