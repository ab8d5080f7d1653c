"""Prevention: the same matcher on equal whole weeks before and after a release, by hand."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from catalog.actions import grant_role
from catalog.choices import PermissionRole
from feedback.actions import (
    DemandDraft,
    create_demand,
    create_release,
    drive_by_demand,
    fill_gate,
    publish_release,
    put_in_release,
    see_people,
)
from feedback.models import Demand
from opsdesk.demo.cast import Cast
from reports.access import scope_of
from reports.actions import rebuild_facts
from reports.policies.explore.asking import Asked
from reports.policies.explore.cells import Grain
from reports.policies.explore.prevention import Prevention, read_prevention
from tests.feedback import loop
from tests.reports.histories import ZONE
from tests.tickets import ladder
from tickets.actions import declare_known_issue, edit_ticket, same_here
from tickets.actions.history import record_history
from tickets.actions.history_rules import Happening, TicketHistory
from tickets.models import Ticket

pytestmark = pytest.mark.django_db
ClientOf = Callable[[User], Client]
#: Decided on a Wednesday, released two weeks later; the cast's now is Monday 16 November.
DECIDED = dt.datetime(2026, 9, 2, 10, tzinfo=ZONE)
RELEASED = dt.datetime(2026, 9, 16, 10, tzinfo=ZONE)


def submitted(cast: Cast, day: str, people: list[User], now: dt.datetime, **more: object) -> None:
    """A bug of the visits each; `day` of 2026."""
    at = dt.datetime.fromisoformat(f"2026-{day}T10:00").replace(tzinfo=ZONE)
    histories = []
    for number, person in enumerate(people):
        name = f"{day} {number} {more}"
        first = {
            "title": name, "description": name, "level": None, "channel": "import",
            "product_id": cast.products["crm"].pk, "module_id": cast.modules["visits"].pk,
            "type": "bug", "requester_id": person.pk, "submitted_by_id": person.pk,
            "department_id": person.department_id, **more,
        }  # fmt: skip
        histories.append(TicketHistory("prevention", name, [Happening(at, first)]))
    result = record_history(histories, acting_user=None, now=now)
    assert [found.problem for found in result.refused] == []


@pytest.fixture
def released(cast: Cast, now: dt.datetime) -> Cast:
    """Eight whole weeks after the release, 21 September to 15 November, so eight before the two
    that lead up to the decision: 22 June to 16 August."""
    draft = DemandDraft(
        loop.TITLE, cast.products["crm"], kind="defect", module=cast.modules["visits"]
    )
    demand = create_demand(draft, acting_user=cast.linzhixia, now=DECIDED)
    drive_by_demand(
        ladder.screened(cast, DECIDED), demand, loop.WORDS, acting_user=cast.linzhixia, now=DECIDED
    )
    loop.tested(cast, DECIDED, demand)
    _publish(cast, demand)
    liuyang, zhaoyi, emma = (cast.people[name] for name in ("liuyang", "zhaoyi", "emma"))
    before = ["06-22", "07-01", "07-08", "07-15", "07-22", "07-29", "08-05", "08-14"]
    for day in before:
        submitted(cast, day, [cast.wangke, liuyang, liuyang, zhaoyi], now)
    submitted(cast, "09-21", [emma], now)
    submitted(cast, "11-13", [emma, emma], now)
    # Not counted: too early, the two weeks and the decision's, the release's, and this week.
    for day in ("06-19", "08-17", "08-28", "09-01", "09-17", "11-16"):
        submitted(cast, day, [cast.wangke], now)
    # Nor another type or module.
    submitted(cast, "07-16", [emma], now, type="how_to")
    submitted(cast, "10-16", [emma], now, module_id=cast.modules["customers"].pk)
    rebuild_facts(now)
    return cast


def _publish(cast: Cast, demand: Demand) -> None:
    said: dict[str, Any] = {"acting_user": cast.linzhixia, "now": RELEASED}
    release = create_release(cast.products["crm"], "5.8", **said)
    put_in_release(demand, release, **said)
    fill_gate(release, loop.GATE, **said)
    see_people(release, **said)
    publish_release(release, **said)


def compared(user: User, now: dt.datetime) -> Prevention:
    asked = Asked(dt.date(2026, 6, 1), dt.date(2026, 11, 16), Grain.WEEK, now)
    (found,) = read_prevention(asked, scope_of(user))
    return found


def test_equal_weeks_and_distinct_people_by_the_day(released: Cast, now: dt.datetime) -> None:
    found = compared(released.gaoyuan, now)
    assert (found.before.first, found.before.end) == (dt.date(2026, 6, 22), dt.date(2026, 8, 17))
    assert (found.after.first, found.after.end) == (dt.date(2026, 9, 21), dt.date(2026, 11, 16))
    # Three people on one day of each week, however much one of them writes.
    assert found.counts_before == (3,) * 8
    assert found.counts_after == (1, 0, 0, 0, 0, 0, 0, 1)
    # 25 September and 1 to 7 October are off, 20 September and 10 October make up.
    assert found.days_before == 40
    assert 33 <= found.days_after <= 36
    ratio = found.ratio
    assert ratio is not None
    assert ratio.value == pytest.approx(2 / 24 * found.days_before / found.days_after)
    assert ratio.high < 1
    assert ratio.is_sure


def test_voices_count_and_scopes_hold(released: Cast, now: dt.datetime) -> None:
    """One more person by "same here"; a confidential ticket is in a manager's count alone, and an
    analyst of one department compares its own people."""
    crm = released.products["crm"]
    cause = ladder.cause(released, now)
    cause = declare_known_issue(cause, "办法", acting_user=released.linzhixia, now=now)
    after = dt.datetime(2026, 10, 15, 9, tzinfo=ZONE)
    same_here(cause, "也是", acting_user=released.wangke, now=after)
    secret = Ticket.objects.get(title__startswith="09-21 0")
    edit_ticket(secret, {"confidential": True}, acting_user=released.gaoyuan, now=now)
    rebuild_facts(now)
    assert sum(compared(released.gaoyuan, now).counts_after) == 3
    assert sum(compared(released.linzhixia, now).counts_after) == 2
    reader = released.people["liuyang"]
    grant_role(
        reader, PermissionRole.ANALYST, product=crm, department=reader.department,
        acting_user=released.admin, now=now,
    )  # fmt: skip
    reader = User.objects.get(pk=reader.pk)
    own = compared(reader, now)
    colleagues = {released.wangke.pk, reader.pk, released.people["zhaoyi"].pk}
    below = User.objects.filter(
        pk__in=colleagues,
        department__path__startswith=reader.department.path,  # type: ignore[union-attr]
    )
    assert own.counts_before == (below.count(),) * 8
    assert own.entitled < compared(released.gaoyuan, now).entitled


def test_the_page_says_what_was_compared(
    released: Cast, now: dt.datetime, client_of: ClientOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)
    User.objects.update(language="en")
    client = client_of(User.objects.get(pk=released.gaoyuan.pk))
    page = unescape(client.get("/reports/explore/prevention/?from=2026-06-01").content.decode())
    module = released.modules["visits"].name
    spans = "22 Jun 2026–16 Aug 2026 before, 21 Sep 2026–15 Nov 2026 after"
    assert f"{module} · Bug; {spans}" in page
    assert "Less trouble than before (exact interval)" in page
    # The numbers open the tickets: four of them on each of eight days, and three after.
    links = re.findall(r'href="(/reports/explore/rows/created/[^"]*types=bug[^"]*)"', page)
    totals = [
        re.search(r"(\d+) rows?, as of now", client.get(link).content.decode()) for link in links
    ]
    assert [int(total[1]) for total in totals if total] == [32, 3]
