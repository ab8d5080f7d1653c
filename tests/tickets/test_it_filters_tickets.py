"""The filter: every condition of the database keeps exactly what the same words mean in Python."""

import datetime as dt
import itertools
import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from catalog.models import FieldDefinition
from core.errors import BadInput
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import cause, submitted
from tickets.choices import (
    FAMILY_OF,
    UNRESOLVED,
    CauseCategory,
    CauseState,
    Channel,
    DriverState,
    Resolution,
    Status,
    Type,
)
from tickets.models import Cause, Ticket, Watcher
from tickets.policies import CONTRACT_ROWS, missing_rows
from tickets.search.filters import FIELDS, Asking, Condition, checked_filter, fields, read_filter
from tickets.search.filters.contract import FILLED

SHANGHAI = ZoneInfo("Asia/Shanghai")
Predicate = Callable[[Ticket], bool]


@pytest.fixture
def some_tickets(cast: Cast, now: dt.datetime) -> list[Ticket]:
    """Sixty tickets in every mixture of what a filter looks at; one seed, so a failure repeats.

    Written past the actions: a filter must be right about any row the database may hold.
    """
    dice = random.Random(20261116)
    for key, kind in (("region", "text"), ("amount", "number"), ("shop", "choice"),
                      ("since", "date"), ("contact", "person")):  # fmt: skip
        FieldDefinition.objects.create(
            target="ticket", key=key, label=key, kind=kind, choices=["东区", "西区"]
        )
    causes = [cause(cast, now) for _n in range(3)]
    Cause.objects.filter(pk=causes[1].pk).update(
        state=CauseState.DELIVERED,
        text="视图按旧编码过滤",
        promised_on=now.date(),
        evidence="10:00 起",
    )
    Cause.objects.filter(pk=causes[2].pk).update(
        owner=None, is_known_issue=True, module=None, category=""
    )
    pks = [submitted(cast, now).pk for _n in range(60)]
    for pk in pks:
        Ticket.objects.filter(pk=pk).update(**_mixture(dice, cast, now, causes))
        if dice.random() < 0.3:
            Watcher.objects.create(
                ticket_id=pk, user=cast.linzhixia, added_by=cast.linzhixia, created_at=now
            )
    return list(Ticket.objects.filter(pk__in=pks).select_related("cause", "department"))


def _mixture(
    dice: random.Random, cast: Cast, now: dt.datetime, causes: list[Cause]
) -> dict[str, Any]:
    def moment(days: int = 20) -> dt.datetime:
        return now + dt.timedelta(seconds=dice.randint(-days * 86400, days * 86400))

    def or_none(value: Any) -> Any:
        return value if dice.random() < 0.6 else None

    module = or_none(cast.modules["visits"])
    due = or_none(moment(2))
    gap = dice.random() < 0.3
    custom = {
        "region": dice.choice(["华东", "华南大区", "East"]), "shop": dice.choice(["东区", "西区"]),
        "amount": dice.choice(["12", "1280.5", "-3", "many"]),
        "since": dice.choice(["2026-11-10", "2026-11-16", "2026-12-01"]),
        "contact": dice.choice([cast.wangke.pk, cast.linzhixia.pk]),
    }  # fmt: skip
    return {
        "status": dice.choice(Status.values), "level": dice.choice([None, 1, 2, 3, 4]),
        "type": dice.choice(["", *Type.values]), "priority": dice.randint(0, 3),
        "impact": dice.randint(1, 4), "urgency": dice.randint(1, 3),
        "channel": dice.choice(Channel.values), "module": module,
        "module_not_sure": module is None and dice.random() < 0.5,
        "assignee": or_none(dice.choice([cast.linzhixia, cast.zhoumin])),
        "team": or_none(cast.teams["operations"]), "cause": or_none(dice.choice(causes)),
        "department": or_none(dice.choice([cast.wangke.department, cast.zhaoyi.department])),
        "driver": dice.choice(["", "D-1"]), "driver_state": dice.choice(DriverState.values),
        "first_response_at": or_none(moment()), "resolved_at": or_none(moment()),
        "submitted_at": moment(), "updated_at": moment(40), "promised_on": or_none(moment().date()),
        "resolution_due_at": or_none(moment(3)), "response_due_at": or_none(moment(3)),
        "due_at": due, "warn_at": due and due - dt.timedelta(hours=dice.randint(1, 30)),
        "suspected_category": dice.choice(["", *CauseCategory.values[:2]]),
        "suspected_cause": dice.choice(["", "缓存"]), "evidence": dice.choice(["", "截图"]),
        "suspected_module": or_none(cast.modules["visits"]), "answer_gap": gap,
        "quote": dice.choice(["", "太慢"]), "scenario": dice.choice(["", "月底"]),
        "frequency": dice.choice(["", "每天"]), "confidential": dice.random() < 0.2,
        "bounces": dice.randint(0, 4), "reopened_times": dice.randint(0, 2),
        "resolution": dice.choice(["", *Resolution.values]),
        "resolved_level": dice.choice([None, 1, 2, 3, 4]), "imported": dice.random() < 0.2,
        "tags": dice.choice([[], ["月结"], ["月结", "VIP"], ["VIP", "a,b"]]),
        "custom": dict(dice.sample(sorted(custom.items()), dice.randint(0, 5))),
    }  # fmt: skip


