"""Language, theme, password: what a person chooses for themselves."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in
from accounts.actions import save_preferences, set_password
from accounts.choices import THEME_COOKIE
from accounts.forms import OwnPasswordForm, PreferencesForm
from accounts.models import User
from accounts.views.sign_in import next_url
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast

YEAR = 365 * 24 * 3600


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def preferences(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    present = {name: getattr(user, name) for name in ("language", "theme", "after_act")}
    # What the page does not ask of this person stays as it is.
    sent = {**present, **request.POST.dict()} if request.method == "POST" else None
    form = PreferencesForm(sent, initial=present)
    if form.is_bound and form.is_valid():
        try:
            user = save_preferences(user, form.cleaned_data, acting_user=user, now=timezone.now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            with translation.override(user.language):
                add_toast(request, _("Your preferences are saved."))
            return redirect("preferences")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/preferences.html", {"form": form}, status=status)


@sensitive_post_parameters()
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def preferences_password(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = OwnPasswordForm(user, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        changed = set_password(
            user, form.cleaned_data["new_password1"], acting_user=user, now=timezone.now()
        )
        # This session goes on; every other one of the person ends.
        update_session_auth_hash(request, changed)
        add_toast(request, _("Your password is changed. You are signed out everywhere else."))
        return redirect("preferences")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/preferences_password.html", {"form": form}, status=status)


@require_POST
def preferences_language(request: HttpRequest) -> HttpResponse:
    """Switch the language from any page; signed out, a cookie remembers it."""
    language = request.POST.get("language", "")
    response = redirect(next_url(request, settings.LOGIN_REDIRECT_URL))
    if language not in dict(settings.LANGUAGES):
        return HttpResponse(
            _("“%(value)s” is no language of ours.") % {"value": language}, status=400
        )
    _keep(request, response, "language", language, settings.LANGUAGE_COOKIE_NAME)
    return response


@require_POST
def preferences_theme(request: HttpRequest) -> HttpResponse:
    """Switch the theme from any page: light, dark or system."""
    theme = request.POST.get("theme", "")
    response = redirect(next_url(request, settings.LOGIN_REDIRECT_URL))
    if theme not in {"light", "dark", "system"}:
        return HttpResponse(_("“%(value)s” is no theme.") % {"value": theme}, status=400)
    _keep(request, response, "theme", "" if theme == "system" else theme, THEME_COOKIE)
    return response


@login_required
@require_POST
def preferences_after_act(request: HttpRequest) -> HttpResponse:
    """Choose what comes after an act on the desk: stay, the next ticket, or back to the list."""
    user = signed_in(request)
    wanted = request.POST.get("after_act", "")
    if wanted not in User.AfterAct.values:
        return HttpResponse(
            _("“%(value)s” is nothing that may come after an act: stay, next or back.")
            % {"value": wanted},
            status=400,
        )
    save_preferences(user, {"after_act": wanted}, acting_user=user, now=timezone.now())
    return redirect(next_url(request, settings.LOGIN_REDIRECT_URL))


def _keep(request: HttpRequest, response: HttpResponse, name: str, value: str, cookie: str) -> None:
    """Remember the choice with the person, and with the browser for when they are signed out."""
    if isinstance(request.user, User):
        save_preferences(request.user, {name: value}, acting_user=request.user, now=timezone.now())
    response.set_cookie(
        cookie, value, max_age=YEAR, samesite="Lax", secure=settings.HTTPS, httponly=True
    )
