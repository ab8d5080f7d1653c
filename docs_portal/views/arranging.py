"""The manual as a whole, for its writers: its tree, where a page stands, its links, its rules."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from accounts.models import User
from catalog.models import Product
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_refusal_toast, add_toast
from docs_portal import access, actions
from docs_portal.choices import ReviewRule
from docs_portal.forms.pages import MoveForm, PagePlaceForm, RulesForm
from docs_portal.models import Manual, Page, WritingRules
from docs_portal.rendering import tree
from docs_portal.rendering.checking import broken_links, texts_of


def _manual(request: HttpRequest, code: str) -> tuple[User, Product]:
    user = signed_in(request)
    product: Product = get_object_or_404(access.writable_products(user), code=code)
    return user, product


@login_required
@require_safe
def manual_tree(request: HttpRequest, code: str) -> HttpResponse:
    """The pages as a tree that is put in order by buttons; what needs a review."""
    _user, product = _manual(request, code)
    pages = list(access.pages_to_arrange(product))
    rules = WritingRules.objects.filter(manual__product=product).first()
    retired = Page.objects.filter(manual__product=product, status="retired").order_by("title")
    context = {
        "product": product, "branches": tree(pages, with_roles=True), "retired": retired,
        "form": RulesForm(initial={"review": rules.review if rules else ReviewRule.NEVER}),
        "moved": request.GET.get("moved", ""), "has_manual": bool(pages) or bool(retired),
    }  # fmt: skip
    return render(request, "docs_portal/arrange.html", context)


@login_required
@require_POST
@once_only
def page_move(request: HttpRequest, pk: int) -> HttpResponse:
    """One step in the tree, or below another page."""
    user = signed_in(request)
    page = access.get_page_for_edit(user, pk)
    code = page.manual.product.code
    form = MoveForm(request.POST)
    if not form.is_valid():
        add_toast(request, _("There is no such step."))
        return redirect("manual_tree", code)
    pages = list(access.pages_to_arrange(page.manual.product))
    parent, before = access.place_after(
        pages, page, form.cleaned_data["step"], form.cleaned_data["parent"] or 0
    )
    try:
        actions.move_page(page, parent, before, acting_user=user, now=timezone.now())
    except Refused as refusal:
        add_refusal_toast(request, refusal)
    response = redirect("manual_tree", code)
    response["Location"] += f"?moved={page.pk}#page-{page.pk}"
    return response


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def page_place(request: HttpRequest, pk: int) -> HttpResponse:
    """What a page is about, and its address."""
    user = signed_in(request)
    page = access.get_page_for_edit(user, pk)
    initial = {
        "kind": page.kind, "module": page.module_id, "feature": page.feature_id, "slug": page.slug,
    }  # fmt: skip
    form = PagePlaceForm(request.POST or None, page=page, initial=initial)
    if request.method == "POST" and form.is_valid():
        said, now = form.cleaned_data, timezone.now()
        try:
            with transaction.atomic():
                actions.edit_place(
                    page, kind=said["kind"], module=said["module"], feature=said["feature"],
                    acting_user=user, now=now,
                )  # fmt: skip
                actions.rename_address(page, said["slug"], acting_user=user, now=now)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The page's place is saved."))
            return redirect("page_edit", pk)
    context = {"form": form, "page": page, "product": page.manual.product}
    status = 422 if request.method == "POST" else 200
    return render(request, "docs_portal/place.html", context, status=status)


@login_required
@require_POST
@once_only
def manual_rules(request: HttpRequest, code: str) -> HttpResponse:
    """Which publications need a review."""
    user, product = _manual(request, code)
    manual = Manual.objects.filter(product=product).first()
    if manual is None:
        raise Http404
    form = RulesForm(request.POST)
    if form.is_valid():
        actions.set_writing_rules(
            manual, form.cleaned_data["review"], acting_user=user, now=timezone.now()
        )
        add_toast(request, _("The rules of this manual are saved."))
    else:
        add_toast(request, str(next(iter(form.errors.values()))[0]))
    return redirect("manual_tree", code)


@login_required
@require_safe
def manual_links(request: HttpRequest, code: str) -> HttpResponse:
    """Links of the published texts that lead nowhere, or where their readers may not follow."""
    _user, product = _manual(request, code)
    texts = texts_of(product.pk)
    found = broken_links([(page, body) for page, body in texts])
    context = {
        "product": product, "pages": len(texts),
        "broken": [one for one in found if not one.is_hint],
        "hints": [one for one in found if one.is_hint],
    }  # fmt: skip
    return render(request, "docs_portal/links.html", context)
