"""Voices of "same here" (我也遇到) that a demand has taken: they go where it goes."""

from __future__ import annotations

import datetime as dt

from django.db.models import QuerySet

from feedback.models import Demand, Round
from tickets.actions import confirm_same_here, drive_same_here
from tickets.choices import SAME_HERE_OPEN
from tickets.models import SameHere


def bring_voices(source: Demand, target: Demand, people: set[int], *, now: dt.datetime) -> None:
    """Voices that waited for one demand wait for the other (merged, split off, or taken back)."""
    for row in _voices(source).filter(person__in=people):
        drive_same_here(row, target.ref, now=now)


def give_back_voices(demand: Demand, *, now: dt.datetime) -> None:
    """The demand is declined: whoever waited waits for the cause again."""
    for row in _voices(demand):
        drive_same_here(row, "", now=now)


def confirm_voices(row: Round, *, now: dt.datetime) -> None:
    """It works, said in the demand: that is their answer to "same here" as well."""
    person = row.obligation.person
    for voice in _voices(row.obligation.demand).filter(person=person):
        confirm_same_here(voice, acting_user=person, now=now)


def _voices(demand: Demand) -> QuerySet[SameHere]:
    return SameHere.objects.filter(driver=demand.ref, state__in=SAME_HERE_OPEN).order_by("pk")
