"""Tokens of programs: issue one, see what is in use, revoke."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in
from accounts.actions import issue_token, revoke_token
from accounts.models import ApiToken, User
from catalog.forms import TokenForm
from catalog.forms.settings import PEOPLE_LIST, person_text
from catalog.views.pages import SUGGESTED_PEOPLE, administrators_only, side
from core.errors import Refused
from core.forms import add_refusal
from core.toasts import add_toast


@administrators_only
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def settings_tokens(request: HttpRequest) -> HttpResponse:
    """The list; a new token is shown on the answer to its form, once."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    text, status = "", 200
    if form.is_bound:
        status = 422
        if form.is_valid():
            found = form.cleaned_data
            try:
                _token, text = issue_token(
                    found["person"], found["name"], reads_only=not found["may_write"],
                    expires_on=found["expires_on"], acting_user=signed_in(request),
                    now=timezone.now(),
                )  # fmt: skip
            except Refused as refusal:
                add_refusal(form, refusal)
            else:
                form, status = TokenForm(), 200
    people = User.objects.working_here().order_by("name")[:SUGGESTED_PEOPLE]
    there = {
        "side": side(request), "form": form, "text": text, "today": timezone.localdate(),
        "rows": ApiToken.objects.select_related("person").order_by("-is_active", "-pk")[:200],
        "people": [person_text(person) for person in people], "people_list": PEOPLE_LIST,
        "root": request.build_absolute_uri("/api/v1/"),
    }  # fmt: skip
    return render(request, "catalog/settings_tokens.html", there, status=status)


@administrators_only
@require_POST
def settings_tokens_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    token = get_object_or_404(ApiToken, pk=pk)
    revoke_token(token, acting_user=signed_in(request), now=timezone.now())
    add_toast(request, _("The token is revoked; it opens nothing any more."))
    return redirect("settings_tokens")
