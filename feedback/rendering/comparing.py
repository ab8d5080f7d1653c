"""Two demands side by side: one row a fact, and which of the two stands higher."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from core.markup import number
from feedback.models import Demand, DemandScore
from feedback.search import told_of


@dataclass(frozen=True)
class ComparedRow:
    """`ahead`: 0 or 1 for the one that has more; None where neither has, or for words."""

    label: str
    values: tuple[str, str]
    ahead: int | None = None
    is_number: bool = False


def compared(one: Demand, other: Demand) -> list[ComparedRow]:
    pair = (one, other)
    scores = DemandScore.objects.in_bulk([one.pk, other.pk])
    people = told_of([one.pk, other.pk])
    rows = [
        _words(_("Status"), pair, lambda demand: str(demand.get_status_display())),
        _words(_("Product"), pair, lambda demand: str(demand.product)),
        _words(_("Module"), pair, lambda demand: str(demand.module or "—")),
        _words(_("Kind"), pair, lambda demand: str(demand.get_kind_display())),
        _words(_("Product owner"), pair, lambda demand: str(demand.product_owner or "—")),
        _words(
            _("Planned"), pair,
            lambda demand: date_format(demand.planned_on, "SHORT_DATE_FORMAT")
            if demand.planned_on else "—",
        ),
    ]  # fmt: skip
    parts: list[tuple[str, Callable[[DemandScore], Decimal | int | None]]] = [
        (_("People who ask"), lambda row: row.people),
        (_("Tickets"), lambda row: row.tickets),
        (_("Hours lost"), lambda row: row.hours),
        (_("Value, 0–100"), lambda row: row.value),
        (_("Score"), lambda row: row.score),
    ]
    rows.append(_numbers(_("People owed word"), tuple(people[d.pk].people for d in pair), 0))
    for label, read in parts:
        values = tuple(read(scores[d.pk]) if d.pk in scores else None for d in pair)
        rows.append(_numbers(label, values, 1))
    effort = _numbers(_("Effort (person-days)"), (one.effort, other.effort), 1)
    # Less effort is better.
    rows.insert(-1, ComparedRow(effort.label, effort.values, None, is_number=True))
    return rows


def _words(label: str, pair: tuple[Demand, Demand], read: Callable[[Demand], str]) -> ComparedRow:
    return ComparedRow(label, (read(pair[0]), read(pair[1])))


def _numbers(label: str, values: tuple[Decimal | int | None, ...], decimals: int) -> ComparedRow:
    said = tuple("—" if value is None else number(value, decimals) for value in values)
    first, second = values
    ahead = None
    if first is not None and second is not None and first != second:
        ahead = 0 if first > second else 1
    return ComparedRow(label, (said[0], said[1]), ahead, is_number=True)
