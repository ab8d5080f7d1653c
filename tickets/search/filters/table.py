"""The fields a list can be filtered by: one entry each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import DateTimeField, ExpressionWrapper, F, Q, Subquery, Value
from django.db.models.lookups import GreaterThanOrEqual, LessThanOrEqual
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Department, User
from catalog.models import Feature, Module, Product, Team
from tickets.choices import (
    FAMILY_OF,
    UNRESOLVED,
    CauseCategory,
    CauseState,
    Channel,
    DriverState,
    Family,
    Impact,
    Level,
    Priority,
    Resolution,
    Status,
    Type,
    Urgency,
)
from tickets.models import Cause, Watcher
from tickets.policies import CONTRACT_ROWS
from tickets.search.filters import contract
from tickets.search.filters.condition import Asking, Condition
from tickets.search.filters.custom import custom_fields
from tickets.search.filters.kinds import (
    Choice,
    Date,
    Flag,
    Kind,
    Meant,
    Number,
    People,
    Rows,
    Tags,
    Words,
    person_named,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django_stubs_ext import StrPromise

OPERATORS: dict[str, StrPromise] = {
    "is": _("is"), "not": _("is not"), "any": _("is one of"), "none": _("is none of"),
    "all": _("has all of"), "below": _("is in or below"), "atleast": _("is at least"),
    "atmost": _("is at most"), "contains": _("contains"), "lacks": _("does not contain"),
    "within": _("is within"), "before": _("is before"), "after": _("is after"),
    "empty": _("is empty"), "set": _("is filled"),
}  # fmt: skip
#: Operators without a value.
ALONE = frozenset({"empty", "set"})


@dataclass(frozen=True)
class Field:
    """A field of the filter: its word in the address, its name, its group in the form, its kind."""

    key: str
    label: str | StrPromise
    group: str
    kind: Kind


GROUPS: dict[str, StrPromise] = {
    "life": _("Life and level"), "place": _("Place"), "people": _("People"),
    "clock": _("Clock and dates"), "content": _("Content"), "custom": _("Further fields"),
}  # fmt: skip


def _department_below(rows: Sequence[Department]) -> Q:
    found = Q(pk__in=[])
    for row in rows:
        # The path is read when the list is: a reorganisation moves it.
        path = Department.objects.filter(pk=row.pk).values("path")[:1]
        found |= Q(department__in=Department.objects.filter(path__startswith=Subquery(path)))
    return found


def _watched_by(keys: Sequence[int]) -> Q:
    return Q(pk__in=Watcher.objects.filter(user__in=keys).values("ticket_id"))


def _of_family(word: str) -> Q:
    return Q(type__in=[type_ for type_, family in FAMILY_OF.items() if family == word])


def _modules(row: Module) -> str:
    return f"{row.product} · {row.name}"


def _cause_named(row: Cause) -> str:
    return f"{row.ref} {row.title}"


def _life() -> tuple[Field, ...]:
    level = tuple(Level.values)
    return (
        Field("status", _("Status"), "life", Choice("status", lambda: Status.choices)),
        Field(
            "level", _("Level"), "life",
            Choice(
                "level", lambda: [(lv.value, f"L{lv.value} {lv.label}") for lv in Level], level,
                Q(level__isnull=True),
            ),
        ),
        Field("type", _("Type"), "life",
              Choice("type", lambda: Type.choices, empty=Q(type=""))),
        Field("family", _("Kind of work"), "life",
              Choice("type", lambda: Family.choices, stands=_of_family)),
        Field("priority", _("Priority"), "life",
              Choice("priority", lambda: Priority.choices, (3, 2, 1, 0))),
        Field("impact", _("Impact"), "life",
              Choice("impact", lambda: Impact.choices, tuple(Impact.values))),
        Field("urgency", _("Urgency"), "life",
              Choice("urgency", lambda: Urgency.choices, tuple(Urgency.values))),
        Field("contract", _("Hand-over contract"), "life",
              Choice("", _contract_words, stands=lambda word: (
                  contract.is_open() if word == "open" else ~contract.is_open()))),
        Field("missing", _("Missing row"), "life",
              Choice("", lambda: [(key, row.label) for key, row in CONTRACT_ROWS.items()],
                     stands=contract.row_is_open)),
        Field("driver", _("Demand"), "life",
              Choice("driver_state",
                     lambda: [(s.value, s.label) for s in DriverState if s.value],
                     empty=Q(driver_state=""))),
        Field("resolution", _("Resolution"), "life",
              Choice("resolution", lambda: Resolution.choices, empty=Q(resolution=""))),
        Field("resolved_level", _("Resolved on level"), "life",
              Choice("resolved_level", lambda: [(lv.value, f"L{lv.value} {lv.label}")
                                                for lv in Level],
                     level, Q(resolved_level__isnull=True))),
        Field("bounces", _("Returns"), "life", Number("bounces")),
        Field("reopened", _("Times reopened"), "life", Number("reopened_times")),
    )  # fmt: skip


def _contract_words() -> list[tuple[str, StrPromise]]:
    return [
        ("complete", pgettext_lazy("contract", "complete")),
        ("open", pgettext_lazy("contract", "rows open")),
    ]


def _place() -> tuple[Field, ...]:
    return (
        Field("product", _("Product"), "place",
              Rows("product", Product.objects.all, key="code", optional=False)),
        Field("module", _("Module"), "place",
              Rows("module", lambda: Module.objects.select_related("product"), name=_modules)),
        Field("feature", _("Feature"), "place",
              Rows("feature", lambda: Feature.objects.select_related("module"))),
        Field("department", _("Requester's department"), "place",
              Rows("department", lambda: Department.objects.order_by("path"),
                   below=_department_below)),
        Field("channel", _("Channel"), "place", Choice("channel", lambda: Channel.choices)),
    )  # fmt: skip


def _people() -> tuple[Field, ...]:
    people = User.objects.all
    return (
        Field("assignee", _("Holder"), "people", People("assignee", people, name=person_named)),
        Field("team", _("Team"), "people", Rows("team", Team.objects.all)),
        Field("outside", _("Outside team"), "people",
              Rows("relayed_to", lambda: Team.objects.filter(is_product_operations=False))),
        Field("requester", _("Requester"), "people",
              People("requester", people, name=person_named, optional=False)),
        Field("submitter", _("Submitted by"), "people",
              People("submitted_by", people, name=person_named, optional=False)),
        Field("owner", _("Owner of the cause"), "people",
              People("cause__owner", people, name=person_named)),
        Field("watcher", _("Watcher"), "people",
              People("pk", people, name=person_named, optional=False, reach=_watched_by)),
    )  # fmt: skip


def _clock_words() -> list[tuple[str, StrPromise]]:
    return [
        ("ok", pgettext_lazy("SLA", "in time")), ("at-risk", pgettext_lazy("SLA", "at risk")),
        ("overdue", pgettext_lazy("SLA", "overdue")), ("paused", pgettext_lazy("SLA", "paused")),
        ("none", pgettext_lazy("SLA", "no clock")),
    ]  # fmt: skip


@dataclass(frozen=True)
class Clock(Choice):
    """The running clock of a ticket (first response, then resolution), as of now."""

    def mean_at(self, now: dt.datetime) -> Choice:
        runs, waits = (
            Q(due_at__isnull=False),
            Q(due_at__isnull=True, status=Status.PENDING, resolution_due_at__isnull=False),
        )
        over, warns = runs & Q(due_at__lt=now), Q(warn_at__isnull=False, warn_at__lte=now)
        states = {
            "overdue": over, "at-risk": runs & Q(due_at__gte=now) & warns,
            "ok": runs & Q(due_at__gte=now) & ~warns, "paused": waits,
            "none": Q(due_at__isnull=True) & ~waits,
        }  # fmt: skip
        return Choice("", self.of, stands=states.__getitem__)

    def mean(self, condition: Condition, asking: Asking) -> Meant:
        return self.mean_at(asking.now).mean(condition, asking)


def _hours_left(operator: str, hours: Decimal, asking: Asking) -> Q:
    """The moment itself is asked, never one reckoned from it: counts fill it in when they run."""
    span = dt.timedelta(hours=float(max(min(hours, Decimal(87600)), Decimal(-87600))))
    early = ExpressionWrapper(F("due_at") - Value(span), output_field=DateTimeField())
    lookup = GreaterThanOrEqual if operator == "atleast" else LessThanOrEqual
    return Q(due_at__isnull=False) & Q(lookup(early, Value(asking.now)))


def _clock() -> tuple[Field, ...]:
    unanswered = Q(first_response_at__isnull=True, status__in=UNRESOLVED)
    return (
        Field("sla", _("SLA clock"), "clock", Clock("", _clock_words)),
        Field("hours_left", _("Hours left on the clock"), "clock",
              Number(compare=_hours_left)),
        Field("response_due", _("First response due"), "clock",
              Date("response_due_at", only=unanswered)),
        Field("due", _("Resolution due"), "clock", Date("resolution_due_at")),
        Field("promised", _("Promised date"), "clock", Date("promised_on", is_day=True)),
        Field("submitted", _("Submitted"), "clock", Date("submitted_at", optional=False)),
        Field("updated", _("Updated"), "clock", Date("updated_at", optional=False)),
        Field("responded", _("First response"), "clock", Date("first_response_at")),
        Field("resolved", _("Resolved at"), "clock", Date("resolved_at")),
        Field("closed", _("Closed"), "clock", Date("closed_at")),
        Field("cancelled", _("Cancelled at"), "clock", Date("cancelled_at")),
    )  # fmt: skip


def _content() -> tuple[Field, ...]:
    return (
        Field("text", _("Words"), "content", Words()),
        Field("tags", _("Tags"), "content", Tags()),
        Field("cause", _("Root cause"), "content",
              Rows("cause", lambda: Cause.objects.order_by("-pk"), name=_cause_named,
                   gone=lambda row: False)),
        Field("cause_state", _("State of the cause"), "content",
              Choice("cause__state", lambda: CauseState.choices)),
        Field("suspected", _("Suspected category"), "content",
              Choice("suspected_category", lambda: CauseCategory.choices,
                     empty=Q(suspected_category=""))),
        Field("known_issue", _("Known issue"), "content",
              Flag(Q(cause__isnull=False, cause__is_known_issue=True))),
        Field("gap", _("No page answers it"), "content", Flag(Q(answer_gap=True))),
        Field("confidential", _("Confidential"), "content", Flag(Q(confidential=True))),
        Field("imported", _("Imported"), "content", Flag(Q(imported=True))),
    )  # fmt: skip


FIELDS: dict[str, Field] = {
    field.key: field for part in (_life, _place, _people, _clock, _content) for field in part()
}


def fields() -> dict[str, Field]:
    """The fields of the table and the company's own (one query)."""
    own = {
        key: Field(key, kind.definition.label, "custom", kind)
        for key, kind in custom_fields().items()
    }
    return {**FIELDS, **own}
