"""My tickets: who has each, since when, by when; found by words; what is asked in one card."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core.registry import open_questions
from opsdesk.demo.cast import Cast
from tests.tickets.ladder import answered, pushed, submitted
from tickets.actions import (
    add_comment,
    add_watcher,
    claim_ticket,
    confirm_ticket,
    resolve_ticket,
    withdraw_ticket,
)
from tickets.choices import Resolution, Score, Status
from tickets.models import Rating, Ticket
from tickets.rendering.mine import my_rows
from tickets.rendering.standing import standing
from tickets.search.mine import Asked, Shown, page_for

ClientOf = Callable[..., Client]
pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def shown(client: Client, **asked: Any) -> list[int]:
    page = client.get(reverse("my_tickets"), asked)
    rows = [*page.context["waiting"], *page.context["rows"]]
    return [row.ticket.pk for row in rows]


def resolved(cast: Cast, now: dt.datetime) -> Ticket:
    return resolve_ticket(
        answered(cast, now), Resolution.ANSWERED, acting_user=cast.linzhixia, now=now
    )


def test_each_list_shows_its_own(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    waiting, moving = resolved(cast, now), submitted(cast, now, "导出的表格少了一列")
    ended = withdraw_ticket(submitted(cast, now), acting_user=cast.wangke, now=now)
    observed = submitted(cast, now, "别人的报表打不开", product=cast.products["erp"])
    Ticket.objects.filter(pk=observed.pk).update(requester=cast.liuyang)
    add_watcher(Ticket.objects.get(pk=observed.pk), cast.wangke, acting_user=cast.liuyang, now=now)
    client = client_of(cast.wangke)
    assert shown(client) == [waiting.pk, moving.pk]
    assert shown(client, show="ended") == [ended.pk]
    assert shown(client, show="observed") == [observed.pk]
    assert set(shown(client, show="all")) == {waiting.pk, moving.pk, ended.pk, observed.pk}
    # Words look through all of them, and a product narrows them; what is no list is the usual one.
    assert shown(client, q="少了一列") == [moving.pk]
    assert shown(client, q=moving.ref) == [moving.pk]
    assert shown(client, q="报表", product=cast.products["erp"].pk) == [observed.pk]
    assert shown(client, q="没有这样的词") == []
    assert shown(client, show="nonsense", product="x", before="-1") == [waiting.pk, moving.pk]
    page = client.get(reverse("my_tickets"), {"show": "observed"}).content.decode()
    assert "刘洋" in page
    assert "没有符合条件的工单" in client.get(reverse("my_tickets"), {"q": "没有"}).content.decode()


def test_older_ones_come_by_key(cast: Cast, now: dt.datetime) -> None:
    made = [
        withdraw_ticket(submitted(cast, now), acting_user=cast.wangke, now=now).pk
        for _n in range(32)
    ]
    first, key = page_for(cast.wangke, Asked(Shown.ENDED))
    rest, end = page_for(cast.wangke, Asked(Shown.ENDED, before=key))
    assert [row.pk for row in [*first, *rest]] == made[::-1]
    assert (len(first), end) == (30, None)


def test_a_row_says_who_has_it_since_when_and_by_when(cast: Cast, now: dt.datetime) -> None:
    ticket = submitted(cast, now)
    claim_ticket(ticket, acting_user=cast.linzhixia, now=now + dt.timedelta(hours=1))
    held = Ticket.objects.get(pk=ticket.pk)
    (row,) = my_rows([held], cast.wangke, now + DAY)
    assert (row.told.holder, row.told.since) == ("林知夏", now + dt.timedelta(hours=1))
    assert row.told.by == held.response_due_at
    assert not row.waits_for_me


def test_what_nobody_knows_is_said(cast: Cast, now: dt.datetime, client_of: ClientOf) -> None:
    ticket = claim_ticket(submitted(cast, now), acting_user=cast.linzhixia, now=now)
    Ticket.objects.filter(pk=ticket.pk).update(response_due_at=None, resolution_due_at=None)
    (row,) = my_rows([Ticket.objects.get(pk=ticket.pk)], cast.wangke, now)
    assert row.told.is_dateless
    page = client_of(cast.wangke).get(reverse("my_ticket", args=[ticket.pk])).content.decode()
    assert "目前还没有人能给出日期" in page


def test_a_promise_that_is_over_is_called_late(cast: Cast, now: dt.datetime) -> None:
    ticket = pushed(cast, now)
    soon = standing(ticket, [], now)
    assert (soon.day, soon.is_day_late) == (ticket.promised_on, False)
    late = standing(ticket, [], now + 5 * DAY)
    assert late.is_day_late
    assert "已延期" in late.text


def test_you_are_you_only_to_yourself(cast: Cast, now: dt.datetime) -> None:
    ticket = resolved(cast, now)
    assert standing(ticket, [], now, viewer=cast.wangke).holder_role == "您"
    assert standing(ticket, [], now, viewer=cast.liuyang).holder_role == "提单人"


def test_questions_stand_in_one_card_and_are_answered_there(
    cast: Cast, client_of: ClientOf
) -> None:
    now = timezone.now()
    first, second = resolved(cast, now), resolved(cast, now)
    client = client_of(cast.wangke)
    page = client.get(reverse("help_home"))
    assert {q.ref for q in page.context["questions"]} == {first.ref, second.ref}
    # What the card asks is not said once more in the list below it.
    assert page.context["rows"] == []
    yes, no = (
        reverse(f"my_ticket_{verb}", args=[ticket.pk]) + "?next=/help/"
        for verb, ticket in (("confirm", first), ("reopen", second))
    )
    assert yes in page.content.decode()
    assert no in page.content.decode()
    assert client.post(yes, {"version": first.version})["Location"] == "/help/"
    assert client.post(no, {"version": second.version, "reason": ""}).status_code == 422
    answer = client.post(no, {"version": second.version, "reason": "还是空的"})
    assert answer["Location"] == "/help/"
    assert [Ticket.objects.get(pk=t.pk).status for t in (first, second)] == ["closed", "open"]
    assert open_questions(cast.wangke, now) == []


def test_a_word_instead_of_an_answer_takes_the_question_back(cast: Cast, now: dt.datetime) -> None:
    ticket = resolved(cast, now)
    add_comment(ticket, "周一再试", acting_user=cast.wangke, now=now)
    assert open_questions(cast.wangke, now) == []
    told = standing(Ticket.objects.get(pk=ticket.pk), [], now)
    assert told.title == "您的留言已收到"


def test_it_is_rated_on_its_page(cast: Cast, client_of: ClientOf) -> None:
    now = timezone.now()
    ticket = confirm_ticket(resolved(cast, now), acting_user=cast.wangke, now=now)
    client, address = client_of(cast.wangke), reverse("my_ticket_rate", args=[ticket.pk])
    assert 'name="score"' in client.get(reverse("my_ticket", args=[ticket.pk])).content.decode()
    assert client.post(address, {}).status_code == 422
    # A reason left over from another score is dropped, not refused.
    client.post(address, {"score": "3", "reasons": ["quick", "slow"], "words": "谢谢"})
    rating = Rating.objects.get()
    assert (rating.score, rating.reasons, rating.words) == (Score.SATISFIED, ["quick"], "谢谢")
    assert "您的评价：满意" in client.get(reverse("my_ticket", args=[ticket.pk])).content.decode()
    # Its own observers and staff see no form, and staff read the score in the history.
    assert client_of(cast.linzhixia).post(address, {"score": "1"}).status_code == 403
    desk = client_of(cast.linzhixia).get(reverse("ticket", args=[ticket.pk])).content.decode()
    assert "王珂 的评价：满意" in desk


def test_the_api_says_the_same(cast: Cast, client_of: ClientOf) -> None:
    now = timezone.now()
    ticket = resolved(cast, now)
    client = client_of(cast.wangke)
    (row,) = client.get(reverse("api_my_tickets"), {"show": "open"}).json()["results"]
    assert (row["ticket"]["id"], row["status_name"], row["waits_for_me"]) == (
        ticket.pk, "待您确认", True,
    )  # fmt: skip
    assert client.get(reverse("api_my_tickets"), {"show": "none"}).status_code == 400
    (question,) = client.get(reverse("api_my_questions")).json()["results"]
    assert question["ref"] == ticket.ref
    where = client.get(reverse("api_ticket_standing", args=[ticket.pk])).json()
    assert where["day"]
    assert where["rating"] is None
    rate = reverse("api_ticket_rate", args=[ticket.pk])
    json = "application/json"
    early = client.post(rate, {"score": 3}, content_type=json)
    assert early.status_code == 409
    confirm_ticket(ticket, acting_user=cast.wangke, now=now)
    wrong = client.post(rate, {"score": 3, "reasons": ["slow"]}, content_type=json)
    assert wrong.status_code == 400
    assert wrong.json()["problems"][0]["field"] == "reasons"
    assert (
        client.post(rate, {"score": 1, "reasons": ["slow"]}, content_type=json).status_code == 200
    )
    where = client.get(reverse("api_ticket_standing", args=[ticket.pk])).json()
    assert (where["rating"]["score"], where["status_name"]) == (1, "已完成")
    assert where["reasons"]["1"][-1] == "no_page"
    assert Ticket.objects.get(pk=ticket.pk).status == Status.CLOSED
