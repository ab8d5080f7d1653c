"""What the manager makes of the reports: a conclusion, and actions that come back next week."""

from __future__ import annotations

import datetime as dt

from opsdesk.demo.cast import Cast
from opsdesk.demo.play import at
from reports.actions import agree_action, edit_conclusion, end_action, subscribe
from reports.choices import ActionState, PeriodKind
from reports.models import AgreedAction, Snapshot
from reports.policies.weeks import Week

_CONCLUSION_ZH = (
    "积压上升，多数在等责任人：拜访视图的根因已交付，移动审批的还在路上。\n"
    "费用报销的新建翻倍，集中在发票识别，本周请识别组先处理。\n"
    "请各产品负责人在周三前给出超期根因的新日期。"
)
_CONCLUSION_EN = (
    "The backlog grew and most of it waits for owners: the visit view is delivered, mobile "
    "approval is on its way.\n"
    "Expense tickets doubled, nearly all about reading invoices; the recognition team takes them "
    "first this week.\n"
    "Owners, please give new dates for overdue causes by Wednesday."
)


def hold_meetings(cast: Cast, last: Week, now: dt.datetime) -> None:
    """The Mondays after the last two complete weeks, at `now` where the second is still to come;
    once, and only with their reports made.
    """
    found = Snapshot.objects.in_force().of_periods([last.shift(-1).name, last.name])
    snapshots = {snapshot.period: snapshot for snapshot in found}
    if len(snapshots) < 2 or AgreedAction.objects.exists():
        return
    before, newest = snapshots[last.shift(-1).name], snapshots[last.name]
    first, second = at(last.monday, 0, "10:30"), min(now, at(last.shift(1).monday, 0, "10:30"))
    _agree(cast, before, "为“电子专票要不要打印”补一页手册", "shenyi", last.sunday, first)
    _agree(cast, before, "与研发核对每周的退单原因", "linzhixia", last.sunday, first)
    done = AgreedAction.objects.get(owner=cast.shenyi)
    end_action(
        done, ActionState.DONE, "已发布，三条同类问题引用了它", acting_user=cast.shenyi,
        now=at(last.monday, 3, "16:10"),
    )  # fmt: skip
    edit_conclusion(newest, _CONCLUSION_ZH, _CONCLUSION_EN, acting_user=cast.gaoyuan, now=second)
    for reader in (cast.gaoyuan, cast.linzhixia):
        subscribe(reader, PeriodKind.WEEK, acting_user=reader, now=first)
    due = last.shift(1).sunday
    _agree(cast, newest, "移动审批的根因给出新的承诺日期", "xucheng", due, second)
    _agree(cast, newest, "把住宿超标特批的步骤写进费用报销手册", "shenyi", due, second)


def _agree(
    cast: Cast, snapshot: Snapshot, text: str, owner: str, due_on: dt.date, now: dt.datetime
) -> None:
    agree_action(snapshot, text, cast.people[owner], due_on, acting_user=cast.gaoyuan, now=now)
