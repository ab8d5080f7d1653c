"""The worked week of domain.md, T1–T12, through the real actions at given times.

A test holds its figures: created 12, cancelled 2, resolved 9 (L1 1, L2 4, L3 3 of one cause,
L4 1), relay-only 1/9, bounces 1, research 2, unresolved 1. The demo company replays it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from accounts.models import User
from feedback.actions import (
    DemandDraft,
    accept_demand,
    create_demand,
    create_release,
    drive_by_demand,
    fill_gate,
    publish_insight,
    publish_release,
    put_in_release,
    schedule_demand,
    see_people,
    start_development,
    start_testing,
    verify_demand,
)
from feedback.choices import DemandKind
from opsdesk.demo.cast import Cast
from opsdesk.demo.pages import build_pages
from opsdesk.demo.play import Play, Story, at
from tickets.actions import (
    TicketDraft,
    accept_cause,
    add_comment,
    ask_requester,
    claim_ticket,
    confirm_ticket,
    decline_cause,
    deliver_cause,
    deliver_relay,
    edit_ticket,
    merge_ticket,
    move_up,
    open_cause,
    push_cause,
    push_ticket,
    relay_ticket,
    resolve_ticket,
    submit_ticket,
    withdraw_ticket,
)
from tickets.choices import CauseCategory, Impact, Resolution, ReturnReason, Type
from tickets.models import Cause, Ticket

CAUSE_TITLE = "部门编码变更后，拜访视图仍按旧编码过滤"


def play_worked_week(cast: Cast, monday: dt.date) -> dict[str, Ticket]:
    """Replay the whole week that begins on `monday`. Returns the tickets as T1 … T12."""
    build_pages(cast, at(monday, 0, "09:00"))
    play = Play(cast, at(monday, 6, "23:00"))
    tell_worked_week(play, monday)
    play.run()
    return {name: play.again(ticket) for name, ticket in sorted(play.tickets.items())}


def tell_worked_week(play: Play, monday: dt.date) -> None:
    """Add the week's stories to a play that may hold others."""
    stories: tuple[tuple[str, int, Callable[[Play, dt.date], Story]], ...] = (
        ("09:30", 0, _t1_and_t12),
        ("10:10", 0, _t2),
        ("11:05", 0, _t3),
        ("14:20", 0, _t4),
        ("09:40", 1, _t5),
        ("15:10", 0, _t6_to_t8),
        ("10:30", 1, _t9),
        ("16:00", 1, _t10),
        ("09:20", 2, _t11),
        ("16:30", 4, _insight),
    )
    for clock, day, story in stories:
        play.tell(lambda play, story=story: story(play, monday), at(monday, day, clock))  # type: ignore[misc]


def _submit(play: Play, name: str, who: User, product: str, text: str) -> Ticket:
    draft = TicketDraft(product=play.cast.products[product], description=text)
    ticket = play.tickets[name] = submit_ticket(draft, acting_user=who, now=play.now)
    return ticket


def _route(play: Play, name: str, who: User, type_: str, module: str) -> Ticket:
    """Held, and with the contract of level 1 met."""
    ticket = claim_ticket(play.tickets[name], acting_user=who, now=play.now)
    fields = {"type": type_, "module": play.cast.modules[module], "impact": Impact.MY_GROUP}
    return edit_ticket(ticket, fields, acting_user=who, now=play.now)


def _answer(play: Play, name: str, who: User, words: str, *, gap: bool = False) -> Ticket:
    ticket = play.again(play.tickets[name])
    add_comment(ticket, words, acting_user=who, now=play.now)
    page = None if gap else play.page_of(ticket)
    answer: dict[str, Any] = {"answer_page": page} if page else {"answer_gap": True}
    return edit_ticket(ticket, answer, acting_user=who, now=play.now)


def _screen(play: Play, name: str, who: User, module: str, why: str, seen: str) -> Ticket:
    """On level 2, with suspected module, cause and evidence."""
    ticket = move_up(play.tickets[name], 2, acting_user=who, now=play.now)
    fields = {
        "suspected_module": play.cast.modules[module],
        "suspected_category": CauseCategory.PERMISSION_RULE,
        "suspected_cause": why,
        "evidence": seen,
    }
    return edit_ticket(ticket, fields, acting_user=who, now=play.now)


