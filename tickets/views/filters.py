"""The forms that change a list: one condition of its filter, and how it is shown."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from catalog.access import require
from core.errors import BadInput
from tickets.forms.filters import ConditionForm, DisplayForm
from tickets.search.filters import Asking, Condition
from tickets.views.answers import shown_in_dialog
from tickets.views.desk import READERS
from tickets.views.places import Place
from tickets.views.requests import SignedInRequest


@login_required
@require_GET
def desk_filter(request: SignedInRequest) -> HttpResponse:
    """The form of one condition; with `apply`, the list with it."""
    require(request.user, *READERS)
    now = timezone.now()
    place = Place.of(request, now)
    asking = Asking(request.user, now)
    was = request.GET.get("was", "")
    if not request.GET.get("apply"):
        asked = {name: request.GET[name] for name in ("field", "operator") if name in request.GET}
        form = ConditionForm(None, asking=asking, condition=_condition(was, asked))
        return _form(request, place, form, was, 200)
    form = ConditionForm(request.GET, asking=asking)
    if form.is_valid():
        try:
            text = str(form.condition())
        except BadInput:
            pass
        else:
            texts = place.listing.filters
            kept = tuple(text if one == was else one for one in texts)
            filters = kept if was in texts else (*texts, text)
            return redirect(reverse("desk") + place.address(filters=tuple(dict.fromkeys(filters))))
    return shown_in_dialog(_form(request, place, form, was, 422))


def _condition(was: str, asked: dict[str, str]) -> Condition | None:
    """The condition a form begins with: the one being changed, with another field or operator."""
    try:
        begun = Condition.of(was) if was else Condition("status", "any")
    except BadInput:
        begun = Condition("status", "any")
    field = asked.get("field", begun.field)
    operator = asked.get("operator", begun.operator)
    return Condition(field, operator, begun.values if field == begun.field else ())


def _form(
    request: SignedInRequest, place: Place, form: ConditionForm, was: str, status: int
) -> HttpResponse:
    context = {
        "form": form, "was": was, "place": place, "kept": place.words(),
        "back": place.desk_url, "address": reverse("desk_filter"),
    }  # fmt: skip
    return render(request, "tickets/filter.html", context, status=status)


@login_required
@require_GET
def desk_display(request: SignedInRequest) -> HttpResponse:
    """The form of how the list is shown; with `apply`, the list so."""
    require(request.user, *READERS)
    place = Place.of(request, timezone.now())
    listing = place.listing
    if request.GET.get("apply"):
        form = DisplayForm(request.GET)
        if form.is_valid():
            return redirect(reverse("desk") + place.address(**_chosen(form.cleaned_data)))
        return shown_in_dialog(_display(request, place, form, 422))
    initial = {
        "sort": listing.sort.removeprefix("-"), "turned": listing.sort.startswith("-"),
        "group": listing.group, "layout": place.read.layout, "board": place.read.board,
        "columns": [column.key for column in place.read.shown.columns],
    }  # fmt: skip
    return _display(request, place, DisplayForm(initial=initial), 200)


def _chosen(data: dict[str, Any]) -> dict[str, Any]:
    turned = "-" if data["turned"] and data["sort"] else ""
    return {
        "sort": turned + data["sort"], "group": data["group"], "layout": data["layout"],
        "board": data["board"] if data["layout"] == "board" else "",
        "columns": tuple(data["columns"]),
    }  # fmt: skip


def _display(
    request: SignedInRequest, place: Place, form: DisplayForm, status: int
) -> HttpResponse:
    shown = {"sort", "group", "layout", "board", "columns"}
    context = {
        "form": form, "back": place.desk_url,
        "kept": [(word, value) for word, value in place.words() if word not in shown],
    }  # fmt: skip
    return render(request, "tickets/display.html", context, status=status)
