"""Each action done once, on what the world has ready for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from accounts.actions import PersonDraft
from catalog.choices import AssignmentMethod, ExceptionKind, FieldTarget, PermissionRole
from catalog.models import Feature, FieldDefinition
from core.channels.addresses import keep_address
from docs_portal.actions import PageDraft, RevisionDraft
from feedback.actions import DemandDraft
from feedback.choices import RoundState
from feedback.models import Round
from reports.policies.weeks import Week
from tests.guards import (
    announcing,
    chatting,
    company,
    conversation,
    demand_table,
    helping,
    looping,
    mailing,
    pooling,
    requiring,
    spreadsheets,
    submitting,
    telling,
    training,
    viewing,
    writing,
)
from tests.guards.world import ASKED_AT, World
from tickets.actions import RuleDraft, TicketDraft, create_rule
from tickets.choices import DriverState, Priority, Resolution, ReturnReason
from tickets.models import Cause, PushItem, ServicePolicy, Target, Ticket
from tickets.policies.reminders import Reminder

Act = Callable[..., Any]
Deed = Callable[[World, Act], object]
TODAY = ASKED_AT.date()
LATER = TODAY + dt.timedelta(days=9)


def by(world: World, username: str) -> dict[str, Any]:
    return {"acting_user": world.cast.people[username], "now": ASKED_AT}


def adm(world: World) -> dict[str, Any]:
    return by(world, "admin")


def agt(world: World) -> dict[str, Any]:
    return by(world, "linzhixia")


def own(world: World) -> dict[str, Any]:
    return by(world, "hesiyuan")


def req(world: World) -> dict[str, Any]:
    return by(world, "wangke")


def _person(w: World, act: Act) -> object:
    draft = PersonDraft(
        username="newcomer", name="新人", email="", department=w.cast.departments["east"],
        password_hash="",
    )  # fmt: skip
    return act(draft, **adm(w))


ACCOUNTS: dict[str, Deed] = {
    "create_person": _person,
    "edit_person": lambda w, act: act(w.cast.liuyang, {"name": "刘扬"}, **adm(w)),
    "deactivate_person": lambda w, act: act(w.cast.liuyang, **adm(w)),
    "activate_person": lambda w, act: act(_off(w), **adm(w)),
    "mark_left": lambda w, act: act(w.cast.liuyang, TODAY, w.cast.wangke, **adm(w)),
    "set_password": lambda w, act: act(w.cast.liuyang, "a-long-new-one-7421", **adm(w)),
    "create_department": lambda w, act: act("法务部", w.cast.departments["group"], **adm(w)),
    "edit_department": lambda w, act: act(w.cast.departments["east"], {"name": "华东"}, **adm(w)),
    "create_position": lambda w, act: act("法务专员", **adm(w)),
    "rename_position": lambda w, act: act(w.cast.positions["developer"], "工程师", **adm(w)),
    "set_chat_address": lambda w, act: act(w.cast.wangke, "dingtalk", ROBOT, **req(w)),
    "remove_chat_address": lambda w, act: act(_with_robot(w, w.cast.wangke), **req(w)),
    "save_preferences": lambda w, act: act(w.cast.wangke, {"theme": "dark"}, **req(w)),
}


ROBOT = "https://oapi.dingtalk.com/robot/send?access_token=a1"


def _with_robot(w: World, whose: Any) -> Any:
    keep_address(whose.SUBJECT, whose.pk, "dingtalk", ROBOT, "", **adm(w))
    return whose


def _off(w: World) -> Any:
    from accounts.actions import deactivate_person

    return deactivate_person(w.cast.liuyang, **adm(w))


def _field(w: World) -> FieldDefinition:
    return FieldDefinition(
        target=FieldTarget.TICKET, key="browser", label="浏览器", kind="text", position=1
    )


CATALOG: dict[str, Deed] = {
    "create_product": lambda w, act: act("云仓", "wms", "optional", **adm(w)),
    "edit_product": lambda w, act: act(w.cast.products["crm"], {"name": "星图"}, **adm(w)),
    "create_module": lambda w, act: act(w.cast.products["crm"], "线索", None, **adm(w)),
    "edit_module": lambda w, act: act(w.cast.modules["visits"], {"name": "拜访"}, **adm(w)),
    "create_feature": lambda w, act: act(w.cast.modules["visits"], "地图", **adm(w)),
    "edit_feature": lambda w, act: act(Feature.objects.all()[0], {"name": "新名"}, **adm(w)),
    "create_product_role": lambda w, act: act(w.cast.products["crm"], "访客", "guest", **adm(w)),
    "edit_product_role": lambda w, act: act(
        w.cast.roles["crm_director"], {"name": "主管"}, **adm(w)
    ),
    "set_position_roles": lambda w, act: act(
        w.cast.positions["developer"], [w.cast.roles["crm_director"]], **adm(w)
    ),
    "except_role": lambda w, act: act(
        w.cast.liuyang, w.cast.roles["crm_director"], ExceptionKind.ALSO, TODAY, None, "", **adm(w)
    ),
    "take_back_exception": lambda w, act: act(w.cast.liuyang.role_exceptions.get(), **adm(w)),
    "grant_role": lambda w, act: act(w.cast.liuyang, PermissionRole.ANALYST, **adm(w)),
    "revoke_grant": lambda w, act: act(w.grant, **adm(w)),
    "create_team": lambda w, act: act(
        "二线", w.cast.calendar, is_product_operations=False, **adm(w)
    ),
    "edit_team": lambda w, act: act(w.cast.teams["recognition"], {"name": "识别"}, **adm(w)),
    "set_team_products": lambda w, act: act(
        w.cast.teams["recognition"], [w.cast.products["crm"]], **adm(w)
    ),
    "add_member": lambda w, act: act(w.cast.teams["recognition"], w.cast.hesiyuan, **adm(w)),
    "remove_member": lambda w, act: act(w.cast.teams["operations"], w.cast.shenyi, **adm(w)),
    "plan_duty": lambda w, act: act(
        w.cast.teams["operations"],
        w.cast.zhoumin,
        TODAY + dt.timedelta(days=90),
        TODAY + dt.timedelta(days=96),
        **adm(w),
    ),
    "set_assignment": lambda w, act: act(
        w.cast.teams["operations"], AssignmentMethod.DUTY, 20, **adm(w)
    ),
    "set_member": lambda w, act: act(
        w.cast.teams["operations"].teammember_set.all()[0],
        cap=5,
        modules=[w.cast.modules["visits"]],
        **adm(w),
    ),
    "plan_absence": lambda w, act: act(w.cast.shenyi, LATER, LATER, "", **adm(w)),
    "take_back_absence": lambda w, act: act(w.absence, **adm(w)),
    "set_team_robot": lambda w, act: act(w.cast.teams["operations"], "dingtalk", ROBOT, **adm(w)),
    "remove_team_robot": lambda w, act: act(_with_robot(w, w.cast.teams["operations"]), **adm(w)),
    "remove_duty": lambda w, act: act(w.cast.teams["operations"].duty.all()[0], **adm(w)),
    "create_calendar": lambda w, act: act("海外", zone="Europe/London", **adm(w)),
    "edit_calendar": lambda w, act: act(w.cast.calendar, {"name": "总部"}, **adm(w)),
    "set_day": lambda w, act: act(w.cast.calendar, LATER, True, "补班", **adm(w)),
    "remove_day": lambda w, act: act(w.day, **adm(w)),
    "create_field": lambda w, act: act(_field(w), **adm(w)),
    "edit_field": lambda w, act: act(w.field_definition, {"label": "订单"}, **adm(w)),
}
DOCS: dict[str, Deed] = {
    "create_page": lambda w, act: act(
        PageDraft(product=w.cast.products["crm"], title="合并", body="正文", slug="merge"), **agt(w)
    ),
    "save_revision": lambda w, act: act(
        w.pages["draft"], RevisionDraft(title="合同", body="新的正文", based_on=1), **agt(w)
    ),
    "publish_page": lambda w, act: act(w.pages["draft"], **agt(w)),
    "retire_page": lambda w, act: act(w.pages["everybody"], **agt(w)),
}


def _linked(w: World) -> Any:
    from tickets.actions import link_tickets

    return link_tickets(w.tickets["open"], w.tickets["new"], "relates", **agt(w))


def _bulk(w: World) -> Any:
    from tickets.actions import start_bulk_run
    from tickets.actions.acts import Act as TicketAct

    chosen = [(w.tickets["open"].pk, None)]
    return start_bulk_run(TicketAct("add_tag", {"tag": "季末"}), chosen, **agt(w))


def _tagged(w: World) -> int:
    from tickets.actions import tag_ticket

    return tag_ticket(w.tickets["open"], add=["季末"], **agt(w)).version


def _rule(name: str) -> RuleDraft:
    note = {"verb": "note", "params": {"body": "请核对"}}
    return RuleDraft(name, {"kind": "reopened"}, [], [note])


def _order_rules(w: World, act: Act) -> object:
    other = create_rule(_rule("另一条"), **adm(w))
    assert w.rule is not None
    return act([other.pk, w.rule.pk], **adm(w))


def _default_policy_again(w: World, act: Act) -> object:
    """As at the first start: nothing stands yet."""
    Ticket.objects.update(service_policy=None)
    ServicePolicy.objects.all().delete()
    return act("默认", {priority: Target(60, 3600) for priority in Priority}, now=ASKED_AT)


TICKETS: dict[str, Deed] = {
    "create_default_policy": _default_policy_again,
    "create_policy": lambda w, act: act({"name": "加急", "targets": {"0": [600, 3600]}}, **adm(w)),
    "edit_policy": lambda w, act: act(
        ServicePolicy.objects.get(is_default=True), {"warn_percent": 70}, **adm(w)
    ),
    "tell_due": lambda w, act: act(now=ASKED_AT),
    "assign_by": lambda w, act: act(w.tickets["new"], AssignmentMethod.LEAST_LOADED, **agt(w)),
    "tell_people": lambda w, act: act(w.tickets["open"], "请看一下", user=w.cast.zhoumin, **agt(w)),
    "create_rule": lambda w, act: act(_rule("新的"), **adm(w)),
    "edit_rule": lambda w, act: act(w.rule, _rule("改了"), **adm(w)),
    "activate_rule": lambda w, act: act(w.rule, **adm(w)),
    "switch_off_rule": lambda w, act: act(w.rule, **adm(w)),
    "order_rules": _order_rules,
    "make_known_issue": lambda w, act: act(
        w.bursts["visits"], "拜访打不开", "先用网页版。", **agt(w)
    ),
    "submit_ticket": lambda w, act: act(TicketDraft(w.cast.products["crm"], "打不开"), **req(w)),
    "edit_ticket": lambda w, act: act(w.tickets["open"], {"title": "新标题"}, **agt(w)),
    "tag_ticket": lambda w, act: act(w.tickets["open"], add=["月结"], **agt(w)),
    **{
        name: lambda w, act, deed=deed: deed(w, act, agt(w))  # type: ignore[misc]
        for name, deed in viewing.DEEDS.items()
    },
    "link_tickets": lambda w, act: act(w.tickets["open"], w.tickets["new"], "blocks", **agt(w)),
    "unlink_tickets": lambda w, act: act(w.tickets["open"], _linked(w), **agt(w)),
    "split_ticket": lambda w, act: act(w.tickets["open"], "导出按钮是灰的", **agt(w)),
    "continue_bulk_run": lambda w, act: act(_bulk(w), now=ASKED_AT),
    "continue_in_background": lambda w, act: act(_bulk(w), 0, now=ASKED_AT),
    "undo_act": lambda w, act: act(w.tickets["open"], _tagged(w), **agt(w)),
    "claim_ticket": lambda w, act: act(w.tickets["new"], **agt(w)),
    "serve_ticket": lambda w, act: act(**agt(w)),
    "skip_ticket": lambda w, act: act(w.tickets["open"], "later", **agt(w)),
    "assign_ticket": lambda w, act: act(w.tickets["open"], w.cast.zhoumin, **agt(w)),
    "transfer_ticket": lambda w, act: act(
        w.tickets["open"], w.cast.teams["operations"], w.cast.zhoumin, **agt(w)
    ),
    "add_comment": lambda w, act: act(w.tickets["open"], "好了", **agt(w)),
    "ask_requester": lambda w, act: act(w.tickets["open"], "哪个浏览器？", **agt(w)),
    "add_watcher": lambda w, act: act(w.tickets["open"], w.cast.liuyang, **agt(w)),
    "remove_watcher": lambda w, act: act(w.tickets["open"], w.cast.zhaoyi, **agt(w)),
    "relay_ticket": lambda w, act: act(
        w.tickets["open"], w.cast.teams["recognition"], "看看", **agt(w)
    ),
    "return_relay": lambda w, act: act(
        w.tickets["relayed"], ReturnReason.INCOMPLETE, "缺", **by(w, "xucheng")
    ),
    "deliver_relay": lambda w, act: act(w.tickets["relayed"], "好了", **by(w, "xucheng")),
    "move_up": lambda w, act: act(w.tickets["open"], 2, **agt(w)),
    "return_ticket": lambda w, act: act(
        w.tickets["screened"], 1, ReturnReason.MISJUDGED, "缺", **agt(w)
    ),
    "open_cause": lambda w, act: act(
        title="视图", product=w.cast.products["crm"], module=None, category="code", **agt(w)
    ),
    "link_cause": lambda w, act: act(w.tickets["screened"], w.causes["accepted"], **agt(w)),
    "push_ticket": lambda w, act: act(w.tickets["screened"], w.causes["accepted"], **agt(w)),
    "push_cause": lambda w, act: act(w.causes["declined"], w.cast.hesiyuan, **agt(w)),
    "accept_cause": lambda w, act: act(w.causes["pushed"], LATER, **own(w)),
    "decline_cause": lambda w, act: act(
        w.causes["pushed"], ReturnReason.INCOMPLETE, "缺", **own(w)
    ),
    "change_promised_date": lambda w, act: act(w.causes["accepted"], LATER, **own(w)),
    "deliver_cause": lambda w, act: act(w.causes["accepted"], "已修复", **own(w)),
    "name_owner": lambda w, act: act(w.causes["bounced"], w.cast.hesiyuan, **by(w, "gaoyuan")),
    "describe_cause": lambda w, act: act(w.causes["pushed"], {"evidence": "10:00 起"}, **agt(w)),
    "answer_by_link": lambda w, act: act(
        w.owner_link, "accept", {"promised_on": LATER}, now=ASKED_AT
    ),
    "remind_owner": lambda w, act: act(
        Cause.objects.get(pk=w.causes["pushed"].pk),
        Reminder(PushItem.Kind.SILENT, "s:1"),
        now=ASKED_AT,
    ),
    "chase_cause": lambda w, act: act(w.causes["pushed"], **agt(w)),
    "declare_known_issue": lambda w, act: act(w.causes["accepted"], "用网页版", **agt(w)),
    "drive_ticket": lambda w, act: act(w.tickets["screened"], "D-1", **agt(w)),
    "change_driver": lambda w, act: act(
        w.tickets["driven"],
        w.tickets["driven"].driver,
        w.demands["collected"].ref,
        DriverState.PENDING,
        **agt(w),
    ),
    "set_driver_state": lambda w, act: act(
        w.tickets["driven"], w.tickets["driven"].driver, DriverState.DECLINED, **agt(w)
    ),
    "resolve_ticket": lambda w, act: act(w.tickets["answered"], Resolution.ANSWERED, **agt(w)),
    "confirm_ticket": lambda w, act: act(w.tickets["resolved"], **req(w)),
    "auto_confirm_ticket": lambda w, act: act(
        w.tickets["resolved"], now=ASKED_AT, announced_elsewhere=True
    ),
    "announce_closing": lambda w, act: act(_resolved_a_week_ago(w), now=ASKED_AT),
    "rate_ticket": lambda w, act: act(w.tickets["closed"], 3, ["quick"], "", **req(w)),
    "reopen_ticket": lambda w, act: act(w.tickets["resolved"], "不行", **req(w)),
    "withdraw_ticket": lambda w, act: act(w.tickets["open"], "好了", **req(w)),
    "reject_ticket": lambda w, act: act(w.tickets["open"], "不受理", **agt(w)),
    "merge_ticket": lambda w, act: act(w.tickets["new"], w.tickets["open"], **agt(w)),
    "restore_ticket": lambda w, act: act(w.tickets["cancelled"], **req(w)),
}


def _resolved_a_week_ago(w: World) -> Ticket:
    week = dt.timedelta(days=7)
    Ticket.objects.filter(pk=w.tickets["resolved"].pk).update(resolved_at=ASKED_AT - week)
    return Ticket.objects.get(pk=w.tickets["resolved"].pk)


def _draft(w: World) -> DemandDraft:
    return DemandDraft("批量导出", w.cast.products["crm"], kind="improvement")


def _drive(w: World, act: Act) -> object:
    return act(w.tickets["screened"], w.demands["collected"], "又来了", **agt(w))


def _from_ticket(w: World, act: Act) -> object:
    return act(w.tickets["verified"], RoundState.CONFIRMED, "", now=ASKED_AT)


def _deferred(w: World, act: Act) -> object:
    return act(w.demands["collected"], LATER, "等新系统", **agt(w))


FEEDBACK: dict[str, Deed] = {
    **{
        name: lambda w, act, deed=deed: deed(w, act, agt(w))  # type: ignore[misc]
        for name, deed in demand_table.DEEDS.items()
    },
    **{
        name: lambda w, act, deed=deed: deed(w, act, agt(w))  # type: ignore[misc]
        for name, deed in looping.DEEDS.items()
    },
    **{
        name: lambda w, act, deed=deed: deed(w, act, agt(w))  # type: ignore[misc]
        for name, deed in pooling.DEEDS.items()
    },
    "create_demand": lambda w, act: act(_draft(w), **agt(w)),
    "add_feedback": lambda w, act: act(
        product=w.cast.products["crm"],
        module=None,
        person=w.cast.liuyang,
        words="我也要",
        source="chat",
        importance=1,
        demand=w.demands["collected"],
        **agt(w),
    ),
    "drive_by_demand": _drive,
    "evaluate_demand": lambda w, act: act(w.demands["collected"], **agt(w)),
    "accept_demand": lambda w, act: act(w.demands["collected"], "要做", **agt(w)),
    "decline_demand": lambda w, act: act(w.demands["collected"], "不做", **agt(w)),
    "defer_demand": _deferred,
    "appeal_demand": lambda w, act: act(w.demands["declined"], "还要", **agt(w)),
    "schedule_demand": lambda w, act: act(w.demands["accepted"], LATER, **agt(w)),
    "start_development": lambda w, act: act(w.demands["scheduled"], **agt(w)),
    "start_testing": lambda w, act: act(w.demands["developing"], **agt(w)),
    "close_demand": lambda w, act: act(w.demands["verified"], "少了一半", **agt(w)),
    "create_release": lambda w, act: act(w.cast.products["crm"], "7.0", **agt(w)),
    "put_in_release": lambda w, act: act(w.demands["accepted"], w.releases["planned"], **agt(w)),
    "fill_gate": lambda w, act: act(w.releases["planned"], {"announcement": "好了"}, **agt(w)),
    "see_people": lambda w, act: act(w.releases["planned"], **agt(w)),
    "publish_release": lambda w, act: act(w.releases["ready"], **agt(w)),
    "verify_demand": lambda w, act: act(w.demands["unverified"], **by(w, "zhoumin")),
    "roll_back_release": lambda w, act: act(w.releases["released"], "报错", **agt(w)),
    "publish_insight": lambda w, act: act(
        "结论", "正文", w.cast.products["crm"], [w.tickets["open"]], **agt(w)
    ),
    "answer_round": lambda w, act: act(w.question, RoundState.CONFIRMED, "", **req(w)),
    "answer_from_ticket": _from_ticket,
    "advance_round": lambda w, act: act(_question(w), RoundState.DELIVERED, now=ASKED_AT),
    "read_rounds": lambda w, act: act(w.demands["verified"], **req(w)),
    "expire_round": lambda w, act: act(_question(w), now=ASKED_AT),
}


REPORTS: dict[str, Deed] = {
    "edit_conclusion": lambda w, act: act(w.snapshot, "积压下降。", "Fewer.", **by(w, "gaoyuan")),
    "agree_action": lambda w, act: act(
        w.snapshot, "补一页手册", w.cast.shenyi, LATER, **by(w, "gaoyuan")
    ),
    "end_action": lambda w, act: act(w.agreed, "done", "退单少了一半", **agt(w)),
    "set_target": lambda w, act: act(
        "told_rate", 0.97, Week.of(ASKED_AT).shift(1), **by(w, "gaoyuan")
    ),
    "subscribe": lambda w, act: act(w.cast.linzhixia, "month", **agt(w)),
    "unsubscribe": lambda w, act: act(w.subscription, **by(w, "gaoyuan")),
}


def _question(w: World) -> Round:
    assert w.question is not None
    return Round.objects.get(pk=w.question.pk)


DEEDS: dict[str, Deed] = {
    f"{app}.{name}": deed
    for app, deeds in (
        ("accounts", ACCOUNTS), ("catalog", CATALOG), ("docs_portal", DOCS),
        ("tickets", TICKETS), ("feedback", FEEDBACK),
        ("reports", REPORTS),
    )
    for name, deed in deeds.items()
} | {f"accounts.{name}": deed for name, deed in telling.DEEDS.items()} | {
    f"tickets.{name}": deed for name, deed in submitting.DEEDS.items()
} | {
    f"docs_portal.{name}": deed
    for name, deed in {**announcing.DOCS_DEEDS, **training.DEEDS, **writing.DEEDS}.items()
} | {
    f"docs_portal.{name}": deed for name, deed in requiring.DEEDS.items()
} | {f"tickets.{name}": deed for name, deed in announcing.DEEDS.items()} | {
    f"tickets.{name}": deed for name, deed in {**chatting.DEEDS, **mailing.DEEDS}.items()
} | {
    f"catalog.{name}": deed for name, deed in submitting.CATALOG_DEEDS.items()
} | {f"tickets.{name}": deed for name, deed in conversation.DEEDS.items()} | {
    f"feedback.{name}": deed for name, deed in spreadsheets.DEEDS.items()
} | {
    f"accounts.{name}": deed for name, deed in company.DEEDS.items()
} | {f"tickets.{name}": deed for name, deed in helping.DEEDS.items()} | {
    f"docs_portal.{name}": deed for name, deed in helping.DOCS_DEEDS.items()
}  # fmt: skip
WITHOUT_EVENT = {
    **{f"tickets.{name}": why for name, why in helping.WITHOUT_EVENT.items()},
    **{f"docs_portal.{name}": why for name, why in helping.DOCS_WITHOUT_EVENT.items()},
    **{f"docs_portal.{name}": why for name, why in requiring.WITHOUT_EVENT.items()},
    **{f"feedback.{name}": why for name, why in demand_table.WITHOUT_EVENT.items()},
    **{f"feedback.{name}": why for name, why in spreadsheets.WITHOUT_EVENT.items()},
    **{f"accounts.{name}": why for name, why in company.WITHOUT_EVENT.items()},
    **{f"catalog.{name}": why for name, why in company.CATALOG_WITHOUT_EVENT.items()},
    **{f"feedback.{name}": why for name, why in company.FEEDBACK_WITHOUT_EVENT.items()},
    **{f"tickets.{name}": why for name, why in conversation.WITHOUT_EVENT.items()},
    **{f"tickets.{name}": why for name, why in submitting.WITHOUT_EVENT.items()},
    **{f"tickets.{name}": why for name, why in announcing.WITHOUT_EVENT.items()},
    **{f"docs_portal.{name}": why for name, why in announcing.DOCS_WITHOUT_EVENT.items()},
    **{f"docs_portal.{name}": why for name, why in training.WITHOUT_EVENT.items()},
    **{f"docs_portal.{name}": why for name, why in writing.WITHOUT_EVENT.items()},
    **{f"tickets.{name}": why for name, why in chatting.WITHOUT_EVENT.items()},
    **{f"tickets.{name}": why for name, why in mailing.WITHOUT_EVENT.items()},
    **{f"accounts.{name}": why for name, why in telling.WITHOUT_EVENT.items()},
    "docs_portal.record_search_miss": "what somebody looked for in vain; no page changes by it",
    "tickets.take_question": "what took a person's place of the week is bookkeeping of the round",
    "tickets.forget_questions": "the same",
    "tickets.say_what_waits": "what is sent was noted with the events that asked for it",
    "tickets.start_due_run": "due times follow from what has its own events",
    "tickets.continue_due_run": "the same",
    "tickets.resume_due_runs": "the same",
    "tickets.reckon_again": "the same",
    "tickets.reckon_provisional": "the same",
    "tickets.start_trial": "a dry run is a row of its own and changes nothing",
    "tickets.stop_trial": "the same",
    "tickets.attach_later": "a job for each ticket, each with its own events",
    "tickets.reply_to_all": "the same",
    "tickets.dismiss_burst": "what one person does not want to see is no change anybody asks about",
    "accounts.mark_seen": "shown is a mark on the notice, no change anybody asks about",
    "accounts.mark_read": "the same",
    "accounts.mark_all_read": "the same",
    "accounts.record_sign_in_failure": "a counter that is forgotten within the day",
    "accounts.clear_sign_in_failures": "the same",
    "accounts.forget_old_failures": "the same",
    "accounts.request_password_reset": "nothing changes until the link is used: set_password",
    "docs_portal.record_read": "reading changes nothing; one row per reader and revision",
    "docs_portal.record_missing_page": "a counter of addresses asked for in vain",
    "tickets.start_bulk_run": "the run is its own record; each ticket has the events of its act",
    "tickets.stop_bulk_run": "the same",
    "tickets.undo_bulk_run": "the same",
    "tickets.record_history": "writes the imported events themselves; tests/tickets holds it",
    "reports.follow_touched": "derived rows, equal to recomputation (invariant 8)",
    "reports.rebuild_facts": "the same",
    "reports.recompute_tickets": "the same",
    "reports.make_snapshot": "a snapshot never changes and is its own record (invariant 7)",
    "reports.make_due_snapshots": "the same",
    "reports.make_outlook": "an outlook is frozen like a snapshot",
    "reports.make_due_outlook": "the same",
    "reports.correct_snapshot": "a new snapshot that names the old",
    "reports.send_due_reports": "a delivery is its own record and has its row in the outbox",
    "reports.follow_deliveries": "copies what the inbox and the outbox say",
    "reports.mark_report_read": "a delivery says when it was read",
    "reports.order_snapshot": "an outbox row names who asked and when",
}
