"""The owner's page and the page of a cause: accept, move the date, decline, deliver, chase."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from opsdesk.demo.cast import Cast
from tests.tickets.ladder import routed, screened
from tickets.actions import (
    decline_cause,
    link_cause,
    move_up,
    open_cause,
    push_cause,
    push_ticket,
    relay_ticket,
)
from tickets.choices import CauseState, ReturnReason, Status, Type
from tickets.models import Cause, Ticket

ClientOf = Callable[..., Client]


@pytest.fixture
def pushed(cast: Cast, now: dt.datetime) -> Cause:
    return _push(cast, now)


def _push(cast: Cast, now: dt.datetime) -> Cause:
    ticket = screened(cast, now)
    cause = open_cause(
        title="部门编码变更后视图不同步", product=cast.products["crm"],
        module=cast.modules["visits"], acting_user=cast.linzhixia, now=now,
    )  # fmt: skip
    cause = push_cause(cause, cast.hesiyuan, acting_user=cast.linzhixia, now=now)
    push_ticket(ticket, cause, acting_user=cast.linzhixia, now=now)
    return cause


def _at(cause: Cause, verb: str) -> str:
    return reverse(f"cause_{verb}", args=[cause.pk])


def _day(days: int) -> str:
    return (timezone.localdate() + dt.timedelta(days=days)).isoformat()


def test_the_owner_sees_evidence_and_answers(
    cast: Cast, pushed: Cause, client_of: ClientOf
) -> None:
    client = client_of(cast.hesiyuan)
    page = client.get(reverse("owner_page")).content.decode()
    assert "用测试账号复现" in page
    assert "王珂" in page
    answer = client.post(
        _at(pushed, "accept"), {"promised_on": _day(9), "next": reverse("owner_page")}
    )
    assert answer["Location"] == reverse("owner_page")
    client.post(_at(pushed, "date"), {"promised_on": _day(12)})
    pushed.refresh_from_db()
    assert (pushed.state, pushed.slips) == (CauseState.ACCEPTED, 1)
    refused = client.post(_at(pushed, "deliver"), {"text": "", "category": "code"})
    assert refused.status_code == 422
    client.post(_at(pushed, "deliver"), {"text": "视图条件没跟着改", "category": "permission_rule"})
    pushed.refresh_from_db()
    assert pushed.state == CauseState.DELIVERED
    assert Ticket.objects.get().status == Status.OPEN


@pytest.mark.parametrize("day", ["", "2026-02-30", "2020-01-01", "明天"])
def test_a_bad_date_is_refused(cast: Cast, pushed: Cause, client_of: ClientOf, day: str) -> None:
    answer = client_of(cast.hesiyuan).post(_at(pushed, "accept"), {"promised_on": day})
    assert answer.status_code == 422
    assert "promised_on" in answer.context["form"].errors
    pushed.refresh_from_db()
    assert pushed.state == CauseState.PUSHED


def test_declining_needs_a_reason_and_a_note(
    cast: Cast, pushed: Cause, client_of: ClientOf
) -> None:
    client = client_of(cast.hesiyuan)
    refused = client.post(_at(pushed, "decline"), {"reason": "incomplete", "note": ""})
    assert refused.status_code == 422
    sent = {"reason": "incomplete", "note": "缺少账号"}
    answer = client.post(f"{_at(pushed, 'decline')}?next=/pushed/", sent)
    assert answer["Location"] == "/pushed/"
    pushed.refresh_from_db()
    assert (pushed.state, pushed.bounces) == (CauseState.DECLINED, 1)
    ticket = Ticket.objects.get()
    assert ticket.status == Status.OPEN
    # What the owner misses is read where the ticket is worked on, and never by its requester.
    read = reverse("ticket", args=[ticket.pk])
    assert "缺少账号" in client_of(cast.linzhixia).get(read).content.decode()
    mine = reverse("my_ticket", args=[ticket.pk])
    assert "缺少账号" not in client_of(cast.wangke).get(mine).content.decode()


def test_only_the_owner_answers_and_only_staff_chase(
    cast: Cast, pushed: Cause, client_of: ClientOf
) -> None:
    staff, owner = client_of(cast.linzhixia), client_of(cast.hesiyuan)
    sent = {"promised_on": _day(9)}
    assert staff.post(_at(pushed, "accept"), sent).status_code == 403
    pushed.refresh_from_db()
    assert pushed.state == CauseState.PUSHED
    assert owner.post(_at(pushed, "accept"), sent).status_code == 302
    assert owner.post(_at(pushed, "chase")).status_code == 403
    assert staff.post(_at(pushed, "chase")).status_code == 302
    assert client_of(cast.wangke).get(reverse("cause", args=[pushed.pk])).status_code == 404


def test_a_known_issue_reaches_everybody(cast: Cast, pushed: Cause, client_of: ClientOf) -> None:
    sent = {"is_known_issue": "on", "workaround": "列表改为“按填写人”筛选"}
    client_of(cast.linzhixia).post(_at(pushed, "known_issue"), sent)
    assert "按填写人" in client_of(cast.zhaoyi).get(reverse("help_home")).content.decode()
    page = client_of(cast.linzhixia).get(reverse("cause", args=[pushed.pk])).content.decode()
    assert "列为已知问题" in page


def test_the_page_costs_the_same_however_much_is_pushed(
    cast: Cast, now: dt.datetime, pushed: Cause, client_of: ClientOf
) -> None:
    client = client_of(cast.hesiyuan)
    client.get(reverse("owner_page"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("owner_page"))
    for _ in range(4):
        _push(cast, now)
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("owner_page"))
    assert len(few) == len(many)


def test_a_relayed_ticket_is_answered_by_its_team(
    cast: Cast, now: dt.datetime, client_of: ClientOf
) -> None:
    ticket = routed(cast, now)
    team = cast.teams["crm_development"]
    relay_ticket(ticket, team, "样张见附件", acting_user=cast.linzhixia, now=now)
    client = client_of(cast.hesiyuan)
    listed = client.get(reverse("owner_page")).content.decode()
    assert ticket.title in listed
    assert "样张见附件" in listed
    pane = client.get(reverse("ticket", args=[ticket.pk]))
    assert pane.status_code == 200
    assert "data-alone" in pane.content.decode()
    client.post(reverse("ticket_deliver_relay", args=[ticket.pk]))
    ticket.refresh_from_db()
    assert ticket.status == Status.RESOLVED
    assert client_of(cast.wangke).get(reverse("owner_page")).status_code == 403


def test_after_a_decline_the_ticket_pushes_again(
    cast: Cast, pushed: Cause, client_of: ClientOf
) -> None:
    sent = {"reason": "incomplete", "note": "缺少账号"}
    ticket, agent = Ticket.objects.get(), client_of(cast.linzhixia)
    read = reverse("ticket", args=[ticket.pk])
    assert _at(pushed, "push") not in agent.get(read).content.decode()
    client_of(cast.hesiyuan).post(_at(pushed, "decline"), sent)
    shown = agent.get(read).content.decode()
    assert f"{_at(pushed, 'push')}?next=" in shown
    answer = agent.post(_at(pushed, "push"), {"owner": cast.hesiyuan.pk, "next": read})
    assert answer["Location"] == read
    ticket.refresh_from_db()
    assert ticket.status == Status.ON_HOLD
    # Who declined and why stays on the cause's page.
    assert "缺少账号" in agent.get(reverse("cause", args=[pushed.pk])).content.decode()


def test_after_three_declines_only_the_manager_is_offered_the_naming(
    cast: Cast, now: dt.datetime, pushed: Cause, client_of: ClientOf
) -> None:
    for turn in range(3):
        if turn:
            push_cause(Cause.objects.get(), cast.hesiyuan, acting_user=cast.linzhixia, now=now)
        decline_cause(
            Cause.objects.get(), ReturnReason.MISJUDGED, f"第 {turn + 1} 次",
            acting_user=cast.hesiyuan, now=now,
        )  # fmt: skip
    page, naming = reverse("cause", args=[pushed.pk]), _at(pushed, "name_owner")
    staff, manager = client_of(cast.linzhixia), client_of(cast.gaoyuan)
    told = staff.get(page).content.decode()
    assert "高远" in told
    assert naming not in told
    assert all(f"第 {turn} 次" in told for turn in (1, 2, 3))
    sent = {"owner": cast.hesiyuan.pk}
    assert staff.post(_at(pushed, "push"), sent).status_code == 403
    assert staff.post(naming, sent).status_code == 403
    assert naming in manager.get(page).content.decode()
    assert manager.post(naming, sent).status_code == 302
    pushed.refresh_from_db()
    assert (pushed.state, pushed.named_by) == (CauseState.PUSHED, cast.gaoyuan)


def test_the_requester_reads_the_workaround_on_their_ticket(
    cast: Cast, pushed: Cause, client_of: ClientOf
) -> None:
    mine = reverse("my_ticket", args=[Ticket.objects.get().pk])
    assert "按填写人" not in client_of(cast.wangke).get(mine).content.decode()
    sent = {"is_known_issue": "on", "workaround": "改为“按填写人”筛选"}
    client_of(cast.linzhixia).post(_at(pushed, "known_issue"), sent)
    assert "按填写人" in client_of(cast.wangke).get(mine).content.decode()
    sent["workaround"] = ""
    refused = client_of(cast.linzhixia).post(_at(pushed, "known_issue"), sent)
    assert refused.status_code == 422
    assert "workaround" in refused.context["form"].errors


def test_the_rail_says_what_comes_from_the_cause(
    cast: Cast, now: dt.datetime, pushed: Cause, client_of: ClientOf
) -> None:
    agent = client_of(cast.linzhixia)
    said: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    ticket = move_up(routed(cast, now, Type.BUG), 2, **said)
    link_cause(ticket, pushed, **said)
    read = reverse("ticket", args=[ticket.pk])
    assert "全部 502" not in agent.get(read).content.decode()
    sent = {"title": pushed.title, "module": cast.modules["visits"].pk, "category": "code",
            "evidence": "10:00 起全部 502"}  # fmt: skip
    assert agent.post(_at(pushed, "describe"), sent).status_code == 302
    shown = agent.get(read).content.decode()
    assert "全部 502" in shown
    assert "来自根因" in shown
