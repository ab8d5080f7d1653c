"""我也遇到: a voice of its own, with its words, its own confirmation, counted in the volume."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.models import Module
from core.errors import NotAllowed
from core.events import fold, history
from core.models import Notice, OutboxRow
from opsdesk.demo.cast import Cast
from reports.policies.loop_rows import Known, loop_rows
from reports.policies.weeks import Week
from tests.api.calling import Api
from tests.guards.world import deliver
from tickets import actions
from tickets.choices import Channel, SameHereState, Status
from tickets.errors import WrongState
from tickets.models import Cause, SameHere, Ticket

ClientOf = Callable[..., Client]
WORDS = "我的列表也是空的，从周一开始。"


@pytest.fixture
def issue(cast: Cast, now: dt.datetime) -> Cause:
    """A known issue of the CRM, accepted by its owner."""
    agent: dict[str, Any] = {"acting_user": cast.linzhixia, "now": now}
    module = Module.objects.filter(product=cast.products["crm"]).first()
    cause = actions.open_cause(
        title="部门编码变更后视图不同步", product=cast.products["crm"], module=module, **agent
    )
    actions.push_cause(cause, cast.hesiyuan, **agent)
    owner: dict[str, Any] = {"acting_user": cast.hesiyuan, "now": now}
    actions.accept_cause(cause, now.date() + dt.timedelta(days=5), **owner)
    cause = actions.declare_known_issue(cause, "列表改为“按填写人”筛选", **agent)
    deliver(now + dt.timedelta(seconds=30))
    return cause


def _told(user: Any, kind: str) -> int:
    return Notice.objects.filter(recipient=user, kind=kind).count()


def test_a_voice_keeps_its_words_and_makes_no_ticket(
    cast: Cast, issue: Cause, client_of: ClientOf
) -> None:
    client = client_of(cast.liuyang)
    address = reverse("same_here", args=[issue.pk])
    empty = client.post(address, {"words": "  "})
    assert empty.status_code == 422
    # From the submit form: what was typed there are the words, and the draft is done with.
    begun = client.post(reverse("submit_draft"), {"description": WORDS}).json()
    answer = client.post(address, {"description": WORDS, "draft": begun["draft"]})
    voice = SameHere.objects.get()
    assert answer["Location"] == reverse("my_same_here", args=[voice.pk])
    assert (voice.words, voice.person, voice.department) == (
        WORDS, cast.liuyang, cast.liuyang.department,
    )  # fmt: skip
    assert not Ticket.objects.exists()
    assert "draft" not in client.get(reverse("submit")).context["form"].initial
    assert client.get(reverse("submit")).context["form"].begun is None
    assert WORDS in client.get(answer["Location"]).content.decode()
    # Twice is once; a colleague's page is nobody else's.
    client.post(address, {"words": "再说一次"})
    assert SameHere.objects.count() == 1
    assert client_of(cast.wangke).get(answer["Location"]).status_code == 404
    # The row is the fold of its events, whose words are sealed.
    state = fold(SameHere, history(SameHere.SUBJECT, voice.pk))
    assert state["words"].startswith("sha256:")
    assert state["state"] == SameHereState.WAITING


def test_each_person_confirms_for_themselves(
    cast: Cast, issue: Cause, now: dt.datetime, client_of: ClientOf
) -> None:
    mine = actions.same_here(issue, WORDS, acting_user=cast.liuyang, now=now)
    other = actions.same_here(
        issue, "我也是", person=cast.wangke, acting_user=cast.linzhixia, now=now
    )
    assert other.channel == Channel.ON_BEHALF
    with pytest.raises(NotAllowed):
        actions.same_here(issue, "他也是", person=cast.zhaoyi, acting_user=cast.liuyang, now=now)
    deliver(now + dt.timedelta(minutes=1))
    assert (_told(cast.wangke, "same_here.added"), _told(cast.liuyang, "same_here.added")) == (1, 0)
    # The date moves: whoever waits is told.
    owner: dict[str, Any] = {"acting_user": cast.hesiyuan, "now": now}
    actions.change_promised_date(issue, now.date() + dt.timedelta(days=9), **owner)
    deliver(now + dt.timedelta(minutes=2))
    assert (_told(cast.wangke, "same_here.told"), _told(cast.liuyang, "same_here.told")) == (1, 1)
    # Delivered, and no ticket is open to verify it by: both are asked, once.
    actions.deliver_cause(issue, "编码映射没有刷新", **owner)
    for minutes in (3, 4):
        deliver(now + dt.timedelta(minutes=minutes))
    assert (_told(cast.wangke, "same_here.asked"), _told(cast.liuyang, "same_here.asked")) == (1, 1)
    client_of(cast.liuyang).post(reverse("my_same_here_confirm", args=[mine.pk]))
    empty = client_of(cast.wangke).post(
        reverse("my_same_here_refuse", args=[other.pk]), {"because": ""}
    )
    assert empty.status_code == 422
    went_on = client_of(cast.wangke).post(
        reverse("my_same_here_refuse", args=[other.pk]), {"because": "只恢复了一半"}
    )
    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.state, other.state) == (SameHereState.CONFIRMED, SameHereState.NOT_SOLVED)
    ticket = Ticket.objects.get()
    assert went_on["Location"] == reverse("my_ticket", args=[ticket.pk])
    assert (ticket.requester, ticket.cause, ticket.status) == (cast.wangke, issue, Status.NEW)
    assert "只恢复了一半" in ticket.description
    assert "我也是" in ticket.description
    again = client_of(cast.liuyang).post(reverse("my_same_here_confirm", args=[mine.pk]))
    assert again.status_code == 409


def test_a_resolved_ticket_of_the_cause_asks_them_and_silence_is_no_confirmation(
    cast: Cast, issue: Cause, now: dt.datetime
) -> None:
    voice = actions.same_here(issue, WORDS, acting_user=cast.liuyang, now=now)
    later = now
    actions.deliver_cause(issue, "编码映射没有刷新", acting_user=cast.hesiyuan, now=later)
    deliver(later + dt.timedelta(minutes=1))
    voice.refresh_from_db()
    assert voice.state == SameHereState.ASKED
    assert voice.asked_at is not None
    # Asked on Monday: five working days later, Monday again, is the last day to answer.
    assert actions.expire_same_heres(voice.asked_at + dt.timedelta(days=7)) == 0
    assert actions.expire_same_heres(voice.asked_at + dt.timedelta(days=8)) == 1
    assert actions.expire_same_heres(voice.asked_at + dt.timedelta(days=8)) == 0
    voice.refresh_from_db()
    assert voice.state == SameHereState.EXPIRED


def test_a_voice_needs_something_known_and_no_ticket_of_ones_own(
    cast: Cast, issue: Cause, now: dt.datetime, client_of: ClientOf
) -> None:
    draft = actions.TicketDraft(product=cast.products["crm"], description=WORDS)
    own = actions.submit_ticket(draft, acting_user=cast.wangke, now=now)
    actions.link_cause(own, issue, acting_user=cast.linzhixia, now=now)
    with pytest.raises(WrongState, match=own.ref):
        actions.same_here(issue, WORDS, acting_user=cast.wangke, now=now)
    actions.same_here(issue, WORDS, acting_user=cast.liuyang, now=now)
    assert issue.same_heres.count() == 1
    unknown = actions.open_cause(
        title="还没公布", product=cast.products["crm"], acting_user=cast.linzhixia, now=now
    )
    address = reverse("same_here", args=[unknown.pk])
    assert client_of(cast.liuyang).get(address).status_code == 404
    assert client_of(cast.liuyang).post(address, {"words": WORDS}).status_code == 404


def test_the_api_says_the_same(cast: Cast, issue: Cause, now: dt.datetime) -> None:
    api = Api(cast.liuyang)
    (known,) = api.get("/known-issues").json()
    assert known["workaround"] == "列表改为“按填写人”筛选"
    refused = api.post(f"/known-issues/{issue.pk}/same-here", {"words": ""})
    assert refused.status_code == 400
    said = api.post(f"/known-issues/{issue.pk}/same-here", {"words": WORDS})
    assert said.status_code == 201
    assert [row["id"] for row in api.get("/my/same-heres").json()] == [said.json()["id"]]
    assert api.get(f"/causes/{issue.pk}/same-heres").status_code == 404
    heard = Api(cast.linzhixia).get(f"/causes/{issue.pk}/same-heres").json()
    assert [row["words"] for row in heard] == [WORDS]
    back = api.post(f"/my/same-heres/{said.json()['id']}/take-back")
    assert back.json()["state"] == SameHereState.TAKEN_BACK
    # A ticket somebody sees takes a voice as well; one they do not see is not there.
    draft = actions.TicketDraft(product=cast.products["crm"], description=WORDS)
    ticket = actions.submit_ticket(draft, acting_user=cast.wangke, now=now)
    foreign = api.post(f"/tickets/{ticket.pk}/same-here", {"words": "我也是"})
    assert foreign.status_code == 404
    actions.add_watcher(ticket, cast.liuyang, acting_user=cast.wangke, now=now)
    assert api.post(f"/tickets/{ticket.pk}/same-here", {"words": "我也是"}).status_code == 201


def test_voices_count_in_the_volume(cast: Cast, issue: Cause, now: dt.datetime) -> None:
    actions.same_here(issue, WORDS, acting_user=cast.liuyang, now=now)
    gone = actions.same_here(issue, "我也是", acting_user=cast.wangke, now=now)
    actions.take_back_same_here(gone, acting_user=cast.wangke, now=now)
    rows = [row for row in loop_rows(Known(Week.of(now))) if row.figure == "volume"]
    assert [(row.subject, row.subject_id) for row in rows] == [("cause", issue.pk)]
    assert OutboxRow.objects.filter(name="same_here.said").count() == 2
