"""A forgotten password: a link by mail, a new password, done."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordResetConfirmView
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actions import request_password_reset, set_password
from accounts.forms import NewPasswordForm, ResetForm
from accounts.models import User


@require_http_methods(["GET", "HEAD", "POST"])
def password_reset(request: HttpRequest) -> HttpResponse:
    """The answer is the same whether anybody has this address."""
    form = ResetForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        request_password_reset(
            form.cleaned_data["email"],
            request.build_absolute_uri("/").rstrip("/"),
            now=timezone.now(),
        )
        return redirect("password_reset_done")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/password_reset.html", {"form": form}, status=status)


@require_safe
def password_reset_done(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/password_reset_done.html")


@require_safe
def password_reset_complete(request: HttpRequest) -> HttpResponse:
    return render(request, "accounts/password_reset_complete.html")


class PasswordResetConfirm(PasswordResetConfirmView):
    """Django's check of the link, which works once; our action sets the password."""

    template_name = "accounts/password_reset_confirm.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("password_reset_complete")

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.may_sign_in else None

    def form_valid(self, form: Any) -> HttpResponse:
        set_password(
            form.user,
            form.cleaned_data["new_password1"],
            acting_user=form.user,
            now=timezone.now(),
        )
        del self.request.session[INTERNAL_RESET_SESSION_TOKEN]
        return HttpResponseRedirect(str(self.success_url))

    def form_invalid(self, form: Any) -> HttpResponse:
        response = super().form_invalid(form)
        response.status_code = 422
        return response
