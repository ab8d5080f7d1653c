"""One period's report, computed from the log up to a moment of knowledge. Writes nothing."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Max, Q

from accounts.models import Department, User
from catalog.access import calendar_of
from catalog.models import Module, Product, Team, TeamMember
from core.models import Event
from core.worktime import WorkCalendar
from feedback.models import Insight
from reports.choices import CAUSE_PREFIX, STEP_PREFIX, SYMPTOM_DAYS, TEAM_PREFIX
from reports.events.reading import read_logs
from reports.models import OpenSpan, Snapshot, TicketFact
from reports.policies.announced_rows import announced_rows
from reports.policies.cause_lives import CauseLife, cause_lives, recurrence_rows
from reports.policies.clocks import Clocks
from reports.policies.debt_then import debt_rows, kept, worst_debts
from reports.policies.help_rows import help_rows
from reports.policies.loop_rows import Known, loop_rows
from reports.policies.periods import Period
from reports.policies.push_rows import (
    LONGEST,
    longest_overdue,
    overdue_rows,
    push_counts,
    push_lines,
)
from reports.policies.rating_rows import rating_rows
from reports.policies.rows import Row
from reports.policies.summary import (
    BREAKDOWNS,
    Figures,
    breakdowns,
    compare,
    dimension_key,
    summarise,
)
from reports.policies.targets import targets_of
from reports.policies.ticket_rows import Context, rows_of_ticket
from reports.policies.waiting_rows import waiting_rows
from reports.policies.weeks import company_day
from tickets.models import Ticket

#: Periods before the report's own that its lines show.
TREND = 7
TOP_CAUSES = 10
#: Newest events asked for the moment of knowledge; ids and recording times run almost alike.
_NEWEST = 1000


@dataclass
class Report:
    """A computed period. `trend`: those before, oldest first, with data."""

    period: Period
    as_of: dt.datetime
    figures: Figures
    breakdowns: dict[str, Any]
    trend: list[dict[str, Any]]
    names: dict[str, dict[str, str]]
    rows: list[Row] = field(repr=False)


def knowledge() -> dt.datetime | None:
    """When the newest event was recorded: what a report made now may know. None without events."""
    newest = Event.objects.order_by("-id").values_list("recorded_at", flat=True)[:_NEWEST]
    return max(newest, default=None)


def first_day() -> dt.date | None:
    """The day of the oldest ticket."""
    oldest = TicketFact.objects.order_by("submitted_at").values_list("submitted_at", flat=True)
    first = oldest.first()
    return company_day(first) if first is not None else None


def compute_report(period: Period, as_of: dt.datetime) -> Report:
    """The report of `period` from events recorded by `as_of`; earlier ones from their snapshots."""
    stored = _stored_before(period)
    missing = _missing_before(period, stored)
    lives = {each.name: cause_lives(Known(each, as_of)) for each in (*missing, period)}
    rows = _rows_of_periods([*missing, period], lives, as_of)
    before = {name: snapshot.figures for name, snapshot in stored.items()}
    before |= {earlier.name: summarise(rows[earlier.name]) for earlier in missing}
    names_before = [period.shift(-n).name for n in range(1, TREND + 1)]
    owed = worst_debts(period.ends_at)
    own = rows[period.name]
    own += debt_rows(owed)
    figures = compare(summarise(own), [before.get(name) for name in names_before])
    for name, target in targets_of(period).items():
        figures[name]["target"] = target
    parts = breakdowns(own)
    debts = kept(owed)
    return Report(
        period=period,
        as_of=as_of,
        figures=_with_capacity(period, figures),
        breakdowns={
            **parts,
            "created_before": _created_before(period.shift(-1).name, "product", stored, rows),
            "drivers_before": {
                name: _created_before(period.shift(-1).name, name, stored, rows)
                for name in ("module", "type")
            },
            **_causes(own, lives[period.name], before.get(names_before[0])),
            "push": push_lines(push_counts(own)),
            "overdue": longest_overdue(own, lives[period.name], LONGEST),
            "debt": debts,
        },
        trend=[
            {"period": name, "figures": _slim(before[name])}
            for name in reversed(names_before)
            if name in before
        ],
        names=_names(own, debts),
        rows=own,
    )


def _stored_before(period: Period) -> dict[str, Snapshot]:
    names = [period.shift(-n).name for n in range(1, TREND + 1)]
    found = Snapshot.objects.in_force().of_periods(names).only("period", "figures", "breakdowns")
    return {snapshot.period: snapshot for snapshot in found}


def _with_capacity(period: Period, figures: Figures) -> Figures:
    """Working days and people of product operations, for "per day and per head"."""
    teams = Team.objects.filter(is_product_operations=True, is_active=True)
    first = teams.select_related("calendar").order_by("pk").first()
    calendar = calendar_of(first) if first is not None else WorkCalendar(zone=settings.TIME_ZONE)
    days = (
        period.first + dt.timedelta(days=n) for n in range((period.last - period.first).days + 1)
    )
    staff = TeamMember.objects.filter(team__in=teams, user__is_active=True)
    figures["resolved"] |= {
        "working_days": sum(calendar.is_working_day(day) for day in days),
        "staff": staff.values("user").distinct().count(),
    }
    return figures


def _created_before(
    name: str, dimension: str, stored: dict[str, Snapshot], rows: dict[str, list[Row]]
) -> dict[str, int]:
    """Created in the period before by product, module or type: kept, so that its correction
    changes no page."""
    if name in stored:
        parts = stored[name].breakdowns[dimension]
        if dimension != "product":
            return {key: part["created"] for key, part in parts.items()}
        return {key: part.get("created", {}).get("value", 0) for key, part in parts.items()}
    key_of = BREAKDOWNS[dimension]
    created = (row for row in rows.get(name, []) if row.figure == "created")
    return dict(Counter(dimension_key(key_of(row)) for row in created))


def _missing_before(period: Period, stored: dict[str, Snapshot]) -> list[Period]:
    """Periods of the trend that have data but no snapshot, oldest first."""
    first = first_day()
    earlier = [period.shift(-n) for n in range(TREND, 0, -1)]
    return [
        each
        for each in earlier
        if each.name not in stored and first is not None and each.last >= first
    ]


def _rows_of_periods(
    periods: Sequence[Period], lives: Mapping[str, Mapping[int, CauseLife]], as_of: dt.datetime
) -> dict[str, list[Row]]:
    """Rows by period. Each ticket's events are read once, whatever the number of periods."""
    clocks = Clocks()
    last = periods[-1]
    known = [Known(each, as_of) for each in periods]
    contexts = [
        Context(each.period, clocks, _cited(period), lives[period.name])
        for each, period in zip(known, periods, strict=True)
    ]
    rows: dict[str, list[Row]] = {
        period.name: [
            *loop_rows(each),
            *waiting_rows(each),
            *recurrence_rows(context.causes, period),
            *overdue_rows(context.causes, period),
            *announced_rows(period),
        ]
        for period, each, context in zip(periods, known, contexts, strict=True)
    }
    for each in periods:
        since, until = each.cohort.starts_at, each.cohort.ends_at
        rows[each.name] += help_rows(since, until, each.ends_at, as_of)
    for log in read_logs(_candidates(periods, as_of), until=last.ends_at, as_of=as_of):
        for period, context in zip(periods, contexts, strict=True):
            cut = log.until(period.ends_at)
            if cut is not None:
                rows[period.name] += rows_of_ticket(cut, context)
    for period, knows in zip(periods, known, strict=True):
        ended = ("confirmed", "auto_confirmed")
        own = rows[period.name]
        own += rating_rows(knows, [row for row in own if row.figure in ended])
    return rows


