"""The two pages of every section of the settings, for administrators only."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import signed_in
from accounts.models import User
from catalog.access import require
from catalog.choices import PermissionRole, SettingsGroup
from catalog.forms import PersonField, SettingsForm
from catalog.forms.settings import PEOPLE_LIST, person_text
from catalog.views.calendars import CALENDARS
from catalog.views.fields import FIELD_SECTIONS, FIELDS
from catalog.views.organisation import DEPARTMENTS, PEOPLE, POSITIONS
from catalog.views.products import MODULES, PRODUCTS, ROLES
from catalog.views.sections import Act, Panel, Section
from catalog.views.teams import TEAMS
from core.errors import Refused, StaleWrite
from core.formkeys import FIELD as FORM_KEY
from core.formkeys import once_only
from core.forms import add_refusal
from core.registry import settings_places
from core.toasts import add_toast

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

SECTIONS: dict[str, Section[Any]] = {
    section.name: section
    for section in (
        PEOPLE, DEPARTMENTS, POSITIONS, PRODUCTS, MODULES, ROLES, TEAMS, CALENDARS, FIELDS,
        FIELD_SECTIONS,
    )
}  # fmt: skip
PAGE = 50
#: People suggested by name; anybody else is found by typing the user name.
SUGGESTED_PEOPLE = 300

View = Callable[..., HttpResponse]


def administrators_only(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(signed_in(request), PermissionRole.ADMINISTRATOR)
        return view(request, *args, **kwargs)

    return login_required(guarded)


def side(request: HttpRequest) -> list[dict[str, Any]]:
    """The list of places beside every settings page, under their headings."""
    found = entries()
    longest = max(
        (one.url for one in found if request.path.startswith(one.url)), key=len, default=""
    )
    return [
        {
            "label": one.label,
            "url": one.url,
            "group": one.group.label,
            "current": one.url == longest,
        }
        for one in found
    ]


@dataclass(frozen=True)
class Entry:
    """A place of the settings as the home, the list beside and the palette show it."""

    name: str
    label: StrPromise | str
    lead: StrPromise | str
    icon: str
    url: str
    group: SettingsGroup


def entries() -> list[Entry]:
    """Every place of the settings, heading by heading."""
    found = [
        Entry(
            section.name, section.title, section.lead, section.icon, list_url(section),
            SettingsGroup(section.group),
        )
        for section in SECTIONS.values()
        if not section.parent
    ]  # fmt: skip
    found += [
        Entry(
            place.url_name, place.label, place.lead, place.icon, reverse(place.url_name),
            SettingsGroup(place.group),
        )
        for place in settings_places()
    ]  # fmt: skip
    order = list(SettingsGroup)
    return sorted(found, key=lambda one: order.index(one.group))


def list_url(section: Section[Any]) -> str:
    return reverse(f"settings_{section.name}")


def row_url(section: Section[Any], pk: int) -> str:
    return reverse(f"settings_{section.name}_edit", args=[pk])


@administrators_only
@require_safe
def settings_list(request: HttpRequest, section: str) -> HttpResponse:
    """All rows of a section; where a section can be searched, newest first and paged by key."""
    what = SECTIONS[section]
    rows, wanted, older = what.rows(), request.GET.get("q", "").strip()[:100], None
    if what.search is None:
        found = list(rows)
    else:
        rows = what.search(rows, wanted) if wanted else rows
        before = request.GET.get("before", "")
        if before.isdecimal() and len(before) < 19:
            rows = rows.filter(pk__lt=int(before))
        found = list(rows[: PAGE + 1])
        if len(found) > PAGE:
            found = found[:PAGE]
            older = found[-1].pk
    there = {
        "section": what,
        "side": side(request),
        # A template would call the search itself.
        "searchable": what.search is not None,
        "q": wanted,
        "older": older,
        "paged": bool(request.GET.get("before")),
        "new_url": reverse(f"settings_{what.name}_new") if what.create else "",
        "columns": [column.label for column in what.columns],
        "rows": [
            {
                "url": row_url(what, row.pk),
                "cells": [column.text(row) for column in what.columns],
                "depth": min(what.depth(row), 5),
            }
            for row in found
        ],
    }
    return render(request, "catalog/settings_list.html", there)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_new(request: HttpRequest, section: str) -> HttpResponse:
    what = SECTIONS[section]
    if what.create is None:
        raise Http404
    form = what.form(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            row = what.create(form, signed_in(request), timezone.now())
        except Refused as refusal:
            form.show_refusal(refusal)
        else:
            add_toast(request, _("“%(name)s” is added.") % {"name": row})
            return redirect(row_url(what, row.pk))
    return _edit_page(request, what, None, form, status=422 if form.is_bound else 200)


@administrators_only
@require_http_methods(["GET", "HEAD", "POST"])
@once_only
def settings_edit(request: HttpRequest, section: str, pk: int) -> HttpResponse:
    what = SECTIONS[section]
    row = get_object_or_404(what.rows(), pk=pk)
    form = _form_of(what, row, request.POST if request.method == "POST" else None)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            if what.foresee is not None and not is_seen(request):
                html = what.foresee(row, form, signed_in(request), timezone.now())
                if html:
                    return foreseen_page(request, str(row), row_url(what, pk), html)
            row = what.edit(row, form, signed_in(request), timezone.now())
        except Refused as refusal:
            form.show_refusal(refusal)
            status = 409 if isinstance(refusal, StaleWrite) else 422
        else:
            add_toast(request, _("“%(name)s” is saved.") % {"name": row})
            return redirect(row_url(what, pk))
    return _edit_page(request, what, row, form, status=status)


@administrators_only
@require_POST
@once_only
def settings_add(request: HttpRequest, section: str, pk: int, panel: str) -> HttpResponse:
    """Add to a panel of a row; a refused form is shown in its place on the page."""
    what = SECTIONS[section]
    row = get_object_or_404(what.rows(), pk=pk)
    wanted = _panel(what, panel)
    form = wanted.form(request.POST, prefix=panel)
    if form.is_valid():
        if wanted.foresee is not None and not is_seen(request):
            html = wanted.foresee(row, form.cleaned_data, signed_in(request), timezone.now())
            if html:
                return foreseen_page(request, str(row), row_url(what, pk), html)
        try:
            wanted.add(row, form.cleaned_data, signed_in(request), timezone.now())
        except Refused as refusal:
            add_refusal(form, refusal)
        else:
            add_toast(request, str(wanted.added))
            return redirect(row_url(what, pk) + f"#{panel}")
    return _edit_page(request, what, row, _form_of(what, row), refused={panel: form}, status=422)


@administrators_only
@require_POST
@once_only
def settings_remove(
    request: HttpRequest, section: str, pk: int, panel: str, item: int
) -> HttpResponse:
    what = SECTIONS[section]
    row = get_object_or_404(what.rows(), pk=pk)
    wanted = _panel(what, panel)
    if wanted.remove is None:
        raise Http404
    if wanted.foresee_removal is not None and not is_seen(request):
        html = wanted.foresee_removal(row, item, signed_in(request), timezone.now())
        if html:
            return foreseen_page(request, str(row), row_url(what, pk), html)
    wanted.remove(row, item, signed_in(request), timezone.now())
    add_toast(request, str(wanted.removed))
    return redirect(row_url(what, pk) + f"#{panel}")


@administrators_only
@require_POST
@once_only
def settings_do(request: HttpRequest, section: str, pk: int, act: str) -> HttpResponse:
    """One of the row's acts, with the undo that takes it back."""
    what = SECTIONS[section]
    row = get_object_or_404(what.rows(), pk=pk)
    wanted = next((one for one in what.acts if one.name == act), None)
    if wanted is None:
        raise Http404
    wanted.do(row, signed_in(request), timezone.now())
    undo = _act_url(what, pk, wanted.undo) if wanted.undo else ""
    add_toast(request, str(wanted.done), undo_url=undo)
    return redirect(row_url(what, pk))