def _t1_and_t12(play: Play, monday: dt.date) -> Story:
    """T1 how-to answered with a page; T12, the same person's second try, merged into it."""
    cast, agent = play.cast, play.cast.linzhixia
    _submit(play, "T1", cast.wangke, "crm", "下属提交的拜访记录在哪里审阅？我只看得到自己的。")
    yield at(monday, 0, "09:42")
    _submit(play, "T12", cast.wangke, "crm", "看不到下属的拜访记录，怎么办？")
    yield at(monday, 0, "09:50")
    _route(play, "T1", agent, Type.HOW_TO, "visits")
    yield at(monday, 0, "09:55")
    merge_ticket(play.tickets["T12"], play.tickets["T1"], acting_user=agent, now=play.now)
    yield at(monday, 0, "10:05")
    ticket = _answer(play, "T1", agent, "在“拜访管理 → 团队记录”里审阅，手册里有图示。")
    resolve_ticket(ticket, Resolution.ANSWERED, acting_user=agent, now=play.now)
    yield at(monday, 0, "11:20")
    confirm_ticket(play.tickets["T1"], acting_user=cast.wangke, now=play.now)


def _t2(play: Play, monday: dt.date) -> Story:
    """How-to answered with a page."""
    cast, agent = play.cast, play.cast.zhoumin
    _submit(play, "T2", cast.liuyang, "crm", "拜访记录能上传几张现场照片？")
    yield at(monday, 0, "10:35")
    _route(play, "T2", agent, Type.HOW_TO, "visits")
    yield at(monday, 0, "10:50")
    ticket = _answer(play, "T2", agent, "最多 9 张，每张不超过 10 MB；压缩方法见手册。")
    resolve_ticket(ticket, Resolution.ANSWERED, acting_user=agent, now=play.now)
    yield at(monday, 1, "09:15")
    confirm_ticket(play.tickets["T2"], acting_user=cast.liuyang, now=play.now)


def _t3(play: Play, monday: dt.date) -> Story:
    """How-to without a page: answered, and the gap is on record."""
    cast, agent = play.cast, play.cast.linzhixia
    _submit(play, "T3", cast.zhaoyi, "erp", "跨年度的报销单要怎么提交？系统提示期间已关闭。")
    yield at(monday, 0, "11:30")
    _route(play, "T3", agent, Type.HOW_TO, "expenses")
    ask_requester(
        play.tickets["T3"], "请发一下报销单号和发票日期。", acting_user=agent, now=play.now
    )
    yield at(monday, 0, "13:40")
    words = "单号 BX-20318，发票是去年 12 月 28 日的。"
    add_comment(play.tickets["T3"], words, acting_user=cast.zhaoyi, now=play.now)
    yield at(monday, 0, "14:30")
    ticket = _answer(
        play, "T3", agent, "选择“以前年度”费用类型，并附部门说明即可提交。", gap=True
    )  # fmt: skip
    resolve_ticket(ticket, Resolution.ANSWERED, acting_user=agent, now=play.now)
    yield at(monday, 1, "10:00")
    confirm_ticket(play.tickets["T3"], acting_user=cast.zhaoyi, now=play.now)


def _t4(play: Play, monday: dt.date) -> Story:
    """Configuration, from new to resolved in one go."""
    cast, agent = play.cast, play.cast.chenlu
    _submit(play, "T4", cast.emma, "approval", "Please add my new manager to the travel approval.")
    yield at(monday, 0, "15:00")
    _route(play, "T4", agent, Type.CONFIGURATION, "flows")
    ticket = _answer(play, "T4", agent, "Done: your travel requests now go to your new manager.")
    resolve_ticket(ticket, Resolution.CONFIGURED, acting_user=agent, now=play.now)
    yield at(monday, 0, "16:10")
    confirm_ticket(play.tickets["T4"], acting_user=cast.emma, now=play.now)


