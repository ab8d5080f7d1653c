"""What people added to a report: its conclusion and the actions, as the page shows them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language

from reports.choices import ActionState
from reports.models import AgreedAction, Conclusion, Snapshot
from reports.policies.periods import Period, period_named


@dataclass(frozen=True)
class ShownAction:
    """An agreed action as of the week after the report, so that old pages stand still."""

    action: AgreedAction
    state: str
    is_late: bool

    @property
    def is_open(self) -> bool:
        return self.state == ActionState.OPEN


def added_by_people(snapshot: Snapshot, now: dt.datetime) -> dict[str, Any]:
    """`conclusion`, `last_actions` (agreed earlier, open or ended since), `next_actions`."""
    week = period_named(snapshot.period)
    told = AgreedAction.objects.filter(
        Q(pk__in=AgreedAction.objects.agreed_in(week.name).values("pk"))
        | Q(pk__in=AgreedAction.objects.carried_into(week).values("pk"))
    )
    actions = [
        _shown(action, week, now)
        for action in told.select_related("owner").order_by("due_on", "pk")
    ]
    conclusion = Conclusion.objects.filter(period=week.name).select_related("editor").first()
    return {
        "conclusion": conclusion,
        "conclusion_text": _text(conclusion) if conclusion else "",
        "last_actions": [each for each in actions if each.action.period != week.name],
        "next_actions": [each for each in actions if each.action.period == week.name],
    }


def conclusion_of(snapshot: Snapshot) -> str:
    """What a person wrote over the report, in the current language; "" where nobody has."""
    found = Conclusion.objects.filter(period=snapshot.period).first()
    return _text(found) if found is not None else ""


def _text(conclusion: Conclusion) -> str:
    chinese = (get_language() or "").startswith("zh")
    return conclusion.text_zh if chinese else conclusion.text_en


def _shown(action: AgreedAction, week: Period, now: dt.datetime) -> ShownAction:
    """Until the following week is over an action ends on this page too; later it stays open here
    and its end shows on the page of the week in which it came."""
    seen_until = week.shift(1).ends_at
    ended = action.ended_at is not None and action.ended_at < seen_until
    state = action.state if ended else ActionState.OPEN
    is_late = state == ActionState.OPEN and action.due_on < timezone.localdate(min(now, seen_until))
    return ShownAction(action, state, is_late)