def _day(moment: dt.datetime | None) -> dt.date | None:
    return None if moment is None else moment.astimezone(SHANGHAI).date()


def _between(value: dt.date | None, first: str, last: str) -> bool:
    day = value if not isinstance(value, dt.datetime) else _day(value)
    return day is not None and first <= day.isoformat() <= last


def _clock(ticket: Ticket, now: dt.datetime) -> str:
    if ticket.due_at is None:
        waits = ticket.status == "pending" and ticket.resolution_due_at is not None
        return "paused" if waits else "none"
    if ticket.due_at < now:
        return "overdue"
    return "at-risk" if ticket.warn_at is not None and ticket.warn_at <= now else "ok"


def _left(ticket: Ticket, now: dt.datetime) -> float | None:
    return None if ticket.due_at is None else (ticket.due_at - now).total_seconds() / 3600


def _open(ticket: Ticket) -> list[str]:
    return [row.key for row in missing_rows(ticket, {1, ticket.level or 1})]


def _number(ticket: Ticket) -> Decimal | None:
    text = ticket.custom.get("amount", "many")
    return None if text == "many" else Decimal(text)


def _predicates(cast: Cast, now: dt.datetime) -> dict[str, Predicate]:
    """Conditions beside what each means, written without looking at the filter's own code."""
    crm_module, me = cast.modules["visits"].pk, cast.linzhixia.pk
    east = cast.wangke.department
    assert east is not None
    return {
        "status:is:new": lambda t: t.status == "new",
        "status:none:new,closed": lambda t: t.status not in ("new", "closed"),
        "level:atleast:2": lambda t: t.level is not None and t.level >= 2,
        "level:atmost:3": lambda t: t.level is not None and t.level <= 3,
        "level:not:1": lambda t: t.level != 1,
        "level:empty": lambda t: t.level is None,
        "type:any:bug,data": lambda t: t.type in ("bug", "data"),
        "type:set": lambda t: t.type != "",
        "family:is:technical": lambda t: FAMILY_OF.get(t.type) == "technical",
        "family:not:usage": lambda t: FAMILY_OF.get(t.type) != "usage",
        "priority:atleast:1": lambda t: t.priority <= 1,
        "impact:atleast:3": lambda t: t.impact >= 3,
        "urgency:atmost:1": lambda t: t.urgency <= 1,
        "channel:not:form": lambda t: t.channel != "form",
        "contract:is:complete": lambda t: not _open(t),
        "contract:is:open": lambda t: bool(_open(t)),
        "driver:is:verified": lambda t: t.driver_state == "verified",
        "resolution:empty": lambda t: t.resolution == "",
        "resolved_level:atleast:3": lambda t: (t.resolved_level or 0) >= 3,
        "bounces:atleast:3": lambda t: t.bounces >= 3,
        "reopened:is:0": lambda t: t.reopened_times == 0,
        "product:is:crm": lambda t: t.product.code == "crm",
        f"module:is:{crm_module}": lambda t: t.module_id == crm_module,
        f"module:not:{crm_module}": lambda t: t.module_id != crm_module,
        "module:empty": lambda t: t.module_id is None,
        f"department:below:{east.pk}": lambda t: (
            t.department is not None and t.department.path.startswith(east.path)
        ),
        f"department:none:{east.pk}": lambda t: t.department_id != east.pk,
        "assignee:is:me": lambda t: t.assignee_id == me,
        "assignee:any:me,zhoumin": lambda t: t.assignee_id in (me, cast.zhoumin.pk),
        "assignee:none:zhoumin": lambda t: t.assignee_id != cast.zhoumin.pk,
        "assignee:empty": lambda t: t.assignee_id is None,
        "requester:is:wangke": lambda t: t.requester_id == cast.wangke.pk,
        "owner:is:hesiyuan": lambda t: t.cause is not None and t.cause.owner_id == cast.hesiyuan.pk,
        "owner:not:hesiyuan": lambda t: t.cause is None or t.cause.owner_id != cast.hesiyuan.pk,
        "watcher:is:me": lambda t: t.watchers.filter(user=cast.linzhixia).exists(),
        "watcher:not:me": lambda t: not t.watchers.filter(user=cast.linzhixia).exists(),
        "sla:any:overdue,at-risk": lambda t: _clock(t, now) in ("overdue", "at-risk"),
        **{
            f"sla:is:{word}": lambda t, word=word: _clock(t, now) == word  # type: ignore[misc]
            for word in ("ok", "at-risk", "overdue", "paused", "none")
        },
        "sla:not:none": lambda t: _clock(t, now) != "none",
        "hours_left:atmost:4": lambda t: (left := _left(t, now)) is not None and left <= 4,
        "hours_left:atleast:-2.5": lambda t: (left := _left(t, now)) is not None and left >= -2.5,
        "response_due:before:today": lambda t: (
            t.first_response_at is None
            and t.status in UNRESOLVED
            and t.response_due_at is not None
            and _day(t.response_due_at) < now.date()  # type: ignore[operator]
        ),
        "submitted:within:last-7d": lambda t: _between(t.submitted_at, "2026-11-10", "2026-11-16"),
        "submitted:within:this-week": lambda t: _between(
            t.submitted_at, "2026-11-16", "2026-11-22"
        ),
        "updated:within:2026-10": lambda t: _between(t.updated_at, "2026-10-01", "2026-10-31"),
        "updated:within:2026-W45": lambda t: _between(t.updated_at, "2026-11-02", "2026-11-08"),
        "updated:after:3d-ago": lambda t: _between(t.updated_at, "2026-11-14", "9999"),
        "resolved:empty": lambda t: t.resolved_at is None,
        "resolved:within:2026-11-01..2026-11-12": lambda t: _between(
            t.resolved_at, "2026-11-01", "2026-11-12"
        ),
        "promised:within:next-7d": lambda t: _between(t.promised_on, "2026-11-16", "2026-11-22"),
        "promised:before:yesterday": lambda t: _between(t.promised_on, "0001", "2026-11-14"),
        "tags:any:月结": lambda t: "月结" in t.tags,
        "tags:all:月结,VIP": lambda t: {"月结", "VIP"} <= set(t.tags),
        "tags:none:VIP": lambda t: "VIP" not in t.tags,
        "tags:any:a\\,b": lambda t: "a,b" in t.tags,
        "tags:empty": lambda t: not t.tags,
        "cause:set": lambda t: t.cause_id is not None,
        "cause_state:not:delivered": lambda t: t.cause is None or t.cause.state != "delivered",
        "known_issue:is:yes": lambda t: t.cause is not None and t.cause.is_known_issue,
        "known_issue:is:no": lambda t: t.cause is None or not t.cause.is_known_issue,
        "gap:is:yes": lambda t: t.answer_gap,
        "confidential:is:no": lambda t: not t.confidential,
        "text:contains:拜访 主管": lambda t: True,
        "text:lacks:拜访": lambda t: False,
        "custom.region:contains:华": lambda t: "华" in t.custom.get("region", ""),
        "custom.region:not:East": lambda t: t.custom.get("region") != "East",
        "custom.region:empty": lambda t: "region" not in t.custom,
        "custom.amount:atleast:12": lambda t: (n := _number(t)) is not None and n >= 12,
        "custom.amount:not:12": lambda t: _number(t) != 12,
        "custom.shop:none:东区": lambda t: t.custom.get("shop") != "东区",
        "custom.since:within:this-week": lambda t: t.custom.get("since") == "2026-11-16",
        "custom.since:before:today": lambda t: t.custom.get("since") == "2026-11-10",
        "custom.contact:is:me": lambda t: t.custom.get("contact") == me,
    }


