"""Demands for the people who use the products: what is planned, being built, live, and mine."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from feedback import access, actions
from feedback.choices import FeedbackSource, ObligationReason
from feedback.forms.mine import SupportForm
from feedback.models import Demand, Obligation
from feedback.querysets import BUILDING, LIVE, PLANNED, DemandQuerySet
from feedback.rendering.standing import Standing, standing_of
from feedback.views.answers import local_now, reader_of

PAGE_SIZE = 30
#: What went live longer ago is no news.
LIVE_DAYS = 90
_SHOWN = {"planned": PLANNED, "building": BUILDING, "live": LIVE}


@dataclass(frozen=True)
class Shown:
    """A demand as its users read it: how it stands, how many ask for it, whether they do."""

    demand: Demand
    standing: Standing
    people: str
    is_mine: bool
    may_support: bool


@login_required
@require_safe
def my_demands(request: HttpRequest) -> HttpResponse:
    """Demands of the products a person uses, in plain words; without other people's words."""
    user, now = reader_of(request), local_now()
    day = timezone.localdate(now)
    show = request.GET.get("show", "planned")
    show = show if show in (*_SHOWN, "mine") else "planned"
    query = request.GET.get("q", "").strip()[:200]
    mine = Demand.objects.asked_by(user)
    found = mine if show == "mine" else _open(Demand.objects.open_to(user, day), show, now)
    if query:
        found = found.matching(query)
    key = request.GET.get("before", "")
    if key.isdecimal() and len(key) < 18:
        found = found.filter(pk__lt=int(key))
    rows = list(found.select_related("product", "module").order_by("-pk")[: PAGE_SIZE + 1])
    shown = rows[:PAGE_SIZE]
    there = {
        "rows": _shown(shown, set(mine.filter(pk__in=[row.pk for row in shown]).values_list(
            "pk", flat=True))),
        "show": show, "q": query, "before": key,
        "next_key": shown[-1].pk if len(rows) > PAGE_SIZE else None,
        "tabs": _tabs(show),
    }  # fmt: skip
    return render(request, "feedback/my_demands.html", there)


def _open(demands: DemandQuerySet, show: str, now: dt.datetime) -> DemandQuerySet:
    found = demands.filter(status__in=_SHOWN[show])
    if show == "live":
        found = found.filter(released_at__gte=now - dt.timedelta(days=LIVE_DAYS))
    return found


def _tabs(show: str) -> list[dict[str, object]]:
    here = reverse("my_demands")
    labels = (
        ("planned", _("Planned")), ("building", _("Being built")), ("live", _("Live")),
        ("mine", _("Asked for by me")),
    )  # fmt: skip
    return [
        {"label": label, "url": f"{here}?show={name}" if name != "planned" else here,
         "current": name == show}
        for name, label in labels
    ]  # fmt: skip


def _shown(rows: list[Demand], mine: set[int]) -> list[Shown]:
    owed: dict[int, int] = {}
    standing = Obligation.objects.standing().filter(demand__in=rows)
    for pk in standing.values_list("demand_id", flat=True):
        owed[pk] = owed.get(pk, 0) + 1
    return [
        Shown(
            row, standing_of(row, None, None),
            ngettext("%(n)s person asks for it", "%(n)s people ask for it", owed.get(row.pk, 0))
            % {"n": owed.get(row.pk, 0)},
            row.pk in mine, row.status not in LIVE,
        )
        for row in rows
    ]  # fmt: skip


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def my_demand_support(request: HttpRequest, pk: int) -> HttpResponse:
    """Support a demand with words of one's own: from then on one is told what becomes of it."""
    user, now = reader_of(request), local_now()
    demand = access.get_demand_for_support(user, pk, timezone.localdate(now))
    form = SupportForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.add_feedback(
                product=demand.product, module=demand.module, person=user, demand=demand,
                words=form.cleaned_data["words"], importance=form.cleaned_data["importance"],
                hours_per_week=form.cleaned_data["hours_per_week"], source=FeedbackSource.FORM,
                reason=ObligationReason.VOTED, acting_user=user, now=now,
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Noted. You are told what becomes of it."))
            return redirect("demand", demand.pk)
    status = 422 if request.method == "POST" else 200
    there = {"demand": demand, "form": form, "standing": standing_of(demand, None, None)}
    return render(request, "feedback/my_demand_support.html", there, status=status)
