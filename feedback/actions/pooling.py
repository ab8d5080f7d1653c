"""Words that wait without a demand: gathered into one, or set aside with a reason for their person.

Nobody who said something goes unheard: gathered, they are owed word by the demand; set aside, they
are told why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import events, outbox
from core.changes import checked_text
from core.errors import BadInput, Problem, Refused
from core.text import excerpt
from feedback.actions.answering import standing_demand
from feedback.actions.gathering import DemandDraft, create_demand
from feedback.actions.owing import owe_for_feedback
from feedback.choices import DemandStatus
from feedback.models import Demand, FeedbackItem
from feedback.policies import require_staff

#: A demand in these statuses takes no more words: nobody would be told anything.
_OVER = (DemandStatus.CLOSED, DemandStatus.DECLINED, DemandStatus.MERGED)
#: Characters of the words that a notice repeats.
_REPEATED = 80


def gather_feedback(
    items: Iterable[FeedbackItem], demand: Demand, *, acting_user: User, now: dt.datetime
) -> Demand:
    """Put words that wait into a demand; from then on their people are owed word by it.

    All or none. Raises NotAllowed, or BadInput for words of another product or in a demand
    already, and for a demand that is over.
    """
    with transaction.atomic():
        locked = events.lock(Demand, standing_demand(demand).pk)
        require_staff(locked.product_id, acting_user)
        if locked.status in _OVER:
            raise BadInput(
                Problem(
                    "demand", _("This demand is over."),
                    _("Choose another one, or open a new one."), locked.ref,
                )
            )  # fmt: skip
        for item in events.lock_many(FeedbackItem, [item.pk for item in items]):
            _gather(item, locked, acting_user, now)
    return locked


def _gather(item: FeedbackItem, demand: Demand, user: User, now: dt.datetime) -> None:
    if item.product_id != demand.product_id:
        raise BadInput(
            Problem(
                "demand", _("These words are about another product."),
                _("Choose a demand of their product."), excerpt(item.words, _REPEATED),
            )
        )  # fmt: skip
    _require_free(item)
    was_set_aside = item.set_aside_at is not None
    events.change(
        item, "gather", actor_id=user.pk, now=now,
        fields={"set_aside_reason": "", "set_aside_at": None, "set_aside_by_id": None},
        derived={"demand_id": demand.pk}, data={"demand_id": demand.pk},
    )  # fmt: skip
    if was_set_aside:
        outbox.withdraw(_key(item.pk), now=now)
    owe_for_feedback(item, acting_user=user, now=now)
    events.change(
        demand, "feedback", actor_id=user.pk, now=now,
        data={"feedback_id": item.pk, "person_id": item.person_id},
    )  # fmt: skip


def open_demand_for(
    items: Iterable[FeedbackItem], draft: DemandDraft, *, acting_user: User, now: dt.datetime
) -> Demand:
    """A new demand that begins with these words."""
    with transaction.atomic():
        demand = create_demand(draft, acting_user=acting_user, now=now)
        return gather_feedback(items, demand, acting_user=acting_user, now=now)


def set_aside_feedback(
    item: FeedbackItem, reason: str, *, acting_user: User, now: dt.datetime
) -> FeedbackItem:
    """No demand comes of it; the person reads why. Raises NotAllowed, BadInput or Refused."""
    reason = checked_text("reason", reason)
    with transaction.atomic():
        row = events.lock(FeedbackItem, item.pk)
        require_staff(row.product_id, acting_user)
        _require_free(row)
        if row.set_aside_at is not None:
            raise Refused(
                Problem("", _("Somebody has set this aside."), _("Look at their reason."))
            )
        events.change(
            row, "set_aside", actor_id=acting_user.pk, now=now,
            fields={
                "set_aside_reason": reason, "set_aside_at": now, "set_aside_by_id": acting_user.pk,
            },
        )  # fmt: skip
        if row.person_id != acting_user.pk:
            outbox.notify(
                row.person_id, "feedback.set_aside",
                {"feedback_id": row.pk, "words": excerpt(row.words, _REPEATED), "reason": reason},
                key=f"{_key(row.pk)}{row.version}", now=now, subject="feedback",
                subject_id=row.pk,
            )  # fmt: skip
    return row


def take_back_feedback(item: FeedbackItem, *, acting_user: User, now: dt.datetime) -> FeedbackItem:
    """It waits again; a notice that has not left is stopped. Raises NotAllowed or Refused."""
    with transaction.atomic():
        row = events.lock(FeedbackItem, item.pk)
        require_staff(row.product_id, acting_user)
        if row.set_aside_at is None:
            raise Refused(Problem("", _("This is not set aside."), _("Reload the page.")))
        events.change(
            row, "take_back", actor_id=acting_user.pk, now=now,
            fields={"set_aside_reason": "", "set_aside_at": None, "set_aside_by_id": None},
        )  # fmt: skip
        outbox.withdraw(_key(row.pk), now=now)
    return row


def _key(pk: int) -> str:
    return f"feedback-set-aside:{pk}:"


def _require_free(item: FeedbackItem) -> None:
    if item.demand_id is not None:
        raise BadInput(
            Problem(
                "", _("These words are in a demand already."), _("Split that demand to move them."),
                f"D-{item.demand_id}",
            )
        )  # fmt: skip
