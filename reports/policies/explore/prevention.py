"""Prevention (治理效果): did a released demand keep trouble away? (domain.md, *Formulas*).

Matching requesters per exposure before and after the release. The matcher is the same on both
sides and has a version: tickets created in the demand's product and module with one of the types
of the tickets it came from (of any type where it came from none), and "same here" on causes there.
One person counts once a day. Exposure is the working days of each side times the people entitled,
who are taken as they are now on both sides. Tickets are those of the reader's scope, the rows of
the list that a count opens; a reader of departments compares the people of these.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import OuterRef, Q, QuerySet, Subquery

from accounts.models import User
from core.models import Event
from core.worktime import WorkCalendar
from feedback.choices import DemandStatus
from feedback.models import Demand, FeedbackItem
from reports.models import LiveRow, TicketFact
from reports.policies.explore.asking import Asked, moment_of
from reports.policies.explore.cells import monday_of
from reports.policies.explore.rates import RateRatio, rate_ratio
from reports.policies.weeks import company_day
from tickets.choices import SameHereState
from tickets.models import SameHere

if TYPE_CHECKING:
    from reports.access import ReportScope

MATCHER = "2"
#: Whole weeks on each side: at least, and at most.
LEAST, MOST = 4, 26
#: Weeks before the decision that are left out: what led to it is no usual week.
LEFT_OUT = 2
#: Requester-days before, below which nothing is said (样本不足).
ENOUGH = 5
#: Released demands looked at on one page, the newest first.
DEMANDS = 30
_WEEK = dt.timedelta(weeks=1)


@dataclass(frozen=True)
class Span:
    """Whole weeks, from a Monday to before a Monday."""

    first: dt.date
    end: dt.date

    @property
    def weeks(self) -> int:
        return (self.end - self.first).days // 7


@dataclass(frozen=True)
class Prevention:
    """One demand: its two spans with their weekly requester-days, and what follows."""

    demand: Demand
    decided_on: dt.date
    released_on: dt.date
    before: Span
    after: Span
    counts_before: tuple[int, ...]
    counts_after: tuple[int, ...]
    days_before: int
    days_after: int
    entitled: int
    types: frozenset[str]

    @property
    def is_early(self) -> bool:
        return self.after.weeks < LEAST

    @property
    def is_thin(self) -> bool:
        return sum(self.counts_before) < ENOUGH

    @property
    def ratio(self) -> RateRatio | None:
        if self.is_early or self.is_thin:
            return None
        people = max(self.entitled, 1)
        return rate_ratio(
            self.counts_before, self.counts_after, self.days_before * people,
            self.days_after * people,
        )  # fmt: skip


def read_prevention(asked: Asked, scope: ReportScope) -> list[Prevention]:
    """The demands released in the period, newest first; a constant number of queries."""
    demands = _released(asked, scope)
    if not demands:
        return []
    decided = _decided(demands)
    types = _types(demands)
    spans = {demand.pk: _spans(demand, decided[demand.pk], asked.now) for demand in demands}
    days = _requester_days(demands, types, spans, scope)
    entitled = _entitled(demands, scope)
    calendar = WorkCalendar(zone=settings.TIME_ZONE)
    return [
        _prevention(each, decided, spans[each.pk], days[each.pk], entitled, types, calendar)
        for each in demands
    ]


def _released(asked: Asked, scope: ReportScope) -> list[Demand]:
    found = Demand.objects.filter(
        status__in=(DemandStatus.RELEASED, DemandStatus.CLOSED),
        released_at__gte=asked.starts_at, released_at__lt=asked.ends_at,
    ).select_related("product", "module")  # fmt: skip
    products = [part.product_id for part in scope.parts]
    if None not in products:
        found = found.filter(product_id__in=products)
    for name in ("product", "module"):
        if name in asked.filters:
            found = found.filter(**{f"{name}_id": asked.filters[name]})
    return list(found.order_by("-released_at", "-pk")[:DEMANDS])


def _decided(demands: Iterable[Demand]) -> dict[int, dt.date]:
    """The day each was accepted; where the log does not say, the day it was written down."""
    known = {demand.pk: company_day(demand.created_at) for demand in demands}
    events = Event.objects.filter(subject=Demand.SUBJECT, subject_id__in=list(known))
    for event in events.order_by("subject_id", "version"):
        _was, now = event.changes.get("status") or ("", "")
        if now == DemandStatus.ACCEPTED:
            known[event.subject_id] = company_day(event.occurred_at)
    return known


def _released_on(demand: Demand) -> dt.date:
    return company_day(demand.released_at or demand.created_at)


def _spans(demand: Demand, decided: dt.date, now: dt.datetime) -> tuple[Span, Span]:
    """Equal whole weeks: after that of the release, and before the two whole ones that lead up to
    the week of the decision."""
    released = _released_on(demand)
    start = monday_of(released) + _WEEK
    whole = max(0, (monday_of(company_day(now)) - start).days // 7)
    weeks = min(whole, MOST)
    end = min(monday_of(decided) - LEFT_OUT * _WEEK, monday_of(released))
    return Span(end - weeks * _WEEK, end), Span(start, start + weeks * _WEEK)


def _types(demands: Iterable[Demand]) -> dict[int, frozenset[str]]:
    """The types of the tickets each demand came from."""
    found: dict[int, set[str]] = defaultdict(set)
    items = FeedbackItem.objects.filter(demand__in=list(demands), ticket__isnull=False)
    for demand_id, kind in items.order_by().values_list("demand_id", "ticket__type").distinct():
        if kind:
            found[demand_id].add(kind)
    return {demand.pk: frozenset(found[demand.pk]) for demand in demands}


def _requester_days(
    demands: Iterable[Demand],
    types: Mapping[int, frozenset[str]],
    spans: Mapping[int, tuple[Span, Span]],
    scope: ReportScope,
) -> dict[int, set[tuple[int, dt.date]]]:
    """Demand → the (person, day) pairs that match within its two spans."""
    first = min(before.first for before, _after in spans.values())
    last = max(after.end for _before, after in spans.values())
    start, end = moment_of(first), moment_of(last)
    facts = TicketFact.objects.filter(ticket_id=OuterRef("subject_id"))
    requester = Subquery(facts.values("requester_id")[:1])
    seen = [
        (product, module, kind, person, company_day(at))
        for product, module, kind, person, at in _tickets(demands, start, end, scope).values_list(
            "product_id", "module_id", "type", requester, "at"
        )
    ]
    voices = SameHere.objects.filter(said_at__gte=start, said_at__lt=end, cause__isnull=False)
    seen += [
        (product, module, None, person, company_day(at))
        for product, module, person, at in voices.exclude(state=SameHereState.TAKEN_BACK)
        .filter(_within(scope, "cause__product_id", "person__department__path"))
        .values_list("cause__product_id", "cause__module_id", "person_id", "said_at")
    ]
    return {each.pk: _matching(each, types[each.pk], spans[each.pk], seen) for each in demands}


def _tickets(
    demands: Iterable[Demand], start: dt.datetime, end: dt.datetime, scope: ReportScope
) -> QuerySet[LiveRow]:
    """The created tickets of the demands' places."""
    places = Q(pk__in=[])
    for product_id, module_id in {(each.product_id, each.module_id) for each in demands}:
        places |= Q(product_id=product_id, **({"module_id": module_id} if module_id else {}))
    rows = LiveRow.objects.filter(places, scope.rows(), figure="created", at__gte=start, at__lt=end)
    return rows.order_by()