def _t5(play: Play, monday: dt.date) -> Story:
    """Relayed, and solved by the other team."""
    cast, agent = play.cast, play.cast.zhoumin
    _submit(play, "T5", cast.zhaoyi, "erp", "增值税发票识别后税额总是少一分钱。")
    yield at(monday, 1, "09:55")
    _route(play, "T5", agent, Type.DATA, "expenses")
    relay_ticket(
        play.tickets["T5"], cast.teams["recognition"], "识别结果税额四舍五入", acting_user=agent,
        now=play.now,
    )  # fmt: skip
    yield at(monday, 2, "11:00")
    add_comment(
        play.tickets["T5"], "税额改为按发票原文取值，请重新识别。", acting_user=cast.xucheng,
        now=play.now,
    )  # fmt: skip
    deliver_relay(play.tickets["T5"], "已发布新的识别规则", acting_user=cast.xucheng, now=play.now)
    yield at(monday, 2, "14:00")
    confirm_ticket(play.tickets["T5"], acting_user=cast.zhaoyi, now=play.now)


def _t6_to_t8(play: Play, monday: dt.date) -> Story:
    """T6 pushed and declined once, pushed again with T7 and T8; accepted, delivered, resolved."""
    cast, agent, owner = play.cast, play.cast.linzhixia, play.cast.hesiyuan
    why, seen = "视图仍按旧部门编码过滤", "用测试账号复现，组织调整后当日起"
    _submit(play, "T6", cast.wangke, "crm", "拜访记录提交后，主管看不到。我们组 6 个人都这样。")
    yield at(monday, 0, "15:40")
    _route(play, "T6", agent, Type.BUG, "visits")
    _screen(play, "T6", agent, "visits", why, seen)
    cause = open_cause(
        title=CAUSE_TITLE, product=cast.products["crm"], module=cast.modules["visits"],
        category=CauseCategory.PERMISSION_RULE, acting_user=agent, now=play.now,
    )  # fmt: skip
    push_cause(cause, owner, acting_user=agent, now=play.now)
    push_ticket(play.tickets["T6"], cause, acting_user=agent, now=play.now)
    yield at(monday, 1, "10:20")
    decline_cause(
        cause, ReturnReason.INCOMPLETE, "缺少受影响的部门编码", acting_user=owner, now=play.now
    )  # fmt: skip
    yield at(monday, 1, "11:10")
    push_cause(cause, owner, acting_user=agent, now=play.now)
    for name, who in (("T7", cast.liuyang), ("T8", cast.emma)):
        yield at(monday, 1, "13:30")
        _submit(play, name, who, "crm", "主管说看不到我的拜访记录，昨天以前都正常。")
        _route(play, name, agent, Type.BUG, "visits")
        _screen(play, name, agent, "visits", why, seen)
        push_ticket(play.tickets[name], cause, acting_user=agent, now=play.now)
    yield at(monday, 1, "15:00")
    accept_cause(cause, monday + dt.timedelta(days=3), acting_user=owner, now=play.now)
    yield from _delivered(play, monday, cause)


def _delivered(play: Play, monday: dt.date, cause: Cause) -> Story:
    cast, agent, owner = play.cast, play.cast.linzhixia, play.cast.hesiyuan
    yield at(monday, 3, "15:30")
    deliver_cause(
        cause, "部门编码写死在视图条件里，改为取当前组织。", acting_user=owner, now=play.now
    )  # fmt: skip
    yield at(monday, 3, "16:20")
    for name in ("T6", "T7", "T8"):
        add_comment(
            play.tickets[name], "已修复，请刷新后再看一次。", acting_user=agent, now=play.now
        )
        resolve_ticket(play.tickets[name], Resolution.FIXED, acting_user=agent, now=play.now)
    yield at(monday, 4, "09:30")
    confirm_ticket(play.tickets["T6"], acting_user=cast.wangke, now=play.now)
    confirm_ticket(play.tickets["T8"], acting_user=cast.emma, now=play.now)


