"""Help before submit in the demo: who found it themselves, what readers said, what is missing."""

from __future__ import annotations

import datetime as dt
from itertools import count

from django.utils import timezone

from accounts.models import User
from docs_portal.access.debt import debt_for
from docs_portal.actions import record_search_miss, say_of_page, take_debt
from docs_portal.choices import VoiceReason
from docs_portal.models import Page
from docs_portal.policies.debt import Seed
from opsdesk.demo.cast import Cast
from opsdesk.demo.play import at
from tickets.actions import Found, note_help, say_solved
from tickets.choices import HelpPlace

WEEKS = 6
#: Who describes a trouble, and when, each working day.
TROUBLED = (
    ("liuyang", "09:12"), ("zhaoyi", "09:40"), ("wangke", "10:25"), ("emma", "11:05"),
    ("liuyang", "13:30"), ("zhaoyi", "14:10"), ("wangke", "15:20"), ("emma", "16:45"),
)  # fmt: skip
#: Of so many who were shown something, one says that it solved it.
SOLVES_ONE_IN = 3
SEARCHED = (
    ("liuyang", "crm", "批量导入拜访记录"), ("wangke", "crm", "批量导入拜访记录"),
    ("emma", "crm", "change language"), ("zhaoyi", "erp", "红字发票"),
    ("zhaoyi", "erp", "发票作废"), ("wangke", None, "离职交接"), ("liuyang", None, "离职交接"),
)  # fmt: skip
SAID = (
    ("liuyang", "填写拜访记录", VoiceReason.UNCLEAR, "第三步的按钮在手机上叫别的名字。"),
    ("zhaoyi", "月末结账", VoiceReason.INCOMPLETE, "跨月冲销的情况没有写。"),
    ("wangke", "导出客户清单", VoiceReason.OUTDATED, "菜单已经搬到右上角了。"),
)
LIKED = (("wangke", "审阅拜访记录"), ("emma", "新建客户与查重"), ("liuyang", "新建客户与查重"))


def build_helping(cast: Cast, now: dt.datetime, monday: dt.date) -> None:
    """From `monday` until now; nobody's words, only what they were shown."""
    numbers = count()
    for day in range(WEEKS * 7):
        if day % 7 > 4:
            continue
        for username, clock in TROUBLED:
            moment = at(monday, day, clock)
            if moment < now:
                _troubled(cast.people[username], moment, next(numbers))
    _said(cast, now)
    _missing(cast, now)


def _troubled(person: User, moment: dt.datetime, number: int) -> None:
    pages = Page.objects.readable_by(person, timezone.localdate(moment)).order_by("pk")
    shown = list(pages.values_list("pk", "manual__product_id")[number % 3 : number % 3 + 2])
    if not shown:
        return
    found = Found([pk for pk, _product in shown], [], [], [product for _pk, product in shown])
    session = note_help(
        found, place=HelpPlace.HOME if number % 2 else HelpPlace.FORM, is_held_out=False,
        acting_user=person, now=moment,
    )  # fmt: skip
    if session is not None and number % SOLVES_ONE_IN == 0:
        then = moment + dt.timedelta(minutes=4)
        say_solved(session, "page", shown[0][0], acting_user=person, now=then)


def _said(cast: Cast, now: dt.datetime) -> None:
    moment = now - dt.timedelta(days=2)
    for username, title, reason, comment in SAID:
        page = Page.objects.published().filter(title=title).first()
        if page is not None:
            say_of_page(
                page, is_helpful=False, reason=reason, comment=comment,
                acting_user=cast.people[username], now=moment,
            )  # fmt: skip
    for username, title in LIKED:
        page = Page.objects.published().filter(title=title).first()
        if page is not None:
            say_of_page(page, is_helpful=True, acting_user=cast.people[username], now=moment)


def _missing(cast: Cast, now: dt.datetime) -> None:
    """What was searched in vain, of which one item is taken already."""
    for number, (username, code, query) in enumerate(SEARCHED):
        product = cast.products[code] if code else None
        moment = now - dt.timedelta(days=3, hours=number)
        record_search_miss(query, product=product, acting_user=cast.people[username], now=moment)
    writer = cast.shenyi
    wanted = (owed for owed in debt_for(writer, now) if owed.debt.place.words == "红字发票")
    taken = next(wanted, None)
    if taken is not None and taken.product is not None:
        seed = Seed(
            title="开具红字发票", body="## 什么时候需要\n\n开错且已入账的发票。\n\n## 步骤\n"
        )
        take_debt(taken.debt.place, seed, taken.product, acting_user=writer, now=now)
