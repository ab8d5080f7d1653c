"""A demand table of any size for `make bench`: demands, who is owed word on them, their rounds."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Department, User
from catalog.models import Module, Product
from core.bulk import copy_rows, next_ids
from core.searchkey import search_key
from feedback.choices import (
    DemandKind,
    DemandStatus,
    FeedbackSource,
    Initiator,
    RoundKind,
    RoundState,
)
from feedback.models import Demand, Obligation, Round

#: Of a hundred demands, so many stand in each status.
_SHARES = {
    DemandStatus.COLLECTED: 22, DemandStatus.EVALUATING: 12, DemandStatus.ACCEPTED: 8,
    DemandStatus.SCHEDULED: 6, DemandStatus.IN_DEVELOPMENT: 5, DemandStatus.TESTING: 2,
    DemandStatus.RELEASED: 8, DemandStatus.CLOSED: 22, DemandStatus.DECLINED: 10,
    DemandStatus.DEFERRED: 5,
}  # fmt: skip
_SUBJECTS = (
    "拜访记录",
    "报销单",
    "客户清单",
    "审批流",
    "库存预警",
    "发票",
    "看板",
    "合同",
    "考勤",
    "付款",
)
_WISHES = (
    "支持批量导出",
    "按部门筛选",
    "移动端可用",
    "到期提醒",
    "保留附件",
    "自动带出",
    "显示历史",
    "合并打印",
)
#: People owed word on a demand, at most.
_MOST_PEOPLE = 9
#: The table that quality.md speaks of; a house of fewer tickets gets as many demands.
MOST_DEMANDS = 10_000


def ensure_demands(count: int, now: dt.datetime, say: Callable[[str], None]) -> None:
    """Load what is missing to `count` demands."""
    missing = count - Demand.objects.count()
    if missing > 0:
        say(f"Loading {missing:,} demands …")
        load_demands(missing, now)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def load_demands(count: int, now: dt.datetime, seed: int = 7) -> None:
    """Append `count` demands with their people by COPY; needs products, modules and people."""
    rng = random.Random(seed)  # noqa: S311  (figures that come out the same each time)
    people = list(User.objects.filter(is_active=True).values_list("pk", flat=True))
    ids = next_ids(Demand, count)
    rows = list(_demands(ids, people, now, rng))
    copy_rows(Demand, list(rows[0]), ([*row.values()] for row in rows))
    owed = [
        (row["id"], row["status"], person)
        for row in rows
        for person in rng.sample(people, min(len(people), rng.randint(0, _MOST_PEOPLE)))
    ]
    keys = next_ids(Obligation, len(owed))
    copy_rows(
        Obligation, ("id", "version", "salt", "demand_id", "person_id", "reason", "created_at"),
        ((pk, 1, "", demand, person, "asked", now)
         for pk, (demand, _status, person) in zip(keys, owed, strict=True)),
    )  # fmt: skip
    told = [pk for pk, (_demand, status, _person) in zip(keys, owed, strict=True)
            if status in (DemandStatus.RELEASED, DemandStatus.DECLINED)]  # fmt: skip
    Round.objects.bulk_create(
        [
            Round(
                version=1, obligation_id=obligation, kind=RoundKind.DECISION,
                state=RoundState.DELIVERED, opened_at=now, delivered_at=now,
            )
            for obligation in told
        ],
        batch_size=2000,
    )  # fmt: skip


def _demands(
    ids: list[int], people: list[int], now: dt.datetime, rng: random.Random
) -> Iterator[dict[str, Any]]:
    modules: dict[int, list[int]] = {}
    for pk, product in Module.objects.filter(is_active=True).values_list("pk", "product_id"):
        modules.setdefault(product, []).append(pk)
    products = list(Product.objects.filter(is_active=True).values_list("pk", flat=True))
    departments = list(Department.objects.values_list("pk", flat=True))
    statuses = [status.value for status, share in _SHARES.items() for _n in range(share)]
    for pk in ids:
        title = f"{rng.choice(_SUBJECTS)}{rng.choice(_WISHES)} {pk}"
        product, status = rng.choice(products), rng.choice(statuses)
        planned = timezone.localdate(now) + dt.timedelta(days=rng.randint(-200, 400))
        yield {
            "id": pk, "version": 1, "salt": "", "title": title, "problem": f"{title}，多花时间",
            "proposal": "", "kind": rng.choice(DemandKind.values),
            "initiated_by": rng.choice(Initiator.values), "product_id": product,
            "module_id": rng.choice(modules.get(product) or [None]),
            "product_owner_id": rng.choice(people), "status": status, "decision_reason": "",
            "planned_on": planned if rng.random() < 0.6 else None,
            "reopened_times": 0, "review": "", "source": rng.choice(FeedbackSource.values),
            "proposer_id": rng.choice(people), "department_ids": rng.sample(departments, 1),
            "priority": rng.choice((0, 1, 2, 3, None)),
            "effort": Decimal(rng.randint(1, 80)) / 2 if rng.random() < 0.7 else None,
            "custom": {}, "score": Decimal(rng.randint(0, 1000)) / 10, "created_at": now,
            "created_by_id": rng.choice(people),
            "search_key": search_key(f"D-{pk}", title), "recurred_times": 0,
        }  # fmt: skip
