"""How the verbs of demands and releases answer: done, refused beside the field, or stale (409)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import StaleWrite
from core.formkeys import FIELD as FORM_KEY
from feedback.choices import DemandStatus, ReleaseStatus
from feedback.models import Demand, Release
from tickets.views.answers import shown_in_dialog

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

LABELS: dict[str, StrPromise] = {
    "status": _("Status"), "planned_on": _("Planned date"), "pages_note": _("Updated pages"),
    "pages_unchanged": _("No page changes"), "announcement": _("Announcement"),
    "measures": _("What to measure"), "measures_nothing": _("Nothing needs measuring"),
}  # fmt: skip


class ShownVerb(Protocol):
    """What the page of a verb's form needs to know about the verb."""

    @property
    def title(self) -> StrPromise: ...


@dataclass(frozen=True)
class FormText:
    """The words around a form that belongs to no table of verbs."""

    title: StrPromise
    lead: StrPromise
    button: StrPromise
    kind: str = "primary"


def reader_of(request: HttpRequest) -> User:
    """The signed-in person."""
    assert isinstance(request.user, User)  # noqa: S101  (login_required)
    return request.user


def local_now() -> dt.datetime:
    """Now in the zone of the house: its day is the day that planned dates are compared with."""
    return timezone.localtime(timezone.now())


def form_page(
    request: HttpRequest,
    verb: ShownVerb,
    form: forms.Form,
    *,
    action: str,
    back: str,
    crumb: str,
    status: int = 200,
    template: str = "tickets/verb.html",
    **more: Any,
) -> HttpResponse:
    """A verb's form: a page of its own, or the page's dialog when htmx asks."""
    context = {"verb": verb, "form": form, "action": action, "back": back, "crumb": crumb, **more}
    response = render(request, template, context, status=status)
    return shown_in_dialog(response) if status != 200 else response


def stale_page(
    request: HttpRequest,
    row: Demand | Release,
    form: forms.Form,
    stale: StaleWrite,
    *,
    action: str,
    back: str,
) -> HttpResponse:
    """Both sides, field by field, with everything that was typed (status 409)."""
    row.refresh_from_db()
    conflicts = sorted(stale.conflicts, key=lambda conflict: conflict.at)
    newest = conflicts[-1]
    context = {
        "who": User.objects.filter(pk=newest.actor_id or 0).first() or "",
        "at": newest.at,
        "rows": [
            {
                "label": LABELS.get(conflict.field, conflict.field),
                "theirs": _said(row, conflict.field, getattr(row, conflict.field, "")),
                "yours": _said(row, conflict.field, form.cleaned_data.get(conflict.field)),
            }
            for conflict in conflicts
        ],
        "kept": [
            text
            for name, field in form.fields.items()
            if isinstance(field.widget, forms.Textarea)
            and (text := str(form.cleaned_data.get(name) or "").strip())
        ],
        "again": _again(request, stale.current_version),
        "action": action,
        "back": back,
    }
    return shown_in_dialog(render(request, "tickets/stale.html", context, status=stale.status))


def _said(row: Demand | Release, field: str, value: Any) -> str:
    if value in (None, ""):
        return ""
    if field == "status":
        words = DemandStatus if isinstance(row, Demand) else ReleaseStatus
        return str(words(value).label)
    if field == "planned_on" and not isinstance(value, dt.date):
        value = parse_date(str(value)) or value
    if isinstance(value, dt.date):
        return date_format(value, "SHORT_DATE_FORMAT")
    return str(value)


def _again(request: HttpRequest, version: int) -> list[tuple[str, str]]:
    """The same input with the version that was just shown."""
    sent = [
        (name, str(value))
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", FORM_KEY, "version")
        for value in values
    ]
    return [*sent, ("version", str(version))]
