"""Who answers for the reports hears when one could not be made or sent."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from catalog.choices import PermissionRole
from catalog.models import Grant
from core import outbox


def tell_failure(period: str, stage: str, now: dt.datetime) -> None:
    """Tell each of them, once a day for each report and stage (`compute`, `send`, or `ahead`
    for the outlook)."""
    key = f"report_failed:{period}:{stage}:{timezone.localdate(now):%Y%m%d}"
    with transaction.atomic():
        for person in answering():
            outbox.notify(
                person.pk, "report.failed", {"period": period, "stage": stage}, key=key, now=now
            )


def answering() -> list[User]:
    """Managers of the whole company; without one, the administrators."""
    grants = Grant.objects.filter(is_active=True, user__is_active=True).select_related("user")
    managers = grants.filter(
        role=PermissionRole.MANAGER, product__isnull=True, department__isnull=True
    )
    found = managers or grants.filter(role=PermissionRole.ADMINISTRATOR)
    return list({grant.user_id: grant.user for grant in found}.values())