def _within(scope: ReportScope, product: str, path: str) -> Q:
    """What of something with a product and a person's department the reader reads."""
    found = Q(pk__in=[])
    for part in scope.parts:
        mine = Q(**{f"{path}__startswith": part.department_path}) if part.department_path else Q()
        if part.product_id is not None:
            mine &= Q(**{product: part.product_id})
        if not mine:
            return Q()
        found |= mine
    return found


def _matching(
    demand: Demand,
    types: frozenset[str],
    spans: tuple[Span, Span],
    seen: Iterable[tuple[int, int | None, str | None, int, dt.date]],
) -> set[tuple[int, dt.date]]:
    return {
        (person, day)
        for product, module, kind, person, day in seen
        if product == demand.product_id
        and demand.module_id in (None, module)
        and (kind is None or not types or kind in types)
        and any(span.first <= day < span.end for span in spans)
    }


def _entitled(demands: Iterable[Demand], scope: ReportScope) -> dict[int, int]:
    """People with a role in the product, by their position."""
    role = "position__product_roles__role__product_id"
    products = {demand.product_id for demand in demands}
    people = User.objects.filter(
        _within(scope, role, "department__path"), is_active=True, **{f"{role}__in": products}
    )
    pairs = people.order_by().values_list(role, "pk").distinct()
    found: dict[int, int] = defaultdict(int)
    for product_id, _person in pairs:
        found[product_id] += 1
    return found


def _prevention(
    demand: Demand,
    decided: Mapping[int, dt.date],
    spans: tuple[Span, Span],
    days: set[tuple[int, dt.date]],
    entitled: Mapping[int, int],
    types: Mapping[int, frozenset[str]],
    calendar: WorkCalendar,
) -> Prevention:
    before, after = spans
    return Prevention(
        demand, decided[demand.pk], _released_on(demand), before, after,
        _weekly(before, days), _weekly(after, days), _working_days(before, calendar),
        _working_days(after, calendar), entitled.get(demand.product_id, 0), types[demand.pk],
    )  # fmt: skip


def _weekly(span: Span, days: Iterable[tuple[int, dt.date]]) -> tuple[int, ...]:
    counts = [0] * span.weeks
    for _person, day in days:
        if span.first <= day < span.end:
            counts[(day - span.first).days // 7] += 1
    return tuple(counts)


def _working_days(span: Span, calendar: WorkCalendar) -> int:
    return sum(
        calendar.is_working_day(span.first + dt.timedelta(days=number))
        for number in range((span.end - span.first).days)
    )
