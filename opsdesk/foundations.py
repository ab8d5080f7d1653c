"""What every installation stands on before anybody configures it.

The product "other / not sure", a service calendar and the service targets. They are laid after
each complete migration (so an installation without the demo has them too, and a test database
that was flushed has them again) and never change what an administrator made of them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from catalog.actions import create_calendar, create_product
from catalog.choices import ProductKind
from catalog.models import Product, ServiceCalendar
from tickets.actions import create_default_policy
from tickets.choices import Priority
from tickets.models import ServicePolicy, Target

OTHER_CODE = "other"
CALENDAR_NAME = "工作日"
POLICY_NAME = "默认"

MINUTE, HOUR = 60, 3600
WORKING_DAY = 8 * HOUR
#: Working time to first response and to resolution, by priority.
TARGETS = {
    Priority.P0: Target(15 * MINUTE, 4 * HOUR),
    Priority.P1: Target(30 * MINUTE, 8 * HOUR),
    Priority.P2: Target(4 * HOUR, 3 * WORKING_DAY),
    Priority.P3: Target(8 * HOUR, 5 * WORKING_DAY),
}


def lay_foundations(now: dt.datetime) -> None:
    """Create what is missing; safe to run again, and by two processes at once."""
    with transaction.atomic():
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('opsdesk.foundations'))")
        if not Product.objects.filter(is_other=True).exists():
            create_product(
                "其他/不确定",
                OTHER_CODE,
                ProductKind.OPTIONAL,
                is_other=True,
                acting_user=None,
                now=now,
            )
        if not ServiceCalendar.objects.exists():
            create_calendar(CALENDAR_NAME, acting_user=None, now=now)
        if not ServicePolicy.objects.filter(is_default=True).exists():
            create_default_policy(POLICY_NAME, TARGETS, now=now)


def after_migrate(using: str = "default", **said: Any) -> None:
    """The receiver of `post_migrate`; a migration that stopped half-way lays nothing."""
    if "plan" in said:
        executor = MigrationExecutor(connections[using])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return
    lay_foundations(timezone.now())
