"""The rows behind a figure, as they were counted, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from docs_portal.access import recipient_of
from docs_portal.models import Announcement
from feedback.models import Demand
from reports.access import ReportScope
from reports.choices import AGES, DEBT_PREFIX, Kind, kind_of
from reports.models import Snapshot, SnapshotRow
from reports.policies.debt_then import SIGN
from reports.querysets import SnapshotRowQuerySet
from reports.rendering.debts import debt_title, source_label
from reports.rendering.words import days, figure_label, hours, name_in
from tickets.choices import ReturnReason, Type
from tickets.models import Cause, Ticket

PAGE = 50
#: What the list may be narrowed by, as the report's breakdowns do.
FILTERS = {"product": "product_id", "module": "module_id", "department": "department_id",
           "type": "type", "reason": "reason", "level": "level"}  # fmt: skip


_LETTERS = {
    "ticket": "OPS", "cause": "C", "demand": "D", "help_session": "H", "announcement": "A",
    "voice": "V", "release": "R",
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One row: its reference and, where the reader may open it, its title and address.

    Titles are as they are worded today, never frozen: they are words of people, who may correct
    and erase them.
    """

    row: SnapshotRow
    ref: str
    title: str
    url: str
    product: str
    module: str
    department: str
    type: str
    note: str


def rows_in_scope(
    snapshot: Snapshot, figure: str, scope: ReportScope, wanted: dict[str, str]
) -> SnapshotRowQuerySet:
    """The rows of one figure that the reader's own figure counts (invariant 5)."""
    rows = SnapshotRow.objects.filter(snapshot=snapshot).of_figure(figure)
    if not scope.holds_all(snapshot):
        rows = rows.filter(scope.rows())
    for name, column in FILTERS.items():
        value = wanted.get(name)
        if value is None:
            continue
        if column in ("type", "reason"):
            rows = rows.filter(**{column: value})
        elif value == "":
            rows = rows.filter(**{f"{column}__isnull": True})
        elif value.isdecimal() and len(value) < 19:
            rows = rows.filter(**{column: int(value)})
        else:
            rows = rows.none()
    if wanted.get("part") in ("met", "missed"):
        rows = rows.filter(amount=int(wanted["part"] == "met"))
    return rows.order_by("id")


def label_of_list(figure: str, snapshot: Snapshot, rows: SnapshotRowQuerySet) -> str:
    """What the list is called. What is to be written is named where the reader has rows of it:
    the words are of a product they may not read."""
    if figure.startswith(DEBT_PREFIX) and rows.exists():
        for debt in snapshot.breakdowns.get("debt", []):
            if debt.get("figure") == figure:
                return debt_title(debt, snapshot.names)
    return figure_label(figure, snapshot.names)


def lines_of(rows: list[SnapshotRow], snapshot: Snapshot, user: User) -> list[Line]:
    """Dimensions as they were; title and link only of what the reader may see today."""
    visible = _visible(rows, user)
    return [_line(row, snapshot, visible) for row in rows]


def _visible(rows: list[SnapshotRow], user: User) -> dict[tuple[str, int], tuple[str, str]]:
    """Subject → title and address; one query per kind of subject on the page."""
    by_subject: dict[str, set[int]] = {}
    for row in rows:
        by_subject.setdefault(row.subject, set()).add(row.subject_id)
    sources: dict[str, Any] = {
        "ticket": Ticket, "cause": Cause, "demand": Demand, "announcement": Announcement,
    }  # fmt: skip
    found: dict[tuple[str, int], tuple[str, str]] = {}
    for subject, pks in by_subject.items():
        if subject not in sources:
            continue
        rows_of = sources[subject].objects
        seen = (
            rows_of.visible_to(user, recipient_of(user, timezone.localdate()))
            if subject == Announcement.SUBJECT
            else rows_of.visible_to(user)
        ).filter(pk__in=pks)
        for pk, title in seen.values_list("pk", "title"):
            found[subject, pk] = (title, reverse(subject, args=[pk]))
    return found


def _line(
    row: SnapshotRow, snapshot: Snapshot, visible: dict[tuple[str, int], tuple[str, str]]
) -> Line:
    # A search in vain, or a reader turned away: without the person it has nothing to be called by.
    ref = "—" if row.subject == SIGN else f"{_LETTERS[row.subject]}-{row.subject_id}"
    title, url = visible.get((row.subject, row.subject_id), ("", ""))
    names = snapshot.names
    return Line(
        row=row,
        ref=ref,
        title=title,
        url=url,
        product=name_in(names, "product", str(row.product_id or "")),
        module=name_in(names, "module", str(row.module_id)) if row.module_id else "",
        department=name_in(names, "department", str(row.department_id))
        if row.department_id
        else "",
        type=str(Type(row.type).label) if row.type in Type.values else "",
        note=_note(row),
    )


def _note(row: SnapshotRow) -> str:
    """What the row adds: met or not, how long, why it came back, which sign it is."""
    if row.figure.startswith(DEBT_PREFIX):
        return source_label(row.reason)
    kind = kind_of(row.figure)
    if kind == Kind.SHARE:
        return _("yes") if row.amount else _("no")
    if kind == Kind.STEP and not row.amount:
        return _("%(time)s in the week, goes on") % {"time": hours(row.seconds)}
    if row.seconds is not None:
        return days(row.seconds) if row.figure in AGES else hours(row.seconds)
    if row.reason in ReturnReason.values:
        return str(ReturnReason(row.reason).label)
    return ""
