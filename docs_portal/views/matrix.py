"""Which role has a page about which feature, and where one is missing."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from catalog.models import Feature, Module, Product, ProductRole
from core.formkeys import once_only
from core.toasts import add_toast
from docs_portal import access, actions
from docs_portal.rendering.matrix import matrix_of


def _product(request: HttpRequest, code: str) -> tuple[User, Product]:
    assert isinstance(request.user, User)  # noqa: S101  (login_required)
    product: Product = get_object_or_404(access.writable_products(request.user), code=code)
    return request.user, product


@login_required
@require_GET
def manual_matrix(request: HttpRequest, code: str) -> HttpResponse:
    """Features × roles; a cell without a page opens a draft."""
    _user, product = _product(request, code)
    only_missing = request.GET.get("show") == "missing"
    context = {
        "product": product, "matrix": matrix_of(product, only_missing=only_missing),
        "only_missing": only_missing,
    }  # fmt: skip
    return render(request, "docs_portal/matrix.html", context)


@login_required
@require_POST
@once_only
def matrix_needed(request: HttpRequest, code: str) -> HttpResponse:
    """A role needs no page here, or does after all."""
    user, product = _product(request, code)

    def sent(name: str) -> int:
        value = request.POST.get(name, "")
        return int(value) if value.isdecimal() and len(value) < 19 else 0

    role = get_object_or_404(ProductRole, product=product, pk=sent("role"))
    module = get_object_or_404(Module, product=product, pk=sent("module"))
    feature = None
    if request.POST.get("feature"):
        feature = get_object_or_404(Feature, module=module, pk=sent("feature"))
    is_needed = request.POST.get("needed") == "1"
    actions.set_page_needed(
        role, module, feature, is_needed=is_needed, acting_user=user, now=timezone.now()
    )
    words = {"role": role.name, "about": feature or module}
    add_toast(
        request,
        _("%(role)s: a page on %(about)s is missing") % words if is_needed
        else _("%(role)s needs no page on %(about)s") % words,
    )  # fmt: skip
    return redirect("manual_matrix", product.code)
