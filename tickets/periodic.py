"""What the clock starts for tickets. Missed runs are caught up by the next one."""

from __future__ import annotations

import datetime as dt
import logging

from celery import shared_task
from django.utils import timezone

from catalog.access import calendar_of
from core.errors import Refused
from core.worktime import WorkCalendar, add_working_days
from tickets.actions import (
    auto_confirm_ticket,
    bursting,
    forget_widget_sessions,
    reckon_provisional,
    reminding,
    resume_due_runs,
    tell_due,
)
from tickets.actions.assigning import assign_waiting
from tickets.actions.rules_of_time import consider_time, forget_old_runs
from tickets.actions.undoing import UNDO_DAYS
from tickets.actions.word_counts import count_words
from tickets.choices import AUTO_CONFIRM_DAYS, Status
from tickets.models import FormerText, Ticket

logger = logging.getLogger(__name__)


@shared_task(name="tickets.periodic.close_silent_tickets")
def close_silent_tickets() -> int:
    """Close resolved tickets nobody answered for; see `close_silent`."""
    return close_silent(timezone.now())


@shared_task(name="tickets.periodic.follow_causes")
def follow_causes() -> int:
    """Remind owners and send what waited for another day; see `reminding.follow_causes`."""
    return reminding.follow_causes(timezone.now())


def close_silent(now: dt.datetime) -> int:
    """Auto-confirm tickets resolved at least five working days ago. Returns how many."""
    closed = 0
    # Five working days are at least five days: the index narrows, the calendar decides.
    waiting = Ticket.objects.filter(
        status=Status.RESOLVED,
        imported=False,
        resolved_at__lt=now - dt.timedelta(days=AUTO_CONFIRM_DAYS),
    ).select_related("team__calendar")
    for ticket in waiting.order_by("resolved_at").iterator(chunk_size=500):
        if not _silent_long_enough(ticket, now):
            continue
        try:
            auto_confirm_ticket(ticket, now=now)
            closed += 1
        except Refused as refusal:
            # Somebody answered in between; theirs counts.
            logger.info("%s was not closed by the clock: %s", ticket.ref, refusal)
    return closed


@shared_task(name="tickets.periodic.tidy")
def tidy() -> int:
    """Delete texts that no undo can need any more, and sessions of the widget that are over."""
    now = timezone.now()
    return forget_former(now) + forget_widget_sessions(now)


def forget_former(now: dt.datetime) -> int:
    """Delete former texts older than an undo reaches back. Returns how many."""
    too_old = now - dt.timedelta(days=UNDO_DAYS)
    deleted, _rows = FormerText.objects.filter(created_at__lt=too_old).delete()
    return deleted


def _silent_long_enough(ticket: Ticket, now: dt.datetime) -> bool:
    if ticket.resolved_at is None:
        return False
    calendar = calendar_of(ticket.team) if ticket.team is not None else WorkCalendar()
    start, today = calendar.day_of(ticket.resolved_at), calendar.day_of(now)
    return today > add_working_days(calendar, start, AUTO_CONFIRM_DAYS)


@shared_task(name="tickets.periodic.sweep_service_targets")
def sweep_service_targets() -> int:
    """Tell warnings, breaches and escalations; go on with runs nobody works on."""
    now = timezone.now()
    resume_due_runs(now=now)
    return tell_due(now=now)


@shared_task(name="tickets.periodic.settle_due_times")
def settle_due_times() -> int:
    """Reckon provisional due times again: their year may have been published or entered."""
    return reckon_provisional(now=timezone.now())


@shared_task(name="tickets.periodic.run_rules_of_time")
def run_rules_of_time() -> int:
    """Rules that wait for time to pass; each acts once per wait."""
    return consider_time(timezone.now())


@shared_task(name="tickets.periodic.assign_waiting_tickets")
def assign_waiting_tickets() -> int:
    """New tickets that found nobody when they came."""
    return assign_waiting(timezone.now())


@shared_task(name="tickets.periodic.watch_bursts")
def watch_bursts() -> int:
    """See where many people come with the same module within the hour."""
    return bursting.watch_bursts(timezone.now())


@shared_task(name="tickets.periodic.keep_usual_rates")
def keep_usual_rates() -> int:
    """What is usual for each module, against which a burst is judged."""
    return bursting.keep_usual_rates(timezone.now())


@shared_task(name="tickets.periodic.tidy_rules")
def tidy_rules() -> int:
    """Forget runs of rules nobody looks for any more."""
    return forget_old_runs(timezone.now())


@shared_task(name="tickets.periodic.count_title_words")
def count_title_words() -> int:
    """Which words of titles are rare; similar tickets are found by those."""
    return count_words()
