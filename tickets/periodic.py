"""What the clock starts for tickets. Missed runs are caught up by the next one."""

from __future__ import annotations

import datetime as dt

from celery import shared_task
from django.utils import timezone

from tickets.actions import (
    bursting,
    expire_same_heres,
    forget_questions,
    forget_submit_drafts,
    forget_widget_sessions,
    reckon_provisional,
    reminding,
    resume_due_runs,
    tell_due,
)
from tickets.actions.assigning import assign_waiting
from tickets.actions.closing import close_silent
from tickets.actions.rules_of_time import consider_time, forget_old_runs
from tickets.actions.undoing import UNDO_DAYS
from tickets.actions.word_counts import count_words
from tickets.incoming.mail import reading
from tickets.models import FormerText


@shared_task(name="tickets.periodic.close_silent_tickets")
def close_silent_tickets() -> int:
    """Announce and close resolved tickets nobody answers for; see `closing.close_silent`."""
    now = timezone.now()
    return close_silent(now) + expire_same_heres(now)


@shared_task(name="tickets.periodic.follow_causes")
def follow_causes() -> int:
    """Remind owners and send what waited for another day; see `reminding.follow_causes`."""
    return reminding.follow_causes(timezone.now())


@shared_task(name="tickets.periodic.tidy")
def tidy() -> int:
    """Delete what nobody can need any more: former texts, sessions and questions long past."""
    now = timezone.now()
    forgotten = forget_former(now) + forget_widget_sessions(now) + forget_questions(now=now)
    return forgotten + forget_submit_drafts(now=now)


def forget_former(now: dt.datetime) -> int:
    """Delete former texts older than an undo reaches back. Returns how many."""
    too_old = now - dt.timedelta(days=UNDO_DAYS)
    deleted, _rows = FormerText.objects.filter(created_at__lt=too_old).delete()
    return deleted


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


@shared_task(name="tickets.periodic.read_mailboxes")
def read_mailboxes() -> int:
    """New mails of the mailboxes; each is kept first, then made a ticket or a reply."""
    return reading.read_mailboxes(timezone.now())
