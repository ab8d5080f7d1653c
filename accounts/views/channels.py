"""A person's own chat address: where pushes and other messages reach them besides e-mail."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in
from accounts.actions import remove_chat_address, set_chat_address
from accounts.forms import ChatAddressForm
from accounts.models import User
from core.channels.addresses import AddressShown, address_of, send_test, shown
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast


@sensitive_post_parameters("url", "secret")
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def preferences_chat(request: HttpRequest) -> HttpResponse:
    """Show where chat messages go, and set it anew: an address is never shown in full again."""
    user = signed_in(request)
    form = ChatAddressForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        sent = form.cleaned_data
        try:
            set_chat_address(
                user, sent["provider"], sent["url"], sent["secret"], acting_user=user,
                now=timezone.now(),
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Saved. Send a test message to see that it works."))
            return redirect("preferences_chat")
    there = {"form": form, "address": own_address(user)}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/preferences_chat.html", there, status=status)


@login_required
@require_POST
@once_only
def preferences_chat_remove(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    remove_chat_address(user, acting_user=user, now=timezone.now())
    add_toast(request, _("You get no chat messages any more."))
    return redirect("preferences_chat")


@login_required
@require_POST
@once_only
def preferences_chat_test(request: HttpRequest) -> HttpResponse:
    address = address_of(User.SUBJECT, signed_in(request).pk)
    if address is not None:
        send_test(address, now=timezone.now())
        add_toast(request, _("A test message is on its way."))
    return redirect("preferences_chat")


def own_address(user: User) -> AddressShown | None:
    address = address_of(User.SUBJECT, user.pk)
    return None if address is None else shown(address)
