"""The pool: what people said, until it is in a demand or set aside; and one's own words."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.models import Product
from core.errors import BadInput, Problem, Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from feedback import access, actions
from feedback.choices import FeedbackSource
from feedback.forms.fields import staff_products
from feedback.forms.pool import (
    GATHER_MAX,
    FeedbackForm,
    GatherForm,
    MyFeedbackForm,
    SetAsideForm,
)
from feedback.models import FeedbackItem
from feedback.querysets import FeedbackItemQuerySet
from feedback.rendering.standing import standing_of
from feedback.views.answers import FormText, form_page, local_now, reader_of

PAGE_SIZE = 30
#: A badge says "99+" beyond.
COUNTED = 100
RELATED = ("person", "department", "product", "module", "demand", "ticket", "set_aside_by")
GATHER = FormText(
    gettext_lazy("Put into a demand"),
    gettext_lazy("Whoever said it is owed word by the demand from then on."),
    gettext_lazy("Put in"),
)
SET_ASIDE = FormText(
    gettext_lazy("Set aside"), gettext_lazy("No demand comes of it."), gettext_lazy("Set aside"),
)  # fmt: skip


# ---- staff --------------------------------------------------------------------------------------


@login_required
@require_safe
def feedback_pool(request: HttpRequest) -> HttpResponse:
    """What people said about the products one works for; first what waits."""
    user = reader_of(request)
    access.require_reader(user)
    mine = FeedbackItem.objects.visible_to(user)
    show = request.GET.get("show", "waiting")
    shown = {
        "waiting": mine.waiting, "gathered": mine.gathered, "aside": mine.set_aside,
        "all": mine.all,
    }  # fmt: skip
    show = show if show in shown else "waiting"
    found, asked = _narrowed(request, shown[show]())
    before = request.GET.get("before", "")
    if before.isdecimal() and len(before) < 18:
        found = found.filter(pk__lt=int(before))
    rows = list(found.select_related(*RELATED).order_by("-pk")[: PAGE_SIZE + 1])
    products = staff_products(user)
    next_key = rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else ""
    context = {
        "rows": rows[:PAGE_SIZE], "next_key": next_key, "before": before, "show": show, **asked,
        "is_narrowed": any(asked.values()),
        "products": products.order_by("position", "name"), "sources": FeedbackSource.choices,
        "staffed": set(products.values_list("pk", flat=True)),
        "tabs": _tabs(show, min(COUNTED, mine.waiting()[:COUNTED].count())),
    }  # fmt: skip
    return render(request, "feedback/pool.html", context)


def _narrowed(
    request: HttpRequest, found: FeedbackItemQuerySet
) -> tuple[FeedbackItemQuerySet, dict[str, str]]:
    asked = {name: request.GET.get(name, "").strip()[:200] for name in ("q", "product", "source")}
    if asked["q"]:
        found = found.matching(asked["q"])
    if asked["product"].isdecimal() and len(asked["product"]) < 18:
        found = found.filter(product=int(asked["product"]))
    else:
        asked["product"] = ""
    if asked["source"] in FeedbackSource.values:
        found = found.filter(source=asked["source"])
    else:
        asked["source"] = ""
    return found, asked


def _tabs(show: str, waiting: int) -> list[dict[str, object]]:
    here = reverse("feedback_pool")
    labels = (
        ("waiting", pgettext("feedback", "Waiting"), waiting), ("gathered", _("In a demand"), None),
        ("aside", _("Set aside"), None), ("all", _("All"), None),
    )  # fmt: skip
    return [
        {"label": label, "url": f"{here}?show={name}" if name != "waiting" else here,
         "current": name == show, "count": count}
        for name, label, count in labels
    ]  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def feedback_new(request: HttpRequest) -> HttpResponse:
    """Words that somebody said to one; the next ones of the same talk keep person and place."""
    user = reader_of(request)
    if not staff_products(user).exists():
        raise PermissionDenied
    kept = {name: request.GET.get(name, "") for name in ("person", "source", "product", "module")}
    form = FeedbackForm(request.POST or None, user=user, initial=kept)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_feedback(**form.cleaned_data, acting_user=user, now=local_now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Kept, word for word"))
            if request.POST.get("then") != "another":
                return redirect("feedback_pool")
            again = {name: form.data.get(name, "") for name in kept}
            return redirect(f"{reverse('feedback_new')}?{urlencode(again)}")
    status = 422 if request.method == "POST" else 200
    return render(request, "feedback/feedback_new.html", {"form": form}, status=status)


def chosen_items(request: HttpRequest) -> list[FeedbackItem]:
    """The items an address or a form names (`items=3,4` or `item=3&item=4`).

    Raises BadInput for none or too many, Http404 for one that the person may not see.
    """
    sent = request.POST if request.method == "POST" else request.GET
    texts = [*sent.getlist("item"), *sent.get("items", "").split(",")]
    pks = {int(text) for text in texts if text.isdecimal() and len(text) < 18}
    if not pks or len(pks) > GATHER_MAX:
        raise BadInput(
            Problem(
                "items", _("Nothing is chosen.") if not pks else _("Too much is chosen at once."),
                _("Choose 1 to %(most)s voices that ask for the same.") % {"most": GATHER_MAX},
                str(len(pks)),
            )
        )  # fmt: skip
    found = FeedbackItem.objects.visible_to(reader_of(request)).filter(pk__in=pks)
    items = list(found.select_related("product", "module", "person").order_by("pk"))
    if len(items) != len(pks):
        raise Http404
    return items


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def feedback_gather(request: HttpRequest) -> HttpResponse:
    """Put words into a demand that is there."""
    user = reader_of(request)
    access.require_reader(user)
    items = chosen_items(request)
    back = reverse("feedback_pool")
    shown: dict[str, Any] = {
        "action": reverse("feedback_gather"), "back": back,
        "crumb": ngettext("%(n)s voice", "%(n)s voices", len(items)) % {"n": len(items)},
    }  # fmt: skip
    is_sent = request.method == "POST"
    form = GatherForm(request.POST if is_sent else None, user=user, chosen=items)
    if is_sent and form.is_valid():
        demand = form.cleaned_data["demand"]
        try:
            demand = actions.gather_feedback(items, demand, acting_user=user, now=local_now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Now in %(ref)s") % {"ref": demand.ref})
            return redirect(back)
    return form_page(request, GATHER, form, status=422 if is_sent else 200, **shown)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def feedback_set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """No demand comes of these words; their person reads why."""
    user = reader_of(request)
    item = get_object_or_404(FeedbackItem.objects.visible_to(user), pk=pk)
    shown: dict[str, Any] = {
        "action": reverse("feedback_set_aside", args=[pk]), "back": reverse("feedback_pool"),
        "crumb": item.person.name,
    }  # fmt: skip
    is_sent = request.method == "POST"
    form = SetAsideForm(request.POST if is_sent else None)
    if is_sent and form.is_valid():
        try:
            actions.set_aside_feedback(
                item, form.cleaned_data["reason"], acting_user=user, now=local_now()
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            undo = reverse("feedback_take_back", args=[pk])
            add_toast(request, _("Set aside; the person is told why"), undo_url=undo)
            return redirect("feedback_pool")
    return form_page(request, SET_ASIDE, form, status=422 if is_sent else 200, **shown)


@login_required
@require_POST
@once_only
def feedback_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """What was set aside waits again."""
    user = reader_of(request)
    item = get_object_or_404(FeedbackItem.objects.visible_to(user), pk=pk)
    actions.take_back_feedback(item, acting_user=user, now=local_now())
    add_toast(request, _("It waits again"))
    return redirect("feedback_pool")


# ---- one's own ----------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def my_feedback(request: HttpRequest) -> HttpResponse:
    """Say what should be different, and see what became of what one said."""
    user = reader_of(request)
    is_sent = request.method == "POST"
    wanted = Product.objects.filter(code=request.GET.get("product", "")[:40]).first()
    form = MyFeedbackForm(request.POST if is_sent else None, initial={"product": wanted})
    if is_sent and form.is_valid():
        try:
            actions.add_feedback(
                **form.cleaned_data, person=user, source=FeedbackSource.FORM, acting_user=user,
                now=local_now(),
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Thank you. What becomes of it stands here."))
            return redirect("my_feedback")
    before = request.GET.get("before", "")
    found = FeedbackItem.objects.filter(person=user)
    if before.isdecimal() and len(before) < 18:
        found = found.filter(pk__lt=int(before))
    rows = list(
        found.select_related("product", "demand__product", "demand__release", "ticket").order_by(
            "-pk"
        )[: PAGE_SIZE + 1]
    )
    context = {
        "form": form,
        "rows": [(row, standing_of(row.demand, None, None) if row.demand else None)
                 for row in rows[:PAGE_SIZE]],
        "next_key": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else "",
        "before": before,
    }  # fmt: skip
    return render(request, "feedback/my_feedback.html", context, status=422 if is_sent else 200)
