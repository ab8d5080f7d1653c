"""A whole shift with the keyboard alone: ten tickets of different types to different levels."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from feedback.models import Demand
from opsdesk.demo.cast import Cast
from tests.browser.keyboard import Keyboard
from tests.browser.tickets.desk import sign_in
from tests.tickets.ladder import submitted
from tickets.choices import CauseState, CommentKind, Level, Resolution, Status, Type
from tickets.models import Comment, Ticket

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

#: What people wrote, in the order the shift meets them.
WRITTEN = (
    "下属的拜访记录在哪里审阅",
    "客户分组怎么改名",
    "报价审批的金额上限要调整",
    "新同事看不到华东大区的客户",
    "合同套打缺了盖章区",
    "拜访照片上传到一半就断",
    "客户列表打开要一分钟",
    "回款金额和财务系统对不上",
    "希望导出客户时能选字段",
    "登录之后页面是空白的",
)


class Shift:
    """林知夏 at the desk; nothing but keys."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.hands = Keyboard(page)
        sign_in(page, address, "linzhixia")
        page.goto(f"{address}/desk/?queue=all")

    def next(self, title: str) -> None:
        """The next ticket of the list; what stands beside it has come too."""
        self.hands.strokes("j")
        expect(self.page.locator("main h1")).to_have_text(title)
        expect(self.page.locator("#related [data-beside]")).to_have_count(0)

    def is_at(self, level: Level) -> None:
        step = self.page.locator("main .rail li[aria-current]")
        expect(step).to_have_attribute("data-level", str(level.value))

    def is_in(self, status: Status) -> None:
        expect(self.page.locator(f'main header .badge[data-status="{status}"]')).to_be_visible()

    def asks(self, about: str) -> None:
        """The strip of choices asks for something."""
        expect(self.page.locator(".hint")).to_contain_text(about)

    def choose(self, text: str) -> None:
        """Press the key that the strip shows beside a choice."""
        choice = self.page.locator(".hint .choice", has_text=text).first
        self.hands.strokes(choice.locator("kbd").inner_text())

    def reply(self, key: str, text: str) -> None:
        self.hands.strokes(key)
        expect(self.page.locator(".compose textarea")).to_be_focused()
        self.hands.types(text)
        self.hands.sends()
        expect(self.page.locator(".flow")).to_contain_text(text)

    def dialog(self, key: str, text: str = "") -> None:
        self.hands.strokes(key)
        self.hands.opens()
        if text:
            self.hands.types(text)
        self.hands.sends()
        expect(self.page.locator("#act[open]")).to_have_count(0)


#: A page that is still being put together hears no keys yet.
UNSETTLED = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"


