"""The audit log: who changed which setting, person or right, out of the event log itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_safe

from accounts.models import User
from catalog.forms.audit import AuditForm
from catalog.forms.settings import PEOPLE_LIST, person_text
from catalog.rendering.audit import Shown, shown_events
from catalog.search.audit import Asked, found_events
from catalog.views.pages import SUGGESTED_PEOPLE, administrators_only, side
from core.sheets import MOMENT, Column, Table, csv_lines, download

PAGE = 50
#: Rows of one file; more are asked for by a shorter period.
FILE_MAX = 20_000


@administrators_only
@require_safe
def settings_audit(request: HttpRequest) -> HttpResponse:
    """Newest first, paged by key; what is asked for stands in the address."""
    form = AuditForm(request.GET or None)
    asked = _asked(form)
    before = request.GET.get("before", "")
    found = list(
        found_events(asked, int(before) if before.isdecimal() and len(before) < 19 else None)[
            : PAGE + 1
        ]
    )
    query = request.GET.copy()
    query.pop("before", None)
    older = f"?{query.urlencode()}&before={found[PAGE - 1].pk}" if len(found) > PAGE else ""
    people = User.objects.working_here().order_by("name")[:SUGGESTED_PEOPLE]
    there = {
        "side": side(request), "form": form, "rows": shown_events(found[:PAGE]),
        "older": older, "newest": f"?{query.urlencode()}" if before else "",
        "asked": query.urlencode(), "is_asked": asked != Asked(),
        "people": [person_text(person) for person in people], "people_list": PEOPLE_LIST,
        "now": timezone.now(),
    }  # fmt: skip
    status = 422 if form.is_bound and not form.is_valid() else 200
    return render(request, "catalog/settings_audit.html", there, status=status)


@administrators_only
@require_safe
def settings_audit_csv(request: HttpRequest) -> HttpResponse:
    """The same rows as a file, up to `FILE_MAX`; one line says when there are more."""
    found = list(found_events(_asked(AuditForm(request.GET or None)), None)[: FILE_MAX + 1])
    columns = [
        Column(_("When"), MOMENT), Column(pgettext("audit", "Who")), Column(_("What")),
        Column(_("Which")), Column(_("Act")), Column(_("Field")), Column(_("Before")),
        Column(_("After")),
    ]  # fmt: skip
    rows = _lines(shown_events(found[:FILE_MAX]))
    name = f"audit-{timezone.localdate():%Y-%m-%d}.csv"
    lines = csv_lines(Table(_("Audit log"), columns, rows))
    if len(found) > FILE_MAX:
        more = _("There is more than this file holds; ask for a shorter period.")
        lines = iter([*lines, f"{more}\r\n"])
    return download(lines, name, "text/csv; charset=utf-8")


def _lines(rows: list[Shown]) -> Iterator[list[object]]:
    """A line for each field that changed; an act without one has a line of its own."""
    for row in rows:
        head: list[object] = [row.at, row.who, row.noun, row.name, row.verb]
        for label, before, after in row.changes or [("", "", "")]:
            yield [*head, label, before, after]


def _asked(form: AuditForm) -> Asked:
    if not form.is_valid():
        return Asked()
    found = form.cleaned_data
    zone = timezone.get_current_timezone()
    first, last = found["first_day"], found["last_day"]
    return Asked(
        person=found["person"],
        subject=found["noun"],
        since=dt.datetime.combine(first, dt.time(), zone) if first else None,
        until=dt.datetime.combine(last + dt.timedelta(days=1), dt.time(), zone) if last else None,
    )
