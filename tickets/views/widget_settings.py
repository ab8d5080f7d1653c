"""Settings → widget: per product its origins and secrets, the snippet to copy, a page to try it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from catalog.models import Product
from catalog.views.pages import administrators_only, side
from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from tickets.actions import create_widget_secret, set_widget_site, stop_widget_secret
from tickets.actions.widget import OVERLAP
from tickets.forms.widget import WidgetSiteForm
from tickets.models import WidgetSecret, WidgetSite
from tickets.policies import widget_tokens

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

#: What may be done to a secret: stop it now, let it go on beside its successor, or let it be.
ENDINGS = ("now", "later", "never")
#: What an exchange was refused for last, in words for whoever sets the widget up.
REFUSED_WHY: dict[str, StrPromise] = {
    "bad_token": gettext_lazy("the token was malformed or signed with another secret"),
    "wrong_product": gettext_lazy("the token named another product"),
    "expired": gettext_lazy("the token was over, or good for more than ten minutes"),
    "unknown_person": gettext_lazy("nobody here has that user name or mail address"),
    "used": gettext_lazy("the token was used before"),
}


def _products() -> Any:
    return Product.objects.filter(is_other=False).select_related("widget")


def _site_of(product: Product) -> WidgetSite | None:
    return getattr(product, "widget", None)


@administrators_only
@require_safe
def settings_widget(request: HttpRequest) -> HttpResponse:
    """Every product, and whether its pages carry the widget."""
    rows = [(product, _site_of(product)) for product in _products().filter(is_active=True)]
    there = {"side": side(request), "rows": rows, "now": timezone.now()}
    return render(request, "tickets/widget_settings.html", there)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_widget_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One product's origins; below them its secrets and the snippet."""
    product = get_object_or_404(_products(), pk=pk)
    if request.method != "POST":
        return _page(request, product, WidgetSiteForm.of(_site_of(product)))
    form = WidgetSiteForm(request.POST)
    status = 422
    if form.is_valid():
        sent = form.cleaned_data
        try:
            set_widget_site(
                product, sent["origins"], is_active=sent["is_active"],
                acting_user=signed_in(request), now=timezone.now(), seen_version=sent["version"],
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
            status = 409 if isinstance(refusal, StaleWrite) else 422
        else:
            add_toast(request, _("The widget of %(product)s is saved.") % {"product": product})
            return redirect("settings_widget_edit", pk)
    return _page(request, product, form, status=status)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_widget_secret(request: HttpRequest, pk: int) -> HttpResponse:
    """A further secret, shown in this one answer; afterwards the address leads back."""
    product = get_object_or_404(_products(), pk=pk)
    site = _site_of(product)
    if request.method != "POST" or site is None:
        return redirect("settings_widget_edit", pk)
    form = WidgetSiteForm.of(site)
    try:
        row, secret = create_widget_secret(site, acting_user=signed_in(request), now=timezone.now())
    except Refused as refusal:
        add_toast(request, str(refusal.problems[0].message))
        return redirect("settings_widget_edit", pk)
    response = _page(request, product, form, shown={"key_id": row.key_id, "secret": secret})
    response["Cache-Control"] = "no-store"
    return response


@administrators_only
@require_POST
@once_only
def settings_widget_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """When a secret stops: now, after a week beside its successor, or not after all."""
    secret = get_object_or_404(WidgetSecret.objects.select_related("site"), pk=pk)
    now, ending = timezone.now(), request.POST.get("ending", "")
    moments: dict[str, dt.datetime | None] = {"now": now, "later": now + OVERLAP, "never": None}
    back = reverse("settings_widget_edit", args=[secret.site.product_id]) + "#secrets"
    if ending not in ENDINGS:
        return redirect(back)
    try:
        stop_widget_secret(secret, moments[ending], acting_user=signed_in(request), now=now)
    except Refused as refusal:
        add_toast(request, str(refusal.problems[0].message))
    else:
        said = {
            "now": _("The secret %(key)s is stopped; open pages must load again."),
            "later": _("The secret %(key)s stops in a week."),
            "never": _("The secret %(key)s goes on."),
        }[ending]
        add_toast(request, said % {"key": secret.key_id})
    return redirect(back)


@administrators_only
@require_safe
def settings_widget_try(request: HttpRequest, pk: int) -> HttpResponse:
    """A page of ours that carries the widget, with a token for whoever looks at it."""
    product = get_object_or_404(_products().filter(is_active=True), pk=pk)
    site = _site_of(product)
    now = timezone.now()
    secret = next(iter(_good_secrets(site, now)), None)
    if site is None or not site.is_active or secret is None:
        return redirect("settings_widget_edit", pk)
    claims = {
        "sub": signed_in(request).username, "product": product.code, "iat": int(now.timestamp()),
        "exp": int((now + dt.timedelta(minutes=5)).timestamp()), "jti": widget_tokens.new_nonce(),
        "page": request.build_absolute_uri(),
    }  # fmt: skip
    token = widget_tokens.sign(claims, secret.key_id, widget_tokens.secret_of(secret.nonce))
    there = {"side": side(request), "product": product, "token": token}
    response = render(request, "tickets/widget_try.html", there)
    response["Cache-Control"] = "no-store"
    return response


def _good_secrets(site: WidgetSite | None, now: dt.datetime) -> list[WidgetSecret]:
    if site is None:
        return []
    return [row for row in site.secrets.all() if row.stops_at is None or row.stops_at > now]


def _page(
    request: HttpRequest,
    product: Product,
    form: WidgetSiteForm,
    *,
    shown: dict[str, str] | None = None,
    status: int = 200,
) -> HttpResponse:
    site, now = _site_of(product), timezone.now()
    src = request.build_absolute_uri(reverse("widget_script"))
    there = {
        "side": side(request),
        "product": product,
        "site": site,
        "form": form,
        "shown": shown,
        "now": now,
        "refused_why": REFUSED_WHY.get(site.refused_why) if site else None,
        "secrets": _good_secrets(site, now),
        "stopped": [] if site is None else site.secrets.filter(stops_at__lte=now)[:5],
        "crumbs": [{"label": _("Widget"), "url": reverse("settings_widget")}],
        "snippet": f'<script async src="{src}" data-product="{product.code}"\n'
        '        data-token-url="/opsdesk-token"></script>',
    }
    return render(request, "tickets/widget_settings_edit.html", there, status=status)
