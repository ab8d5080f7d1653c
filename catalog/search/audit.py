"""Events of the audit log."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, QuerySet

from accounts.models import User
from core.models import Event
from core.registry import audited_nouns


@dataclass(frozen=True)
class Asked:
    """What is asked for; `until` is the first moment that is not."""

    person: User | None = None
    subject: str = ""
    since: dt.datetime | None = None
    until: dt.datetime | None = None


def found_events(asked: Asked, before: int | None) -> QuerySet[Event]:
    """Newest first, from below the event `before`.

    Sorted by a sum, so that the planner reads the few events of these nouns by their index of
    subjects and not the whole log backwards until it has met fifty.
    """
    subjects = [asked.subject] if asked.subject else list(audited_nouns())
    found = Event.objects.filter(subject__in=subjects)
    if asked.person is not None:
        found = found.filter(actor_id=asked.person.pk)
    if asked.since is not None:
        found = found.filter(occurred_at__gte=asked.since)
    if asked.until is not None:
        found = found.filter(occurred_at__lt=asked.until)
    if before is not None:
        found = found.filter(pk__lt=before)
    return found.annotate(place=F("pk") + 0).order_by("-place")