#: What a form carries that was sent again from the page of its consequences.
SEEN = "seen"


def is_seen(request: HttpRequest) -> bool:
    """Whether the consequences of this very form were shown before."""
    return bool(request.POST.get(SEEN))


def foreseen_page(
    request: HttpRequest, name: str, back_url: str, html: Sequence[str]
) -> HttpResponse:
    """What a change would do, before it is saved: the same form again, with "save" and "back"."""
    sent = [
        (key, value)
        for key, values in request.POST.lists()
        if key not in ("csrfmiddlewaretoken", FORM_KEY, SEEN)
        for value in values
    ]
    there = {
        "side": side(request), "name": name, "back_url": back_url, "html": html, "sent": sent,
        "action": request.path,
    }  # fmt: skip
    response = render(request, "catalog/settings_foreseen.html", there)
    response.only_asks = True  # type: ignore[attr-defined]  # read by `once_only`
    return response


def _panel(what: Section[Any], name: str) -> Panel[Any]:
    for panel in what.panels:
        if panel.name == name:
            return panel
    raise Http404


def _act_url(what: Section[Any], pk: int, act: str) -> str:
    return reverse(f"settings_{what.name}_do", args=[pk, act])


def _form_of(what: Section[Any], row: Model, data: Any = None) -> SettingsForm:
    return what.form(data, row=row, initial=what.form.initial_of(row))