def _cited(period: Period) -> frozenset[int]:
    """Tickets cited by an insight that was published by the period's end."""
    published = Insight.objects.filter(published_at__lt=period.ends_at)
    cited = published.filter(tickets__isnull=False)
    return frozenset(cited.values_list("tickets__pk", flat=True))


def _candidates(periods: Sequence[Period], as_of: dt.datetime) -> set[int]:
    """Every ticket that can have a row in one of the periods.

    What happened in them or in their cohorts, what was unfinished meanwhile, what was promised
    for one of their days; and tickets whose later corrections may have moved them out of these.
    """
    start = periods[0].cohort.starts_at
    end = periods[-1].ends_at
    happened = Event.objects.filter(
        subject=Ticket.SUBJECT, occurred_at__gte=start, occurred_at__lt=end
    )
    found = set(happened.values_list("subject_id", flat=True).distinct())
    spans = OpenSpan.objects.filter(starts_at__lt=end).filter(
        Q(ends_at__isnull=True) | Q(ends_at__gte=start)
    )
    found.update(spans.values_list("ticket_id", flat=True))
    promised = TicketFact.objects.filter(promised_on__range=(periods[0].first, periods[-1].last))
    found.update(promised.values_list("ticket_id", flat=True))
    # A workaround's cause has thirty days to be fixed.
    since = periods[0].back(SYMPTOM_DAYS).starts_at
    caused = TicketFact.objects.filter(cause_id__isnull=False, last_resolved_at__gte=since)
    found.update(caused.filter(last_resolved_at__lt=end).values_list("ticket_id", flat=True))
    newest = Event.objects.aggregate(newest=Max("id"))["newest"] or 0
    late = Event.objects.filter(subject=Ticket.SUBJECT, recorded_at__gt=as_of, id__lte=newest)
    found.update(late.values_list("subject_id", flat=True).distinct())
    return found


