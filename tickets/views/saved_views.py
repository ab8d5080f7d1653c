"""Saved views: make one of the list that is shown, change it, share it, delete it, count it."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core.errors import Refused, StaleWrite
from core.formkeys import once_only
from core.forms import add_refusal
from core.toasts import add_toast
from tickets import actions
from tickets.access import (
    get_saved_view_for_edit,
    get_saved_view_for_view,
    require_staff,
)
from tickets.forms.saved_views import SavedViewForm
from tickets.models import SavedView
from tickets.search.filters import Asking
from tickets.search.limits import WAITED_FOR, TooLong
from tickets.search.listing import Listing
from tickets.search.queues import COUNT_LIMIT
from tickets.search.views import count_of
from tickets.views.answers import kept_query, shown_in_dialog
from tickets.views.places import Place
from tickets.views.requests import SignedInRequest


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def view_new(request: SignedInRequest) -> HttpResponse:
    """Keep the list that is shown under a name."""
    require_staff(request.user)
    now = timezone.now()
    place = Place.of(request, now)
    action = reverse("view_new") + kept_query(request)
    if request.method != "POST":
        form = SavedViewForm(user=request.user)
        return _form(request, form, None, action, place.desk_url, 200)
    form = SavedViewForm(request.POST, user=request.user)
    if form.is_valid():
        try:
            view = actions.create_view(
                listing=place.listing, acting_user=request.user, now=now, **form.settings()
            )
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Saved: %(name)s") % {"name": view.name})
            return redirect(_shown(view))
    return _form(request, form, None, action, place.desk_url, 422)


@login_required
@require_http_methods(["GET", "POST"])
@once_only
def view_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    """Its name, with whom it is shared, where it stands."""
    view = get_saved_view_for_edit(request.user, pk)
    action = reverse("view_edit", args=[pk])
    if request.method != "POST":
        form = SavedViewForm(view=view, user=request.user)
        return _form(request, form, view, action, _shown(view), 200)
    form = SavedViewForm(request.POST, view=view, user=request.user)
    if form.is_valid():
        try:
            actions.edit_view(
                view, settings=form.settings(), acting_user=request.user, now=timezone.now(),
                seen_version=form.cleaned_data["version"],
            )  # fmt: skip
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, _("Saved: %(name)s") % {"name": form.cleaned_data["name"]})
            return redirect(_shown(view))
    return _form(request, form, view, action, _shown(view), 422)


@login_required
@require_POST
@once_only
def view_update(request: SignedInRequest, pk: int) -> HttpResponse:
    """The view lists from now on what the address says."""
    view = get_saved_view_for_edit(request.user, pk)
    now = timezone.now()
    listing = Listing.of(request.GET, Listing.of_view(view))
    try:
        actions.edit_view(
            view, listing=listing, acting_user=request.user, now=now,
            seen_version=_version(request),
        )  # fmt: skip
    except StaleWrite:
        raise
    except Refused as refusal:
        words = " ".join(f"{p.message} {p.remedy}" for p in refusal.problems)
        add_toast(request, words, tone="seal")
        return redirect(reverse("desk") + kept_query(request))
    add_toast(request, _("Saved: %(name)s") % {"name": view.name})
    return redirect(_shown(view))


@login_required
@require_POST
@once_only
def view_copy(request: SignedInRequest, pk: int) -> HttpResponse:
    """A personal view of the same list."""
    view = get_saved_view_for_view(request.user, pk)
    copied = actions.copy_view(view, acting_user=request.user, now=timezone.now())
    add_toast(request, _("Saved: %(name)s") % {"name": copied.name})
    return redirect(_shown(copied))


@login_required
@require_POST
@once_only
def view_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    """Away for everybody who saw it; the toast brings it back."""
    view = get_saved_view_for_edit(request.user, pk)
    actions.delete_view(
        view, acting_user=request.user, now=timezone.now(), seen_version=_version(request)
    )
    add_toast(
        request, _("Deleted: %(name)s") % {"name": view.name},
        undo_url=reverse("view_restore", args=[pk]),
    )  # fmt: skip
    return redirect("desk")


@login_required
@require_POST
@once_only
def view_restore(request: SignedInRequest, pk: int) -> HttpResponse:
    """Undo of a deletion."""
    view = get_saved_view_for_edit(request.user, pk)
    actions.restore_view(view, acting_user=request.user, now=timezone.now())
    add_toast(request, _("Back again: %(name)s") % {"name": view.name})
    return redirect(_shown(view))


@login_required
@require_GET
def view_count(request: SignedInRequest, pk: int) -> HttpResponse:
    """How many tickets a view holds, asked for by hand; stopped when it takes too long."""
    view = get_saved_view_for_view(request.user, pk)
    asking = Asking(request.user, timezone.now())
    context: dict[str, Any] = {"view": view}
    try:
        count = count_of(Listing.of_view(view), asking, WAITED_FOR)
        context |= {"count": min(count, COUNT_LIMIT), "is_over": count > COUNT_LIMIT}
    except TooLong as stopped:
        context["problem"] = stopped.problems[0]
    if not request.htmx:
        return redirect(_shown(view))
    return render(request, "tickets/parts/view_count.html", context)


def _shown(view: SavedView) -> str:
    return f"{reverse('desk')}?view={view.pk}"


def _version(request: SignedInRequest) -> int | None:
    sent = request.POST.get("version", "")
    return int(sent) if sent.isdecimal() and len(sent) < 10 else None


def _form(
    request: SignedInRequest, form: SavedViewForm, view: SavedView | None, action: str, back: str,
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
