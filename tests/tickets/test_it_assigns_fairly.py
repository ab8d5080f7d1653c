"""Duty, turn and load: within caps, absences and hours, also when two come at once."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import close_old_connections, connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import User
from catalog.actions import plan_absence, plan_duty, set_assignment, set_member, take_back_absence
from catalog.choices import AssignmentMethod
from catalog.models import Team, TeamMember
from core.errors import BadInput, NotAllowed
from core.models import Event
from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tickets.actions import assign_ticket, reject_ticket
from tickets.actions.assigning import assign_by, assign_waiting
from tickets.errors import WrongState
from tickets.models import Ticket
from tickets.rendering.conversation import conversation
from tickets.search.assignment import candidates, choose

DAY = dt.timedelta(days=1)


def by(cast: Cast, now: dt.datetime) -> dict[str, Any]:
    return {"acting_user": cast.admin, "now": now}


@pytest.fixture
def team(cast: Cast, now: dt.datetime) -> Team:
    """Product operations without anybody on duty: the roster of the cast is taken away."""
    team = cast.teams["operations"]
    team.duty.all().delete()
    return team


def assigns(cast: Cast, team: Team, method: str, now: dt.datetime, cap: int | None = None) -> Team:
    return set_assignment(team, method, cap, **by(cast, now))


def last_event(ticket: Ticket) -> Event:
    return Event.objects.get(subject="ticket", subject_id=ticket.pk, version=ticket.version)


def test_nobody_is_assigned_where_the_team_says_so(cast: Cast, now: dt.datetime) -> None:
    assert ladder.submitted(cast, now).assignee_id is None


def test_a_turn_goes_round_everybody_who_is_there(cast: Cast, team: Team, now: dt.datetime) -> None:
    assigns(cast, team, AssignmentMethod.ROUND_ROBIN, now)
    people = set(team.members.values_list("pk", flat=True))
    away = sorted(people)[0]
    plan_absence(User.objects.get(pk=away), now.date(), now.date(), **by(cast, now))
    taken = [
        ladder.submitted(cast, now + dt.timedelta(seconds=n)).assignee_id
        for n in range(2 * (len(people) - 1))
    ]
    assert set(taken) == people - {away}
    assert all(taken.count(one) == 2 for one in set(taken))


def test_the_load_decides_and_the_ticket_says_why(cast: Cast, team: Team, now: dt.datetime) -> None:
    assigns(cast, team, AssignmentMethod.NONE, now)
    for _n in range(2):
        assign_ticket(ladder.submitted(cast, now), cast.linzhixia, **by_agent(cast, now))
    for member in TeamMember.objects.filter(team=team).exclude(
        user__in=[cast.linzhixia, cast.zhoumin]
    ):
        plan_absence(member.user, now.date(), now.date(), **by(cast, now))
    assigns(cast, team, AssignmentMethod.LEAST_LOADED, now, cap=8)
    ticket = ladder.submitted(cast, now)
    assert ticket.assignee_id == cast.zhoumin.pk
    event = last_event(ticket)
    assert event.actor_id is None
    assert event.data["because"] == {
        "how": "least_loaded", "open": 0, "cap": 8, "skilled": False,
    }  # fmt: skip
    said = [str(entry.text) for entry in conversation(ticket, for_staff=True)]
    assert any("0" in one and "8" in one and cast.zhoumin.name in one for one in said), said


def by_agent(cast: Cast, now: dt.datetime) -> dict[str, Any]:
    return {"acting_user": cast.linzhixia, "now": now}


def test_out_of_hours_only_the_duty_takes_them_and_the_rest_waits(
    cast: Cast, team: Team, now: dt.datetime
) -> None:
    assigns(cast, team, AssignmentMethod.LEAST_LOADED, now)
    night = now.replace(hour=22)
    waits = ladder.submitted(cast, night)
    assert waits.assignee_id is None
    assert assign_waiting(night) == 0
    plan_duty(team, cast.zhoumin, now.date(), now.date(), **by(cast, now))
    assert ladder.submitted(cast, night).assignee_id == cast.zhoumin.pk
    assert assign_waiting(night) == 1
    assert assign_waiting(night) == 0


def test_a_ticket_given_back_by_a_person_is_left_alone(
    cast: Cast, team: Team, now: dt.datetime
) -> None:
    assigns(cast, team, AssignmentMethod.ROUND_ROBIN, now)
    ticket = ladder.submitted(cast, now)
    assert ticket.assignee_id is not None
    assign_ticket(ticket, None, **by_agent(cast, now))
    assert assign_waiting(now) == 0


def test_who_knows_the_module_is_asked_first(cast: Cast, team: Team, now: dt.datetime) -> None:
    assigns(cast, team, AssignmentMethod.ROUND_ROBIN, now, cap=1)
    member = TeamMember.objects.get(team=team, user=cast.chenlu)
    set_member(member, cap=1, modules=[cast.modules["visits"]], **by(cast, now))
    first = ladder.submitted(cast, now, module=cast.modules["visits"])
    assert first.assignee_id == cast.chenlu.pk
    # At the cap, somebody who does not know it is better than nobody.
    assert ladder.submitted(cast, now, module=cast.modules["visits"]).assignee_id not in (
        None, cast.chenlu.pk,
    )  # fmt: skip


def test_refusals_name_what_is_in_the_way(cast: Cast, team: Team, now: dt.datetime) -> None:
    ticket = ladder.submitted(cast, now)
    with pytest.raises(WrongState, match="assignee"):
        assign_by(ticket, AssignmentMethod.DUTY, acting_user=None, now=now)
    with pytest.raises(BadInput, match="method"):
        assign_by(ticket, "by_lot", acting_user=None, now=now)
    with pytest.raises(BadInput, match="assignment_cap"):
        assigns(cast, team, AssignmentMethod.DUTY, now, cap=0)
    plan_duty(team, cast.zhoumin, now.date(), now.date(), **by(cast, now))
    assert (
        assign_by(ticket, AssignmentMethod.DUTY, acting_user=None, now=now).assignee == cast.zhoumin
    )


def test_an_absence_is_ones_own_or_the_administrators(cast: Cast, now: dt.datetime) -> None:
    today = now.date()
    with pytest.raises(NotAllowed):
        plan_absence(cast.zhoumin, today, today, acting_user=cast.linzhixia, now=now)
    absence = plan_absence(cast.zhoumin, today, today + DAY, acting_user=cast.zhoumin, now=now)
    with pytest.raises(BadInput, match="first_day"):
        plan_absence(cast.zhoumin, today + DAY, today + 2 * DAY, **by(cast, now))
    take_back_absence(absence, acting_user=cast.zhoumin, now=now)
    plan_absence(cast.zhoumin, today + DAY, today + 2 * DAY, **by(cast, now))


@settings(
    max_examples=15, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(data=st.data())
def test_no_cap_is_passed_and_turns_stay_even(
    cast: Cast, team: Team, now: dt.datetime, data: st.DataObject
) -> None:
    """Whatever comes and goes: never above a cap, never to who is away, turns within one."""
    Ticket.objects.filter(assignee__isnull=False).update(assignee=None)
    TeamMember.objects.filter(team=team).update(last_assigned_at=None, cap=None)
    cap = data.draw(st.integers(1, 4))
    method = data.draw(st.sampled_from(["round_robin", "least_loaded"]))
    team = assigns(cast, team, method, now, cap=cap)
    members = list(TeamMember.objects.filter(team=team).select_related("user"))
    given_out: dict[int, int] = dict.fromkeys((m.user_id for m in members), 0)
    for step in range(data.draw(st.integers(1, 12))):
        moment = now + dt.timedelta(seconds=step)
        held = {one.member.user_id: one.open for one in candidates(team, None, moment)}
        ticket = ladder.submitted(cast, moment)
        if ticket.assignee_id is None:
            assert all(n >= cap for n in held.values())
            continue
        assert held[ticket.assignee_id] < cap
        if method == "least_loaded":
            assert held[ticket.assignee_id] == min(held.values())
        given_out[ticket.assignee_id] += 1
    if method == "round_robin":
        assert max(given_out.values()) - min(given_out.values()) <= 1


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_pass_the_cap_together(
    cast: Cast, now: dt.datetime, client_of: Callable[..., Any]
) -> None:
    team = cast.teams["operations"]
    team.duty.all().delete()
    for member in TeamMember.objects.filter(team=team).exclude(user=cast.zhoumin):
        plan_absence(member.user, now.date(), now.date(), **by(cast, now))
    team = assigns(cast, team, AssignmentMethod.LEAST_LOADED, now, cap=3)
    start = threading.Barrier(6)
    failures: list[BaseException] = []

    def submit() -> None:
        close_old_connections()
        try:
            start.wait(60)
            ladder.submitted(cast, now)
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=submit) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert not failures
    assert Ticket.objects.filter(assignee=cast.zhoumin).count() == 3
    waiting = Ticket.objects.filter(assignee__isnull=True)
    assert waiting.count() == 3
    # One is done: exactly one of those that wait takes its place.
    done = Ticket.objects.filter(assignee=cast.zhoumin).first()
    assert done is not None
    reject_ticket(done, "重复", **by_agent(cast, now))
    assert assign_waiting(now) == 1
    with pytest.raises(WrongState, match="assignee"):
        assign_by(waiting[0], AssignmentMethod.LEAST_LOADED, acting_user=None, now=now)
    assert choose(team, waiting[0], AssignmentMethod.LEAST_LOADED, now).found is None
