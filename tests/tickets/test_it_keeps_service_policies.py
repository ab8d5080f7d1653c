"""Service policies: which one holds, what a change would move, and the run that moves it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from core.errors import BadInput
from core.events import unfolded
from core.models import OutboxRow
from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tickets import sla
from tickets.actions import (
    TicketDraft,
    continue_due_run,
    create_policy,
    drive_ticket,
    edit_policy,
    edit_ticket,
    reckon_again,
    reckon_provisional,
    resume_due_runs,
    set_driver_state,
    submit_ticket,
)
from tickets.choices import DriverState
from tickets.models import DueRun, ServicePolicy, Ticket
from tickets.sla import Misfit
from tickets.sla.preview import foresee_policies, with_policy
from tickets.sla.reckoning import choice_for

HOUR = 3600
SHANGHAI = ZoneInfo("Asia/Shanghai")


def fast(cast: Cast, now: dt.datetime, **more: Any) -> ServicePolicy:
    """An hour to the first response, two to the resolution, for CRM and 华东大区."""
    fields = {
        "name": "华东加急", "position": 1, "product_ids": [cast.products["crm"].pk],
        "department_ids": [cast.departments["sales"].pk],
        "targets": {"2": [HOUR, 2 * HOUR], "3": [HOUR, 2 * HOUR]}, **more,
    }  # fmt: skip
    return create_policy(fields, acting_user=cast.admin, now=now)


def run_all(now: dt.datetime) -> None:
    for run in DueRun.objects.filter(finished_at__isnull=True):
        continue_due_run(run.pk, now=now)


def held(ticket: Ticket) -> tuple[str, list[tuple[str, Misfit]]]:
    row = Ticket.objects.get(pk=ticket.pk)
    choice = choice_for(row, sla.policies_in_force())
    assert choice.policy is not None
    assert row.service_policy == choice.policy
    return choice.policy.name, [(policy.name, misfit) for policy, misfit in choice.passed]


def test_the_first_that_fits_holds_and_says_why_not_the_others(
    cast: Cast, now: dt.datetime
) -> None:
    fast(cast, now)
    fast(cast, now, name="只有 P0", position=2, targets={"0": [60, HOUR]}, department_ids=[])
    fast(cast, now, name="去年", position=2, last_day=dt.date(2025, 12, 31), department_ids=[])
    assert list(ServicePolicy.objects.values_list("name", "position")) == [
        ("华东加急", 1), ("去年", 2), ("只有 P0", 3), ("默认", 1),
    ]  # fmt: skip
    # 王珂 sits in 华东大区, below 销售中心.
    ticket = ladder.submitted(cast, now)
    assert held(ticket) == ("华东加急", [])
    moved = edit_ticket(
        ticket, {"product": cast.products["erp"]}, acting_user=cast.linzhixia, now=now
    )
    assert held(moved) == (
        "默认",
        [("华东加急", Misfit.PRODUCT), ("去年", Misfit.PRODUCT), ("只有 P0", Misfit.PRODUCT)],
    )
    draft = TicketDraft(product=cast.products["crm"], description="对不上账")
    foreign = submit_ticket(draft, acting_user=cast.zhaoyi, now=now)
    assert held(foreign) == (
        "默认",
        [("华东加急", Misfit.DEPARTMENT), ("去年", Misfit.DAYS), ("只有 P0", Misfit.PRIORITY)],
    )


def test_what_was_foreseen_is_what_the_run_does(cast: Cast, now: dt.datetime) -> None:
    tickets = [ladder.submitted(cast, now), ladder.answered(cast, now)]
    other = ladder.submitted(cast, now, product=cast.products["erp"])
    later = now + dt.timedelta(hours=6)
    draft = ServicePolicy(
        name="华东加急", position=1, product_ids=[cast.products["crm"].pk],
        targets={"2": [HOUR, 2 * HOUR], "3": [HOUR, 2 * HOUR]},
    )  # fmt: skip
    found = foresee_policies(
        with_policy(draft, sla.policies_in_force()), user=cast.linzhixia, now=later
    )
    assert (found.looked_at, found.changed, found.earlier, found.become_over) == (3, 2, 2, 2)
    foretold = {one.pk: one.after for one in found.sample}
    assert set(foretold) == {ticket.pk for ticket in tickets}
    # Who may not see them is told how many, and no title.
    assert foresee_policies(
        with_policy(draft, sla.policies_in_force()), user=cast.zhaoyi, now=later
    ).sample == []  # fmt: skip

    before = Ticket.objects.get(pk=other.pk).resolution_due_at
    fast(cast, later, department_ids=[])
    assert OutboxRow.objects.filter(name="tickets.reckon_due_times").count() == 1
    run_all(later)
    run = DueRun.objects.get()
    assert (run.total, run.done, run.changed) == (3, 3, 2)
    for ticket in tickets:
        row = Ticket.objects.get(pk=ticket.pk)
        assert (row.response_due_at, row.resolution_due_at) == foretold[row.pk]
        assert row.sla_next_at is not None
    assert Ticket.objects.get(pk=other.pk).resolution_due_at == before
    # Run once more, and by the clock: nothing is left to do.
    run_all(later)
    assert resume_due_runs(now=later + dt.timedelta(hours=1)) == 0
    assert reckon_again([ticket.pk for ticket in [*tickets, other]]) == 0


def test_saving_in_the_settings_shows_the_consequences_first(
    cast: Cast, now: dt.datetime, client_of: Callable[[User], Client]
) -> None:
    ladder.submitted(cast, now)
    default = ServicePolicy.objects.get(is_default=True)
    client, page = client_of(cast.admin), reverse("settings_policies_edit", args=[default.pk])
    sent = {
        "name": "默认", "warn_percent": "80", "escalate_seconds": "2 h", "confirm_days": "5",
        "version": str(default.version),
        **{f"response_{n}": "30 min" for n in range(4)},
        **{f"resolution_{n}": "1 d" for n in range(4)},
    }  # fmt: skip
    asked = client.post(page, sent)
    assert asked.status_code == 200
    assert "data-foreseen" in asked.text
    assert ServicePolicy.objects.get(pk=default.pk).targets == default.targets
    names = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', asked.text)
    again = {name: value for name, value in names if name != "csrfmiddlewaretoken"}
    assert client.post(page, again).status_code == 302
    saved = ServicePolicy.objects.get(pk=default.pk)
    assert saved.targets["3"] == [1800, 8 * HOUR]
    assert unfolded(saved) == {}
    # The version it was read at is old now.
    assert client.post(page, again).status_code in (302, 409)
    refused = client.post(page, {**sent, "response_0": "soon", "seen": "1"})
    assert refused.status_code == 422
    assert ServicePolicy.objects.get(pk=default.pk).targets == saved.targets


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"targets": {}}, "response_0"),
        ({"targets": {"1": [HOUR, 60]}}, "resolution_1"),
        ({"targets": {"1": [0, 60]}}, "response_1"),
        ({"product_ids": [10**9]}, "product_ids"),
        ({"first_day": dt.date(2026, 2, 1), "last_day": dt.date(2026, 1, 1)}, "last_day"),
        ({"name": "默认"}, "name"),
        ({"escalate_seconds": 10**9}, "escalate_seconds"),
    ],
)
def test_a_policy_that_cannot_hold_is_refused(
    cast: Cast, now: dt.datetime, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(BadInput) as refused:
        fast(cast, now, **fields)
    assert [problem.field for problem in refused.value.problems] == [field]
    assert not DueRun.objects.exists()
    assert fast(cast, now).pk


def test_the_default_policy_cannot_be_narrowed(cast: Cast, now: dt.datetime) -> None:
    default = ServicePolicy.objects.get(is_default=True)
    for fields in ({"is_active": False}, {"product_ids": [cast.products["crm"].pk]},
                   {"targets": {"0": [60, HOUR]}}):  # fmt: skip
        with pytest.raises(BadInput):
            edit_policy(default, fields, acting_user=cast.admin, now=now)
    edit_policy(default, {"warn_percent": 50}, acting_user=cast.admin, now=now)
    assert ServicePolicy.objects.get(pk=default.pk).warn_percent == 50


def test_at_level_four_the_promised_date_replaces_the_target(cast: Cast, now: dt.datetime) -> None:
    ticket = drive_ticket(ladder.screened(cast, now), "D-1", acting_user=cast.linzhixia, now=now)
    target = ticket.resolution_due_at
    day = dt.date(2026, 12, 18)
    ticket = set_driver_state(
        ticket, "D-1", DriverState.PENDING, promised_on=day, acting_user=None, now=now
    )
    row = Ticket.objects.get(pk=ticket.pk)
    assert row.resolution_due_at is not None
    assert row.resolution_due_at != target
    assert row.resolution_due_at.astimezone(SHANGHAI).date() == day


def test_a_year_without_holidays_is_provisional_until_it_is_entered(
    cast: Cast, now: dt.datetime
) -> None:
    ticket = ladder.submitted(cast, dt.datetime(2034, 12, 29, 17, tzinfo=SHANGHAI))
    assert Ticket.objects.get(pk=ticket.pk).due_provisional
    assert reckon_provisional(now=now) == 0
    calendar = cast.calendar
    calendar.local_years = [2034, 2035]
    calendar.save()
    assert reckon_provisional(now=now) == 1
    assert not Ticket.objects.get(pk=ticket.pk).due_provisional
