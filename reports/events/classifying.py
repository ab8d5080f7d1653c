"""What a ticket is about, from the start: as first given on the day it was submitted.

People submit before anybody says what it is; counted strictly as of the event, nearly all that was
created would be of no type and no module. What is given on the first company day therefore counts
from the first moment, for reports and explore pages alike; what is given or changed on a later day
moves the ticket then (domain.md, invariant 10). Every period ends with a day, so a report says the
same on the morning after and years later.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from core.worktime import day_start

if TYPE_CHECKING:
    from reports.events.reading import Moment, State

_GIVEN = ("type", "module_id")


def classified(moments: list[Moment]) -> list[Moment]:
    """The same moments with type and module from the start where the first day gave them."""
    lacking = [name for name in _GIVEN if not moments[0].state[name]]
    if not lacking:
        return moments
    first_day = _first_day(moments)
    given = {
        name: state for name in lacking if (state := _first_given(first_day, name)) is not None
    }
    if not given:
        return moments
    return list(_with(given, moments))


def _with(given: dict[str, State], moments: Sequence[Moment]) -> Iterator[Moment]:
    """Moments that share a state go on sharing one."""
    was: State | None = None
    for moment in moments:
        if moment.state is not was:
            was = moment.state
            missing = _missing(was, given)
            now = {**was, **missing} if missing else was
        yield moment if now is was else replace(moment, state=now)


def _first_day(moments: Sequence[Moment]) -> Sequence[Moment]:
    """The moments of the company day of the first."""
    zone = timezone.get_default_timezone()
    day = timezone.localdate(moments[0].at, zone)
    end = day_start(day + dt.timedelta(days=1), settings.TIME_ZONE)
    return [moment for moment in moments if moment.at < end]


def _first_given(moments: Sequence[Moment], name: str) -> State | None:
    """The state in which it was first given."""
    return next((moment.state for moment in moments if moment.state[name]), None)


def _missing(state: State, given: dict[str, State]) -> dict[str, Any]:
    """What the state lacks; a module is of one product, so another product's is not put there."""
    return {
        name: first[name]
        for name, first in given.items()
        if not state[name] and first["product_id"] == state["product_id"]
    }
