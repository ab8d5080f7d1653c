"""Settings → notices: what everybody is told by which channel, unless they choose otherwise."""

from __future__ import annotations

from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import house_wish, signed_in
from accounts.actions import save_telling
from accounts.models import Telling
from accounts.views.telling import told_form
from catalog.views.pages import administrators_only, side
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.registry import notice_groups
from core.toasts import add_toast


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_told(request: HttpRequest) -> HttpResponse:
    """The house's own grid; what a person chose stays theirs."""
    form = told_form(notice_groups(), house_wish(), request)
    if form.is_bound and form.is_valid():
        try:
            save_telling(
                None, form.modes(), form.times(), acting_user=signed_in(request),
                now=timezone.now(),
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Saved. It holds for everybody who chose nothing else."))
            return redirect("settings_told")
    there = {
        "side": side(request),
        "form": form,
        "zones": sorted(available_timezones()),
        "own": Telling.objects.filter(user__isnull=False).exclude(modes={}).count(),
    }
    status = 422 if form.is_bound else 200
    return render(request, "catalog/settings_told.html", there, status=status)
