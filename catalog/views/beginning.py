"""The first page of a new installation: its company and its first administrator."""

from __future__ import annotations

from django.contrib.auth import login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.access import nobody_works_here
from accounts.policies import is_beginning_token
from catalog.actions import begin_company
from catalog.forms import BeginForm
from core.errors import Refused
from core.forms import add_refusal
from core.toasts import add_toast


@sensitive_post_parameters("password", "again")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest, token: str) -> HttpResponse:
    """Only who runs the servers knows the address; once somebody is here it leads to sign-in."""
    if not is_beginning_token(token):
        raise Http404
    if not nobody_works_here():
        return redirect("sign_in")
    form = BeginForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        found = {key: value for key, value in form.cleaned_data.items() if key != "again"}
        language = translation.get_language() or "zh-hans"
        try:
            person = begin_company(**found, language=language, now=timezone.now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            login(request, person, backend="accounts.backends.PeopleBackend")
            add_toast(request, _("You are the first administrator. These are the first steps."))
            return redirect("settings_home")
    status = 422 if form.is_bound else 200
    return render(request, "catalog/begin.html", {"form": form}, status=status)