_TREND_FIGURES = (
    "created", "resolved", "unresolved_at_end", "level_1", "level_2", "level_3", "level_4",
    "research",
)  # fmt: skip


def _slim(figures: Figures) -> dict[str, Any]:
    return {name: figures[name]["value"] for name in _TREND_FIGURES if name in figures}


def _causes(
    rows: Iterable[Row], lives: Mapping[int, CauseLife], before: Figures | None
) -> dict[str, list[dict[str, Any]]]:
    """`joined`: every cause that tickets joined in the period, as it stood at its end, for readers
    of a part, who count their own tickets of it; `causes`: those most tickets joined."""
    joined: dict[int, list[Row]] = {}
    for row in rows:
        if row.figure.startswith(CAUSE_PREFIX):
            joined.setdefault(int(row.figure.removeprefix(CAUSE_PREFIX)), []).append(row)
    states = {pk: lives[pk].final for pk in sorted(joined) if pk in lives}
    owners = User.objects.in_bulk({state["owner_id"] for state in states.values()} - {None})
    facts = {pk: _cause_facts(pk, state, owners) for pk, state in states.items()}
    lines = [
        cause_line(
            facts[pk],
            tickets=len(joined[pk]),
            previous=before.get(f"{CAUSE_PREFIX}{pk}", {}).get("value", 0) if before else None,
            departments=len({row.department_id for row in joined[pk]} - {None}),
        )
        for pk in facts
    ]
    return {"causes": most_joined(lines), "joined": list(facts.values())}


def most_joined(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The causes that most tickets joined, first the one with the most."""
    return sorted(lines, key=lambda line: (-line["tickets"], line["cause_id"]))[:TOP_CAUSES]


def _cause_facts(pk: int, state: dict[str, Any], owners: Mapping[int, User]) -> dict[str, Any]:
    owner = owners.get(state["owner_id"] or 0)
    return {
        "cause_id": pk,
        "title": state["title"],
        "product_id": state["product_id"],
        "state": state["state"],
        "owner": owner.name if owner else "",
        "promised_on": state["promised_on"],
        "came_back": state["reopened_times"],
    }


def cause_line(
    facts: dict[str, Any], *, tickets: int, previous: int | None, departments: int
) -> dict[str, Any]:
    """A cause with what one reader counts of it."""
    return {**facts, "tickets": tickets, "previous": previous, "departments": departments}


def _names(rows: Sequence[Row], debts: Sequence[dict[str, Any]]) -> dict[str, dict[str, str]]:
    """What things are called now: the report keeps it, so a new name never changes the page."""
    teams = {
        int(row.figure.rsplit("_", 1)[1])
        for row in rows
        if row.figure.startswith((STEP_PREFIX, TEAM_PREFIX))
    }
    owed = {name: {debt[name] for debt in debts} for name in ("product_id", "module_id")}
    products = Product.objects.in_bulk(
        ({row.product_id for row in rows} | owed["product_id"]) - {None}
    )
    modules = {row.module_id for row in rows} | owed["module_id"]
    departments = {row.department_id for row in rows}
    return {
        # The one product every company has is a word of ours, put in the reader's language.
        "product": {str(pk): "" if row.is_other else row.name for pk, row in products.items()},
        "module": _named(Module.objects.in_bulk(modules - {None})),
        "department": _named(Department.objects.in_bulk(departments - {None})),
        "team": _named(Team.objects.in_bulk(teams - {0})),
    }


def _named(rows: dict[int, Any]) -> dict[str, str]:
    return {str(pk): row.name for pk, row in rows.items()}