def _kept(tickets: list[Ticket], asking: Asking, *texts: str) -> set[int]:
    ours = Ticket.objects.filter(pk__in=[t.pk for t in tickets])
    return set(checked_filter(texts, asking).of(ours).values_list("pk", flat=True))


def test_each_condition_keeps_what_it_says(
    some_tickets: list[Ticket], cast: Cast, now: dt.datetime
) -> None:
    asking = Asking(cast.linzhixia, now)
    predicates = _predicates(cast, now)
    tested = {text.split(":")[0] for text in predicates}
    wrong = {
        text: (kept ^ meant, len(meant))
        for text, predicate in predicates.items()
        if (kept := _kept(some_tickets, asking, text))
        != (meant := {t.pk for t in some_tickets if predicate(t)})
    }
    assert not wrong
    assert tested >= {"sla", "contract", "tags", "custom.amount", "watcher"}


def test_conditions_together_keep_what_all_of_them_keep(
    some_tickets: list[Ticket], cast: Cast, now: dt.datetime
) -> None:
    asking = Asking(cast.linzhixia, now)
    predicates = _predicates(cast, now)
    dice = random.Random(7)
    for pair in dice.sample(list(itertools.combinations(predicates, 2)), 60):
        meant = {t.pk for t in some_tickets if all(predicates[text](t) for text in pair)}
        assert _kept(some_tickets, asking, *pair) == meant, pair


