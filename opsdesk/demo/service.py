"""The service policies of the demo company, before the default one that every installation has."""

from __future__ import annotations

import datetime as dt
from typing import Any

from opsdesk.demo.cast import Cast
from tickets.actions import create_policy
from tickets.models import ServicePolicy

MINUTE, HOUR = 60, 3600
DAY = 8 * HOUR

_Policy = tuple[tuple[str, ...], tuple[str, ...], dict[str, tuple[int, int]], dict[str, Any]]

# name: (products, departments, targets by priority, the rest)
POLICIES: dict[str, _Policy] = {
    "财务月结": (
        ("erp",), ("finance",),
        {"0": (10 * MINUTE, 2 * HOUR), "1": (20 * MINUTE, 4 * HOUR), "2": (HOUR, DAY),
         "3": (4 * HOUR, 2 * DAY)},
        {"escalate_seconds": HOUR},
    ),
    "销售一线": (
        ("crm",), ("sales",),
        {"1": (20 * MINUTE, 6 * HOUR), "2": (2 * HOUR, 2 * DAY), "3": (4 * HOUR, 4 * DAY)}, {},
    ),
    "观数看板": (
        ("board",), (), {"2": (DAY, 5 * DAY), "3": (2 * DAY, 10 * DAY)},
        {"warn_percent": 70, "escalate_seconds": None},
    ),
}  # fmt: skip


def build_policies(cast: Cast, now: dt.datetime) -> None:
    """Add those that are not there yet, in their order."""
    for place, (name, (products, departments, targets, more)) in enumerate(POLICIES.items(), 1):
        if ServicePolicy.objects.filter(name=name).exists():
            continue
        fields = {
            "name": name,
            "position": place,
            "product_ids": [cast.products[key].pk for key in products],
            "department_ids": [cast.departments[key].pk for key in departments],
            "targets": {key: list(pair) for key, pair in targets.items()},
            **more,
        }
        create_policy(fields, acting_user=cast.admin, now=now)
