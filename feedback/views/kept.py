"""The forms that change a list of demands, and its saved views."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from core.errors import BadInput, Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from feedback import access, actions
from feedback.forms.table import TableForm
from feedback.models import DemandView
from feedback.search.fields import DEMANDS
from feedback.search.listing import DemandListing
from feedback.views.answers import reader_of
from feedback.views.places import DemandPlace, kept_words
from tickets.forms.filters import ConditionForm
from tickets.forms.saved_views import SavedViewForm
from tickets.search.filters import Asking, Condition
from tickets.views.answers import shown_in_dialog

#: What a new condition begins with.
_FIRST = Condition("status", "any")


@login_required
@require_safe
def demands_filter(request: HttpRequest) -> HttpResponse:
    """The form of one condition; with `apply`, the list with it."""
    user = reader_of(request)
    access.require_reader(user)
    now = timezone.now()
    place, asking, was = DemandPlace.of(request, now), Asking(user, now), request.GET.get("was", "")
    if not request.GET.get("apply"):
        form = ConditionForm(None, asking=asking, condition=_begun(request, was), book=DEMANDS)
        return _condition_form(request, place, form, was, 200)
    form = ConditionForm(request.GET, asking=asking, book=DEMANDS)
    if form.is_valid():
        try:
            text = str(form.condition())
        except BadInput:
            pass
        else:
            texts = place.listing.filters
            kept = tuple(text if one == was else one for one in texts)
            filters = kept if was in texts else (*texts, text)
            return redirect(place.url(filters=tuple(dict.fromkeys(filters))))
    return shown_in_dialog(_condition_form(request, place, form, was, 422))


def _begun(request: HttpRequest, was: str) -> Condition:
    """The condition a form begins with: the one being changed, with another field or operator."""
    try:
        begun = Condition.of(was) if was else _FIRST
    except BadInput:
        begun = _FIRST
    name = request.GET.get("field", begun.field)
    operator = request.GET.get("operator", begun.operator)
    return Condition(name, operator, begun.values if name == begun.field else ())


def _condition_form(
    request: HttpRequest, place: DemandPlace, form: ConditionForm, was: str, status: int
) -> HttpResponse:
    context = {
        "form": form, "was": was, "kept": place.words(), "back": place.here,
        "address": reverse("demands_filter"),
    }  # fmt: skip
    return render(request, "tickets/filter.html", context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def demands_display(request: HttpRequest) -> HttpResponse:
    """How the table is shown; the columns are kept for this person and this view."""
    user = reader_of(request)
    access.require_reader(user)
    place = DemandPlace.of(request)
    shown = [column.key for column in place.read.columns]
    if request.method == "POST" and "forget" in request.POST:
        actions.forget_layout(place.view, acting_user=user)
        return redirect(place.url(columns=(), frozen=None) if place.view is None else place.here)
    if request.method != "POST":
        return _display_form(request, place, TableForm(shown=shown, initial=_shown(place)), 200)
    form = TableForm(request.POST, shown=request.POST.getlist("columns") or shown)
    if form.is_valid():
        try:
            columns = form.chosen(request.POST.getlist("columns"))
            actions.keep_layout(place.view, columns, form.cleaned_data["frozen"], acting_user=user)
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            data = form.cleaned_data
            base = DemandListing.of_view(place.view) if place.view else DemandListing()
            return redirect(
                place.url(
                    sort=form.sorting(), group=data["group"], layout=data["layout"],
                    columns=base.columns, frozen=base.frozen,
                )
            )  # fmt: skip
    return shown_in_dialog(_display_form(request, place, form, 422))


def _shown(place: DemandPlace) -> dict[str, Any]:
    listing = place.listing
    return {
        "sort": listing.sort.removeprefix("-"), "turned": listing.sort.startswith("-"),
        "group": place.read.group, "layout": place.read.layout, "frozen": place.read.frozen,
        "columns": [column.key for column in place.read.columns],
    }  # fmt: skip


def _display_form(
    request: HttpRequest, place: DemandPlace, form: TableForm, status: int
) -> HttpResponse:
    context = {
        "form": form, "back": place.here,
        "action": reverse("demands_display") + kept_words(request.GET),
    }  # fmt: skip
    return render(request, "feedback/display.html", context, status=status)


# ---- saved views ------------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def demand_view_new(request: HttpRequest) -> HttpResponse:
    """Keep the list that is shown under a name."""
    user = reader_of(request)
    access.require_reader(user)
    now = timezone.now()
    place = DemandPlace.of(request, now)
    action = reverse("demand_view_new") + kept_words(request.GET)
    if request.method != "POST":
        form = SavedViewForm(user=user)
        return _view_form(request, form, None, action, place.here, 200)
    form = SavedViewForm(request.POST, user=user)
    if form.is_valid():
        try:
            view = actions.create_demand_view(
                listing=place.read.listing, acting_user=user, now=now, **form.settings()
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Saved: %(name)s") % {"name": view.name})
            return redirect(_shown_at(view))
    return _view_form(request, form, None, action, place.here, 422)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def demand_view_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Its name, with whom it is shared, where it stands."""
    user = reader_of(request)
    view = access.get_demand_view_for_edit(user, pk)
    action = reverse("demand_view_edit", args=[pk])
    if request.method != "POST":
        form = SavedViewForm(view=view, user=user)
        return _view_form(request, form, view, action, _shown_at(view), 200)
    form = SavedViewForm(request.POST, view=view, user=user)
    if form.is_valid():
        try:
            actions.edit_demand_view(
                view, settings=form.settings(), acting_user=user, now=timezone.now(),
                seen_version=form.cleaned_data["version"],
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Saved: %(name)s") % {"name": form.cleaned_data["name"]})
            return redirect(_shown_at(view))
    return _view_form(request, form, view, action, _shown_at(view), 422)


@login_required
@require_POST
@once_only
def demand_view_update(request: HttpRequest, pk: int) -> HttpResponse:
    """The view lists from now on what the address says, with the columns as they are shown."""
    user = reader_of(request)
    view = access.get_demand_view_for_edit(user, pk)
    given = request.GET.copy()
    given["view"] = str(pk)
    request.GET = given  # type: ignore[assignment]  # the view that the path names
    place = DemandPlace.of(request)
    try:
        actions.edit_demand_view(
            view, listing=place.read.listing, acting_user=user, now=timezone.now(),
            seen_version=_version(request),
        )  # fmt: skip
    except StaleWrite:
        raise
    except Refused as refusal:
        words = " ".join(f"{p.message} {p.remedy}" for p in refusal.problems)
        add_toast(request, words, tone="seal")
        return redirect(place.here)
    add_toast(request, _("Saved: %(name)s") % {"name": view.name})
    return redirect(_shown_at(view))


@login_required
@require_POST
@once_only
def demand_view_copy(request: HttpRequest, pk: int) -> HttpResponse:
    """A personal view of the same list."""
    user = reader_of(request)
    view = access.get_demand_view_for_view(user, pk)
    copied = actions.copy_demand_view(view, acting_user=user, now=timezone.now())
    add_toast(request, _("Saved: %(name)s") % {"name": copied.name})
    return redirect(_shown_at(copied))


@login_required
@require_POST
@once_only
def demand_view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Away for everybody who saw it; the toast brings it back."""
    user = reader_of(request)
    view = access.get_demand_view_for_edit(user, pk)
    actions.delete_demand_view(
        view, acting_user=user, now=timezone.now(), seen_version=_version(request)
    )
    add_toast(
        request, _("Deleted: %(name)s") % {"name": view.name},
        undo_url=reverse("demand_view_restore", args=[pk]),
    )  # fmt: skip
    return redirect("demands")


@login_required
@require_POST
@once_only
def demand_view_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo of a deletion."""
    user = reader_of(request)
    view = access.get_demand_view_for_edit(user, pk)
    actions.restore_demand_view(view, acting_user=user, now=timezone.now())
    add_toast(request, _("Back again: %(name)s") % {"name": view.name})
    return redirect(_shown_at(view))


def _shown_at(view: DemandView) -> str:
    return f"{reverse('demands')}?view={view.pk}"


def _version(request: HttpRequest) -> int | None:
    sent = request.POST.get("version", "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else None


def _view_form(
    request: HttpRequest, form: SavedViewForm, view: DemandView | None, action: str, back: str,
    status: int,
) -> HttpResponse:  # fmt: skip
    context = {
        "form": form, "action": action, "back": back, "crumb": view.name if view else _("Views"),
        "verb": {
            "title": _("Change the view") if view else _("Save as a view"),
            "lead": "" if view else _("Its filter, order, columns and layout are those you see."),
            "button": _("Save"), "kind": "primary",
        },
    }  # fmt: skip
    response = render(request, "tickets/verb.html", context, status=status)
    return shown_in_dialog(response) if status != 200 else response
