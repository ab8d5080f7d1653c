"""A frozen report never changes: the page and every list byte for byte, whatever comes later."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.db.models import Count
from django.test import Client

from accounts.actions import deactivate_person, edit_department
from accounts.models import User
from catalog.actions import edit_module
from opsdesk.demo.cast import Cast
from opsdesk.demo.worked_week import play_worked_week
from reports.actions import correct_snapshot, follow_touched, make_snapshot
from reports.models import Snapshot
from reports.policies.agreeing import disagreement
from reports.policies.periods import Month, Quarter, period_named
from reports.policies.report import compute_report
from reports.policies.verifying import CHECKS
from reports.policies.weeks import Week
from tests.reports.histories import ZONE
from tickets.actions import edit_ticket, merge_ticket, reopen_ticket
from tickets.actions.history import record_history
from tickets.actions.history_rules import Happening, TicketHistory
from tickets.choices import Type
from tickets.models import Ticket

MONDAY = dt.date(2026, 11, 9)
HOUR = dt.timedelta(hours=1)
WEEK = "2026-W46"
ClientOf = Callable[[User], Client]
MAIN = re.compile(r"<main.*?</main>", re.S)
#: Keys of forms differ from one answer to the next.
ONE_TIME = re.compile(r'<input type="hidden"[^>]*>')


def printed(client: Client) -> dict[str, str]:
    """What stands in the page and in every list it links to, by address."""
    base = f"/reports/weekly/{WEEK}/"
    found = {base: _main(client, base)}
    for url in sorted(set(re.findall(rf'href="({base}[^"]+)"', found[base]))):
        found[url] = _main(client, url.replace("&amp;", "&"))
    return found


def _main(client: Client, url: str) -> str:
    answer = client.get(url, headers={"referer": ""})
    assert answer.status_code == 200, url
    main = MAIN.search(answer.content.decode())
    assert main is not None
    return ONE_TIME.sub("", main[0])


def change_everything(tickets: dict[str, Ticket], cast: Cast, now: dt.datetime) -> None:
    """Reopen, retype, merge, move a module, rename a department, deactivate a person."""
    agent, admin = cast.linzhixia, cast.admin
    closed = Ticket.objects.filter(pk__in=[row.pk for row in tickets.values()], status="closed")
    people = closed.values("requester").annotate(n=Count("pk")).filter(n__gte=2)
    twice = people.order_by("requester").first()
    assert twice is not None
    into, twin = closed.filter(requester=twice["requester"]).order_by("pk")[:2]
    for ticket in (into, twin):
        reopen_ticket(ticket, "还是不行", acting_user=agent, now=now)
    same = Ticket.objects.filter(status__in=("new", "open")).first()
    assert same is not None
    edit_ticket(same, {"type": Type.DATA}, acting_user=agent, now=now)
    into, twin = (Ticket.objects.get(pk=each.pk) for each in (into, twin))
    merge_ticket(twin, into, acting_user=agent, now=now)
    module = next(iter(cast.modules.values()))
    edit_module(module, {"name": "改过名的模块"}, acting_user=admin, now=now)
    department = cast.departments["finance"]
    edit_department(department, {"name": "财务中心"}, acting_user=admin, now=now)
    deactivate_person(cast.xucheng, acting_user=admin, now=now)
    late = dt.datetime.combine(MONDAY, dt.time(10), ZONE)
    first = {
        "title": "late", "description": "late", "level": None, "channel": "import",
        "product_id": cast.products["crm"].pk, "requester_id": cast.wangke.pk,
        "submitted_by_id": cast.wangke.pk, "department_id": cast.wangke.department_id,
    }  # fmt: skip
    happenings = [Happening(late, first), Happening(late + HOUR, {"status": "resolved"})]
    history = TicketHistory("hand", "late", happenings)
    assert record_history([history], acting_user=None, now=now).refused == []


def test_the_page_and_its_lists_stay_as_they_were(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    tickets = play_worked_week(cast, MONDAY)
    earlier = make_snapshot(Week.of_day(MONDAY).shift(-1), now)
    snapshot = make_snapshot(Week.of_day(MONDAY), now)
    client = client_of(cast.gaoyuan)
    before = printed(client)
    assert len(before) > 20
    later = dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1)
    change_everything(tickets, cast, later)
    while follow_touched(later):
        pass
    correct_snapshot(earlier, later)
    assert printed(client) == before
    for name in ("a figure equals its rows", "the backlog's identity holds"):
        assert list(CHECKS[name]()) == [], name
    again = compute_report(Week.of_day(MONDAY), snapshot.as_of)
    assert disagreement(snapshot, again) == []


def test_a_correction_names_the_old(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    play_worked_week(cast, MONDAY)
    first = make_snapshot(Week.of_day(MONDAY), now)
    second = correct_snapshot(first, now + dt.timedelta(hours=1))
    third = correct_snapshot(first, now + dt.timedelta(hours=2))
    assert (second.replaces, third.replaces) == (first, second)
    assert Snapshot.objects.in_force().of_periods([WEEK]).get() == third
    cast.gaoyuan.language = "en"
    cast.gaoyuan.save(update_fields=["language"])
    assert "corrects the report of" in _main(client_of(cast.gaoyuan), f"/reports/weekly/{WEEK}/")


def test_another_definition_is_named(cast: Cast, now: dt.datetime) -> None:
    play_worked_week(cast, MONDAY)
    snapshot = make_snapshot(Week.of_day(MONDAY), now)
    report = compute_report(Week.of_day(MONDAY), snapshot.as_of)
    snapshot.definition_version = "1"
    del snapshot.figures["recurrence"]
    said = disagreement(snapshot, report)
    assert said[0].startswith("recurrence: not in the frozen report")
    assert "the frozen report has 1; new in it: recurrence" in said[1]


@pytest.mark.parametrize(("name", "path"), [("2026-11", "monthly"), ("2026-Q4", "quarterly")])
def test_longer_periods_are_the_same_report(
    cast: Cast, now: dt.datetime, client_of: ClientOf, name: str, path: str
) -> None:
    play_worked_week(cast, MONDAY)
    week = make_snapshot(Week.of_day(MONDAY), now)
    period = period_named(name)
    snapshot = make_snapshot(period, period.ends_at)
    for figure in ("created", "cancelled", "level_2", "relay_only", "bounces"):
        assert snapshot.figures[figure]["n"] == week.figures[figure]["n"], figure
    client = client_of(cast.gaoyuan)
    page = _main(client, f"/reports/{path}/{name}/")
    assert f"/reports/{path}/{name}/created/" in page
    listed = client.get(f"/reports/{path}/{name}/created/")
    assert listed.context["total"] == week.figures["created"]["n"]
    assert client.get(f"/reports/weekly/{name}/").status_code == 404


def test_periods_are_cut_by_the_calendar() -> None:
    month, quarter = Month.of_day(dt.date(2024, 2, 17)), Quarter.of_day(dt.date(2024, 2, 17))
    assert (month.name, month.last, month.shift(-2).name) == (
        "2024-02", dt.date(2024, 2, 29), "2023-12",
    )  # fmt: skip
    assert (quarter.name, quarter.first, quarter.shift(1).name) == (
        "2024-Q1", dt.date(2024, 1, 1), "2024-Q2",
    )  # fmt: skip
    week = Week.named("2024-W10")
    assert week.cohort.starts_at == week.shift(-2).starts_at
    assert week.cohort.ends_at == week.shift(-2).ends_at
    for wrong in ("2024-13", "2024-Q5", "2024", "soon"):
        with pytest.raises(ValueError, match=wrong):
            period_named(wrong)
