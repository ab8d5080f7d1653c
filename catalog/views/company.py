"""What the company is called, and how its people come to sign in for the first time."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import signed_in
from accounts.actions import mail_sign_in_link, make_sign_in_link, name_company
from accounts.models import Company, User
from catalog.forms import CompanyForm
from catalog.views.pages import administrators_only, side
from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.toasts import add_toast


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_company(request: HttpRequest) -> HttpResponse:
    row = Company.objects.filter(pk=Company.ONLY).first()
    initial = CompanyForm.initial_of(row) if row else {"name": settings.COMPANY_NAME}
    form = CompanyForm(request.POST if request.method == "POST" else None, initial=initial)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            row = name_company(
                form.cleaned_data["name"],
                acting_user=signed_in(request),
                now=timezone.now(),
                seen_version=form.cleaned_data["version"],
            )
        except Refused as refusal:
            form.show_refusal(refusal)
            status = 409 if isinstance(refusal, StaleWrite) else 422
        else:
            add_toast(request, _("“%(name)s” is saved.") % {"name": row})
            return redirect("settings_company")
    there = {"form": form, "side": side(request), "zone": settings.TIME_ZONE}
    return render(request, "catalog/settings_company.html", there, status=status)


@administrators_only
@never_cache
@require_POST
def settings_people_link(request: HttpRequest, pk: int) -> HttpResponse:
    """A link by which the person sets a password: shown once, or mailed to them."""
    person = get_object_or_404(User, pk=pk)
    acting_user, now = signed_in(request), timezone.now()
    by_mail = request.POST.get("way") == "mail"
    try:
        if by_mail:
            base_url = request.build_absolute_uri("/").rstrip("/")
            mail_sign_in_link(person, base_url, acting_user=acting_user, now=now)
        else:
            path = make_sign_in_link(person, acting_user=acting_user, now=now)
    except Refused as refusal:
        problem = refusal.problems[0]
        add_toast(request, f"{problem.message} {problem.remedy}")
        return redirect("settings_people_edit", pk=pk)
    if by_mail:
        add_toast(request, _("The link is on its way to %(email)s.") % {"email": person.email})
        return redirect("settings_people_edit", pk=pk)
    there = {"person": person, "side": side(request), "url": request.build_absolute_uri(path)}
    return render(request, "catalog/settings_people_link.html", there)
