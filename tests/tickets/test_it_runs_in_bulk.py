"""Bulk runs: one act on many tickets, each through its single action, and all of it undone."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest

from core.errors import BadInput, NotAllowed
from core.events import history, unfolded
from core.models import Event, Notice, OutboxRow
from core.tasks import deliver_row
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import routed, submitted
from tickets import actions
from tickets.actions.acts import Act, carry_out
from tickets.actions.bulk import AT_ONCE, BATCH, counts_of
from tickets.choices import Status
from tickets.errors import NotUndoable
from tickets.models import BulkItem, BulkRun, Ticket

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


def chosen(*tickets: Ticket) -> list[tuple[int, int | None]]:
    return [(ticket.pk, ticket.version) for ticket in tickets]


def assign_to(person: object) -> Act:
    return Act("assign", {"assignee": person.pk})  # type: ignore[attr-defined]


def work_off(now: dt.datetime) -> None:
    """The worker: every job that is due, in turn."""
    while row := OutboxRow.objects.filter(
        kind=OutboxRow.Kind.JOB, done_at=None, due_at__lte=now
    ).first():
        deliver_row(row, now)


def test_each_ticket_goes_through_the_single_action_and_says_why_not(
    cast: Cast, now: dt.datetime
) -> None:
    open_one, closed = routed(cast, now), routed(cast, now)
    stale = routed(cast, now)
    hidden = submitted(cast, now)
    Ticket.objects.filter(pk=hidden.pk).update(confidential=True)
    actions.reject_ticket(closed, "重复", acting_user=cast.linzhixia, now=now)
    closed.refresh_from_db()
    before = stale.version
    actions.assign_ticket(stale, cast.chenlu, acting_user=cast.chenlu, now=now + SECOND)
    run = actions.start_bulk_run(
        assign_to(cast.zhoumin),
        [*chosen(open_one, closed), (stale.pk, before), (hidden.pk, None), (987_654_321, None)],
        acting_user=cast.linzhixia, now=now + 2 * SECOND,
    )  # fmt: skip
    assert not actions.continue_bulk_run(run, now=now + 2 * SECOND)
    # What is out of sight and what never was read alike.
    assert run.not_found == [hidden.pk, 987_654_321]
    states = dict(run.items.values_list("ticket_id", "state"))
    assert states == {open_one.pk: "done", closed.pk: "refused", stale.pk: "refused"}
    why = {item.ticket_id: item.problems for item in run.items.all()}
    assert [p["field"] for p in why[closed.pk]] == ["status"]
    assert [p["field"] for p in why[stale.pk]] == ["assignee_id"]
    assert all(p["message"] and p["remedy"] for p in why[closed.pk] + why[stale.pk])
    assert Ticket.objects.get(pk=open_one.pk).assignee == cast.zhoumin
    assert Ticket.objects.get(pk=stale.pk).assignee == cast.chenlu
    assert not Event.objects.filter(subject_id=hidden.pk, verb="assign").exists()
    run.refresh_from_db()
    assert run.finished_at == now + 2 * SECOND


def test_a_place_is_settled_when_the_run_starts_and_worked_off_in_jobs(
    cast: Cast, now: dt.datetime
) -> None:
    tickets = [submitted(cast, now) for _each in range(AT_ONCE + BATCH + 1)]
    place = Ticket.objects.on_desk_of(cast.linzhixia).unheld()
    count = place.count()
    run = actions.start_bulk_run(
        assign_to(cast.zhoumin), place, place="未认领", acting_user=cast.linzhixia, now=now
    )
    late = submitted(cast, now)
    work_off(now)
    run.refresh_from_db()
    assert counts_of(run)["done"] == count >= len(tickets)
    assert run.finished_at == now
    assert Ticket.objects.get(pk=late.pk).assignee is None
    # Who left the page is told, once.
    for row in OutboxRow.objects.filter(name="bulk.finished"):
        deliver_row(row, now + 60 * SECOND)
    notice = Notice.objects.get(kind="bulk.finished")
    assert (notice.recipient, notice.params["done"]) == (cast.linzhixia, count)


def test_a_run_done_twice_acts_once(cast: Cast, now: dt.datetime) -> None:
    tickets = [submitted(cast, now) for _each in range(AT_ONCE + 5)]
    run = actions.start_bulk_run(
        assign_to(cast.zhoumin), chosen(*tickets), acting_user=cast.linzhixia, now=now
    )
    job = OutboxRow.objects.get(kind=OutboxRow.Kind.JOB, key=f"bulk:{run.pk}:0")
    for _each in range(3):
        deliver_row(job, now)
    work_off(now)
    made = Counter(Event.objects.filter(verb="assign").values_list("subject_id", flat=True))
    assert made == Counter({ticket.pk: 1 for ticket in tickets})
    assert all(unfolded(ticket) == {} for ticket in Ticket.objects.filter(pk__in=made))


def test_a_whole_run_is_undone_and_what_changed_since_is_listed(
    cast: Cast, now: dt.datetime
) -> None:
    tickets = [submitted(cast, now) for _each in range(4)]
    held = tickets[3]
    actions.assign_ticket(held, cast.zhoumin, acting_user=cast.chenlu, now=now)
    run = actions.start_bulk_run(
        assign_to(cast.zhoumin), [(t.pk, None) for t in tickets], acting_user=cast.linzhixia,
        now=now + SECOND,
    )  # fmt: skip
    with pytest.raises(NotUndoable):
        actions.undo_bulk_run(run, acting_user=cast.linzhixia, now=now + SECOND)
    actions.continue_bulk_run(run, now=now + SECOND)
    actions.assign_ticket(tickets[0], cast.chenlu, acting_user=cast.chenlu, now=now + 2 * SECOND)
    with pytest.raises(NotAllowed):
        actions.undo_bulk_run(run, acting_user=cast.chenlu, now=now + 3 * SECOND)
    back = actions.undo_bulk_run(run, acting_user=cast.linzhixia, now=now + 3 * SECOND)
    actions.continue_bulk_run(back, now=now + 3 * SECOND)
    # The one that was held so already was not changed, and is not undone.
    assert set(back.items.values_list("ticket_id", "state")) == {
        (tickets[0].pk, "refused"), (tickets[1].pk, "done"), (tickets[2].pk, "done"),
    }  # fmt: skip
    refused = back.items.get(state=BulkItem.State.REFUSED)
    assert cast.chenlu.name in refused.problems[0]["message"]
    holders = [Ticket.objects.get(pk=ticket.pk).assignee for ticket in tickets]
    assert holders == [cast.chenlu, None, None, cast.zhoumin]
    with pytest.raises(NotUndoable):
        actions.undo_bulk_run(run, acting_user=cast.linzhixia, now=now + 4 * SECOND)


def test_a_run_is_stopped_and_leaves_out_what_waits(cast: Cast, now: dt.datetime) -> None:
    tickets = [submitted(cast, now) for _each in range(5)]
    run = actions.start_bulk_run(
        Act("reject", {"reason": "重复提交"}), chosen(*tickets), acting_user=cast.linzhixia, now=now
    )
    assert actions.continue_bulk_run(run, now=now, limit=2)
    actions.stop_bulk_run(run, acting_user=cast.linzhixia, now=now)
    work_off(now + dt.timedelta(hours=1))
    assert counts_of(run) == {"done": 2, "left": 3, "waiting": 0, "refused": 0}
    assert Ticket.objects.filter(status=Status.CANCELLED).count() == 2


def test_an_error_of_ours_stops_one_ticket_and_no_other(
    cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [submitted(cast, now) for _each in range(3)]

    def breaks(ticket: Ticket, *args: object, **more: object) -> Ticket:
        if ticket.pk == tickets[1].pk:
            raise ZeroDivisionError
        return carry_out(ticket, *args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("tickets.actions.bulk.carry_out", breaks)
    run = actions.start_bulk_run(
        assign_to(cast.zhoumin), chosen(*tickets), acting_user=cast.linzhixia, now=now
    )
    actions.continue_bulk_run(run, now=now)
    assert counts_of(run)["done"] == 2
    assert "ZeroDivision" not in str(run.items.get(state="refused").problems)
    assert history("ticket", tickets[1].pk).count() == 1


def test_what_no_ticket_could_take_is_refused_before_it_starts(
    cast: Cast, now: dt.datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticket = submitted(cast, now)
    by = {"acting_user": cast.linzhixia, "now": now}

    def refused(act: Act, *tickets: Ticket) -> list[str]:
        with pytest.raises(BadInput) as refusal:
            actions.start_bulk_run(act, chosen(*tickets), **by)  # type: ignore[arg-type]
        return [problem.field for problem in refusal.value.problems]

    assert refused(Act("move_up", {"level": 9}), ticket) == ["level"]
    assert refused(assign_to(cast.zhoumin)) == ["tickets"]
    monkeypatch.setattr("tickets.actions.bulk.BULK_MAX", 1)
    assert refused(assign_to(cast.zhoumin), ticket, submitted(cast, now)) == ["tickets"]
    with pytest.raises(NotAllowed):
        actions.start_bulk_run(
            assign_to(cast.zhoumin), chosen(ticket), acting_user=cast.wangke, now=now
        )
    assert not BulkRun.objects.exists()
