"""Writing pages: create, revise with a preview, publish, retire."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from catalog.models import Product
from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from docs_portal import access, actions
from docs_portal.actions.writing import BODY_MAX
from docs_portal.forms import PageForm, RevisionForm
from docs_portal.models import Page
from docs_portal.rendering import rendered


def _writer(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (login_required)
    return request.user


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def page_new(request: HttpRequest, code: str) -> HttpResponse:
    """A new page of a product's manual; `preview` shows the text as readers would see it."""
    user = _writer(request)
    product: Product = get_object_or_404(access.writable_products(user), code=code)
    form = PageForm(request.POST or None, product=product)
    if request.method == "POST" and "preview" not in request.POST and form.is_valid():
        try:
            page = actions.create_page(form.page_draft(), acting_user=user, now=timezone.now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The draft is saved; publish it when it is ready."))
            return redirect("page_edit", page.pk)
    return _writing(request, form, product, None)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def page_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """The next revision of a page."""
    user = _writer(request)
    page = access.get_page_for_edit(user, pk)
    newest = access.latest_revision(page)
    product = page.manual.product
    if request.method == "GET":
        initial = {
            "title": newest.title, "body": newest.body, "based_on": newest.number,
            "roles": page.roles.all(), "is_material": True,
        }  # fmt: skip
        return _writing(request, RevisionForm(initial=initial, product=product), product, page)
    form = RevisionForm(request.POST, product=product)
    if "preview" not in request.POST and form.is_valid():
        try:
            actions.save_revision(page, form.draft(), acting_user=user, now=timezone.now())
        except StaleWrite:
            # Both texts stay on the page: the newer one beside the one just typed.
            return _writing(request, form, product, page, newer=access.latest_revision(page))
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The revision is saved; publish it when it is ready."))
            return redirect("page_edit", page.pk)
    return _writing(request, form, product, page)


def _writing(
    request: HttpRequest,
    form: RevisionForm,
    product: Product,
    page: Page | None,
    newer: object = None,
) -> HttpResponse:
    body = str(form["body"].value() or "")
    context = {
        "form": form,
        "product": product,
        "page": page,
        "newer": newer,
        "revisions": page.revisions.select_related("author").order_by("-number")[:12]
        if page
        else [],
        "content": rendered(body),
        "now": timezone.now(),
    }
    refused = request.method == "POST" and "preview" not in request.POST
    status = 409 if newer else 422 if refused else 200
    return render(request, "docs_portal/write.html", context, status=status)


@login_required
@require_POST
def page_preview(request: HttpRequest) -> HttpResponse:
    """The text as readers would see it; asked while one types."""
    if not access.writable_products(_writer(request)).exists():
        raise PermissionDenied
    content = rendered(request.POST.get("body", "")[:BODY_MAX])
    return render(request, "docs_portal/preview.html", {"content": content})


@login_required
@require_POST
@once_only
def page_publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Show the newest revision to the page's readers."""
    page = access.get_page_for_edit(_writer(request), pk)
    page = actions.publish_page(page, acting_user=_writer(request), now=timezone.now())
    add_toast(request, _("“%(title)s” is published") % {"title": page.title})
    return redirect("page", page.manual.product.code, page.slug)


@login_required
@require_POST
@once_only
def page_retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the page from its readers."""
    page = access.get_page_for_edit(_writer(request), pk)
    page = actions.retire_page(page, acting_user=_writer(request), now=timezone.now())
    add_toast(request, _("“%(title)s” is retired") % {"title": page.title})
    return redirect("manual", page.manual.product.code)
