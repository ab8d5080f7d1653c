"""What lies on the desk when the demo opens: tickets of the last hours that nobody holds yet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from core.models import Notice
from opsdesk.demo.play import Play, Story
from tickets.actions import TicketDraft, submit_ticket
from tickets.choices import Impact, Urgency

#: Notices older than this were read: nobody leaves a hundred of them lying.
READ_AFTER = dt.timedelta(days=2)


@dataclass(frozen=True)
class Arrival:
    """A ticket that came in `minutes` ago; without a module the person was not sure."""

    minutes: int
    who: str
    product: str
    text: str
    module: str = ""
    impact: int = Impact.ONLY_ME
    urgency: int = Urgency.NORMAL


ARRIVALS = (
    Arrival(286, "zhaoyi", "erp", "供应商对账单导出后金额列是文本，没法求和。", "ledger"),
    Arrival(251, "emma", "crm", "The visit list shows yesterday’s records twice.", "visits"),
    Arrival(214, "liuyang", "other", "出差申请应该在哪个系统里提？找了半天没找到。"),
    Arrival(187, "wangke", "board", "看板里华东大区的目标还是上个季度的，能更新一下吗？",
            "sales_board"),
    Arrival(163, "zhaoyi", "approval",
            "合同盖章申请提交后一直停在“发起人确认”，我已经确认过两次了。",
            "flows", Impact.MY_GROUP),
    Arrival(131, "liuyang", "crm",
            "新建客户时提示“统一社会信用代码重复”，可是列表里查不到这家公司。", "customers"),
    Arrival(96, "emma", "erp", "Can I file an expense in euros, or do I convert it first?",
            "expenses"),
    Arrival(58, "wangke", "crm",
            "希望审阅拜访记录时能直接给下属留一句话，现在要另外发消息，经常说完就忘了是哪一条。",
            "visits"),
    Arrival(41, "zhaoyi", "erp",
            "月末结账点“开始检查”就报错，整个财务组都结不了账，今天是最后一天！",
            "ledger", Impact.BUSINESS_STOPPED, Urgency.HIGH),
    Arrival(17, "liuyang", "approval", "想把审批委托给同事，委托人列表里找不到他。", "flows"),
    Arrival(6, "emma", "crm", "My quote was rejected without a comment. Where do I see why?",
            "quotes"),
)  # fmt: skip


def tell_today(play: Play) -> None:
    """The last hours before the curtain; each ticket stays as it came in."""
    for arrival in ARRIVALS:
        play.tell(_arrives(arrival), play.until - dt.timedelta(minutes=arrival.minutes))


def _arrives(arrival: Arrival) -> Callable[[Play], Story]:
    def story(play: Play) -> Story:
        draft = TicketDraft(
            product=play.cast.products[arrival.product],
            description=arrival.text,
            module=play.cast.modules[arrival.module] if arrival.module else None,
            module_not_sure=not arrival.module,
            impact=arrival.impact,
            urgency=arrival.urgency,
        )
        submit_ticket(draft, acting_user=play.cast.people[arrival.who], now=play.now)
        yield from ()

    return story


def read_old_notices(until: dt.datetime) -> None:
    """Everybody has read what they were told up to two days ago."""
    old = Notice.objects.filter(created_at__lt=until - READ_AFTER)
    old.filter(seen_at__isnull=True).update(seen_at=until)
    old.filter(read_at__isnull=True).update(read_at=until)
