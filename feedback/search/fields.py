"""The fields the demand table is filtered by: the filter language of tickets, on demands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import Q, Value
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Department, User
from catalog.choices import FieldTarget
from catalog.models import Module, Product
from feedback.choices import DemandKind, DemandStatus, FeedbackSource, Initiator
from feedback.models import Obligation, Release
from feedback.search.measures import MEASURES, UNANSWERED
from tickets.choices import Priority
from tickets.search.filters import Asking, Book, Condition, Field, Meant
from tickets.search.filters.custom import custom_fields
from tickets.search.filters.kinds import (
    Choice,
    Date,
    Flag,
    Number,
    People,
    Rows,
    Words,
    person_named,
)

GROUPS = {
    "life": pgettext_lazy("filter", "Life"), "place": _("Place"), "people": _("People"),
    "figures": _("Figures"), "clock": _("Dates"), "content": _("Content"),
    "custom": _("Further fields"),
}  # fmt: skip


def _of_departments(keys: Sequence[int]) -> Q:
    return Q(department_ids__overlap=list(keys))


def _below_departments(rows: Sequence[Department]) -> Q:
    below = Q(pk__in=[])
    for row in rows:
        below |= Q(path__startswith=row.path)
    return _of_departments(list(Department.objects.filter(below).values_list("pk", flat=True)))


class Departments(Rows):
    """Departments a demand concerns: an array, not a column of one."""

    def mean(self, condition: Condition, asking: Asking) -> Meant:
        if condition.operator in ("empty", "set"):
            empty = Q(department_ids=[])
            return Meant(empty if condition.operator == "empty" else ~empty)
        return super().mean(condition, asking)


class Late(Flag):
    """Past its planned date and not released."""

    def mean(self, condition: Condition, asking: Asking) -> Meant:
        late = Q(planned_on__lt=asking.today, status__in=UNANSWERED)
        return Flag(late).mean(condition, asking)


class Measure(Number):
    """A figure that its people make."""

    @property
    def operators(self) -> tuple[str, ...]:
        return ("is", "not", "atleast", "atmost")

    def mean(self, condition: Condition, asking: Asking) -> Meant:
        return Number(compare=self._compare).mean(condition, asking)

    def _compare(self, operator: str, number: Decimal, asking: Asking) -> Q:
        measure, wanted = MEASURES[self.column](), Value(int(number))
        at_least: Any = GreaterThanOrEqual(measure, wanted)
        at_most: Any = LessThanOrEqual(measure, wanted)
        if operator == "atleast":
            return Q(at_least)
        if operator == "atmost":
            return Q(at_most)
        return Q(at_least) & Q(at_most) if operator == "is" else ~(Q(at_least) & Q(at_most))


def _asked_by(keys: Sequence[int]) -> Q:
    return Q(pk__in=Obligation.objects.filter(person__in=keys).values("demand_id"))


def _module_named(row: Module) -> str:
    return f"{row.product} · {row.name}"


def _release_named(row: Release) -> str:
    return f"{row.product} {row.name}"


def _life() -> tuple[Field, ...]:
    return (
        Field("status", _("Status"), "life", Choice("status", lambda: DemandStatus.choices)),
        Field("kind", _("Kind"), "life", Choice("kind", lambda: DemandKind.choices)),
        Field("priority", _("Priority"), "life",
              Choice("priority", lambda: Priority.choices, (3, 2, 1, 0),
                     Q(priority__isnull=True))),
        Field("initiated_by", _("Initiated by"), "life",
              Choice("initiated_by", lambda: Initiator.choices)),
        Field("source", _("Source"), "life",
              Choice("source", lambda: FeedbackSource.choices, empty=Q(source=""))),
        Field("late", _("Past its planned date"), "life", Late(Q())),
    )  # fmt: skip


def _place() -> tuple[Field, ...]:
    return (
        Field("product", _("Product"), "place",
              Rows("product", Product.objects.all, key="code", optional=False)),
        Field("module", _("Module"), "place",
              Rows("module", lambda: Module.objects.select_related("product"),
                   name=_module_named)),
        Field("departments", _("Departments"), "place",
              Departments("department_ids", lambda: Department.objects.order_by("path"),
                          reach=_of_departments, below=_below_departments)),
        Field("release", _("Release"), "place",
              Rows("release", lambda: Release.objects.select_related("product").order_by("-pk"),
                   name=_release_named, gone=lambda row: False)),
    )  # fmt: skip


def _people() -> tuple[Field, ...]:
    everybody = User.objects.all
    return (
        Field("owner", _("Product owner"), "people",
              People("product_owner", everybody, name=person_named)),
        Field("proposer", _("Proposer"), "people",
              People("proposer", everybody, name=person_named)),
        Field("creator", _("Opened by"), "people",
              People("created_by", everybody, name=person_named, optional=False)),
        Field("asked", _("Asked for by"), "people",
              People("pk", everybody, name=person_named, optional=False, reach=_asked_by)),
    )  # fmt: skip


def _figures() -> tuple[Field, ...]:
    return (
        Field("score", _("Score"), "figures", Number("score")),
        Field("effort", _("Effort, person-days"), "figures", Number("effort")),
        Field("people", _("Owed word"), "figures", Measure("people")),
        Field("waiting", _("People waiting"), "figures", Measure("waiting")),
        Field("reopened", _("Times not solved"), "figures", Number("reopened_times")),
    )


def _dates() -> tuple[Field, ...]:
    return (
        Field("wanted", _("Wanted by"), "clock", Date("wanted_on", is_day=True)),
        Field("planned", _("Planned"), "clock", Date("planned_on", is_day=True)),
        Field("released", pgettext_lazy("date", "Actual"), "clock", Date("released_at")),
        Field("deferred", _("Looked at again on"), "clock", Date("deferred_until", is_day=True)),
        Field("reviewed", _("Reviewed on"), "clock", Date("reviewed_on", is_day=True)),
        Field("created", _("Collected on"), "clock", Date("created_at", optional=False)),
    )


def _content() -> tuple[Field, ...]:
    return (
        Field("text", _("Words"), "content", Words()),
        Field("has_proposal", _("Has a proposal"), "content", Flag(~Q(proposal=""))),
        Field("has_effort", _("Effort is estimated"), "content", Flag(Q(effort__isnull=False))),
        Field("has_result", _("Has a result after release"), "content", Flag(~Q(review=""))),
    )


FIELDS: dict[str, Field] = {
    field.key: field
    for part in (_life, _place, _people, _figures, _dates, _content)
    for field in part()
}


def every_field() -> Mapping[str, Field]:
    """The fields of the table and the company's own (one query)."""
    own = {
        key: Field(key, kind.definition.label, "custom", kind)
        for key, kind in custom_fields(FieldTarget.DEMAND).items()
    }
    return {**FIELDS, **own}


DEMANDS = Book(FIELDS, every_field, GROUPS, lambda condition: False)
