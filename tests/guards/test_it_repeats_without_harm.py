"""Every periodic task, job and receiver runs twice and in any order: the same database.

A new one needs a scenario below: a world in which it has work to do.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from celery import current_app
from django.conf import settings
from django.utils import timezone

from accounts.actions import record_sign_in_failure, request_password_reset
from catalog.actions import set_assignment, set_day
from catalog.choices import AssignmentMethod
from core import outbox, registry
from core.models import FormKey, Notice, OutboxRow, Touched
from core.tasks import deliver_row
from feedback import actions as feedback
from feedback.models import Demand, Release, Round
from tests.api.calling import everything
from tests.guards import (
    announcing,
    chatting,
    company,
    helping,
    looping,
    mailing,
    requiring,
    spreadsheets,
    submitting,
    training,
    writing,
)
from tests.guards.world import ASKED_AT, World, clock, deliver, undone
from tests.tickets import ladder
from tickets import actions as tickets
from tickets.actions.acts import Act
from tickets.choices import Resolution
from tickets.models import Ticket

Prepare = Callable[[World], dt.datetime]
DAY = dt.timedelta(days=1)
OURS = tuple(f"{app}." for app in ("accounts", "catalog", "core", "docs_portal", "tickets",
                                   "feedback", "reports", "opsdesk"))  # fmt: skip


def tasks() -> list[str]:
    current_app.loader.import_default_modules()
    return sorted(name for name in current_app.tasks if name.startswith(OURS))


# ---- scenarios: prepare the world, and say when the clock starts the task ----------------------


def _news_and_notices(world: World) -> dt.datetime:
    cast = world.cast
    said: dict[str, Any] = {"acting_user": cast.linzhixia, "now": ASKED_AT}
    tickets.add_comment(world.tickets["open"], "好了吗？", **said)
    tickets.confirm_ticket(world.tickets["verified"], acting_user=cast.wangke, now=ASKED_AT)
    return ASKED_AT + dt.timedelta(minutes=5)


def _old_rows(world: World) -> dt.datetime:
    FormKey.objects.create(key="old", user=world.cast.wangke, used_at=ASKED_AT)
    return ASKED_AT + 40 * DAY


def _old_failures(world: World) -> dt.datetime:
    record_sign_in_failure("wangke", "127.0.0.1", now=ASKED_AT)
    return ASKED_AT + 40 * DAY


def _seen_question(world: World) -> dt.datetime:
    assert world.question is not None
    Notice.objects.filter(subject=Round.SUBJECT).update(seen_at=ASKED_AT)
    return ASKED_AT + DAY


def _silent_ticket(world: World) -> dt.datetime:
    return ASKED_AT + 14 * DAY


def _touched(world: World) -> dt.datetime:
    tickets.add_comment(
        world.tickets["open"], "好了吗？", acting_user=world.cast.linzhixia, now=ASKED_AT
    )
    assert Touched.objects.exists()
    return ASKED_AT


def _week_over(world: World) -> dt.datetime:
    return ASKED_AT + 7 * DAY


def _rule_of_time(world: World) -> dt.datetime:
    assert world.rule is not None
    note = {"verb": "note", "params": {"body": "没人接"}}
    trigger = {"kind": "in_status", "status": "new", "hours": 1}
    said: dict[str, Any] = {"acting_user": world.cast.admin, "now": ASKED_AT}
    tickets.activate_rule(
        tickets.edit_rule(world.rule, tickets.RuleDraft("等", trigger, [], [note]), **said), **said
    )
    return ASKED_AT + DAY


def _team_that_assigns(world: World) -> dt.datetime:
    team = world.cast.teams["operations"]
    said: dict[str, Any] = {"acting_user": world.cast.admin, "now": ASKED_AT}
    set_assignment(team, AssignmentMethod.LEAST_LOADED, None, **said)
    return ASKED_AT + DAY


def _burst_over(world: World) -> dt.datetime:
    return ASKED_AT + DAY


def _old_trial(world: World) -> dt.datetime:
    return ASKED_AT + 500 * DAY


def _target_missed(world: World) -> dt.datetime:
    assert Ticket.objects.overdue(ASKED_AT + 3 * DAY).exists()
    return ASKED_AT + 3 * DAY


def _year_entered(world: World) -> dt.datetime:
    Ticket.objects.filter(pk=world.tickets["open"].pk).update(due_provisional=True)
    return ASKED_AT


def _silent_owner(world: World) -> dt.datetime:
    return ASKED_AT + 2 * DAY


def _old_texts(world: World) -> dt.datetime:
    said: dict[str, Any] = {"acting_user": world.cast.linzhixia, "now": ASKED_AT}
    tickets.edit_ticket(world.tickets["open"], {"title": "新标题"}, **said)
    return ASKED_AT + 31 * DAY


TASKS: dict[str, Prepare] = {
    "docs_portal.periodic.publish_due_announcements": announcing.due_announcement,
    "docs_portal.periodic.tell_newcomers": announcing.newcomer,
    "docs_portal.periodic.forget_writing_drafts": writing.old_draft,
    "docs_portal.periodic.follow_training": training.training_to_follow,
    "docs_portal.periodic.follow_must_reads": requiring.due_soon,
    "tickets.periodic.tidy": _old_texts,
    "tickets.periodic.follow_causes": _silent_owner,
    "tickets.periodic.sweep_service_targets": _target_missed,
    "tickets.periodic.settle_due_times": _year_entered,
    "tickets.periodic.run_rules_of_time": _rule_of_time,
    "tickets.periodic.assign_waiting_tickets": _team_that_assigns,
    "tickets.periodic.watch_bursts": _burst_over,
    "tickets.periodic.keep_usual_rates": _burst_over,
    "tickets.periodic.tidy_rules": _old_trial,
    "accounts.periodic.tidy": _old_failures,
    "core.periodic.sweep_outbox": _news_and_notices,
    "core.periodic.tidy": _old_rows,
    "core.tasks.deliver_outbox": _news_and_notices,
    "feedback.periodic.follow_rounds": _seen_question,
    "feedback.periodic.score_demands": spreadsheets.words_were_added,
    "feedback.periodic.follow_releases": looping.demand_late,
    "reports.periodic.follow": _touched,
    "reports.periodic.look_ahead": _week_over,
    "reports.periodic.make_weekly_reports": _week_over,
    "reports.periodic.send_reports": _week_over,
    "tickets.periodic.close_silent_tickets": _silent_ticket,
    "tickets.periodic.count_title_words": _silent_ticket,
    "tickets.periodic.read_mailboxes": mailing.mailbox_there,
}


def _reset_asked(world: World) -> None:
    request_password_reset(world.cast.wangke.email, "http://127.0.0.1", now=ASKED_AT)


def _bulk_run(world: World) -> None:
    chosen = [(ticket.pk, None) for ticket in world.tickets.values()]
    tickets.start_bulk_run(
        Act("add_tag", {"tag": "季末"}), chosen, acting_user=world.cast.linzhixia, now=ASKED_AT
    )


def _demand_moves(world: World) -> None:
    feedback.verify_demand(
        world.demands["unverified"], acting_user=world.cast.zhoumin, now=ASKED_AT
    )


def _report_ordered(world: World) -> None:
    outbox.job("reports.make_snapshot", {"period": "2026-W45"}, key="order", now=ASKED_AT)


def _confirmed(world: World) -> None:
    tickets.confirm_ticket(world.tickets["verified"], acting_user=world.cast.wangke, now=ASKED_AT)


def _reopened(world: World) -> None:
    tickets.reopen_ticket(
        world.tickets["verified"], "还是漂", acting_user=world.cast.wangke, now=ASKED_AT
    )


def _auto_confirmed(world: World) -> None:
    tickets.auto_confirm_ticket(world.tickets["verified"], now=ASKED_AT, announced_elsewhere=True)


def _rule_hears(world: World) -> None:
    note = {"verb": "note", "params": {"body": "请看"}}
    draft = tickets.RuleDraft("听", {"kind": "requester_replied"}, [], [note])
    rule = tickets.create_rule(draft, acting_user=world.cast.admin, now=ASKED_AT)
    tickets.activate_rule(rule, acting_user=world.cast.admin, now=ASKED_AT)
    tickets.add_comment(
        world.tickets["open"], "好了吗", acting_user=world.cast.wangke, now=ASKED_AT
    )


def _trial_asked(world: World) -> None:
    note = {"verb": "note", "params": {"body": "请看"}}
    draft = tickets.RuleDraft("试", {"kind": "submitted"}, [], [note])
    tickets.start_trial(draft, acting_user=world.cast.admin, now=ASKED_AT)


def _burst_known(world: World) -> None:
    tickets.make_known_issue(
        world.bursts["visits"], "打不开", "先用网页版", acting_user=world.cast.linzhixia,
        now=ASKED_AT,
    )  # fmt: skip


def _reply_to_all(world: World) -> None:
    tickets.reply_to_all(
        world.causes["accepted"], "修好了", key="k", acting_user=world.cast.linzhixia, now=ASKED_AT
    )


def _policy_changed(world: World) -> None:
    fields = {"name": "加急", "targets": {"0": [60, 3600], "3": [60, 3600], "2": [60, 3600]}}
    tickets.create_policy(fields, acting_user=world.cast.admin, now=ASKED_AT)


def _calendar_changed(world: World) -> None:
    set_day(world.cast.calendar, ASKED_AT.date(), False, acting_user=world.cast.admin, now=ASKED_AT)


def _known_issue_told(world: World) -> None:
    tickets.declare_known_issue(
        world.causes["accepted"], "先用手机版", acting_user=world.cast.linzhixia, now=ASKED_AT
    )


#: Job or news → what puts it into the outbox.
ROWS: dict[str, Callable[[World], None]] = {
    "tickets.tell_known_issue": _known_issue_told,
    "docs_portal.tell_announcement": lambda world: None,
    "docs_portal.remind_announcement": announcing.asked_again,
    "docs_portal.enrol": training.assigned,
    "docs_portal.ask_again": training.renewed,
    "docs_portal.tell_must_read": lambda world: None,
    "ticket.submitted": helping.ticket_after_reading,
    "tickets.ask_same_heres": submitting.people_asked,
    "tickets.handle_chat": chatting.message_waits,
    "tickets.answer_chat": chatting.message_handled,
    "tickets.try_robot": chatting.robot_tried,
    "tickets.handle_mail": mailing.mail_waits,
    "tickets.try_mailbox": mailing.mailbox_tried,
    "tickets.reckon_due_times": _policy_changed,
    "calendar.changed": _calendar_changed,
    "ticket.event": _rule_hears,
    "tickets.rehearse_rule": _trial_asked,
    "tickets.attach_to_cause": _burst_known,
    "tickets.bulk": _bulk_run,
    "tickets.reply_to_all": _reply_to_all,
    "accounts.send_password_reset": _reset_asked,
    "accounts.send_sign_in_link": company.link_mailed,
    "accounts.import_people": company.people_wait,
    "feedback.move_ticket": _demand_moves,
    "feedback.import": spreadsheets.import_waits,
    "same_here.said": looping.voice_said,
    "mail.unreachable": looping.mail_bounced,
    "reports.make_snapshot": _report_ordered,
    "ticket.confirmed": _confirmed,
    "ticket.reopened": _reopened,
    "ticket.auto_confirmed": _auto_confirmed,
}
#: What they do lies outside the database: at most one repeat per crash (invariant 3).
OUTSIDE = {"accounts.send_password_reset", "accounts.send_sign_in_link"}


# ---- the guards ---------------------------------------------------------------------------------


def test_every_task_has_a_scenario() -> None:
    assert set(tasks()) == set(TASKS)


def test_every_job_and_news_has_a_scenario() -> None:
    assert registry.all_jobs().keys() | registry.all_news().keys() == ROWS.keys()


def test_the_clock_starts_every_periodic_task_once() -> None:
    started = [str(entry["task"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()]
    assert [name for name, times in Counter(started).items() if times > 1] == []
    assert sorted(started) == [name for name in tasks() if ".periodic." in name]


@pytest.mark.parametrize("name", sorted(TASKS))
def test_a_task_runs_twice_as_once(world: World, name: str) -> None:
    with undone():
        moment = TASKS[name](world)
        before = everything()
        assert name in tasks()
        with clock(moment):
            current_app.tasks[name]()
            once = everything()
            current_app.tasks[name]()
            twice = everything()
    assert changed(before, once), "the scenario gives the task no work"
    assert changed(once, twice) == []


@pytest.mark.parametrize("name", sorted(ROWS))
def test_a_job_or_receiver_runs_twice_as_once(world: World, name: str) -> None:
    with undone():
        ROWS[name](world)
        row = OutboxRow.objects.filter(name=name, done_at=None).latest("pk")
        payload, before = row.payload, everything()
        _run(name, payload)
        once = everything()
        _run(name, payload)
        twice = everything()
    assert bool(changed(before, once)) == (name not in OUTSIDE)
    assert changed(once, twice) == []


def _run(name: str, payload: dict[str, object]) -> None:
    now = timezone.now()
    if name in registry.all_jobs():
        registry.job_named(name)(payload, now)
    for receiver in registry.receivers_of(name):
        receiver(payload, now)


def changed(before: dict[str, tuple[int, str]], after: dict[str, tuple[int, str]]) -> list[str]:
    return sorted(table for table in after if before[table] != after[table])


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_rows_of_the_outbox_may_come_in_any_order(world: World, seed: int) -> None:
    """What is delivered in order, and shuffled with every row twice, leaves the same state."""
    with undone():
        in_order = _deliver_all(world, None)
    with undone():
        assert _deliver_all(world, random.Random(seed)) == in_order


def _deliver_all(world: World, shuffled: random.Random | None) -> dict[str, object]:
    """Several people's work on different things, delivered; the state by what it means."""
    cast = world.cast
    chatting.reach_stand_in()
    _confirmed(world)
    _demand_moves(world)
    resolved = ladder.answered(cast, ASKED_AT)
    resolved = tickets.resolve_ticket(
        resolved, Resolution.ANSWERED, acting_user=cast.linzhixia, now=ASKED_AT
    )
    tickets.confirm_ticket(resolved, acting_user=cast.wangke, now=ASKED_AT)
    tickets.reopen_ticket(
        world.tickets["closed"], "还是不行", acting_user=cast.wangke, now=ASKED_AT
    )
    feedback.roll_back_release(
        world.releases["released"], "审批页报错", acting_user=cast.linzhixia, now=ASKED_AT
    )
    later = ASKED_AT + dt.timedelta(hours=1)
    if shuffled is not None:
        rows = list(OutboxRow.objects.filter(done_at=None, failed_at=None).order_by("pk"))
        shuffled.shuffle(rows)
        for row in [*rows, *rows]:
            deliver_row(row, later)
    deliver(later)
    return _state(world)


def _state(world: World) -> dict[str, object]:
    """Ids of new rows differ from run to run; everything else must not."""
    known = [ticket.pk for ticket in world.tickets.values()]
    return {
        "tickets": list(
            Ticket.objects.filter(pk__in=known).order_by("pk").values_list(
                "pk", "status", "level", "driver_state", "resolution", "reopened_times"
            )
        ),
        "demands": list(Demand.objects.order_by("pk").values_list("pk", "status", "verified_at")),
        "releases": list(Release.objects.order_by("pk").values_list("pk", "status")),
        "rounds": sorted(
            Round.objects.values_list("obligation_id", "kind", "state", "reason")
        ),
        "notices": sorted(
            Notice.objects.values_list("recipient_id", "kind").order_by("recipient_id", "kind")
        ),
    }  # fmt: skip
