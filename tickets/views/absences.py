"""One's own absences, those of everybody for administrators, and handing over what is held."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import User
from catalog.access import away_on, require, rights_of
from catalog.actions import plan_absence, take_back_absence
from catalog.choices import AssignmentMethod, PermissionRole
from catalog.forms.settings import PEOPLE_LIST, person_text
from catalog.models import Absence
from catalog.views.pages import side
from core.errors import Refused
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from tickets.actions.acts import Act
from tickets.actions.bulk import start_bulk_run
from tickets.forms.absences import AbsenceForm, HandOverForm
from tickets.models import Ticket
from tickets.search.assignment import AT_WORK, open_of
from tickets.views.requests import SignedInRequest

#: Whose work is assigned by somebody, so that an absence matters.
STAFF = (PermissionRole.AGENT, PermissionRole.MANAGER, PermissionRole.ADMINISTRATOR)
SHOWN = 200


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def absences(request: SignedInRequest) -> HttpResponse:
    """Who is away from today on; a form to enter an absence."""
    rights = require(request.user, *STAFF)
    now, for_others = timezone.now(), rights.is_administrator
    first = {"user": request.user, "first_day": timezone.localdate(now)}
    data = request.POST if request.method == "POST" else None
    form = AbsenceForm(data, for_others=for_others, initial=first)
    if form.is_bound and form.is_valid():
        found = dict(form.cleaned_data)
        person = found.pop("user", request.user)
        try:
            plan_absence(person, **found, acting_user=request.user, now=now)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("The absence is entered; nothing is assigned on these days."))
            return redirect("absences")
    return render(
        request, "tickets/absences.html",
        {"form": form, "side": _side(request), **_shown(request.user, now, for_others=for_others)},
        status=422 if form.is_bound else 200,
    )  # fmt: skip


def _side(request: SignedInRequest) -> list[dict[str, Any]]:
    """Beside the page: the settings for administrators, one's own pages for others."""
    if rights_of(request.user).is_administrator:
        return side(request)
    return [
        {"label": _("Preferences"), "url": reverse("preferences"), "current": False},
        {"label": _("My absences"), "url": reverse("absences"), "current": True},
    ]


def _shown(user: User, now: dt.datetime, *, for_others: bool) -> dict[str, Any]:
    today = timezone.localdate(now)
    rows: QuerySet[Absence] = Absence.objects.filter(is_active=True, last_day__gte=today)
    if not for_others:
        rows = rows.filter(user=user)
    found = list(rows.select_related("user").order_by("first_day", "pk")[:SHOWN])
    gone = _left_with_tickets() if for_others else []
    held = open_of([*(one.user_id for one in found), *(one.pk for one in gone)])
    people = User.objects.working_here().order_by("name")[:300] if for_others else []
    return {
        "rows": [
            {
                "absence": one,
                "held": held.get(one.user_id, 0),
                "is_now": one.first_day <= today,
            }
            for one in found
        ],
        "gone": [{"person": one, "held": held.get(one.pk, 0)} for one in gone],
        "for_others": for_others,
        "may_hand_over": rights_of(user).is_agent or rights_of(user).is_manager,
        "people": [person_text(person) for person in people],
        "people_list": PEOPLE_LIST,
        "now": now,
    }


def _left_with_tickets() -> list[User]:
    """People who left, or whose account is off, and still hold open tickets."""
    gone = User.objects.filter(Q(is_active=False) | Q(left_on__isnull=False))
    held = Ticket.objects.filter(status__in=AT_WORK, assignee__in=gone).values("assignee")
    return list(User.objects.filter(pk__in=held).order_by("name"))


@login_required
@require_POST
@once_only
def absence_take_back(request: SignedInRequest, pk: int) -> HttpResponse:
    """The person is there after all."""
    rights = require(request.user, *STAFF)
    rows = Absence.objects.all()
    if not rights.is_administrator:
        rows = rows.filter(user=request.user)
    absence = get_object_or_404(rows, pk=pk)
    take_back_absence(absence, acting_user=request.user, now=timezone.now())
    add_toast(request, _("The absence is taken back."))
    return redirect("absences")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def hand_over(request: SignedInRequest, pk: int) -> HttpResponse:
    """Hand over the open tickets of a person, as one bulk run with its progress and its undo."""
    require(request.user, PermissionRole.AGENT, PermissionRole.MANAGER)
    person, now = get_object_or_404(User, pk=pk), timezone.now()
    if person != request.user and not _may_for(request.user, person, now):
        raise PermissionDenied
    tickets = Ticket.objects.visible_to(request.user).filter(assignee=person, status__in=AT_WORK)
    form = HandOverForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            run = start_bulk_run(
                _act(form.cleaned_data), tickets,
                place=_("Open tickets of %(name)s") % {"name": person.name},
                acting_user=request.user, now=now,
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("bulk_run", run.pk)
    people = User.objects.working_here().filter(teams__is_product_operations=True).distinct()
    context = {
        "form": form, "side": _side(request), "person": person, "count": tickets.count(),
        "back": reverse("absences"),
        "people": [person_text(one) for one in people.order_by("name")[:300]],
        "people_list": PEOPLE_LIST,
    }  # fmt: skip
    return render(request, "tickets/hand_over.html", context, status=422 if form.is_bound else 200)


def _may_for(user: User, person: User, now: dt.datetime) -> bool:
    """A colleague's tickets are handed over while they are away, or by manager or administrator."""
    rights = rights_of(user)
    if rights.is_manager or rights.is_administrator:
        return True
    is_gone = not person.is_active or person.left_on is not None
    return is_gone or bool(away_on([person.pk], timezone.localdate(now)))


def _act(found: dict[str, Any]) -> Act:
    if found["how"] == HandOverForm.TEAM:
        return Act("assign_by", {"method": AssignmentMethod.LEAST_LOADED})
    person = found["person"] if found["how"] == HandOverForm.PERSON else None
    return Act("assign", {"assignee": person.pk if person else None})
