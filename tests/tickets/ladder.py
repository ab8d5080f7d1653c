"""Tickets brought to a level through the real actions, for the tests of that level."""

from __future__ import annotations

import datetime as dt
from typing import Any

from opsdesk.demo.cast import Cast
from tickets.actions import (
    TicketDraft,
    accept_cause,
    add_comment,
    edit_ticket,
    move_up,
    open_cause,
    push_cause,
    push_ticket,
    submit_ticket,
)
from tickets.choices import CauseCategory, Impact, Type
from tickets.models import Cause, Ticket


def submitted(
    cast: Cast, now: dt.datetime, text: str = "拜访记录提交后，主管看不到", **more: Any
) -> Ticket:
    """A ticket of 王珂 about CRM, on level 1, new."""
    draft = {"product": cast.products["crm"], "description": text, "requester": None, **more}
    return submit_ticket(TicketDraft(**draft), acting_user=cast.wangke, now=now)


def routed(cast: Cast, now: dt.datetime, type_: str = Type.HOW_TO, **more: Any) -> Ticket:
    """The same with the contract of level 1 met."""
    fields = {"type": type_, "module": cast.modules["visits"], "impact": Impact.MY_GROUP, **more}
    return edit_ticket(submitted(cast, now), fields, acting_user=cast.linzhixia, now=now)


def answered(cast: Cast, now: dt.datetime) -> Ticket:
    """A how-to with its answer and a gap: everything level 2 asks of usage."""
    ticket = routed(cast, now)
    add_comment(ticket, "在左侧选择“团队记录”即可。", acting_user=cast.linzhixia, now=now)
    return edit_ticket(ticket, {"answer_gap": True}, acting_user=cast.linzhixia, now=now)


def screened(cast: Cast, now: dt.datetime) -> Ticket:
    """A bug on level 2 with module, suspected cause and evidence."""
    ticket = routed(cast, now, Type.BUG)
    ticket = move_up(ticket, 2, acting_user=cast.linzhixia, now=now)
    return edit_ticket(ticket, screening(cast), acting_user=cast.linzhixia, now=now)


def screening(cast: Cast) -> dict[str, Any]:
    return {
        "suspected_module": cast.modules["visits"],
        "suspected_category": CauseCategory.PERMISSION_RULE,
        "suspected_cause": "组织调整后视图仍按旧部门编码过滤",
        "evidence": "用测试账号复现，11-16 10:00",
    }


def cause(cast: Cast, now: dt.datetime) -> Cause:
    """A cause of CRM pushed to its owner 何思源."""
    opened = open_cause(
        title="部门编码变更后视图不同步",
        product=cast.products["crm"],
        module=cast.modules["visits"],
        category=CauseCategory.PERMISSION_RULE,
        acting_user=cast.linzhixia,
        now=now,
    )
    return push_cause(opened, cast.hesiyuan, acting_user=cast.linzhixia, now=now)


def pushed(cast: Cast, now: dt.datetime) -> Ticket:
    """A bug on level 3, on hold with its owner, accepted with a date."""
    pushed_cause = cause(cast, now)
    ticket = push_ticket(screened(cast, now), pushed_cause, acting_user=cast.linzhixia, now=now)
    accept_cause(
        pushed_cause, now.date() + dt.timedelta(days=3), acting_user=cast.hesiyuan, now=now
    )
    return Ticket.objects.get(pk=ticket.pk)
