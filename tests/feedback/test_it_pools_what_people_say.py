"""Words without a demand: kept, gathered into one, or set aside with a reason for their person."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client

from core.errors import BadInput, NotAllowed, Refused
from core.events import history, unfolded
from core.models import Notice, OutboxRow
from feedback.actions import (
    DemandDraft,
    add_feedback,
    create_demand,
    gather_feedback,
    set_aside_feedback,
    take_back_feedback,
)
from feedback.actions.importing import carry_out_import, start_import
from feedback.models import Demand, DemandImport, FeedbackItem, Obligation
from feedback.policies.verifying import obligations_equal_requesters
from opsdesk.demo.cast import Cast
from tests.feedback.loop import deliver
from tests.feedback.test_it_reads_spreadsheets import outcomes, run_jobs, sheet

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.linzhixia)
    return client


def said(cast: Cast, now: dt.datetime, words: str, product: str = "crm") -> FeedbackItem:
    return add_feedback(
        product=cast.products[product], person=cast.wangke, words=words, source="interview",
        importance=2, acting_user=cast.linzhixia, now=now,
    )  # fmt: skip


def opened(cast: Cast, now: dt.datetime, title: str = "批量导出联系人") -> Demand:
    draft = DemandDraft(title, cast.products["crm"])
    return create_demand(draft, acting_user=cast.linzhixia, now=now)


def test_gathered_words_are_owed_word(cast: Cast, now: dt.datetime) -> None:
    first, second = said(cast, now, "每周要手工抄一遍"), said(cast, now, "抄错过两次")
    demand = opened(cast, now)
    assert not Obligation.objects.filter(demand=demand).exists()
    gather_feedback([first, second], demand, acting_user=cast.linzhixia, now=now)
    assert Obligation.objects.get(demand=demand).person == cast.wangke
    assert set(FeedbackItem.objects.gathered()) == {first, second}
    assert list(obligations_equal_requesters()) == []
    assert [event.verb for event in history("feedback", first.pk)] == ["say", "gather"]
    for item in FeedbackItem.objects.all():
        assert unfolded(item) == {}
    with pytest.raises(BadInput, match="已归入需求"):
        gather_feedback([first], opened(cast, now, "别的"), acting_user=cast.linzhixia, now=now)


def test_what_does_not_belong_together_is_refused_whole(cast: Cast, now: dt.datetime) -> None:
    here, elsewhere = said(cast, now, "导出太慢"), said(cast, now, "发票查不到", "erp")
    demand = opened(cast, now)
    with pytest.raises(BadInput, match="另一个产品"):
        gather_feedback([here, elsewhere], demand, acting_user=cast.linzhixia, now=now)
    assert FeedbackItem.objects.waiting().count() == 2
    with pytest.raises(NotAllowed):
        gather_feedback([here], demand, acting_user=cast.wangke, now=now)
    gather_feedback([here], demand, acting_user=cast.linzhixia, now=now)
    assert FeedbackItem.objects.waiting().get() == elsewhere


def test_set_aside_tells_the_person_why_and_can_be_taken_back(cast: Cast, now: dt.datetime) -> None:
    item = said(cast, now, "把按钮换成绿色")
    with pytest.raises(BadInput):
        set_aside_feedback(item, " ", acting_user=cast.linzhixia, now=now)
    set_aside_feedback(item, "颜色按集团规范", acting_user=cast.linzhixia, now=now)
    take_back_feedback(item, acting_user=cast.linzhixia, now=now)
    deliver(now)
    assert not Notice.objects.filter(kind="feedback.set_aside").exists(), "undone in time"
    set_aside_feedback(item, "颜色按集团规范", acting_user=cast.linzhixia, now=now)
    with pytest.raises(Refused):
        set_aside_feedback(item, "再来一次", acting_user=cast.linzhixia, now=now)
    deliver(now)
    notice = Notice.objects.get(kind="feedback.set_aside")
    assert (notice.recipient, notice.params["reason"]) == (cast.wangke, "颜色按集团规范")
    # Someone thought better of it: it can still become a demand.
    gather_feedback([item], opened(cast, now), acting_user=cast.linzhixia, now=now)
    item.refresh_from_db()
    assert (item.set_aside_at, item.set_aside_reason) == (None, "")


def test_the_pages_lead_from_words_to_a_demand(
    cast: Cast, now: dt.datetime, client: Client
) -> None:
    sent = {
        "person": "王珂", "source": "visit", "product": cast.products["crm"].pk,
        "module": cast.modules["visits"].pk, "words": "录音要能转成文字", "importance": "3",
        "hours_per_week": "1.5", "then": "another",
    }  # fmt: skip
    again = client.post("/demands/feedback/new/", sent)
    assert again.headers["Location"].startswith("/demands/feedback/new/?person=%E7%8E%8B")
    item = FeedbackItem.objects.get(words="录音要能转成文字")
    page = client.get("/demands/feedback/").content.decode()
    assert "录音要能转成文字" in page
    assert "录音要能转成文字" not in client.get("/demands/feedback/?q=发票").content.decode()
    assert "录音要能转成文字" in client.get(f"/demands/new/?items={item.pk}").content.decode()
    client.post("/demands/new/", {
        "items": str(item.pk), "title": "录音转文字", "product": cast.products["crm"].pk,
        "kind": "new", "initiated_by": "business",
    })  # fmt: skip
    item.refresh_from_db()
    assert item.demand == Demand.objects.get(title="录音转文字")
    # A module of another product, and nothing chosen, are refused by name.
    wrong = client.post("/demands/feedback/new/", {**sent, "product": cast.products["erp"].pk})
    assert wrong.status_code == 422
    assert client.get("/demands/feedback/gather/").status_code == 400
    other = said(cast, now, "要能批量转")
    assert client.get(f"/demands/feedback/gather/?items={other.pk}").status_code == 200
    sent = {"items": str(other.pk), "demand": "other", "ref": item.demand.ref}
    assert client.post("/demands/feedback/gather/", sent).status_code == 302
    other.refresh_from_db()
    assert other.demand == item.demand


def test_a_user_says_it_and_sees_what_became_of_it(cast: Cast, now: dt.datetime) -> None:
    client = Client()
    client.force_login(cast.wangke)
    sent = {"product": cast.products["crm"].pk, "words": "希望记住筛选条件", "importance": "1"}
    assert client.post("/my/demands/feedback/", sent).status_code == 302
    item = FeedbackItem.objects.get(person=cast.wangke)
    assert (item.source, item.created_by) == ("form", cast.wangke)
    set_aside_feedback(item, "新版本已经会记住", acting_user=cast.linzhixia, now=now)
    assert "新版本已经会记住" in client.get("/my/demands/feedback/").content.decode()
    assert client.get("/demands/feedback/").status_code == 403
    assert client.post(f"/demands/feedback/{item.pk}/take-back/").status_code == 404
    client.force_login(cast.liuyang)
    assert "希望记住筛选条件" not in client.get("/my/demands/feedback/").content.decode()


def test_a_spreadsheet_of_interviews_comes_in_once(cast: Cast, now: dt.datetime) -> None:
    file = sheet(
        ["王珂", "每次都要重新登录", "星图 CRM", "拜访管理", "访谈", "3", "2.5"],
        ["刘洋", "列表太慢", "星图 CRM", "", "", "", ""],
        ["查无此人", "随便", "星图 CRM", "", "", "", ""],
        ["王珂", "", "没有的产品", "", "电话", "9", "两小时"],
        ["刘洋", "列表太慢", "星图 CRM", "", "", "", ""],
        headings=["反馈人", "原话", "产品", "模块", "来源", "重要程度", "每周耗时（小时）"],
    )
    by: Any = {"language": "zh-hans", "kind": "feedback", "acting_user": cast.linzhixia, "now": now}
    run = run_jobs(start_import(file, None, **by), now)
    assert outcomes(run) == {2: "create", 3: "create", 4: "refused", 5: "refused", 6: "refused"}
    named = {
        line: {problem[0] for problem in problems}
        for line, problems in run.rows.filter(outcome="refused").values_list("line", "problems")
    }
    assert named == {
        4: {"反馈人"}, 5: {"原话", "产品", "来源", "重要程度", "每周耗时（小时）"}, 6: {"原话"},
    }  # fmt: skip
    run = run_jobs(carry_out_import(run, acting_user=cast.linzhixia, now=now), now)
    assert run.state == DemandImport.State.DONE
    assert set(FeedbackItem.objects.values_list("person__name", "words", "importance")) == {
        ("王珂", "每次都要重新登录", 3), ("刘洋", "列表太慢", 1),
    }  # fmt: skip
    file.seek(0)
    again = run_jobs(start_import(file, None, **by), now)
    assert {what for what in outcomes(again).values() if what != "refused"} == {"same"}
    assert OutboxRow.objects.filter(name="demand.import").count() == 3
