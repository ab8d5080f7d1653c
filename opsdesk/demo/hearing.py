"""What a newcomer meets of announcements and of the pool: two announcements, words that wait."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from docs_portal.actions import (
    AnnouncementDraft,
    acknowledge_announcement,
    add_poster_place,
    create_announcement,
    publish_announcement,
    read_announcement,
)
from docs_portal.models import Announcement
from feedback.actions import add_feedback
from feedback.models import FeedbackItem
from opsdesk.demo.cast import Cast

_DAY = dt.timedelta(days=1)


def build_hearing(cast: Cast, now: dt.datetime) -> None:
    """周敏 announces batch review of visits and the closing of the month; users' wishes wait."""
    if Announcement.objects.exists():
        return
    reviewed = AnnouncementDraft(
        "拜访记录可以整组审阅了",
        "销售主管在“团队记录”里勾选多条拜访记录，一次审阅。",
        "不用再逐条打开；一个小组一周的记录几分钟看完。",
        "销售主管。销售代表填写的方式不变。",
        "见手册：[审阅拜访记录](/manuals/crm/visit-records/)。",
        product=cast.products["crm"], products=[cast.products["crm"]],
    )  # fmt: skip
    _announced(cast, reviewed, now - 9 * _DAY, ("wangke", "liuyang"))
    closing = AnnouncementDraft(
        "本月 28 日 18:00 起关账，请提前提交报销",
        "28 日 18:00 到次月 2 日不能提交报销单。",
        "避免单据跨月，财务可以按时出账。", "所有报销员工与部门主管。",
        "请在 28 日 18:00 前提交；来不及的下月提交。",
        product=cast.products["erp"], asks_acknowledgement=True,
        acknowledge_by=timezone.localdate(now) + 5 * _DAY,
    )  # fmt: skip
    row = _announced(cast, closing, now - _DAY, ())
    acknowledge_announcement(row, acting_user=cast.zhaoyi, now=now)
    add_poster_place(row, "3 楼茶水间", acting_user=cast.zhoumin, now=now)
    if not FeedbackItem.objects.waiting().exists():
        _wishes(cast, now)


def _announced(
    cast: Cast, draft: AnnouncementDraft, now: dt.datetime, readers: tuple[str, ...]
) -> Announcement:
    row = create_announcement(draft, acting_user=cast.zhoumin, now=now)
    row = publish_announcement(row, acting_user=cast.zhoumin, now=now)
    for name in readers:
        read_announcement(row, acting_user=cast.people[name], now=now + _DAY)
    return row


def _wishes(cast: Cast, now: dt.datetime) -> None:
    for words, person, product, source, importance in (
        ("每周一都要手工删掉客户清单里多余的列", cast.wangke, "crm", "interview", 3),
        ("拜访的时候网络不好，写了一半就没了", cast.liuyang, "crm", "visit", 2),
        ("月底对账时希望能一次看全部门的报销", cast.zhaoyi, "erp", "meeting", 2),
    ):  # fmt: skip
        add_feedback(
            product=cast.products[product], person=person, words=words, source=source,
            importance=importance, acting_user=cast.linzhixia, now=now - _DAY,
        )  # fmt: skip
