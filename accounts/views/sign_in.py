"""Signing in and out."""

from __future__ import annotations

import datetime as dt
import math

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import failures_of, nobody_works_here
from accounts.actions import clear_sign_in_failures, record_sign_in_failure
from accounts.forms import SignInForm
from accounts.policies import wait_left


def next_url(request: HttpRequest, default: str) -> str:
    """Where the form asked to go next, if that is a page of ours."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else resolve_url(default)


def address_of(request: HttpRequest) -> str:
    """Where the request comes from, as far as this server can know it."""
    return str(request.META.get("REMOTE_ADDR", ""))


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.user.is_authenticated:
        return redirect(next_url(request, settings.LOGIN_REDIRECT_URL))
    form = SignInForm(request.POST if request.method == "POST" else None)
    status = 200
    wait = dt.timedelta(0)
    if form.is_bound:
        status = 422
        if form.is_valid():
            tried = _try(request, form)
            if tried is None:
                return redirect(next_url(request, settings.LOGIN_REDIRECT_URL))
            wait = tried
            status = 429 if wait else 422
    # Nobody can sign in to an empty house: the page says where the way in is.
    there: dict[str, object] = {"is_empty": nobody_works_here()} if not form.is_bound else {}
    there |= {"form": form, "next": request.POST.get("next") or request.GET.get("next") or ""}
    response = render(request, "accounts/sign_in.html", there, status=status)
    if wait:
        response["Retry-After"] = str(math.ceil(wait.total_seconds()))
    return response


def _try(request: HttpRequest, form: SignInForm) -> dt.timedelta | None:
    """Sign the person in (None), or say why not and return how long they must wait now."""
    username, password = form.cleaned_data["username"], form.cleaned_data["password"]
    address, now = address_of(request), timezone.now()
    if wait := wait_left(failures_of(username, address), now):
        form.add_error(None, _waiting(username, wait))
        return wait
    user = authenticate(request, username=username, password=password)
    if user is not None:
        clear_sign_in_failures(username, address)
        login(request, user)
        return None
    wait = wait_left(record_sign_in_failure(username, address, now=now), now)
    form.add_error(
        None,
        _("“%(username)s” and this password do not belong together. Check both.")
        % {"username": username},
    )
    if wait:
        form.add_error(None, _waiting(username, wait))
    return wait


def _waiting(username: str, wait: dt.timedelta) -> str:
    seconds = math.ceil(wait.total_seconds())
    if seconds < 60:
        return ngettext(
            "Too many attempts for “%(username)s”. Try again in %(n)d second.",
            "Too many attempts for “%(username)s”. Try again in %(n)d seconds.",
            seconds,
        ) % {"username": username, "n": seconds}
    minutes = math.ceil(seconds / 60)
    return ngettext(
        "Too many attempts for “%(username)s”. Try again in %(n)d minute.",
        "Too many attempts for “%(username)s”. Try again in %(n)d minutes.",
        minutes,
    ) % {"username": username, "n": minutes}


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect(settings.LOGOUT_REDIRECT_URL)
