"""Due times of many tickets: policies, calendars, departments and histories read once for all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from accounts.models import Department
from catalog.access import work_calendar
from catalog.models import Team
from core.worktime import WorkCalendar
from tickets.choices import UNRESOLVED
from tickets.models import ServicePolicy, Ticket
from tickets.querysets import TicketQuerySet
from tickets.sla.choosing import Choice, choose, policies_in_force
from tickets.sla.reckoning import NO_CLOCK, DueTimes, Facts, asked_of, reckon
from tickets.sla.stops import stops_of_many


class Reckoner:
    """Reckons with `policies` (those in force) and `calendars` instead of the saved ones, by id."""

    def __init__(
        self,
        policies: Sequence[ServicePolicy] | None = None,
        calendars: Mapping[int, WorkCalendar] | None = None,
    ) -> None:
        self.policies = policies_in_force() if policies is None else policies
        self._calendars: dict[int, WorkCalendar] = dict(calendars or {})

    @cached_property
    def _paths(self) -> dict[int, str]:
        if not any(policy.department_ids for policy in self.policies):
            return {}
        return dict(Department.objects.values_list("pk", "path"))

    @cached_property
    def _teams(self) -> dict[int, WorkCalendar]:
        """Calendars by team."""
        return {team.pk: self._saved(team) for team in Team.objects.select_related("calendar")}

    def _saved(self, team: Team) -> WorkCalendar:
        if team.calendar_id not in self._calendars:
            self._calendars[team.calendar_id] = work_calendar(team.calendar)
        return self._calendars[team.calendar_id]

    def choice(self, facts: Facts) -> Choice:
        return choose(asked_of(facts, self.policies, self._paths), self.policies)

    def calendar(self, policy: ServicePolicy, team_id: int) -> WorkCalendar:
        """The policy's own calendar, else the team's."""
        if policy.calendar_id is None or policy.calendar is None:
            return self._teams.get(team_id) or WorkCalendar()
        if policy.calendar_id not in self._calendars:
            self._calendars[policy.calendar_id] = work_calendar(policy.calendar)
        return self._calendars[policy.calendar_id]

    def reckon(self, facts: Facts, choice: Choice) -> DueTimes:
        if choice.policy is None or facts.team_id is None:
            return NO_CLOCK
        return reckon(facts, choice, self.calendar(choice.policy, facts.team_id))

    def of_many(self, tickets: Sequence[Ticket]) -> Iterator[tuple[Ticket, DueTimes]]:
        """Each ticket with its due times as it stands; two queries for all of them."""
        stops = stops_of_many(_with_history(tickets))
        for ticket in tickets:
            facts = Facts.of(ticket, stops.get(ticket.pk, ()))
            yield ticket, NO_CLOCK if ticket.imported else self.reckon(facts, self.choice(facts))


def _with_history(tickets: Iterable[Ticket]) -> list[int]:
    return [ticket.pk for ticket in tickets if ticket.version > 1 and not ticket.imported]


def open_tickets() -> TicketQuerySet:
    """Tickets a clock may run for."""
    return Ticket.objects.filter(status__in=UNRESOLVED, imported=False)