def test_the_contract_of_the_database_is_that_of_python(
    some_tickets: list[Ticket], cast: Cast, now: dt.datetime
) -> None:
    asking = Asking(cast.linzhixia, now)
    assert FILLED.keys() == CONTRACT_ROWS.keys()
    for key in CONTRACT_ROWS:
        meant = {t.pk for t in some_tickets if key in _open(t)}
        assert _kept(some_tickets, asking, f"missing:is:{key}") == meant, key


def test_every_field_and_operator_can_be_asked(
    some_tickets: list[Ticket], cast: Cast, now: dt.datetime
) -> None:
    """No operator of any field fails in the database, with a value the form would offer."""
    asking = Asking(cast.linzhixia, now)
    words = {"number": "3", "text": "词", "tag": "月结", "date": "last-7d", "person": "me"}
    for field in fields().values():
        offered = field.kind.choices(asking)
        value = words.get(field.kind.widget) or (offered[0][0] if offered else "1")
        for operator in field.kind.operators:
            alone = operator in ("empty", "set")
            condition = Condition(field.key, operator, () if alone else (value,))
            assert Condition.of(str(condition)) == condition
            len(checked_filter([str(condition)], asking).of(Ticket.objects.all()))


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("nonsense", "f"), ("colour:is:red", "colour"), ("status:near:new", "status"),
        ("status:is:broken", "status"), ("status:is:new,open", "status"), ("status:any:", "status"),
        ("updated:within:someday", "updated"), ("updated:within:2026-13-40", "updated"),
        ("bounces:is:many", "bounces"), ("product:is:gone", "product"), ("module:is:x", "module"),
        ("assignee:is:nobody-known", "assignee"), ("custom.nope:is:1", "custom.nope"),
        ("hours_left:atmost:1e400", "hours_left"), ("gap:is:maybe", "gap"),
        ("updated:within:last-9999d", "updated"), ("module:is:99999999999999999999", "module"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_and_the_rest_still_narrows(
    cast: Cast, now: dt.datetime, text: str, field: str
) -> None:
    ticket = submitted(cast, now)
    asking = Asking(cast.linzhixia, now)
    found = read_filter([text, "status:is:new"], asking)
    assert [problem.field for problem in found.problems] == [field]
    assert all(problem.message and problem.remedy for problem in found.problems)
    assert ticket in found.of(Ticket.objects.all())
    with pytest.raises(BadInput):
        checked_filter([text], asking)


def test_what_is_no_longer_in_use_is_said_and_still_found(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    product = cast.products["crm"]
    type(product).objects.filter(pk=product.pk).update(is_active=False)
    found = read_filter(["product:is:crm"], Asking(cast.linzhixia, now))
    assert found.notes
    assert not found.problems
    assert ticket in found.of(Ticket.objects.all())


def test_every_field_is_in_a_group_and_has_operators() -> None:
    for field in FIELDS.values():
        assert field.group in {"life", "place", "people", "clock", "content"}
        assert field.kind.operators, field.key
