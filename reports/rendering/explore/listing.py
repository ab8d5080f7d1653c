"""The live rows behind an explored figure, a page at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts.models import User
from core.sheets import COUNT, HOURS, MOMENT, Column, Table
from feedback.choices import RoundState
from feedback.models import Demand, Round
from reports.choices import FIGURES, Kind
from reports.models import LiveRow
from reports.policies.explore.flow import waited_so_far
from reports.policies.explore.naming import Names
from reports.rendering.words import HOUR, days, hours, share, step_label
from tickets.choices import ReturnReason, Status
from tickets.models import Cause, Ticket

#: Figures whose rows are as of now and have no period.
STANDING = ("unresolved", "waiting", "awaited")
_TIMED = ("first_response", "resolution", "waited", "waiting", "cause", "loop_time")
_LETTERS = {Ticket.SUBJECT: "OPS", Cause.SUBJECT: "C", Demand.SUBJECT: "D", Round.SUBJECT: "D"}


@dataclass(frozen=True)
class LiveLine:
    """One row: its reference and, where the reader may open it, its title and address."""

    row: LiveRow
    ref: str
    title: str
    url: str
    product: str
    module: str
    department: str
    type: str
    note: str
    seconds: int | None


def label_of_rows(figure: str) -> str:
    """What the list is called; also names that only live rows have."""
    own = {
        "unresolved": _("Unresolved now"),
        "waiting": _("Visits that go on"),
        "waited": _("Visits that ended"),
        "cause": _("Tickets of causes"),
        "loop_time": _("First words to confirmation"),
        "awaited": _("Rounds without an answer yet"),
        "recurrence": _("Fixed causes: did they come back within 90 days"),
    }
    return own.get(figure) or str(FIGURES[figure].label)


def is_share(figure: str) -> bool:
    return figure == "recurrence" or (figure in FIGURES and FIGURES[figure].kind == Kind.SHARE)


def lines_of(rows: Sequence[LiveRow], user: User, names: Names, now: dt.datetime) -> list[LiveLine]:
    """Dimensions as counted; title and link only of what the reader may see today."""
    about = _subjects(rows)
    visible = _visible(set(about.values()), user)
    passed = waited_so_far(rows, now)
    return [
        _line(row, names, about[row.pk], visible, passed.get(row.pk, row.seconds)) for row in rows
    ]


def _subjects(rows: Sequence[LiveRow]) -> dict[int, tuple[str, int]]:
    """Row → what it leads to; a round leads to its demand."""
    rounds = [row.subject_id for row in rows if row.subject == Round.SUBJECT]
    demands = (
        dict(Round.objects.filter(pk__in=rounds).values_list("pk", "obligation__demand_id"))
        if rounds
        else {}
    )
    return {
        row.pk: (Demand.SUBJECT, demands.get(row.subject_id, 0))
        if row.subject == Round.SUBJECT
        else (row.subject, row.subject_id)
        for row in rows
    }


def _visible(
    subjects: Iterable[tuple[str, int]], user: User
) -> dict[tuple[str, int], tuple[str, str]]:
    found: dict[tuple[str, int], tuple[str, str]] = {}
    sources: dict[str, Any] = {
        Ticket.SUBJECT: Ticket, Cause.SUBJECT: Cause, Demand.SUBJECT: Demand,
    }  # fmt: skip
    for subject, model in sources.items():
        pks = {pk for about, pk in subjects if about == subject}
        if pks:
            seen = model.objects.visible_to(user).filter(pk__in=pks)
            for pk, title in seen.values_list("pk", "title"):
                found[subject, pk] = (title, reverse(subject, args=[pk]))
    return found


def _line(
    row: LiveRow, names: Names, about: tuple[str, int],
    visible: dict[tuple[str, int], tuple[str, str]], seconds: int | None,
) -> LiveLine:  # fmt: skip
    title, url = visible.get(about, ("", ""))
    return LiveLine(
        row=row,
        ref=f"{_LETTERS[row.subject]}-{about[1]}",
        title=title,
        url=url,
        product=names.of("product", str(row.product_id)),
        module=names.of("module", str(row.module_id)) if row.module_id else "",
        department=names.of("department", str(row.department_id)) if row.department_id else "",
        type=names.of("type", row.type) if row.type else "",
        note=_note(row, names, seconds),
        seconds=seconds if row.figure in _TIMED else None,
    )


def _note(row: LiveRow, names: Names, seconds: int | None) -> str:
    if row.figure == "confirmed_rate":
        return str(RoundState(row.step).label)
    if is_share(row.figure):
        return _("yes") if row.amount else _("no")
    if row.figure in ("waited", "waiting"):
        step = step_label(row.step, {"team": names.team})
        return _("%(step)s, %(time)s") % {"step": step, "time": hours(seconds)}
    if row.figure == "unresolved":
        return str(Status(row.step).label)
    if row.figure == "loop_time":
        return days(seconds)
    if row.figure in _TIMED:
        return hours(seconds)
    if row.subject == Round.SUBJECT and row.step:
        return str(RoundState(row.step).label)
    return str(ReturnReason(row.reason).label) if row.reason in ReturnReason.values else ""


def rows_table(figure: str, lines: Iterable[LiveLine]) -> Table:
    columns = [
        Column(_("Reference")), Column(_("Title"), width=48), Column(_("When"), MOMENT, 18),
        Column(_("Product"), width=18), Column(_("Module"), width=18),
        Column(_("Department"), width=18), Column(_("Type")), Column(_("Level"), COUNT, 8),
        Column(pgettext("figure", "Counts"), COUNT, 8), Column(_("Hours"), HOURS, 10),
        Column(_("Note"), width=24),
    ]  # fmt: skip
    return Table(
        label_of_rows(figure),
        columns,
        (
            (
                line.ref, line.title, line.row.at, line.product, line.module, line.department,
                line.type, line.row.level, line.row.amount,
                None if line.seconds is None else line.seconds / HOUR, line.note,
            )
            for line in lines
        ),
    )  # fmt: skip


def summary_of(figure: str, total: int, met: int) -> str:
    """The figure the rows add up to, so that reader and list agree at a glance."""
    if is_share(figure) and total:
        return _("%(met)s of %(total)s: %(share)s") % {
            "met": met, "total": total, "share": share(met / total),
        }  # fmt: skip
    return ""
