"""First judgement, recurrence, symptom only and satisfaction, worked out by hand (domain.md).

The report is of the week 2026-11-09 to 11-15. What it looks back on:

- causes fixed 90 days before, 2026-08-11 to 08-17 (recurrence);
- workarounds given 30 days before, 2026-10-10 to 10-16 (symptom only).

Everything happens through the actions of staff, owners and requesters.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from accounts.models import User
from opsdesk.demo.cast import Cast
from reports.actions import follow_touched
from reports.choices import DEFINITION_VERSION
from reports.policies.report import Report, compute_report
from reports.policies.weeks import Week
from reports.rendering.headlines import headline
from reports.rendering.sheet import sheet_of_report
from tests.reports.histories import ZONE
from tickets.actions import (
    TicketDraft,
    accept_cause,
    add_comment,
    claim_ticket,
    confirm_ticket,
    decline_cause,
    deliver_cause,
    edit_ticket,
    move_up,
    open_cause,
    push_cause,
    push_ticket,
    rate_ticket,
    reopen_ticket,
    resolve_ticket,
    submit_ticket,
)
from tickets.choices import CauseCategory, Impact, Resolution, ReturnReason, Score, Type
from tickets.models import Cause, Ticket

pytestmark = pytest.mark.django_db
WEEK = Week.of_day(dt.date(2026, 11, 9))


def at(text: str) -> dt.datetime:
    """`11-09 10:00` of 2026, company time."""
    return dt.datetime.strptime(f"2026-{text}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


def reported(until: dt.datetime | None = None) -> Report:
    now = until or WEEK.ends_at + dt.timedelta(hours=3)
    while follow_touched(now):
        pass
    return compute_report(WEEK, dt.datetime.now(dt.UTC) + dt.timedelta(days=1))


def rows_of(report: Report, figure: str) -> dict[int, int]:
    return {row.subject_id: row.amount for row in report.rows if row.figure == figure}


def screened(cast: Cast, when: str, *, module: str = "visits") -> Ticket:
    """A bug on level 2, suspected to be a rule of rights in this module."""
    agent, now = cast.linzhixia, at(when)
    draft = TicketDraft(product=cast.products["crm"], description="主管看不到拜访记录")
    ticket = submit_ticket(draft, acting_user=cast.wangke, now=now)
    claim_ticket(ticket, acting_user=agent, now=now)
    about: dict[str, Any] = {
        "type": Type.BUG, "module": cast.modules["visits"], "impact": Impact.MY_GROUP,
    }  # fmt: skip
    edit_ticket(ticket, about, acting_user=agent, now=now)
    move_up(ticket, 2, acting_user=agent, now=now)
    judged = {
        "suspected_module": cast.modules[module], "evidence": "用测试账号复现",
        "suspected_category": CauseCategory.PERMISSION_RULE, "suspected_cause": "旧部门编码",
    }  # fmt: skip
    return edit_ticket(ticket, judged, acting_user=agent, now=now)


def opened(cast: Cast, when: str) -> Cause:
    return open_cause(
        title="视图仍按旧部门编码过滤", product=cast.products["crm"],
        module=cast.modules["visits"], category=CauseCategory.PERMISSION_RULE,
        acting_user=cast.linzhixia, now=at(when),
    )  # fmt: skip


def pushed(cast: Cast, when: str, *tickets: Ticket, cause: Cause | None = None) -> Cause:
    cause = cause or opened(cast, when)
    push_cause(cause, cast.hesiyuan, acting_user=cast.linzhixia, now=at(when))
    for ticket in tickets:
        push_ticket(ticket, cause, acting_user=cast.linzhixia, now=at(when))
    return Cause.objects.get(pk=cause.pk)


def accepted(cast: Cast, cause: Cause, when: str, promised: dt.date) -> Cause:
    return accept_cause(cause, promised, acting_user=cast.hesiyuan, now=at(when))


def fixed(cast: Cast, cause: Cause, when: str) -> Cause:
    """Accepted for that day and delivered on it."""
    accepted(cast, cause, when, at(when).date())
    return deliver_cause(cause, "改为取当前组织", acting_user=cast.hesiyuan, now=at(when))


def test_first_judgement_is_what_the_owner_found_of_what_was_decided(cast: Cast) -> None:
    """right: visits, rule of rights – and so it was. other: suspected in customers, was in visits.
    misjudged: sent back as such, so it was wrong. incomplete: sent back, but nobody said that it
    was wrong. waiting: accepted, not delivered. Decided: 3. Right: 1."""
    right = screened(cast, "11-09 10:00")
    fixed(cast, pushed(cast, "11-09 11:00", right), "11-10 10:00")
    other = screened(cast, "11-09 10:00", module="customers")
    fixed(cast, pushed(cast, "11-09 11:00", other), "11-11 10:00")
    misjudged, incomplete, waiting = (screened(cast, "11-09 10:00") for _ in range(3))
    for ticket, reason in (
        (misjudged, ReturnReason.MISJUDGED), (incomplete, ReturnReason.INCOMPLETE),
    ):  # fmt: skip
        cause = pushed(cast, "11-09 11:00", ticket)
        decline_cause(cause, reason, "另有原因", acting_user=cast.hesiyuan, now=at("11-12 10:00"))
    accepted(cast, pushed(cast, "11-09 11:00", waiting), "11-12 10:00", dt.date(2026, 11, 30))
    report = reported()
    assert rows_of(report, "first_judgement") == {right.pk: 1, other.pk: 0, misjudged.pk: 0}
    assert report.figures["first_judgement"]["value"] == pytest.approx(1 / 3)
    # Of what owners answered: five answers, two of them declines.
    assert (report.figures["decline_rate"]["met"], report.figures["decline_rate"]["n"]) == (2, 5)


def test_a_cause_recurs_when_it_comes_back_within_ninety_days(cast: Cast) -> None:
    """soon: fixed 08-12, back on 10-01, after 50 days. never: fixed 08-13. late: fixed 08-12, back
    on 11-12, after 92 days. young: fixed 08-20, so its ninety days are not over: not counted.
    1 of 3."""
    soon = fixed(cast, pushed(cast, "08-12 10:00"), "08-12 15:00")
    never = fixed(cast, pushed(cast, "08-12 10:00"), "08-13 15:00")
    late = fixed(cast, pushed(cast, "08-12 10:00"), "08-12 15:00")
    young = fixed(cast, pushed(cast, "08-20 10:00"), "08-20 15:00")
    pushed(cast, "10-01 10:00", cause=soon)
    pushed(cast, "11-12 10:00", cause=late)
    pushed(cast, "08-21 10:00", cause=young)
    report = reported()
    assert rows_of(report, "recurrence") == {soon.pk: 1, never.pk: 0, late.pk: 0}
    assert report.figures["recurrence"]["value"] == pytest.approx(1 / 3)


def test_a_workaround_treats_the_symptom_while_its_cause_lives_on(cast: Cast) -> None:
    """never: workaround 10-12, the cause is not fixed. in_time: 10-12, fixed 11-01, after 20 days.
    late: 10-13, fixed 11-14, after 32 days. early: workaround 10-09, before the cohort. repaired:
    resolved as fixed, no workaround. 2 of 3."""
    days = {"never": "10-12", "in_time": "10-12", "late": "10-13", "early": "10-09"}
    tickets, causes = {}, {}
    for name, day in days.items():
        tickets[name] = screened(cast, f"{day} 09:00")
        causes[name] = pushed(cast, f"{day} 10:00", tickets[name])
        accepted(cast, causes[name], f"{day} 10:30", dt.date(2026, 11, 20))
        resolve_ticket(
            tickets[name], Resolution.WORKAROUND, acting_user=cast.linzhixia,
            now=at(f"{day} 11:00"),
        )  # fmt: skip
    for name, when in (("in_time", "11-01 10:00"), ("late", "11-14 10:00")):
        deliver_cause(causes[name], "已改", acting_user=cast.hesiyuan, now=at(when))
    repaired = screened(cast, "10-12 09:00")
    fixed(cast, pushed(cast, "10-12 10:00", repaired), "10-13 10:00")
    resolve_ticket(repaired, Resolution.FIXED, acting_user=cast.linzhixia, now=at("10-13 11:00"))
    report = reported()
    expected = {tickets["never"].pk: 1, tickets["in_time"].pk: 0, tickets["late"].pk: 1}
    assert rows_of(report, "symptom_only") == expected
    assert report.figures["symptom_only"]["value"] == pytest.approx(2 / 3)
    # Their owner promised them for 11-20, which is still to come.
    assert report.figures["push_overdue"]["value"] == 0


def answered(cast: Cast, who: User, when: str, closed: str) -> Ticket:
    """A question about a product, answered, and confirmed by who asked."""
    agent, now = cast.linzhixia, at(when)
    draft = TicketDraft(product=cast.products["crm"], description="怎么上传照片？")
    ticket = submit_ticket(draft, acting_user=who, now=now)
    claim_ticket(ticket, acting_user=agent, now=now)
    about: dict[str, Any] = {
        "type": Type.HOW_TO, "module": cast.modules["visits"], "impact": Impact.ONLY_ME,
        "answer_gap": True,
    }  # fmt: skip
    edit_ticket(ticket, about, acting_user=agent, now=now)
    add_comment(ticket, "最多 9 张。", acting_user=agent, now=now)
    resolve_ticket(ticket, Resolution.ANSWERED, acting_user=agent, now=now)
    return confirm_ticket(ticket, acting_user=who, now=at(closed))


def test_satisfaction_is_of_the_ratings_given_beside_how_many_could_have(cast: Cast) -> None:
    """good, bad and middling were closed and rated in the week, quiet was closed and not rated:
    rated 3 of 4. before was closed the week before and rated in this one; bad was rated well first
    and badly the day after, which is what stands. Satisfied: good and before, 2 of 4 ratings."""
    who = cast.wangke
    before = answered(cast, who, "11-05 10:00", "11-06 10:00")
    good, bad, middling, quiet = (
        answered(cast, who, "11-09 10:00", f"11-09 1{n}:30") for n in range(1, 5)
    )
    for ticket, score, when in (
        (before, Score.SATISFIED, "11-10 10:00"), (good, Score.SATISFIED, "11-10 11:00"),
        (bad, Score.SATISFIED, "11-10 12:00"), (bad, Score.DISSATISFIED, "11-11 12:00"),
        (middling, Score.NEUTRAL, "11-10 13:00"),
    ):  # fmt: skip
        rate_ticket(ticket, score, acting_user=who, now=at(when))
    report = reported()
    assert rows_of(report, "satisfaction") == {
        before.pk: 1, good.pk: 1, bad.pk: 0, middling.pk: 0,
    }  # fmt: skip
    assert rows_of(report, "rating_response") == {
        good.pk: 1, bad.pk: 1, middling.pk: 1, quiet.pk: 0,
    }  # fmt: skip
    assert report.figures["satisfaction"]["value"] == 0.5
    assert report.figures["rating_response"]["value"] == 0.75


def test_a_ticket_resolved_twice_is_two_resolutions_of_one_ticket(cast: Cast) -> None:
    """Created 2, reopened 1, resolved 3 times: 0 + 2 + 1 − 3 = 0 are unresolved; the page says
    beside the three that they are of two tickets."""
    once = answered(cast, cast.wangke, "11-09 10:00", "11-09 11:00")
    twice = answered(cast, cast.wangke, "11-09 10:00", "11-09 11:00")
    reopen_ticket(twice, "还是不行", acting_user=cast.wangke, now=at("11-10 10:00"))
    resolve_ticket(twice, Resolution.ANSWERED, acting_user=cast.linzhixia, now=at("11-10 15:00"))
    report = reported()
    found = report.figures["resolved"]
    assert (found["value"], found["tickets"]) == (3, 2)
    assert sorted(row.subject_id for row in report.rows if row.figure == "resolved") == sorted(
        [once.pk, twice.pk, twice.pk]
    )
    assert report.figures["unresolved_at_end"]["value"] == 0
    line = headline(sheet_of_report(report, DEFINITION_VERSION), "resolved")
    assert line is not None
    assert line.value == "3"
    assert line.note.startswith(("2 tickets", "2 条工单"))


def test_pushes_by_module_and_the_longest_overdue(cast: Cast) -> None:
    """Of the module visits. Pushed in the week: met once, again twice (after a decline): 3 pushes,
    1 decline; old was pushed the week before. Due in the week: met on 11-12, delivered that day,
    and again on 11-13, not delivered: 1 of 2 on time. Overdue at the end, 11-15: old since 11-05,
    10 days, and again since 11-13, 2 days."""
    old = pushed(cast, "11-02 10:00")
    accepted(cast, old, "11-02 11:00", dt.date(2026, 11, 5))
    met = pushed(cast, "11-09 10:00")
    accepted(cast, met, "11-09 11:00", dt.date(2026, 11, 12))
    deliver_cause(met, "已改", acting_user=cast.hesiyuan, now=at("11-12 09:00"))
    again = pushed(cast, "11-09 10:00")
    decline_cause(
        again, ReturnReason.INCOMPLETE, "缺编码", acting_user=cast.hesiyuan, now=at("11-09 12:00")
    )
    again = pushed(cast, "11-10 10:00", cause=again)
    accepted(cast, again, "11-10 11:00", dt.date(2026, 11, 13))
    report = reported()
    visits = cast.modules["visits"].pk
    line = next(one for one in report.breakdowns["push"] if one["module_id"] == visits)
    assert (line["pushed"], line["declined"], line["overdue"]) == (3, 1, 2)
    assert (line["due"], line["met"]) == (2, 1)
    longest = [(one["cause_id"], one["days"]) for one in report.breakdowns["overdue"]]
    assert longest == [(old.pk, 10), (again.pk, 2)]
    assert rows_of(report, "push_overdue") == {old.pk: 1, again.pk: 1}
