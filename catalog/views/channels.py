"""Settings → mail and chat: what is set up, the teams' group robots, and what they said last."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models.functions import Lower
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from accounts.actions import try_address_again
from accounts.forms import ChatAddressForm
from accounts.models import User
from catalog.actions import remove_team_robot, set_team_robot
from catalog.models import Team
from catalog.views.pages import administrators_only, side
from core.channels.addresses import address_of, send_test, shown
from core.channels.chat import provider_named, provider_names
from core.channels.mail import is_configured
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.models import ChatAddress, OutboxRow, UnreachableAddress
from core.toasts import add_toast

#: Addresses that do not work shown on one page.
SHOWN = 100


@administrators_only
@require_safe
def settings_channels(request: HttpRequest) -> HttpResponse:
    """How mails and chat messages leave, and where they arrive."""
    addresses = ChatAddress.objects.filter(is_active=True)
    robots = {row.subject_id: shown(row) for row in addresses.filter(subject=Team.SUBJECT)}
    teams = Team.objects.filter(is_active=True)
    there = {
        "side": side(request),
        "mail": {
            "is_configured": is_configured(),
            "server": f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}",
            "sender": settings.DEFAULT_FROM_EMAIL,
            "base_url": settings.BASE_URL,
            "parked": OutboxRow.objects.filter(parked_at__isnull=False).count(),
            "without": User.objects.working_here().filter(email="").count(),
        },
        "teams": [{"team": team, "robot": robots.get(team.pk)} for team in teams],
        "own": addresses.filter(subject=User.SUBJECT).count(),
        "providers": [provider_named(name) for name in provider_names()],
        "gateways": sorted(settings.CHAT_GATEWAYS.items()),
        "allowed": settings.ALLOWED_PRIVATE_HOSTS,
        "unreachable": _unreachable(),
    }
    return render(request, "catalog/settings_channels.html", there)


def _unreachable() -> list[dict[str, Any]]:
    """Addresses that do not work any more, the newest first, with whose they are."""
    rows = list(UnreachableAddress.objects.order_by("-since")[:SHOWN])
    lower = User.objects.working_here().annotate(lower=Lower("email"))
    people: dict[str, list[str]] = {}
    for name, address in lower.filter(lower__in=[row.pk for row in rows]).values_list(
        "name", "lower"
    ):
        people.setdefault(address, []).append(name)
    return [{"row": row, "people": people.get(row.pk, [])} for row in rows]


@administrators_only
@require_POST
@once_only
def settings_channels_address(request: HttpRequest) -> HttpResponse:
    """Send mails again to an address that was given up."""
    if try_address_again(request.POST.get("address", "")):
        add_toast(request, _("The next mail is sent to this address again."))
    else:
        add_toast(request, _("Nothing stands against this address any more."))
    return redirect("settings_channels")


@sensitive_post_parameters("url", "secret")
@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_channels_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The robot of one team's group."""
    team = get_object_or_404(Team, pk=pk)
    form = ChatAddressForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data
        try:
            set_team_robot(
                team, sent["provider"], sent["url"], sent["secret"],
                acting_user=signed_in(request), now=timezone.now(),
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Saved. Send a test message to see that it works."))
            return redirect("settings_channels_edit", pk)
    address = address_of(Team.SUBJECT, pk)
    there = {
        "side": side(request),
        "team": team,
        "form": form,
        "address": None if address is None else shown(address),
    }
    status = 422 if form.is_bound else 200
    return render(request, "catalog/settings_channels_edit.html", there, status=status)


@administrators_only
@require_POST
@once_only
def settings_channels_remove(request: HttpRequest, pk: int) -> HttpResponse:
    team = get_object_or_404(Team, pk=pk)
    remove_team_robot(team, acting_user=signed_in(request), now=timezone.now())
    add_toast(request, _("Nothing is sent to this group any more."))
    return redirect("settings_channels")


@administrators_only
@require_POST
@once_only
def settings_channels_test(request: HttpRequest, pk: int) -> HttpResponse:
    address = address_of(Team.SUBJECT, get_object_or_404(Team, pk=pk).pk)
    if address is not None:
        send_test(address, now=timezone.now())
        add_toast(request, _("A test message is on its way."))
    return redirect("settings_channels_edit", pk)
