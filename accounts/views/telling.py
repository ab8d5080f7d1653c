"""What a person is told, by which channel and when; and the link that stops mails of a kind."""

from __future__ import annotations

from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in, wish_of
from accounts.actions import (
    follow_house,
    resume_mails,
    save_telling,
    stop_mails,
    try_address_again,
)
from accounts.forms import ToldForm
from accounts.models import Telling, User
from accounts.policies import may_stop
from accounts.views.channels import own_address
from core.channels.reachability import unreachable
from core.channels.routing import DIGEST
from core.channels.stopping import read_stop_token
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.registry import NoticeGroup, notice_groups
from core.toasts import add_toast


def told_form(groups: list[NoticeGroup], wish: Any, request: HttpRequest) -> ToldForm:
    """The form of the grid, bound to what was sent."""
    must = frozenset(group.name for group in groups if not may_stop(group))
    return ToldForm(groups, wish, must, request.POST if request.method == "POST" else None)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def preferences_told(request: HttpRequest) -> HttpResponse:
    """The grid of what is told how, quiet time and digest."""
    user = signed_in(request)
    groups = [g for g in notice_groups() if g.concerns is None or g.concerns(user)]
    form = told_form(groups, wish_of(user), request)
    if form.is_bound and form.is_valid():
        try:
            save_telling(user, form.modes(), form.times(), acting_user=user, now=timezone.now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Your preferences are saved."))
            return redirect("preferences_told")
    there = {
        "form": form,
        "zones": sorted(available_timezones()),
        "has_own": Telling.objects.filter(user=user).exclude(modes={}, quiet="").exists(),
        "chat": own_address(user),
        "unreachable": unreachable(user.email) if user.email else None,
    }
    status = 422 if form.is_bound else 200
    return render(request, "accounts/preferences_told.html", there, status=status)


@login_required
@require_POST
@once_only
def preferences_told_reset(request: HttpRequest) -> HttpResponse:
    """Be told as the house tells everybody."""
    user = signed_in(request)
    follow_house(user, acting_user=user, now=timezone.now())
    add_toast(request, _("You are told as everybody here is."))
    return redirect("preferences_told")


@login_required
@require_POST
@once_only
def preferences_address_again(request: HttpRequest) -> HttpResponse:
    """Send mails again to one's own address, which a server refused for good."""
    user = signed_in(request)
    if user.email and try_address_again(user.email):
        add_toast(request, _("The next mail is sent to your address again."))
    return redirect("preferences_told")


@csrf_exempt  # the signature is the authority: mail programs send this without a page of ours
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop mails of one kind, signed in or not. GET asks; only POST acts (RFC 8058)."""
    named = read_stop_token(token)
    person = User.objects.working_here().filter(pk=named[0]).first() if named else None
    group = group_of_name(named[1]) if named else None
    if named is None or person is None or (group is None and named[1] != DIGEST):
        return render(request, "accounts/unsubscribe.html", {"is_known": False}, status=404)
    there: dict[str, Any] = {
        "is_known": True,
        "person": person,
        "group": group,
        "may_stop": group is None or may_stop(group),
    }
    with translation.override(person.language):
        if request.method == "POST":
            there["done"] = "resumed" if "resume" in request.POST else "stopped"
            act = resume_mails if there["done"] == "resumed" else stop_mails
            there["groups"] = act(person, named[1], now=timezone.now())
        response = render(request, "accounts/unsubscribe.html", there)
    response.headers["Content-Language"] = person.language
    return response


def group_of_name(name: str) -> NoticeGroup | None:
    return next((group for group in notice_groups() if group.name == name), None)
