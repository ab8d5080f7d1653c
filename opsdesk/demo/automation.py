"""What happens by itself in the demo company: three rules, an absence, a cap, and a burst."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.utils import timezone

from catalog.actions import plan_absence, set_assignment
from catalog.choices import AssignmentMethod
from opsdesk.demo.cast import Cast
from opsdesk.demo.play import Play, Story
from tickets.actions import TicketDraft, submit_ticket
from tickets.actions.bursting import keep_usual_rates, watch_bursts
from tickets.actions.rules import RuleDraft, activate_rule, create_rule
from tickets.models import Rule

#: People who meet the same trouble within the hour: minutes ago, who, in whose words.
BURST = (
    (44, "wangke", "报价单页面打不开，一直转圈。"),
    (39, "liuyang", "新建报价单点保存没有反应，试了三次。"),
    (31, "emma", "Quotes do not load since about half an hour ago."),
    (27, "zhaoyi", "客户的报价单看不了，财务这边等着核对。"),
    (19, "hesiyuan", "报价单列表加载超时，接口返回 504。"),
    (12, "gaoyuan", "华东几个同事都说报价单打不开，请看一下。"),
)


def tell_burst(play: Play) -> None:
    """The same trouble from many people, just before the curtain."""
    for minutes, who, text in BURST:
        play.tell(_arrives(who, text), play.until - dt.timedelta(minutes=minutes))


def _arrives(who: str, text: str) -> Callable[[Play], Story]:
    def story(play: Play) -> Story:
        draft = TicketDraft(
            product=play.cast.products["crm"], module=play.cast.modules["quotes"],
            description=text,
        )  # fmt: skip
        submit_ticket(draft, acting_user=play.cast.people[who], now=play.now)
        yield from ()

    return story


def build_automation(cast: Cast, now: dt.datetime) -> None:
    """The rules are at work from now on; what came before concerns them no more."""
    said: dict[str, Any] = {"acting_user": cast.chenlu, "now": now}
    if not Rule.objects.exists():
        for draft in _rules(cast):
            activate_rule(create_rule(draft, **said), **said)
        today = timezone.localdate(now)
        first = today + dt.timedelta(days=1)
        plan_absence(cast.shenyi, first, first + dt.timedelta(days=2), "年假", **said)
        set_assignment(cast.teams["operations"], AssignmentMethod.NONE, 20, **said)
    keep_usual_rates(now)
    watch_bursts(now)


def _rules(cast: Cast) -> list[RuleDraft]:
    return [
        RuleDraft(
            "业务停摆：立刻告知经理",
            {"kind": "submitted"},
            ["impact:is:4"],
            [
                _act("tell", user=cast.gaoyuan.pk, words="业务停摆，请马上看一下。"),
                _act("add_tag", tag="停摆"),
            ],
        ),
        RuleDraft(
            "四个工作小时没人接：提醒全组",
            {"kind": "in_status", "status": "new", "hours": 4},
            ["assignee:empty"],
            [_act("tell", team=cast.teams["operations"].pk, words="四个工作小时没人接了。")],
        ),
        RuleDraft(
            "退回两次：请负责人核对模块",
            {"kind": "returned"},
            ["bounces:atleast:2"],
            [
                _act("add_tag", tag="反复流转"),
                _act("note", body="已退回两次，转出前请先核对模块和初判原因。"),
            ],
        ),
    ]


def _act(verb: str, **params: Any) -> dict[str, Any]:
    return {"verb": verb, "params": params}