def _edit_page(
    request: HttpRequest,
    what: Section[Any],
    row: Any,
    form: SettingsForm,
    *,
    status: int,
    refused: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    panels = [_shown(what, row, panel, refused or {}) for panel in what.panels] if row else []
    wants_people = [form, *(panel["form"] for panel in panels)]
    crumbs = [{"label": what.title, "url": list_url(what)}]
    if what.parent and row:
        parent = SECTIONS[what.parent]
        crumbs = [{"label": parent.title, "url": row_url(parent, what.parent_of(row))}]  # type: ignore[misc]
    there = {
        "section": what,
        "side": side(request),
        "crumbs": crumbs,
        "row": row,
        "form": form,
        "panels": panels,
        "acts": [
            {"act": act, "url": _act_url(what, row.pk, act.name)} for act in _offered(what, row)
        ],
        "people": _suggested(wants_people),
        "people_list": PEOPLE_LIST,
        "more": what.more_of(row, request.GET) if row and what.more_of is not None else None,
    }
    return render(request, "catalog/settings_edit.html", there, status=status)


def _offered(what: Section[Any], row: Any) -> list[Act[Any]]:
    return [act for act in what.acts if act.offered(row)] if row else []


def _shown(
    what: Section[Any], row: Any, panel: Panel[Any], refused: dict[str, forms.Form]
) -> dict[str, Any]:
    return {
        "panel": panel,
        "form": refused.get(panel.name) or panel.form(prefix=panel.name),
        "open": panel.name in refused,
        "add_url": reverse(f"settings_{what.name}_add", args=[row.pk, panel.name]),
        "rows": [
            {
                "line": line,
                "remove_url": reverse(
                    f"settings_{what.name}_remove", args=[row.pk, panel.name, line.pk]
                )
                if panel.remove is not None and line.removable
                else "",
            }
            for line in panel.rows(row)
        ],
    }


def _suggested(shown: list[forms.Form]) -> list[str]:
    """People for the fields that ask for one; none where no field does."""
    asks = any(isinstance(field, PersonField) for form in shown for field in form.fields.values())
    if not asks:
        return []
    people = User.objects.working_here().order_by("name")[:SUGGESTED_PEOPLE]
    return [person_text(person) for person in people]
