"""`manage.py verify`: a due time that is not what policies and history say is found."""

from __future__ import annotations

import datetime as dt

from opsdesk.demo.cast import Cast
from tests.tickets import ladder
from tickets.actions import reckon_again
from tickets.models import DueRun, Ticket
from tickets.sla.verifying import due_times_are_current


def test_a_drifted_due_time_is_named_and_reckoned_right(cast: Cast, now: dt.datetime) -> None:
    ladder.submitted(cast, now)
    ticket = ladder.pushed(cast, now)
    assert list(due_times_are_current()) == []
    Ticket.objects.filter(pk=ticket.pk).update(due_at=now, due_provisional=True)
    assert list(due_times_are_current()) == [
        f"{ticket.ref} differs from its reckoning in due_provisional, due_at"
    ]
    # A run under way will set it right.
    run = DueRun.objects.create(key="k", reason="policy", created_at=now)
    assert list(due_times_are_current()) == []
    run.delete()
    assert reckon_again([ticket.pk]) == 1
    assert list(due_times_are_current()) == []
