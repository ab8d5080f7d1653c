"""How the verbs of tickets and causes answer: done, refused beside the field, or stale (409)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from accounts.models import User
from core.errors import Conflict, StaleWrite
from core.formkeys import FIELD as FORM_KEY
from tickets.actions.undoing import newest_act
from tickets.forms.contract import RowForm, value_in_form
from tickets.models import Cause, Ticket
from tickets.rendering.words import field_of, label_of, present_value, value_said

#: What an address of the desk carries from page to page.
KEPT = (
    "view", "queue", "q", "f", "sort", "group", "columns", "layout", "board", "before", "after",
    "guided",
)  # fmt: skip


def typed(request: HttpRequest, name: str, maximum: int) -> str:
    """Words of the address as a person typed them: no NUL, which no text in the database holds."""
    return request.GET.get(name, "").replace("\x00", "").strip()[:maximum]


def kept_query(request: HttpRequest) -> str:
    """`?queue=mine&q=…` of this request, to stay where one is; empty when there is none."""
    kept = QueryDict(mutable=True)
    for name in KEPT:
        if values := request.GET.getlist(name):
            kept.setlist(name, values)
    return f"?{kept.urlencode(safe=':,.')}" if kept else ""


def with_next(request: HttpRequest, action: str) -> str:
    """The address of a form that leads back to the page it was opened from."""
    wanted = next_address(request, "")
    mark = "&" if "?" in action else "?"
    return f"{action}{mark}{urlencode({'next': wanted})}" if wanted else action


def next_address(request: HttpRequest, otherwise: str) -> str:
    """Where `next` leads when it is an address of ours, else `otherwise`."""
    wanted = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if wanted and ours else otherwise


def undo_url(ticket: Ticket, user: User, now: dt.datetime, name: str = "ticket_undo") -> str:
    """The address that undoes what this person did to the ticket at `now`; "" for nothing."""
    version = newest_act(ticket, user, since=now)
    return reverse(name, args=[ticket.pk, version]) if version else ""


def shown_in_dialog(response: HttpResponse) -> HttpResponse:
    """Asked by htmx, a form or a refusal goes into the page's dialog and leaves the address."""
    response["HX-Retarget"] = "#act"
    response["HX-Reselect"] = "#act-form"
    response["HX-Reswap"] = "innerHTML"
    response["HX-Push-Url"] = "false"
    return response


def stale_answer(
    request: HttpRequest,
    row: Ticket | Cause,
    form: forms.Form,
    stale: StaleWrite,
    *,
    action: str,
    back: str,
) -> HttpResponse:
    """Both sides, field by field, with everything that was typed (status 409).

    Where several fields of one row conflict, each has a choice of its own.
    """
    row.refresh_from_db()
    conflicts = sorted(stale.conflicts, key=lambda conflict: conflict.at)
    rows = [
        {
            "label": label_of(conflict.field),
            "theirs": _theirs(row, conflict.field),
            "yours": _yours(form, conflict.field),
        }
        for conflict in conflicts
    ]
    newest = conflicts[-1]
    choices = _choices(row, form, conflicts)
    context = {
        "who": User.objects.filter(pk=newest.actor_id or 0).first() or "",
        "at": newest.at,
        "rows": [*choices.values()] or rows,
        "is_choice": bool(choices),
        "kept": _typed(form),
        "again": [
            (name, value)
            for name, value in _again(request, stale.current_version)
            if name not in choices
        ],
        "action": action,
        "back": back,
    }
    return shown_in_dialog(render(request, "tickets/stale.html", context, status=stale.status))


def _choices(
    row: Ticket | Cause, form: forms.Form, conflicts: Sequence[Conflict]
) -> dict[str, dict[str, Any]]:
    """By form field: both sides with what a control holds for each; empty below two fields."""
    if not isinstance(row, Ticket) or not isinstance(form, RowForm):
        return {}
    found = {}
    for conflict in conflicts:
        name = field_of(conflict.field)
        # "Not sure" and "no page" are answers of the control beside them.
        name = {"module_not_sure": "module", "answer_gap": "answer_page"}.get(name, name)
        if name not in form.names or name in found:
            continue
        mine, theirs = form.data.get(name, ""), value_in_form(row, name)
        found[name] = {
            "label": label_of(name),
            "theirs": _theirs(row, conflict.field),
            "yours": _yours(form, conflict.field),
            "name": name,
            "mine_value": mine,
            "theirs_value": "" if theirs is None else str(theirs),
        }
    return found if len(found) > 1 else {}


def _theirs(row: Ticket | Cause, column: str) -> str:
    if isinstance(row, Ticket):
        return present_value(row, column)
    return value_said(column, getattr(row, column, ""))


def _yours(form: forms.Form, column: str) -> str:
    name = field_of(column)
    if name not in form.fields:
        return ""
    value = form.cleaned_data.get(name)
    return value_said(name, getattr(value, "pk", value))


def _typed(form: forms.Form) -> list[str]:
    """Longer texts of the form: they are shown, so that nobody fears for them."""
    return [
        text
        for name, field in form.fields.items()
        if isinstance(field.widget, forms.Textarea)
        and (text := str(form.cleaned_data.get(name) or "").strip())
    ]


def _again(request: HttpRequest, version: int) -> Sequence[tuple[str, str]]:
    """The same input with the version that was just shown; files have to be chosen again."""
    sent: list[tuple[str, Any]] = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", FORM_KEY, "version")
        for value in values
    ]
    return [*sent, ("version", str(version))]
