"""Taking a whole import back: what nobody has touched since goes, what has moved is kept and told.

Demands and words that the import made are removed, with an event that says so; cells it changed
are set back by the undo of the table (`undo_edit`). The same file sent again brings all of it back.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core import events
from core.changes import refuse
from core.errors import Refused
from feedback.actions.editing import undo_edit
from feedback.models import Demand, DemandImport, FeedbackItem, ImportRow
from tickets.models import Ticket

#: What belongs to a row and goes with it.
_GOES_ALONG = frozenset({"importrow", "demandkey", "demandscore"})


def may_take_back(run: DemandImport, now: dt.datetime) -> bool:
    """While its week and its month go on: a report that is made is never contradicted."""
    if run.state != DemandImport.State.DONE or run.finished_at is None:
        return False
    done, today = timezone.localdate(run.finished_at), timezone.localdate(now)
    same_week = done.isocalendar()[:2] == today.isocalendar()[:2]
    return same_week and (done.year, done.month) == (today.year, today.month)


def require_may_take_back(run: DemandImport, acting_user: User, now: dt.datetime) -> None:
    if run.by_id != acting_user.pk or run.state != DemandImport.State.DONE:
        refuse("state", _("This file is not imported, or is taken back already."),
               _("Reload the page."), run.get_state_display())  # fmt: skip
    if not may_take_back(run, now):
        refuse("at", _("Its week or month is over and reported."),
               _("Decline its demands instead; their history stays."))  # fmt: skip


def take_back_row(row: ImportRow, run: DemandImport, now: dt.datetime) -> None:
    """Take one row back, or write down on it why it stays."""
    try:
        with transaction.atomic():
            if row.edit is not None:
                _set_back(row, run.by, now)
            elif row.outcome == ImportRow.Outcome.CREATE:
                _remove(row, run.by, now)
            else:
                refuse("", _("What it changed was not kept in a way to be set back."),
                       _("Set the cells by hand."))  # fmt: skip
    except Refused as refusal:
        row.kept = [[str(one.message), str(one.remedy)] for one in refusal.problems]
        return
    row.is_taken_back = True


def _set_back(row: ImportRow, by: User, now: dt.datetime) -> None:
    assert row.edit is not None  # noqa: S101  (narrows the type)
    outcome = undo_edit(row.edit, acting_user=by, now=now)
    if outcome.refused:
        raise Refused(*(one.problem for one in outcome.refused if one.problem is not None))


def _remove(row: ImportRow, by: User, now: dt.datetime) -> None:
    """Remove what the row made, as long as its creation is all that ever happened to it."""
    made: Demand | FeedbackItem
    if row.demand_id is not None:
        made = events.lock(Demand, row.demand_id)
    elif row.item_id is not None:
        made = events.lock(FeedbackItem, row.item_id)
    else:
        refuse("", _("What it made is gone already."), "")
    _refuse_moved(made)
    events.change(
        made, "take_back", actor_id=by.pk, now=now, data={"import_id": row.run_id},
    )  # fmt: skip
    ImportRow.objects.filter(run=row.run_id, line=row.line).update(demand=None, item=None)
    row.demand = row.item = None
    made.delete()


def _refuse_moved(made: Demand | FeedbackItem) -> None:
    if made.version > 1:
        last = events.history(made.SUBJECT, made.pk).last()
        who = User.objects.filter(pk=last.actor_id or 0).first() if last else None
        refuse(
            "", _("%(name)s has worked on it since.") % {"name": who or _("Somebody")},
            _("Decline it, or leave it."), _called(made),
        )  # fmt: skip
    if next(_leaning_on(made), None) is not None:
        refuse("", _("Words, people or tickets belong to it by now."),
               _("Decline it, or leave it."), _called(made))  # fmt: skip


def _called(made: Demand | FeedbackItem) -> str:
    return made.ref if isinstance(made, Demand) else f"#{made.pk}"


def _leaning_on(made: Demand | FeedbackItem) -> Iterator[Any]:
    """Rows of others that point at it."""
    for relation in made._meta.related_objects:
        model: type[models.Model] = relation.related_model  # type: ignore[assignment]
        if model._meta.model_name in _GOES_ALONG:
            continue
        found = model._default_manager.filter(**{relation.field.name: made.pk})
        if found.exists():
            yield found
    if isinstance(made, FeedbackItem):
        if made.demand_id is not None:
            yield made.demand_id
    elif Ticket.objects.filter(driver=made.ref).exists():
        yield made.ref
