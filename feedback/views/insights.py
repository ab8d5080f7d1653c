"""Insights (L5): the list, one conclusion with the tickets it cites, and a new one."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Count
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.text import markdown_html
from core.toasts import add_toast
from feedback import actions
from feedback.forms.fields import staff_products
from feedback.forms.insights import InsightForm
from feedback.models import Insight
from feedback.querysets import products_read_by
from feedback.views.answers import local_now, reader_of
from tickets.models import Ticket

PAGE_SIZE = 30


@login_required
@require_safe
def insights(request: HttpRequest) -> HttpResponse:
    """Published insights of one's products, newest first, by key."""
    user = reader_of(request)
    if products_read_by(user) == frozenset():
        raise PermissionDenied
    found = (
        Insight.objects.visible_to(user)
        .select_related("product", "author")
        .annotate(cited=Count("tickets"))
        .order_by("-pk")
    )
    if (key := request.GET.get("before", "")).isdecimal() and len(key) < 18:
        found = found.filter(pk__lt=int(key))
    rows = list(found[: PAGE_SIZE + 1])
    context = {
        "now": local_now(),
        "insights": rows[:PAGE_SIZE],
        "next_key": rows[PAGE_SIZE - 1].pk if len(rows) > PAGE_SIZE else None,
        "before": key,
        "may_write": staff_products(user).exists(),
    }
    return render(request, "feedback/insights.html", context)


@login_required
@require_safe
def insight(request: HttpRequest, pk: int) -> HttpResponse:
    """One conclusion and the tickets it rests on, as far as the reader may see them."""
    user = reader_of(request)
    shown = get_object_or_404(
        Insight.objects.visible_to(user).select_related("product", "author"), pk=pk
    )
    cited = Ticket.objects.visible_to(user).filter(insights=shown).select_related("requester")
    tickets = list(cited.order_by("pk"))
    context = {
        "now": local_now(),
        "insight": shown,
        "body": markdown_html(shown.body, images=False),
        "tickets": tickets,
        "hidden": shown.tickets.count() - len(tickets),
    }
    return render(request, "feedback/insight.html", context)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def insight_new(request: HttpRequest) -> HttpResponse:
    """Write and publish a conclusion."""
    user = reader_of(request)
    if not staff_products(user).exists():
        raise PermissionDenied
    initial = {"tickets": request.GET.get("tickets", "")[:200]}
    form = InsightForm(request.POST or None, user=user, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = actions.publish_insight(
                data["title"], data["body"], data["product"], data["tickets"], acting_user=user,
                now=local_now(),
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The insight is published"))
            return redirect("insight", made.pk)
    status = 422 if request.method == "POST" else 200
    return render(request, "feedback/insight_new.html", {"form": form}, status=status)
