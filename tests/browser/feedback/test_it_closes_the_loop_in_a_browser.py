"""The whole loop by four people: asked, built, released, told, "not solved", mended, confirmed.

王珂 asks by a ticket; 林知夏 drives it by a demand; 周敏 has it built and releases it through the
gate; 陈璐 verifies it in production and closes the loop with a review of the result.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from core.models import Notice
from feedback.choices import DemandStatus
from feedback.models import Demand, FeedbackItem
from opsdesk.demo.cast import Cast
from tests.browser.people import NewContext, People, Person
from tests.browser.steps import Shoot, claim, confirm, release, reopen, submit
from tests.feedback.loop import deliver
from tickets.choices import Status
from tickets.models import Ticket

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.timeout(300),
]

TITLE = "客户导出可以选字段"
NOT_YET = "导出来仍然是全部 60 列"


def test_four_people_close_the_loop(
    cast: Cast, live_server: LiveServer, new_context: NewContext, shoot: Shoot
) -> None:
    people = People(new_context, live_server.url)
    asker, agent, builder, verifier = people.wangke, people.linzhixia, people.zhoumin, people.chenlu
    ticket = submit(asker, "星图 CRM", "希望导出客户时能选字段")
    demand = driven(agent, ticket)

    built(builder, demand)
    release(builder, "6.1", TITLE, cast.wangke.name, shoot)
    verified(verifier, demand)
    told(asker, ticket)
    reopen(asker, ticket, NOT_YET)

    deliver(timezone.now())
    # The same demand, with the evidence; nobody asks anybody again before it is built anew.
    builder.go(f"/demands/{demand.pk}/")
    expect(builder.page.locator("main .badge").first).to_have_text("开发中")
    builder.sees(NOT_YET)
    shoot(builder.page, "loop-not-solved")
    demand.refresh_from_db()
    assert (demand.status, demand.reopened_times) == (DemandStatus.IN_DEVELOPMENT, 1)
    assert set(FeedbackItem.objects.filter(demand=demand).values_list("person", flat=True)) == {
        cast.wangke.pk
    }
    assert Ticket.objects.get(pk=ticket).status == Status.OPEN

    builder.button("开始测试", ".verbs")
    release(builder, "6.2", TITLE, cast.wangke.name, shoot)
    verified(verifier, demand)
    told(asker, ticket)
    confirm(asker, ticket, "好了，可以用", "谢谢")
    shoot(asker.page, "loop-confirmed")

    verifier.go(f"/demands/{demand.pk}/")
    verifier.sees("已解决")
    review = "导出次数与耗时见周报；两周内无人再提。"
    verifier.dialog("复盘并闭环", "复盘并闭环", ".verbs", review=review)
    expect(verifier.page.locator("main .badge").first).to_have_text("已闭环")
    shoot(verifier.page, "loop-closed")
    demand.refresh_from_db()
    assert demand.status == DemandStatus.CLOSED
    assert Ticket.objects.get(pk=ticket).status == Status.CLOSED
    assert people.faults() == {}


def driven(agent: Person, ticket: int) -> Demand:
    """A new demand with the requester's words, accepted and scheduled."""
    claim(agent, ticket, "优化建议", "客户档案")
    agent.dialog(
        "新建需求 …", "用该需求推动", "#demand", title=TITLE, words="现在要手工删掉 20 多列",
        scenario="每周一给区域经理发客户清单", frequency="每周一次",
    )  # fmt: skip
    expect(agent.page.locator("main .badge").first).to_have_text("待协同")
    agent.link(TITLE, "#demand")
    agent.dialog("采纳", "采纳", ".verbs", reason="列入下个版本")
    planned = timezone.localdate() + dt.timedelta(days=9)
    agent.dialog("排期", "排期", ".verbs", planned_on=planned.isoformat())
    return Demand.objects.get(title=TITLE)


def built(builder: Person, demand: Demand) -> None:
    builder.go(f"/demands/{demand.pk}/")
    builder.button("开始开发", ".verbs")
    builder.button("开始测试", ".verbs")
    expect(builder.page.locator("main .badge").first).to_have_text("测试中")


def verified(verifier: Person, demand: Demand) -> None:
    """Seen to work in production, by name; only then is anybody asked."""
    questions = Notice.objects.filter(kind="demand.release")
    before = questions.count()
    deliver(timezone.now())
    assert questions.count() == before
    verifier.go(f"/demands/{demand.pk}/")
    verifier.dialog("生产验收", "我已验收通过", ".verbs")
    verifier.sees("陈璐")


def told(asker: Person, ticket: int) -> None:
    """The question reaches them, and leads to their own ticket."""
    deliver(timezone.now())
    asker.is_told(f"/my/{ticket}/", "已上线：现在好了吗", TITLE)
