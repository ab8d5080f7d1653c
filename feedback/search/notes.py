"""Release notes: what was published and reaches a person, and which of it they asked for."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from django.db.models import Exists, OuterRef, Q

from accounts.models import User
from feedback.choices import ReleaseStatus
from feedback.models import Demand, Release, RolloutPart


@dataclass(frozen=True)
class Note:
    """One release as its users read it; `mine` are the demands they asked for."""

    release: Release
    mine: list[Demand] = field(default_factory=list)


def notes_for(user: User, today: dt.date, *, before: int | None, limit: int) -> list[Note]:
    """Published releases that reach the person, newest first. Two queries.

    What was rolled back is not there to be used, and stands here no more.
    """
    path = user.department.path if user.department is not None else ""
    above = [int(pk) for pk in path.strip("/").split("/") if pk]
    parts = RolloutPart.objects.filter(release=OuterRef("pk"), starts_on__lte=today).filter(
        Q(person=user) | Q(department__in=above)
    )
    reached = Q(is_partial=False) | Q(everybody_from__lte=today) | Exists(parts)
    found = Release.objects.filter(
        reached, status=ReleaseStatus.RELEASED, product__is_active=True
    ).select_related("product")
    if before is not None:
        found = found.filter(pk__lt=before)
    releases = list(found.order_by("-pk")[:limit])
    mine: dict[int, list[Demand]] = {}
    asked = Demand.objects.visible_to(user).filter(
        release__in=releases, obligations__person=user, obligations__joined_to__isnull=True
    )
    for demand in asked.order_by("pk"):
        mine.setdefault(demand.release_id or 0, []).append(demand)
    return [Note(release, mine.get(release.pk, [])) for release in releases]
