"""What people add to a report: its conclusion, and the actions it asks for."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events, outbox
from core.changes import checked_text
from core.errors import BadInput, Problem, Refused
from reports.choices import ActionState
from reports.models import AgreedAction, Conclusion, Snapshot

CONCLUSION_MAX = 2000
ACTION_MAX = 300
#: Three to five actions a week (product.md); more are not read.
ACTIONS_MAX = 8


class ActionEnded(Refused):
    """The agreed action was done or dropped before."""


def edit_conclusion(
    snapshot: Snapshot,
    text_zh: str,
    text_en: str,
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> Conclusion:
    """The conclusion of a week in both languages; each is needed, readers have one of the two.

    Raises BadInput for an empty or overlong text, StaleWrite when somebody edited it meanwhile.
    """
    fields = {
        "text_zh": checked_text("text_zh", text_zh, maximum=CONCLUSION_MAX),
        "text_en": checked_text("text_en", text_en, maximum=CONCLUSION_MAX),
        "editor_id": acting_user.pk,
        "edited_at": now,
    }
    with transaction.atomic():
        existing = Conclusion.objects.filter(period=snapshot.period).first()
        if existing is None:
            made = Conclusion(period=snapshot.period, **fields)
            events.create(made, "write", actor_id=acting_user.pk, now=now)
            return made
        row = events.lock(Conclusion, existing.pk)
        events.check_unchanged(row, seen_version, ("text_zh", "text_en"))
        events.change(row, "edit", actor_id=acting_user.pk, now=now, fields=fields)
    return row


def agree_action(
    snapshot: Snapshot,
    text: str,
    owner: User,
    due_on: dt.date,
    *,
    acting_user: User,
    now: dt.datetime,
) -> AgreedAction:
    """What is to be done until the next report, by whom and by when; the owner is told."""
    text = checked_text("text", text, maximum=ACTION_MAX)
    if due_on < timezone.localdate(now):
        raise BadInput(
            Problem("due_on", _("This day is over."), _("Choose today or later."), str(due_on))
        )
    with transaction.atomic():
        if AgreedAction.objects.agreed_in(snapshot.period).count() >= ACTIONS_MAX:
            raise BadInput(
                Problem(
                    "text", _("A report asks for at most %(n)s things.") % {"n": ACTIONS_MAX},
                    _("Drop one that matters less."), text,
                )
            )  # fmt: skip
        action = AgreedAction(period=snapshot.period, text=text, owner=owner, due_on=due_on)
        events.create(action, "agree", actor_id=acting_user.pk, now=now)
        if owner.pk != acting_user.pk:
            outbox.notify(
                owner.pk, "report.action",
                {"text": text, "week": snapshot.period, "due_on": due_on.isoformat()},
                key=f"report_action:{action.pk}:agreed", now=now,
                subject=AgreedAction.SUBJECT, subject_id=action.pk,
            )  # fmt: skip
    return action


def end_action(
    action: AgreedAction,
    state: str,
    outcome: str = "",
    *,
    acting_user: User,
    now: dt.datetime,
    seen_version: int | None = None,
) -> AgreedAction:
    """Done, or dropped with a reason. Raises ActionEnded for one that ended before."""
    if state not in (ActionState.DONE, ActionState.DROPPED):
        raise BadInput(Problem("state", _("Choose done or dropped."), "done, dropped", state))
    if state == ActionState.DROPPED:
        outcome = checked_text("outcome", outcome, maximum=ACTION_MAX)
    elif len(outcome.strip()) > ACTION_MAX:
        checked_text("outcome", outcome, maximum=ACTION_MAX)
    with transaction.atomic():
        row = events.lock(AgreedAction, action.pk)
        events.check_unchanged(row, seen_version, ("state",))
        if row.state != ActionState.OPEN:
            raise ActionEnded(
                Problem(
                    "state", _("This action has ended before."), _("Agree on a new one."),
                    str(ActionState(row.state).label),
                )
            )  # fmt: skip
        events.change(
            row, "end", actor_id=acting_user.pk, now=now,
            fields={"state": state, "outcome": outcome.strip(), "ended_at": now},
        )  # fmt: skip
    return row
