"""Similar tickets: found by rare words, ranked by what they share, as far as one may see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from opsdesk.demo.cast import Cast
from tests.tickets.ladder import routed, screened, submitted
from tickets.actions import (
    accept_cause,
    deliver_cause,
    edit_ticket,
    link_cause,
    open_cause,
    push_cause,
)
from tickets.actions.word_counts import count_words
from tickets.choices import Type
from tickets.models import Ticket, WordCount
from tickets.search.similar import similar_to, words_of

ClientOf = Callable[..., Client]
pytestmark = pytest.mark.django_db


def test_words_are_pairs_of_characters_and_whole_runs() -> None:
    assert words_of("報價單 PDF打不开 ok") == ["pdf", "报价", "价单", "打不", "不开"]
    assert words_of("!") == []


def test_the_nearest_come_first_and_strangers_not_at_all(cast: Cast, now: dt.datetime) -> None:
    for text in ("月末结账按钮是灰色的", "审批流里找不到代理人"):
        submitted(cast, now, text)
    near = submitted(cast, now, "报价单导出 PDF 打不开")
    nearest = submitted(cast, now, "报价单导出的 PDF 在手机上打不开")
    asked = submitted(cast, now, "报价单导出的 PDF 手机打不开")
    count_words()
    found = similar_to(asked, cast.linzhixia)
    assert [one.ticket.pk for one in found] == [nearest.pk, near.pk]
    assert found[0].likeness > found[1].likeness


def test_common_words_do_not_hide_the_rare_one(cast: Cast, now: dt.datetime) -> None:
    wanted = submitted(cast, now, "客户导出报错 E7731")
    for number in range(8):
        submitted(cast, now, f"客户导出很慢{'甲乙丙丁戊己庚辛'[number]}")
    asked = submitted(cast, now, "客户导出报错 E7731 又来了")
    count_words()
    assert WordCount.objects.get(word="客户").titles == 10
    assert similar_to(asked, cast.linzhixia, 1)[0].ticket == wanted


def test_nobody_is_shown_what_they_may_not_see(cast: Cast, now: dt.datetime) -> None:
    hidden = submitted(cast, now, "报价单导出的 PDF 打不开")
    asked = submitted(cast, now, "报价单导出的 PDF 手机打不开")
    assert [one.ticket for one in similar_to(asked, cast.zhoumin)] == [hidden]
    edit_ticket(hidden, {"confidential": True}, acting_user=cast.gaoyuan, now=now)
    assert similar_to(asked, cast.zhoumin) == []
    assert similar_to(asked, cast.emma) == []


def test_its_cause_is_one_click_away_and_says_when_it_came_back(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    cause = open_cause(
        title="视图按旧编码过滤", product=cast.products["crm"], acting_user=cast.linzhixia, now=now
    )
    first = screened(cast, now)
    link_cause(first, cause, acting_user=cast.linzhixia, now=now)
    cause = push_cause(cause, cast.hesiyuan, acting_user=cast.linzhixia, now=now)
    accept_cause(cause, now.date(), acting_user=cast.hesiyuan, now=now)
    deliver_cause(cause, "补上了新编码", acting_user=cast.hesiyuan, now=now - dt.timedelta(days=23))
    again = routed(cast, now, Type.BUG)
    client = client_of(cast.linzhixia)
    shown = client.get(reverse("ticket_related", args=[again.pk])).context["similar"]
    assert [(one.ticket, one.cause, one.page) for one in shown] == [(first, cause, None)]
    assert shown[0].came_back_after >= 23
    client.post(
        reverse("ticket_link_cause", args=[again.pk]),
        {"cause": cause.pk, "version": again.version},
    )
    assert Ticket.objects.get(pk=again.pk).cause == cause
    after = client.get(reverse("ticket_related", args=[again.pk])).context["similar"]
    assert [one.cause for one in after] == [None]