def _play(shift: Shift) -> None:
    hands = shift.hands
    # 1. How-to: judged, level 2, claimed, answered, no page for it, resolved.
    shift.next(WRITTEN[0])
    hands.strokes("c 1 0 2")
    shift.is_at(Level.RESOLVE)
    hands.strokes("a a")
    expect(shift.page.locator("main header .avatar")).to_have_attribute("title", "林知夏")
    shift.reply("r", "在左侧选择“团队记录”。")
    hands.strokes("o")
    expect(shift.page.locator("main .contract li[data-open]")).to_have_count(0)
    shift.dialog("e")
    shift.is_in(Status.RESOLVED)
    # 2. How-to: a question back, so the clock waits for the requester.
    shift.next(WRITTEN[1])
    hands.strokes("c 1 0 2")
    shift.is_at(Level.RESOLVE)
    shift.dialog("q", "是哪个分组？")
    shift.is_in(Status.PENDING)
    # 3. Configuration: its module is known, it stays with the team.
    shift.next(WRITTEN[2])
    hands.strokes("c 2")
    shift.asks("哪个模块")
    shift.choose("报价与合同")
    shift.asks("哪个层次")
    hands.strokes("2")
    shift.is_at(Level.RESOLVE)
    # 4. Access: relayed to the team outside.
    shift.next(WRITTEN[3])
    hands.strokes("c 3 0")
    shift.asks("哪个层次")
    hands.strokes("t")
    shift.asks("外部组")
    shift.choose("CRM 研发")
    shift.is_in(Status.ON_HOLD)
    # 5. Bug: pushed to the owner that is proposed.
    shift.next(WRITTEN[4])
    hands.strokes("c 4 0 3")
    hands.opens()
    hands.sends()
    shift.is_at(Level.PUSH)
    # 6. Bug: level 2, and a colleague takes it.
    shift.next(WRITTEN[5])
    hands.strokes("c 4 0 2")
    shift.is_at(Level.RESOLVE)
    hands.strokes("a")
    shift.asks("周敏")
    shift.choose("周敏")
    expect(shift.page.locator("main header .avatar")).to_have_attribute("title", "周敏")
    # 7. Performance: a move that lacks its type says so and leads to the row; the arrows fill it.
    shift.next(WRITTEN[6])
    hands.strokes("l 2")
    expect(shift.page.locator("[data-lacks-place]")).to_contain_text("缺少类型")
    expect(shift.page.locator("#row_type_type")).to_be_focused()
    hands.strokes("ArrowDown ArrowDown ArrowDown ArrowDown ArrowDown Enter")
    expect(shift.page.locator("#row_module_module")).to_be_focused()
    hands.strokes("ArrowDown Enter")
    expect(shift.page.locator("#row_module_module")).to_have_count(0)
    expect(shift.page.locator(UNSETTLED)).to_have_count(0)
    hands.strokes("l 2")
    shift.is_at(Level.RESOLVE)
    # 8. Data: level 2, taken back to level 1 with a reason.
    shift.next(WRITTEN[7])
    hands.strokes("c 6 0 2")
    shift.is_at(Level.RESOLVE)
    hands.strokes("l 1")
    hands.opens()
    expect(shift.page.locator("#act select[name=level]")).to_have_value("1")
    hands.tabs_to("#act textarea")
    hands.types("材料不全，先补充账期。")
    hands.sends()
    shift.is_at(Level.RELAY)
    # 9. Improvement: driven by a new demand with the requester's words.
    shift.next(WRITTEN[8])
    hands.strokes("c 7 0 4")
    hands.opens()
    hands.sends()
    shift.is_at(Level.PRODUCT_DRIVE)
    # 10. The wrong type, seen at once and undone; then the right one.
    shift.next(WRITTEN[9])
    hands.strokes("c 7 Escape")
    expect(shift.page.locator("main .facts")).to_contain_text("优化建议")
    hands.strokes("z")
    expect(shift.page.locator("main .facts")).to_contain_text("未分类")
    hands.strokes("c 4 0 2")
    shift.is_at(Level.RESOLVE)
    shift.reply("n", "研发在看同类的登录问题。")


def test_ten_tickets_reach_their_levels_without_a_pointer(
    cast: Cast, now: dt.datetime, live_server: LiveServer, page: Page
) -> None:
    User.objects.update(language="zh-hans")
    # The newest stands first, so the last to come is the first of the shift.
    tickets = [submitted(cast, now, text) for text in reversed(WRITTEN)][::-1]
    shift = Shift(page, live_server.url)
    _play(shift)
    assert shift.hands.effort.click == 0
    found = [Ticket.objects.get(pk=ticket.pk) for ticket in tickets]
    asked, answered = cast.linzhixia, found[0]
    assert [(t.type, t.level, t.status) for t in found] == [
        (Type.HOW_TO, Level.RESOLVE, Status.RESOLVED),
        (Type.HOW_TO, Level.RESOLVE, Status.PENDING),
        (Type.CONFIGURATION, Level.RESOLVE, Status.OPEN),
        (Type.ACCESS, Level.RELAY, Status.ON_HOLD),
        (Type.BUG, Level.PUSH, Status.ON_HOLD),
        (Type.BUG, Level.RESOLVE, Status.OPEN),
        (Type.PERFORMANCE, Level.RESOLVE, Status.OPEN),
        (Type.DATA, Level.RELAY, Status.OPEN),
        (Type.IMPROVEMENT, Level.PRODUCT_DRIVE, Status.ON_HOLD),
        (Type.BUG, Level.RESOLVE, Status.OPEN),
    ]
    assert (answered.assignee, answered.answer_gap, answered.resolution) == (
        asked, True, Resolution.ANSWERED,
    )  # fmt: skip
    assert answered.resolved_level == Level.RESOLVE
    question = Comment.objects.get(ticket=found[1], author=asked)
    assert (question.kind, question.body) == (CommentKind.PUBLIC, "是哪个分组？")
    assert found[2].module == cast.modules["quotes"]
    assert found[3].relayed_to is not None
    assert found[3].relayed_to.name == "CRM 研发"
    cause = found[4].cause
    assert cause is not None
    assert (cause.state, cause.title) == (CauseState.PUSHED, WRITTEN[4])
    assert cause.owner == cast.hesiyuan
    assert found[5].assignee == cast.people["zhoumin"]
    assert found[6].module_not_sure
    assert found[7].bounces == 1
    demand = Demand.objects.get(pk=int(re.sub(r"\D", "", found[8].driver)))
    assert demand.title == WRITTEN[8]
    note = Comment.objects.get(ticket=found[9], author=asked)
    assert (note.kind, note.body) == (CommentKind.NOTE, "研发在看同类的登录问题。")
