"""Demands brought to a state through the real actions, for the tests of their pages."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core import outbox
from core.tasks import deliver_row
from feedback.actions import (
    DemandDraft,
    accept_demand,
    add_feedback,
    create_demand,
    create_release,
    drive_by_demand,
    fill_gate,
    publish_release,
    put_in_release,
    schedule_demand,
    see_people,
    start_development,
    start_testing,
    verify_demand,
)
from feedback.models import Demand, Release
from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tickets.models import Ticket

WORDS = "我们组 6 个人填的拜访记录，我这边一条都没有"
TITLE = "主管视图按现任下属取数"


def collected(cast: Cast, now: dt.datetime, title: str = TITLE, **more: Any) -> Demand:
    """A defect of CRM with 王珂's words, who is owed word on it."""
    draft = DemandDraft(title, cast.products["crm"], kind="defect", **more)
    demand = create_demand(draft, acting_user=cast.linzhixia, now=now)
    add_feedback(
        product=demand.product, person=cast.wangke, words=WORDS, source="meeting", importance=2,
        demand=demand, acting_user=cast.linzhixia, now=now,
    )  # fmt: skip
    return demand


def driving(cast: Cast, now: dt.datetime) -> tuple[Demand, Ticket]:
    """A demand that drives a bug of 王珂."""
    draft = DemandDraft(TITLE, cast.products["crm"], kind="defect")
    demand = create_demand(draft, acting_user=cast.linzhixia, now=now)
    ticket = drive_by_demand(
        ladder.screened(cast, now), demand, WORDS, acting_user=cast.linzhixia, now=now
    )
    return demand, ticket


def tested(cast: Cast, now: dt.datetime, demand: Demand) -> Demand:
    """The same demand, accepted, dated, built and in testing."""
    said: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    accept_demand(demand, "影响三个大区", **said)
    schedule_demand(demand, now.date() + dt.timedelta(days=7), **said)
    start_development(demand, **said)
    return start_testing(demand, **said)


def planned(cast: Cast, now: dt.datetime, demand: Demand, name: str = "5.8") -> Release:
    """A release that carries the tested demand; its gate is open."""
    said: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    release = create_release(cast.products["crm"], name, **said)
    put_in_release(tested(cast, now, demand), release, **said)
    return release


GATE = {"pages_unchanged": True, "announcement": "主管能看到现任下属", "measures_nothing": True}


def published(cast: Cast, now: dt.datetime, demand: Demand, name: str = "5.8") -> Release:
    """Through its gate; nobody has verified the demand yet."""
    said: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    release = planned(cast, now, demand, name)
    fill_gate(release, GATE, **said)
    see_people(release, **said)
    return publish_release(release, **said)


def asked(cast: Cast, now: dt.datetime, demand: Demand, name: str = "5.8") -> Demand:
    """Released and verified; its people are asked whether it works."""
    published(cast, now, demand, name)
    row = verify_demand(demand, acting_user=cast.zhoumin, now=now)
    deliver(now)
    return Demand.objects.get(pk=row.pk)


def deliver(now: dt.datetime) -> None:
    """What a worker would do with everything that is due an hour later."""
    later = now + dt.timedelta(hours=1)
    while rows := outbox.claim(later):
        for row in rows:
            deliver_row(row, later)
