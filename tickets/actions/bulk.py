"""Bulk runs: one act on many tickets, each through the same single action.

Which tickets is settled when the run starts. Each ticket is a transaction of its own that also
marks its item, so a run that was killed goes on where it stood and acts on no ticket twice.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Sequence

from django.db import OperationalError, transaction
from django.db.models import Count
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from catalog.access import rights_of
from catalog.choices import PermissionRole
from core import outbox
from core.errors import BadInput, NotAllowed, Problem, Refused
from core.models import OutboxRow
from core.request_id import current_request_id
from tickets.actions.acts import Act, carry_out, check_act
from tickets.actions.undoing import newest_act, undo_act
from tickets.errors import NotUndoable
from tickets.models import BulkItem, BulkRun, Ticket
from tickets.querysets import TicketQuerySet

logger = logging.getLogger(__name__)

#: Most tickets of one run: a day of a large company. More is a question of the filter.
BULK_MAX = 10_000
#: So many are done while the person waits for the answer.
AT_ONCE = 20
#: Tickets of one job: about a second, so that the clock of the events stays true and other work
#: of the worker gets its turn.
BATCH = 25
#: After this long a job sees after a run whose request was killed in the middle.
SEE_AFTER = dt.timedelta(seconds=30)
JOB = "tickets.bulk"
#: The act of a run that takes another run back; no verb of `ACTS`.
UNDO = "undo"
_MAX_ID = 2**63 - 1


def start_bulk_run(
    act: Act,
    tickets: TicketQuerySet | Sequence[tuple[int, int | None]],
    *,
    place: str = "",
    acting_user: User,
    now: dt.datetime,
) -> BulkRun:
    """Settle which tickets `act` is for, and have it begun.

    `tickets` are all of a place, or the numbers a person selected with the version they read of
    each. Numbers that are no ticket they may see are kept as not found, whatever they are.
    Raises BadInput for an act no ticket could take, for no ticket and for too many.
    """
    _require_desk(acting_user)
    check_act(act, acting_user=acting_user)
    found, not_found = _settled(tickets, acting_user)
    if act.verb == "merge":  # the one they are merged into is not merged itself
        found = [pair for pair in found if pair[0] != act.params["into"]]
    if not found and not not_found:
        raise BadInput(
            Problem("tickets", _("No ticket is selected."), _("Select at least one ticket."))
        )
    with transaction.atomic():
        run = BulkRun.objects.create(
            started_by=acting_user, act=act.as_json(), place=place[:200], not_found=not_found,
            created_at=now, finished_at=None if found else now,
        )  # fmt: skip
        _add_items(run, found, now)
    return run


def _require_desk(user: User) -> None:
    rights = rights_of(user)
    if not (rights.has(PermissionRole.AGENT) or rights.has(PermissionRole.MANAGER)):
        raise NotAllowed(
            Problem("", _("Your role does not allow this."), _("Ask an agent of the product."))
        )


def _settled(
    tickets: TicketQuerySet | Sequence[tuple[int, int | None]], user: User
) -> tuple[list[tuple[int, int | None]], list[int]]:
    """Tickets with the version that was read, and the numbers that are none for this person."""
    if isinstance(tickets, TicketQuerySet):
        rows = list(tickets.order_by().values_list("pk", "version")[: BULK_MAX + 1])
        _require_few(len(rows))
        return sorted(rows), []
    _require_few(len(tickets))
    asked = {pk: seen for pk, seen in tickets if 0 < pk <= _MAX_ID}
    visible = set(Ticket.objects.visible_to(user).filter(pk__in=asked).values_list("pk", flat=True))
    found = [(pk, asked[pk]) for pk in sorted(visible)]
    return found, sorted({pk for pk, _seen in tickets} - visible)


def _require_few(count: int) -> None:
    if count > BULK_MAX:
        raise BadInput(
            Problem(
                "tickets", _("These are too many tickets for one run."),
                _("Narrow the filter to at most %(limit)s.") % {"limit": BULK_MAX}, f">{BULK_MAX}",
            )
        )  # fmt: skip


def _add_items(run: BulkRun, tickets: Iterable[tuple[int, int | None]], now: dt.datetime) -> None:
    items = [BulkItem(run=run, ticket_id=pk, seen_version=seen) for pk, seen in tickets]
    BulkItem.objects.bulk_create(items, batch_size=1000)
    if items:
        small = len(items) <= AT_ONCE
        _plan(run, 0, now, delay=SEE_AFTER if small else dt.timedelta(0))


def _plan(
    run: BulkRun, part: int, now: dt.datetime, *, delay: dt.timedelta = dt.timedelta(0)
) -> None:
    outbox.put(
        OutboxRow.Kind.JOB, JOB, {"run_id": run.pk, "part": part}, key=f"bulk:{run.pk}:{part}",
        now=now, delay=delay,
    )  # fmt: skip


def is_small(run: BulkRun) -> bool:
    """Whether the person waits for the answer instead of watching a bar."""
    return run.items.count() <= AT_ONCE


# ---- going on -----------------------------------------------------------------------------------


def continue_bulk_run(run: BulkRun, *, now: dt.datetime, limit: int = BATCH) -> bool:
    """Act on up to `limit` tickets that wait; True while some still do.

    Safe to run twice and at the same time: whoever locks an item first does it.
    """
    with translation.override(run.started_by.language):
        for _each in range(limit):
            if not _do_next(run, now):
                break
    waiting = run.items.filter(state=BulkItem.State.WAITING).exists()
    if not waiting:
        _finish(run, now)
    return waiting


def continue_in_background(run: BulkRun, part: int, *, now: dt.datetime) -> None:
    """The job of a run: a batch, then the next part of it as a job of its own."""
    if run.finished_at is None and continue_bulk_run(run, now=now):
        _plan(run, part + 1, now)


def _do_next(run: BulkRun, now: dt.datetime) -> bool:
    """Take the next ticket that nobody else has in hand; False when there is none."""
    with transaction.atomic():
        item = (
            BulkItem.objects.select_for_update(skip_locked=True)
            .filter(run=run, state=BulkItem.State.WAITING)
            .order_by("id")
            .first()
        )
        if item is None:
            return False
        try:
            with transaction.atomic():
                item.version = _act_on(run, item, now)
            item.state = BulkItem.State.DONE
        except Refused as refusal:
            _refuse(item, refusal.problems)
        except OperationalError:
            raise  # the database went away: this ticket waits for the next try
        except Exception:
            logger.exception("bulk run %s failed on ticket %s", run.pk, item.ticket_id)
            _refuse(item, [_our_fault()])
        item.save(update_fields=["state", "version", "problems"])
    return True


def _act_on(run: BulkRun, item: BulkItem, now: dt.datetime) -> int | None:
    """Do the act; the version that undoes it, None where nothing changed or nothing undoes it."""
    user = run.started_by
    ticket = (
        Ticket.objects.visible_to(user)
        .select_related("product", "department", "team", "assignee", "cause", "requester")
        .filter(pk=item.ticket_id)
        .first()
    )
    if ticket is None:
        raise NotAllowed(not_yours(item.ticket_id))
    if run.undo_of_id is not None:
        undo_act(ticket, item.seen_version or 0, acting_user=user, now=now)
        return None
    act = Act.from_json(run.act)
    carry_out(ticket, act, acting_user=user, now=now, seen_version=item.seen_version)
    return newest_act(ticket, user, since=now)


def not_yours(number: int) -> Problem:
    """The same words for a ticket out of sight and for one that never was."""
    return Problem(
        "tickets", _("There is no such ticket, or you may not see it."),
        _("Leave it out."), f"OPS-{number}",
    )  # fmt: skip


def _our_fault() -> Problem:
    return Problem(
        "", _("An error on our side; nothing was changed."),
        _("Try this ticket by itself, and tell an administrator if it stays."),
        current_request_id(),
    )  # fmt: skip


def _refuse(item: BulkItem, problems: Sequence[Problem]) -> None:
    item.state = BulkItem.State.REFUSED
    item.problems = [
        {
            "field": p.field, "message": str(p.message), "remedy": str(p.remedy), "value": p.value,
        }
        for p in problems
    ]  # fmt: skip


def _finish(run: BulkRun, now: dt.datetime) -> None:
    """Mark the end, once; who left the page of a long run is told."""
    ended = BulkRun.objects.filter(pk=run.pk, finished_at=None).update(finished_at=now)
    if ended and run.items.count() > AT_ONCE:
        counts = counts_of(run)
        outbox.notify(
            run.started_by_id, "bulk.finished",
            {"run_id": run.pk, "done": counts[BulkItem.State.DONE], "total": sum(counts.values()),
             "refused": counts[BulkItem.State.REFUSED] + len(run.not_found)},
            key=f"bulk:{run.pk}:finished", now=now, subject="bulk", subject_id=run.pk,
        )  # fmt: skip
    run.refresh_from_db(fields=["finished_at"])


def counts_of(run: BulkRun) -> dict[str, int]:
    """How many tickets of the run stand in each state."""
    return counts_of_all([run])[run.pk]


def counts_of_all(runs: Iterable[BulkRun]) -> dict[int, dict[str, int]]:
    """The same for several runs, in one query."""
    found = {run.pk: dict.fromkeys(BulkItem.State.values, 0) for run in runs}
    items = BulkItem.objects.filter(run__in=found).values_list("run_id", "state")
    for run_id, state, count in items.annotate(Count("pk")):
        found[run_id][state] = count
    return found


# ---- stopping and taking back -------------------------------------------------------------------


def stop_bulk_run(run: BulkRun, *, acting_user: User, now: dt.datetime) -> BulkRun:
    """Leave out what still waits; what was done stays done and can be undone."""
    _require_own(run, acting_user)
    with transaction.atomic():
        row = BulkRun.objects.select_for_update().get(pk=run.pk)
        left = row.items.filter(state=BulkItem.State.WAITING).update(state=BulkItem.State.LEFT)
        if left:
            row.stopped_at = now
            row.save(update_fields=["stopped_at"])
        _finish(row, now)
    return row


def undo_bulk_run(run: BulkRun, *, acting_user: User, now: dt.datetime) -> BulkRun:
    """Take a run back, ticket by ticket; where a later change stands against it, it is listed."""
    _require_own(run, acting_user)
    with transaction.atomic():
        row = BulkRun.objects.select_for_update().get(pk=run.pk)
        if row.undo_of_id is not None:
            raise NotUndoable(
                Problem("run", _("An undo is not undone."), _("Do what was undone once more."))
            )
        if row.undone_by.exists():
            raise NotUndoable(Problem("run", _("This was undone already."), _("Reload the page.")))
        if row.finished_at is None:
            raise NotUndoable(
                Problem("run", _("The run is still going on."), _("Stop it first, or wait."))
            )
        done = row.items.filter(state=BulkItem.State.DONE, version__isnull=False)
        pairs = list(done.order_by("ticket_id").values_list("ticket_id", "version"))
        if not pairs:
            raise NotUndoable(
                Problem("run", _("There is nothing to undo."), _("Nothing was changed."))
            )
        back = BulkRun.objects.create(
            started_by=acting_user, act=Act(UNDO).as_json(), place=row.place, undo_of=row,
            created_at=now,
        )  # fmt: skip
        # Here the version is the one to undo.
        _add_items(back, pairs, now)
    return back


def _require_own(run: BulkRun, user: User) -> None:
    if run.started_by_id != user.pk:
        raise NotAllowed(Problem("", _("Only who started the run does this."), _("Ask them.")))
