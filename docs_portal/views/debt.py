"""Was this helpful, what readers said, and the queue of manual debt (待补文档), worst first."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import User
from catalog.models import Product
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from docs_portal import access
from docs_portal.access import debt as doors
from docs_portal.actions import (
    give_back_debt,
    hear_voice,
    say_of_page,
    settle_debt,
    take_debt,
)
from docs_portal.forms.debt import ProductForm, SettleForm, VoiceForm
from docs_portal.models import Page, PageSection
from docs_portal.policies import may_write
from docs_portal.policies.debt import LOOK_BACK, debt_sources
from docs_portal.rendering.owed import seed_of, title_of

SHOWN = 100
#: Signals of one source that the page of an item lists.
SIGNALS_SHOWN = 50


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # noqa: S101  (login_required)
    return request.user


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def page_helpful(request: HttpRequest, pk: int) -> HttpResponse:
    """Helpful or not; then why, and in one's own words. A part of the page with scripts."""
    page = doors.get_page_to_judge(_user(request), pk, timezone.localdate())
    back = reverse("page", args=[page.manual.product.code, page.slug])
    form = VoiceForm(request.POST or None, initial={"is_helpful": "yes"})
    context: dict[str, Any] = {"page": page, "form": form, "back": back}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                voice = say_of_page(
                    page, acting_user=_user(request), now=timezone.now(), **form.cleaned_data
                )
            except Refused as refusal:
                add_refusal(form, refusal)
            else:
                status = 200
                context |= {"voice": voice, "asks_why": "more" not in request.POST}
                if "more" in request.POST and not request.headers.get("HX-Request"):
                    add_toast(request, _("Thank you; the writer of the page sees it."))
                    return redirect(back)
    part = request.headers.get("HX-Request")
    template = "docs_portal/helpful_part.html" if part else "docs_portal/helpful.html"
    response = render(request, template, context, status=status)
    if status == 200 and context.get("asks_why"):
        # The page goes on asking: the same form may be sent once more.
        response.only_asks = True  # type: ignore[attr-defined]
    return response


@login_required
@require_GET
def page_voices(request: HttpRequest, pk: int) -> HttpResponse:
    """What readers said of a page, for its writers."""
    page = access.get_page_for_edit(_user(request), pk)
    voices = doors.voices_of(page)
    context = {
        "page": page,
        "product": page.manual.product,
        "voices": voices,
        "helpful": sum(voice.is_helpful for voice in voices),
        "now": timezone.now(),
    }
    return render(request, "docs_portal/voices.html", context)


@login_required
@require_POST
@once_only
def page_voice_hear(request: HttpRequest, pk: int) -> HttpResponse:
    """A writer has taken it in: it is no debt any more."""
    voice = doors.get_voice_for_edit(_user(request), pk)
    hear_voice(voice, acting_user=_user(request), now=timezone.now())
    return redirect("page_voices", voice.page_id)


@login_required
@require_GET
def manual_debt(request: HttpRequest) -> HttpResponse:
    """What is missing or does not help, worst first, with what speaks for it."""
    user, now = _user(request), timezone.now()
    wanted = request.GET.get("product", "")
    products = list(access.writable_products(user).order_by("name"))
    product = next((one for one in products if str(one.pk) == wanted), None)
    queue = doors.debt_for(user, now, product.pk if product is not None else None)
    context = {
        "queue": queue[:SHOWN],
        "total": len(queue),
        "products": products,
        "product": product,
        "mine": doors.taken_by(user),
        "sources": debt_sources(),
        "days": LOOK_BACK.days,
        "now": now,
    }
    return render(request, "docs_portal/debt.html", context)


@login_required
@require_GET
def debt_item(request: HttpRequest, token: str) -> HttpResponse:
    """One item: everything that speaks for it, taking it, or deciding that nothing is needed."""
    return _item(request, doors.get_debt(_user(request), token, timezone.now()), SettleForm())


def _item(
    request: HttpRequest, owed: doors.Owed, form: SettleForm, status: int = 200
) -> HttpResponse:
    user = _user(request)
    words = owed.debt.place.words
    near = Page.objects.none()
    if words:
        day = timezone.localdate()
        sections = PageSection.objects.visible_to(user, day)
        near = Page.objects.visible_to(user, day).matching(words, sections)
        near = near.select_related("manual__product")
    context = {
        "owed": owed,
        "parts": [
            {"part": part, "signals": sorted(part.signals, key=lambda s: s.at, reverse=True)}
            for part in owed.debt.shares
        ],
        "shown": SIGNALS_SHOWN,
        "near": near.order_by("position", "pk")[:5],
        "form": form,
        "product_form": None
        if owed.product is not None
        else ProductForm(products=access.writable_products(user)),
        "is_mine": owed.is_taken and owed.item is not None and owed.item.taken_by_id == user.pk,
        "now": timezone.now(),
    }
    return render(request, "docs_portal/debt_item.html", context, status=status)


def _product_of(request: HttpRequest, owed: doors.Owed) -> Product:
    """The item's product; the one chosen where it has none. Raises PermissionDenied."""
    if owed.product is not None:
        return owed.product
    form = ProductForm(request.POST, products=access.writable_products(_user(request)))
    if not form.is_valid():
        raise PermissionDenied
    product: Product = form.cleaned_data["product"]
    return product


@login_required
@require_POST
@once_only
def debt_take(request: HttpRequest, token: str) -> HttpResponse:
    """Take it: the page to mend opens, or a draft that begins with what is known."""
    user, now = _user(request), timezone.now()
    owed = doors.get_debt(user, token, now)
    item = take_debt(
        owed.debt.place, seed_of(user, owed), _product_of(request, owed), acting_user=user,
        now=now,
    )  # fmt: skip
    add_toast(request, _("It is yours; nobody else begins the same page."))
    return redirect("page_edit", item.draft_id)


@login_required
@require_POST
@once_only
def debt_settle(request: HttpRequest, token: str) -> HttpResponse:
    """Decide that nothing is to be written; what comes up later counts anew."""
    user, now = _user(request), timezone.now()
    owed = doors.get_debt(user, token, now)
    form = SettleForm(request.POST)
    if not form.is_valid():
        return _item(request, owed, form, status=422)
    product = _product_of(request, owed)
    try:
        settle_debt(
            owed.debt.place, title_of(owed), product, acting_user=user, now=now,
            **form.cleaned_data,
        )  # fmt: skip
    except Refused as refusal:
        add_refusal(form, refusal)
        return _item(request, owed, form, status=422)
    add_toast(request, _("Decided; what comes up later counts anew."))
    return redirect("manual_debt")


@login_required
@require_POST
@once_only
def debt_give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Let others take it; the draft stays."""
    item = doors.get_own_item(_user(request), pk)
    if not may_write(_user(request), item.product_id or 0):
        raise PermissionDenied
    give_back_debt(item, acting_user=_user(request), now=timezone.now())
    add_toast(request, _("Given back; the draft stays for whoever takes it."))
    return redirect("manual_debt")