def _t9(play: Play, monday: dt.date) -> Story:
    """A bug fixed by a demand: released, verified in production, then the requester is asked."""
    cast, agent = play.cast, play.cast.zhoumin
    _submit(play, "T9", cast.wangke, "approval", "手机上批量审批超过 20 条就报错，只能一条条点。")
    yield at(monday, 1, "10:55")
    _route(play, "T9", agent, Type.BUG, "mobile")
    _screen(
        play, "T9", agent, "mobile", "批量接口一次只收 20 条", "安卓与苹果各试一次，第 21 条起失败"
    )
    demand = create_demand(
        DemandDraft(
            "移动审批支持一次批量 200 条", cast.products["approval"], kind=DemandKind.DEFECT,
            problem="主管每天要批 60 条以上，分批操作易漏。", module=cast.modules["mobile"],
        ),
        acting_user=agent, now=play.now,
    )  # fmt: skip
    drive_by_demand(
        play.tickets["T9"], demand, "超过 20 条就报错", acting_user=agent, now=play.now
    )  # fmt: skip
    yield at(monday, 1, "14:00")
    accept_demand(demand, "影响所有主管", acting_user=agent, now=play.now)
    schedule_demand(demand, monday + dt.timedelta(days=4), acting_user=agent, now=play.now)
    yield at(monday, 2, "09:30")
    start_development(demand, acting_user=agent, now=play.now)
    yield at(monday, 3, "09:30")
    start_testing(demand, acting_user=agent, now=play.now)
    release = create_release(
        cast.products["approval"], f"签达审批 {monday:%y.%m.%d}", acting_user=agent, now=play.now
    )
    put_in_release(demand, release, acting_user=agent, now=play.now)
    gate = {
        "pages_note": "批量审批一页已更新", "measures_nothing": True,
        "announcement": "手机上现在可以一次批量审批 200 条。",
    }  # fmt: skip
    fill_gate(release, gate, acting_user=agent, now=play.now)
    see_people(release, acting_user=agent, now=play.now)
    yield at(monday, 3, "18:00")
    publish_release(release, acting_user=agent, now=play.now)
    yield at(monday, 4, "10:00")
    verify_demand(demand, acting_user=cast.linzhixia, now=play.now)
    yield at(monday, 4, "14:30")
    confirm_ticket(play.tickets["T9"], acting_user=cast.wangke, now=play.now)


def _t10(play: Play, monday: dt.date) -> Story:
    """An improvement that waits with its demand."""
    cast, agent = play.cast, play.cast.linzhixia
    _submit(play, "T10", cast.liuyang, "crm", "希望客户导出时能选字段，现在要手工删掉 20 多列。")
    yield at(monday, 1, "16:25")
    _route(play, "T10", agent, Type.IMPROVEMENT, "customers")
    ticket = edit_ticket(
        play.tickets["T10"],
        {
            "quote": "导出要手工删掉 20 多列",
            "scenario": "销售代表每周一把客户清单发给区域经理",
            "frequency": "每人每周一次",
        },
        acting_user=agent, now=play.now,
    )  # fmt: skip
    add_comment(ticket, "已记入需求，定下来会告诉您。", acting_user=agent, now=play.now)
    demand = create_demand(
        DemandDraft("客户导出可选字段", cast.products["crm"], module=cast.modules["customers"]),
        acting_user=agent, now=play.now,
    )  # fmt: skip
    drive_by_demand(
        play.tickets["T10"], demand, "导出要手工删掉 20 多列", acting_user=agent, now=play.now
    )  # fmt: skip


def _t11(play: Play, monday: dt.date) -> Story:
    """Withdrawn by its requester."""
    cast = play.cast
    _submit(play, "T11", cast.zhaoyi, "erp", "月末结账按钮是灰的。")
    yield at(monday, 2, "09:35")
    withdraw_ticket(
        play.tickets["T11"], "是我没有选期间，已经好了", acting_user=cast.zhaoyi, now=play.now
    )


def _insight(play: Play, monday: dt.date) -> Story:
    """What T1 and T3 taught."""
    publish_insight(
        "主管找不到“团队”入口",
        "两个产品里，主管都先在“我的”里找下属的单据，找不到才来问。建议入口与“我的”并列。",
        play.cast.products["crm"],
        [play.tickets["T1"], play.tickets["T3"]],
        acting_user=play.cast.linzhixia,
        now=play.now,
    )
    yield from ()
